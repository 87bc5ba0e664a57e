package state

import (
	"slices"
	"strings"

	"quarterturn/core/notebook"
	"quarterturn/core/run"
)

// What the person does with the table of runs.
type (
	OpenRun        struct{ Key string } // Shows all that can be done with a run, or no longer.
	FoldExperiment struct{ ID int }     // Shows its runs one by one, or no longer.
	ShowMoreRuns   struct{}             // Not only the first of them.
	GrowRuns       struct{}             // Builds more of the table; see the effect Soon.
	ForgetEdit     struct{}             // The form is no change of an earlier run any more.
	ToggleStrip    struct{}             // Shows all runs at work, or one, where there is little room.
)

func (OpenRun) isMessage()        {}
func (FoldExperiment) isMessage() {}
func (ShowMoreRuns) isMessage()   {}
func (GrowRuns) isMessage()       {}
func (ForgetEdit) isMessage()     {}
func (ToggleStrip) isMessage()    {}

// applyOverview applies what the person does with the table of runs.
func (p Page) applyOverview(message Message) (Page, []Effect) {
	c := *p.Compare
	switch m := message.(type) {
	case OpenRun:
		if c.Open == m.Key {
			m.Key = ""
		}
		c.Open = m.Key
	case FoldExperiment:
		c.Unfolded = toggled(c.Unfolded, m.ID)
	case ShowMoreRuns:
		c.bound += mostLinesAtOnce
	case GrowRuns:
		c.built, c.growing = c.built+linesInAFrame, false
	case ForgetEdit:
		train := *p.Train
		train.Edits, train.Form.base = "", nil
		p.Train = &train
	case ToggleStrip:
		p.View.StripOpen = !p.View.StripOpen
	}
	p.Compare = &c
	return p, nil
}

// A Line is a line of the table of runs: a run, or an experiment whose runs follow if it
// is open.
type Line struct {
	Run        *Run // nil for an experiment.
	Experiment *notebook.Experiment
	Open       bool
}

// mostLinesAtOnce are the lines that are built without being asked for, and linesInAFrame
// those of them in one frame, so that a hundred hold none up.
const (
	mostLinesAtOnce = 100
	linesInAFrame   = 6
)

// grown has more of the table built in the next frame, until all that is to be seen is
// there.
func (p Page) grown(effects []Effect) (Page, []Effect) {
	c := *p.Compare
	shown := p.View.Station == AtCompare && c.Part == OfRuns
	switch {
	case !shown && c.built == 0 || shown && (c.growing || c.built >= c.bound || c.built >= len(p.lines())):
		return p, effects
	case !shown:
		c.built = 0 // It is built anew when it is seen again.
	default:
		c.growing = true
		effects = append(effects, Soon{GrowRuns{}})
	}
	p.Compare = &c
	return p, effects
}

// Lines returns what is built of the table, and how many lines are left out until they are
// asked for.
func (p *Page) Lines() (lines []Line, left int) {
	lines = p.lines()
	left = max(0, len(lines)-p.Compare.bound)
	return lines[:min(len(lines), p.Compare.built, p.Compare.bound)], left
}

// lines are the whole table. An experiment stands where the first of its runs would; pinned
// runs stand by themselves.
func (p *Page) lines() (lines []Line) {
	seen := map[int]bool{}
	sorted := p.Sorted()
	for _, r := range sorted {
		e := p.Runs.Experiment(r.Experiment)
		if e == nil || r.Pinned {
			lines = append(lines, Line{Run: r})
			continue
		}
		if seen[e.ID] {
			continue
		}
		seen[e.ID] = true
		open := slices.Contains(p.Compare.Unfolded, e.ID)
		lines = append(lines, Line{Experiment: e, Open: open})
		if !open {
			continue
		}
		for _, one := range sorted {
			if one.Experiment == e.ID && !one.Pinned {
				lines = append(lines, Line{Run: one, Experiment: e})
			}
		}
	}
	return lines
}

// InWords is what an experiment is: "Transfer, From scratch × 7 budgets × 5 seeds".
func InWords(e *notebook.Experiment) string {
	names := make([]string, len(e.Arms))
	for i, a := range e.Arms {
		names[i] = a.Title()
	}
	words := strings.Join(names, ", ")
	if len(e.Labels) > 1 {
		words += " × " + Count(len(e.Labels), "budget")
	}
	return words + " × " + Count(e.Seeds, "seed")
}

// Repeat says of a run that repeats another one what came of it, or "".
func (r *Runs) Repeat(key string) string {
	one := r.Find(key)
	if one == nil || one.Of == "" {
		return ""
	}
	first := r.Find(one.Of)
	if first == nil {
		return "Repeats a run that is deleted."
	}
	same, ok := one.IsSameAs(first)
	switch {
	case !ok:
		return "Repeats " + first.Named() + "."
	case same:
		return "The same numbers as " + first.Named() + ": its weights are equal bit for bit."
	}
	return "Its numbers differ from those of " + first.Named() + ": " + first.why(one)
}

// Named names a run among others of the same title.
func (r *Run) Named() string { return "run " + r.Key + " (" + r.Title() + ")" }

// why says what may make a repetition end with other weights.
func (r *Run) why(again *Run) string {
	switch {
	case r.Phase == run.Stopped || again.Phase == run.Stopped:
		return "one of them was stopped before its end."
	case r.Pictures != again.Pictures || r.Classes != again.Classes || r.Started.TrainExamples != again.Started.TrainExamples:
		return "it learnt from other pictures."
	case r.From.SHA256 != again.From.SHA256:
		return "it started from another network."
	case r.Backend != again.Backend:
		return "it was computed by " + again.Backend + ", not by " + r.Backend + ", and they round differently."
	}
	return "as when sums are rounded differently, by another browser, another processor or another number of workers."
}

// Edited returns the run whose settings are in the form, what has been changed in them so
// far, in words, and whether there is such a run.
func (p *Page) Edited() (of *Run, changed []string, ok bool) {
	of = p.Runs.Find(p.Train.Edits)
	if of == nil {
		return nil, nil, false
	}
	configs, err := p.Train.Form.Configs(p.Turn.Model)
	if err != nil {
		return of, nil, true
	}
	next := notebook.Run{Arm: p.armOf(configs[0]), Config: configs[0], Pictures: notebook.Source{Name: p.Pictures.Set}}
	if next.Pictures.Name == of.Pictures.Name {
		next.Pictures = of.Pictures
	}
	if next.Config.Task == run.Transfer && p.Turn.Model != nil {
		next.From = notebook.Source{Name: p.Turn.Model.Name, SHA256: p.Turn.Model.SHA256}
	}
	return of, notebook.Changes(&of.Run, &next), true
}
