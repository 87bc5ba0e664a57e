package state

import (
	"path"
	"slices"
	"strings"

	"quarterturn/core/fault"
	"quarterturn/core/keep/record"
	"quarterturn/core/notebook"
	"quarterturn/core/run"
)

// Paper is what leaves the page as a file, and comes back: a project.
type Paper struct {
	Making   string   // What is being made, in words; empty while nothing is.
	Problem  string   // Why it could not be made.
	Problems []string // What is not in what was made or read, and why.
}

// applyProject applies what the person does with projects.
func (p Page) applyProject(message Message) (Page, []Effect) {
	switch message.(type) {
	case SaveProject:
		return p.making("the project", run.ExportProject{
			MadeBy: "Quarterturn in a browser", Book: p.book().Encode(), Runs: encoded(p.Runs.All), Networks: p.networksHeld(),
		})
	case FreeSpace:
		return p.freeSpace()
	}
	return p, nil
}

// making asks the lab for something that is downloaded once it is there.
func (p Page) making(what string, c run.Command) (Page, []Effect) {
	p.Paper = &Paper{Making: what}
	p.Said = "Making " + what + "."
	return p, []Effect{Send{To: Lab, Command: c}}
}

func encoded(all []*Run) [][]byte {
	var list [][]byte
	for _, r := range all {
		list = append(list, r.Run.Encode())
	}
	return list
}

// networksHeld are the weights that the page has itself: they may not be kept elsewhere.
func (p *Page) networksHeld() (all [][]byte) {
	var files []*run.LoadModel
	for _, r := range p.Runs.All {
		if r.Model != nil {
			all = append(all, r.Model.Blob)
		}
		if r.from != nil && !slices.ContainsFunc(files, func(f *run.LoadModel) bool { return sameFile(f, r.from) }) {
			files = append(files, r.from)
			all = append(all, r.from.Blob)
		}
	}
	return all
}

// heardPaper applies what the lab answers to who asked for paper; ok is false for other
// events.
func (p Page) heardPaper(order asked, event run.Event) (next Page, effects []Effect, ok bool) {
	switch e := event.(type) {
	case run.ProjectExported:
		p.Paper, p.Said = &Paper{Problems: e.Problems}, "The project is saved."
		return p, []Effect{Download{"lab.qtproject", e.Blob}}, true
	case run.ProjectImported:
		p, effects = p.broughtIn(e)
		return p, effects, true
	case run.Failed:
		if said := unmade(order.Command, e.Reason); said != "" {
			p.Paper, p.Said = &Paper{Problem: said}, said
			return p, nil, true
		}
	}
	return p, nil, false
}

// unmade says why a project was not made or read, and of a file which; "" for other
// commands.
func unmade(c run.Command, reason string) string {
	switch c := c.(type) {
	case run.ExportProject:
		return Sentence(reason)
	case run.ImportProject:
		if len(c.Files) == 1 {
			return path.Base(c.Files[0].Path) + ": " + strings.TrimSuffix(reason, ".") + "."
		}
		return Sentence(reason)
	}
	return ""
}

// isProject reports whether files are a project, or the folder of a run.
func isProject(m Handed) bool {
	if m.Done != m.All {
		return false
	}
	return slices.ContainsFunc(m.Files, func(f run.File) bool {
		return strings.HasSuffix(strings.ToLower(f.Path), ".qtproject") || path.Base(f.Path) == "config.json"
	})
}

// openProject brings a project in behind what there is.
func (p Page) openProject(files []run.File) (Page, []Effect) {
	if problem := p.ready(); problem != "" {
		p.Paper = &Paper{Problem: problem}
		return p, nil
	}
	p.Paper, p.Said = &Paper{Making: "the runs of the project"}, "Reading the project."
	p.View.Station = AtCompare
	return p, []Effect{Send{To: Lab, Command: run.ImportProject{Files: files, First: p.Runs.keys + 1, Pictures: true}}}
}

// broughtIn puts a project's runs behind those that there are.
func (p Page) broughtIn(e run.ProjectImported) (Page, []Effect) {
	p.Paper = &Paper{Problems: e.Problems}
	runs := *p.Runs
	runs.All = slices.Clip(runs.All)
	first := runs.lastExperiment()
	if book, err := notebook.DecodeBook(e.Book); err == nil {
		runs = runs.joined(book)
	}
	for _, b := range e.Runs {
		r, err := notebook.DecodeRun(b)
		if err != nil {
			p.Paper = &Paper{Problem: Sentence(fault.Reason(err))}
			continue
		}
		if r.Experiment > 0 {
			r.Experiment += first
		}
		if r.Phase != run.Finished && r.Phase != run.Stopped && r.Newest.Step > 0 {
			r.Phase = run.Paused // Somebody says when it goes on.
		}
		runs.keys = max(runs.keys, order(r.Key))
		runs.All = append(runs.All, &Run{Run: *r})
	}
	p.Runs, p.Said = &runs, Count(len(e.Runs), "run")+" came with the project."
	compare := *p.Compare
	compare.Part = OfRuns
	p.Compare = &compare
	return p.goOn()
}

// joined adds a project's note and experiments, whose numbers move behind those that there
// are.
func (r Runs) joined(book *notebook.Book) Runs {
	first := r.lastExperiment()
	r.Experiments = slices.Clip(r.Experiments)
	for _, e := range book.Experiments {
		e.ID += first
		r.Experiments = append(r.Experiments, e)
	}
	switch {
	case r.Note == "":
		r.Note = book.Note
	case book.Note != "" && book.Note != r.Note:
		r.Note = clipped(r.Note+"\n\n"+book.Note, maxNote)
	}
	return r
}

// lastExperiment returns the highest ID of an experiment.
func (r *Runs) lastExperiment() (last int) {
	for _, e := range r.Experiments {
		last = max(last, e.ID)
	}
	return last
}

// crowded is the share of its room from which on the page offers to free some.
const crowded = 0.8

// IsCrowded reports whether there is little room left.
func (k *Keeping) IsCrowded() bool {
	return k.Problem != "" || k.Storing != nil && k.Storing.Room > 0 && float64(k.Storing.Used) > crowded*float64(k.Storing.Room)
}

// freeSpace drops the weights of runs that are over, but for the pinned and the newest
// ones: what they came to stays.
func (p Page) freeSpace() (Page, []Effect) {
	const newest = 2
	runs := *p.Runs
	var effects []Effect
	for i, r := range p.Runs.All {
		if i >= len(p.Runs.All)-newest || r.Pinned || !r.IsOver() || r.Bytes == 0 {
			continue
		}
		runs = runs.with(r.Key, func(r *Run) { r.Model, r.Weights, r.Bytes = nil, "", 0 })
		effects = append(effects, Send{To: Lab, Command: run.Forget{Key: r.Key}},
			Send{To: Lab, Command: run.Keep{Name: record.Run(r.Key), Blob: runs.Find(r.Key).Run.Encode()}})
	}
	keeping := *p.Keeping
	keeping.Problem = ""
	p.Runs, p.Keeping, p.Said = &runs, &keeping, "The weights of earlier runs are deleted; their results stay."
	return p, effects
}
