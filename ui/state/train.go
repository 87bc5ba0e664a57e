package state

import (
	"fmt"
	"slices"

	"quarterturn/core/fault"
	"quarterturn/core/notebook"
	"quarterturn/core/run"
)

// Train is the station Train: the form for the next run, and the board on which the runs
// that were started last are seen.
type Train struct {
	Form    Form
	Board   []string // Keys of the runs of the newest start.
	Edits   string   // Key of the run whose settings are in the form, to be changed; empty for none.
	Problem string   // Why no run could start.
	Speed   Speed
}

// Title names what a task learns.
func Title(task run.Task) string {
	switch task {
	case run.Pretext:
		return "Pretext"
	case run.Transfer:
		return "Transfer"
	}
	return "From scratch"
}

// OnBoard returns the runs of the newest start that are still there.
func (r *Runs) OnBoard(t *Train) (all []*Run) {
	for _, key := range t.Board {
		if r := r.Find(key); r != nil {
			all = append(all, r)
		}
	}
	return all
}

// startRun plans the runs of the form.
func (p Page) startRun() (Page, []Effect) {
	train := *p.Train
	p.Train = &train
	if train.Problem = p.ready(); train.Problem != "" {
		p.Said = train.Problem
		return p, nil
	}
	configs, err := train.Form.Configs(p.Turn.Model)
	if err == nil {
		err = enough(p.Pictures, configs)
	}
	if err != nil {
		train.Problem = Sentence(fault.Reason(err))
		p.Said = train.Problem
		return p, nil
	}
	var fresh []*Run
	for _, c := range configs {
		fresh = append(fresh, &Run{Run: notebook.Run{Arm: p.armOf(c), Config: c}})
	}
	p, effects := p.plan(fresh)
	train.Board, train.Problem, train.Edits, train.Form.base = nil, "", "", nil
	for _, r := range fresh {
		train.Board = append(train.Board, r.Key)
	}
	p.Said, p.View.Station = "Starting.", AtTrain
	return p, effects
}

// armOf returns what a run of the form is: the arm of the run that it changes where the
// change leaves it that.
func (p Page) armOf(c run.Config) notebook.Arm {
	of := p.Runs.Find(p.Train.Edits)
	if of != nil && of.Config.Task == c.Task && of.Config.FirstStage == c.FirstStage && slices.Equal(of.Config.Network.Blocks, c.Network.Blocks) {
		return of.Arm
	}
	return notebook.ArmOf(c)
}

// plan adds runs on the collection as it is, from the network that is loaded, and has
// them begin in their turn.
func (p Page) plan(fresh []*Run) (Page, []Effect) {
	pictures, effects := p.Pictures.flush()
	p.Pictures = &pictures
	runs := *p.Runs
	for _, r := range fresh {
		r.Classes = pictures.teaching()
		r.Pictures.Name = pictures.Set
		if r.Config.Task == run.Transfer && r.from == nil && p.Turn.Model != nil {
			r.from = p.Turn.loaded
			r.From = notebook.Source{Name: p.Turn.Model.Name, SHA256: p.Turn.Model.SHA256}
		}
	}
	runs = runs.planned(fresh...)
	p.Runs = &runs
	p, kept := p.keepNetwork(fresh)
	if len(runs.All) == len(fresh) { // The first: now there is something to lose.
		kept = append(kept, Persist{})
	}
	p, more := p.scheduled()
	return p, slices.Concat(effects, kept, more)
}

// ready returns why no run can begin in this tab, or "".
func (p *Page) ready() string {
	switch {
	case p.Lab.Problem != "":
		return p.Lab.Problem
	case p.Keeping.Holder == Elsewhere || p.Keeping.Holder == Taken:
		return "Another tab holds the lab: take it over to train here."
	case p.Keeping.unread:
		return "The runs of the last visit could not be read, and new ones might take their place: reload the page to try again."
	case !p.Keeping.recalled:
		return "One moment: the runs of the last visit are still being read."
	}
	return ""
}

// enough returns an error if the collection cannot teach what the runs learn.
func enough(p *Pictures, configs []run.Config) error {
	for _, c := range configs {
		if err := fits(c, p.Count, p.teaching()); err != nil {
			return err
		}
		train, _ := p.Examples(c)
		if c.Task == run.Pretext {
			if train < 4*2 {
				return fmt.Errorf("a run needs at least 2 pictures to learn from: add some in the station Pictures")
			}
			continue
		}
		if p.teaching() < 2 {
			return fmt.Errorf("naming pictures needs at least 2 classes: add a folder for each class, or learn to guess turns (Pretext), which needs no classes")
		}
	}
	return nil
}

// pauseRuns and resumeRuns act on the run of a key, or on all at work without one.
func (p Page) pauseRuns(key string) []Effect {
	return p.toWorkers(key, run.Pause{}, func(r *Run) bool { return r.Phase == run.Training })
}

