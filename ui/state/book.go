package state

import (
	"quarterturn/core/notebook"
	"quarterturn/core/run"
)

// Bounds of what a person writes.
const (
	maxName = 60
	maxNote = 4000
)

// applyNotebook applies what the person does with the runs that are kept.
func (p Page) applyNotebook(message Message) (Page, []Effect) {
	runs := *p.Runs
	switch m := message.(type) {
	case Rename:
		runs = runs.with(m.Key, func(r *Run) { r.Name = clipped(m.Name, maxName) })
	case Annotate:
		runs = runs.with(m.Key, func(r *Run) { r.Note = clipped(m.Note, maxNote) })
	case AnnotateAll:
		runs.Note = clipped(m.Note, maxNote)
	case Pin:
		runs = runs.with(m.Key, func(r *Run) { r.Pinned = !r.Pinned })
	case Hide:
		runs = runs.with(m.Key, func(r *Run) { r.Hidden = !r.Hidden })
	case DeleteRun:
		return p.deleteRun(m.Key)
	case UndeleteRun:
		runs = runs.restored()
		p.Said = "The run is back."
	case RunAgain:
		if r := runs.Find(m.Key); r != nil && p.ready() == "" {
			p.Said = "The same run again: it should come to the same numbers."
			return p.plan([]*Run{r.again()})
		}
	case EditRun:
		return p.editRun(m.Key)
	}
	p.Runs = &runs
	return p, nil
}

// clipped bounds a text.
func clipped(text string, most int) string {
	runes := []rune(text)
	return string(runes[:min(len(runes), most)])
}

// deleteRun takes a run out. One at work is stopped with its worker.
func (p Page) deleteRun(key string) (Page, []Effect) {
	runs := *p.Runs
	var effects []Effect
	if s := runs.queue.of(key); s != nil {
		effects = append(effects, EndWorker{s.worker})
		runs = runs.with(key, func(r *Run) { r.Phase, r.Saving, r.Stopping = run.Stopped, false, false })
		runs.queue = runs.queue.left(key, true)
	}
	runs = runs.deleted(key)
	p.Runs, p.Said = &runs, "The run is deleted. Undo brings it back."
	p, more := p.scheduled()
	return p, append(effects, more...)
}

// editRun writes a run's settings into the form.
func (p Page) editRun(key string) (Page, []Effect) {
	r := p.Runs.Find(key)
	if r == nil {
		return p, nil
	}
	train := *p.Train
	train.Form, train.Problem, train.Edits = formOf(r.Config), "", key
	p.Train, p.View.Station = &train, AtTrain
	p.Said = "The settings of " + r.Title() + " are in the form: change one and start."
	return p, nil
}

// retry has a run that broke off go on from where it was kept, or else from the
// beginning.
func (p Page) retry(key string) (Page, []Effect) {
	if p.Lab.Problem != "" {
		return p, nil // It has the pictures.
	}
	runs := p.Runs.with(key, func(r *Run) { r.Problem, r.Phase, r.stamp, r.crashes = "", "", 0, 0 })
	p.Runs, p.Said = &runs, "The run goes on, with the pictures as they are now."
	return p.scheduled()
}

// Changes says in words what changed in a run against the one above it.
func (r *Runs) Changes(key string) []string {
	one, before := r.Find(key), r.Before(key)
	if one == nil || before == nil {
		return nil
	}
	return notebook.Changes(&before.Run, &one.Run)
}