func (p Page) resumeRuns(key string) (Page, []Effect) {
	effects := p.toWorkers(key, run.Resume{}, func(r *Run) bool { return r.Phase == run.Paused })
	runs := *p.Runs
	for _, r := range runs.All { // Those that paused when the page was left have no worker.
		if (key == "" || r.Key == key) && r.Phase == run.Paused && runs.queue.of(r.Key) == nil {
			runs = runs.with(r.Key, func(r *Run) { r.Phase = "" })
		}
	}
	p.Runs = &runs
	p, more := p.scheduled()
	return p, append(effects, more...)
}

// toWorkers sends a command to the workers of runs for which it makes sense.
func (p Page) toWorkers(key string, command run.Command, sensible func(*Run) bool) (effects []Effect) {
	for _, r := range p.Runs.All {
		s := p.Runs.queue.of(r.Key)
		if s != nil && (key == "" || r.Key == key) && !r.IsOver() && sensible(r) {
			effects = append(effects, Send{To: s.worker, Command: command})
		}
	}
	return effects
}

// stopRuns ends the run of a key, or all without one. One that has not begun to learn is
// ended with its worker, which may be too busy building to listen; one whose turn has
// not come was never there.
func (p Page) stopRuns(key string) (Page, []Effect) {
	runs := *p.Runs
	var effects []Effect
	for _, r := range slices.Clone(runs.All) {
		if key != "" && r.Key != key || r.IsOver() {
			continue
		}
		s := runs.queue.of(r.Key)
		switch {
		case s == nil && r.Newest.Step > 0: // It paused, and its page was left.
			runs = runs.with(r.Key, func(r *Run) { r.Phase = run.Stopped })
		case s == nil:
			runs = runs.without(r.Key)
		case r.Phase == "" || r.Phase == run.Preparing:
			effects = append(effects, EndWorker{s.worker})
			runs = runs.with(r.Key, func(r *Run) { r.Phase = run.Stopped })
			runs.queue = runs.queue.left(r.Key, true)
		default:
			effects = append(effects, Send{To: s.worker, Command: run.Stop{}})
			runs = runs.with(r.Key, func(r *Run) { r.Stopping = true })
		}
	}
	p.Runs = &runs
	p, more := p.scheduled()
	return p, append(effects, more...)
}

// heardRun takes an event of a run's worker. The order says which run it is of: the worker
// may be at the next one already.
func (p Page) heardRun(order asked, event run.Event) (Page, []Effect) {
	s := p.Runs.queue.at(order.worker)
	if s == nil {
		return p, nil
	}
	key := s.key
	if start, ok := order.Command.(run.Start); ok {
		key = start.Key
	}
	runs, train := *p.Runs, *p.Train
	var effects []Effect
	runs = runs.with(key, func(r *Run) {
		for _, c := range r.hear(order.Command, event) {
			effects = append(effects, Send{To: order.worker, Command: c})
		}
	})
	p.Runs, p.Train = &runs, &train
	r := runs.Find(key)
	if r == nil {
		return p, nil
	}
	if words := r.inWords(event); words != "" {
		p.Said = words
	}
	switch e := event.(type) {
	case run.Progress:
		train.Speed = train.Speed.trained(r.Config, e.ImagesPerSecond)
	case run.Failed:
		return p.released(key, true, append(effects, EndWorker{order.worker}))
	case run.ModelSaved, run.Done:
		if r.ended && r.IsOver() && !r.Saving {
			return p.lightened().released(key, false, effects)
		}
	}
	return p, effects
}

// released gives the worker of a run that is over to the next one.
func (p Page) released(key string, ended bool, effects []Effect) (Page, []Effect) {
	runs := *p.Runs
	runs.queue = runs.queue.left(key, ended)
	p.Runs = &runs
	p, more := p.decided(key)
	p, last := p.scheduled()
	return p, slices.Concat(effects, more, last)
}

// workerBytes is what a worker can count on: browsers allow 4 GB, telephones have less.
const workerBytes = 1536 << 20

// fits returns an error if a run needs more memory than a worker has, with what would fit.
func fits(c run.Config, pictures, classes int) error {
	needs := c.MemoryBytes(pictures, max(classes, turns))
	if needs <= workerBytes {
		return nil
	}
	text := fmt.Sprintf("the run would need about %s of memory, and a worker has %s", InBytes(needs), InBytes(workerBytes))
	smaller, ok := c.Within(workerBytes, pictures, max(classes, turns))
	switch {
	case !ok:
		return fmt.Errorf("%s: take fewer pictures or a smaller network", text)
	case smaller.Network.Width != c.Network.Width:
		return fmt.Errorf("%s: width %d with batch %d would fit", text, smaller.Network.Width, smaller.BatchSize)
	}
	return fmt.Errorf("%s: batch %d would fit", text, smaller.BatchSize)
}
