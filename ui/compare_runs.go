package ui

import (
	"slices"
	"strconv"

	"github.com/hexops/vecty"
	"github.com/hexops/vecty/elem"
	"github.com/hexops/vecty/event"

	"quarterturn/core/notebook"
	"quarterturn/core/verdict"
	"quarterturn/ui/state"
)

// runs are the curves of some runs and the table of all.
func (s *CompareStation) runs() vecty.ComponentOrHTML {
	if len(s.Runs.All) == 0 {
		return elem.Div(class("compare-runs"), elem.Div(class("undo-slot"), s.undo()),
			paragraph("empty-board", "Each run that you start stays here, with its settings, its curves and what it learnt. Start one in the station Train, or several in “Is it chance?”."))
	}
	shown := s.page().Overlaid()
	looks := make(map[string]look, len(shown))
	var list []look
	for i, r := range shown {
		looks[r.Key] = numbered(i)
		list = append(list, numbered(i))
	}
	return elem.Div(
		class("compare-runs"),
		elem.Div(class("undo-slot"), s.undo()),
		elem.Div(class("charts-slot"), s.curves(shown, list)),
		elem.Div(class("runs-table-slot"), s.table(looks)),
		elem.Div(class("numbers-slot"), &Fold{Key: evaluated(shown), Title: "The numbers behind the curves", Body: func() *vecty.HTML { return table(shown) }}),
	)
}

// curves are those of runs, or what to do to see some.
func (s *CompareStation) curves(shown []*state.Run, looks []look) vecty.ComponentOrHTML {
	if len(shown) == 0 {
		return paragraph("empty-board", "No curves yet: they come with the first epoch of a run. Tick runs below to choose which are drawn.")
	}
	charts := chartsOf("compare", s.Compare.Curves, shown, looks, s.Do)
	return s.later(charts.Key, charts.Body)
}

// undo says what was deleted, and brings it back.
func (s *CompareStation) undo() vecty.ComponentOrHTML {
	if len(s.Runs.Trash) == 0 {
		return nil
	}
	last := s.Runs.Trash[len(s.Runs.Trash)-1]
	return elem.Div(class("row", "undo"),
		elem.Span(vecty.Text("Deleted "+last.Named()+". ")),
		button(s.Do, state.UndeleteRun{}, false, "link", "Undo"))
}

// columns of the table; an empty one is not sorted by.
var columns = []struct {
	by          state.Column
	name, title string
}{
	{"", "pick", ""}, {state.ByOrder, "number", "No."}, {state.ByName, "name", "Run"}, {"", "changed", "What changed against the run before"},
	{state.ByAccuracy, "number", "Accuracy"}, {state.ByLoss, "number", "Loss (nats)"}, {state.ByLabels, "number", "Labels a class"},
	{state.BySeed, "number", "Seed"}, {state.ByTime, "number", "Time"}, {"", "phase", "State"}, {"", "tools", ""},
}

// table is a list that looks like one, and on a phone like cards: parts of a real table
// could not be rendered by themselves.
func (s *CompareStation) table(looks map[string]look) *vecty.HTML {
	lines, left := s.page().Lines()
	var body vecty.List
	for _, l := range lines {
		body = append(body, s.line(l, looks))
	}
	return elem.Div(
		vecty.Markup(vecty.Class("runs-table"), attribute("role", "table"), attribute("aria-label", "All runs")),
		elem.Div(vecty.Markup(vecty.Class("runs-head"), attribute("role", "rowgroup")), &Memo{Key: [2]any{s.Compare.Sort, s.Compare.Upward}, Body: s.tableHead}),
		elem.Div(vecty.Markup(vecty.Class("runs-body"), attribute("role", "rowgroup")), body),
		elem.Div(class("runs-foot"),
			elem.Div(class("row"), vecty.If(left > 0, button(s.Do, state.ShowMoreRuns{}, false, "link", "Show more of the "+state.Count(left, "line")+" below"))),
			numbersExport(s.Do, "quarterturn-runs", s.tableRows)),
	)
}

func (s *CompareStation) tableHead() *vecty.HTML {
	var heads vecty.List
	for _, c := range columns {
		heads = append(heads, s.columnHead(c.by, c.name, c.title))
	}
	return elem.Div(vecty.Markup(vecty.Class("run-row"), attribute("role", "row")), heads)
}

func (s *CompareStation) columnHead(by state.Column, name, title string) *vecty.HTML {
	markup := vecty.Markup(vecty.Class("cell", "cell-"+name), attribute("role", "columnheader"))
	if by == "" {
		return elem.Div(markup, vecty.Text(title))
	}
	order := "none"
	if s.Compare.Sort == by {
		order = map[bool]string{true: "ascending", false: "descending"}[s.Compare.Upward]
	}
	return elem.Div(markup, vecty.Markup(attribute("aria-sort", order)),
		elem.Button(
			vecty.Markup(vecty.Class("column"), attribute("type", "button"), event.Click(func(*vecty.Event) { s.Do(state.SortRuns{By: by}) })),
			vecty.Text(title),
		),
	)
}

// line is a run, or the head of an experiment. Each is rendered by itself.
func (s *CompareStation) line(l state.Line, looks map[string]look) *vecty.HTML {
	if l.Run == nil {
		done, all := s.Runs.Done(l.Experiment.ID)
		key := [5]any{l.Experiment.ID, l.Open, done, all, l.Experiment.Ended}
		return elem.Div(vecty.Markup(vecty.Key("experiment-"+strconv.Itoa(l.Experiment.ID)), attribute("role", "presentation")),
			&Memo{Key: key, Body: func() *vecty.HTML { return s.experimentHead(l, done, all) }})
	}
	r := l.Run
	v := &RunRow{rowProps{
		Run: r, Before: s.Runs.Before(r.Key), First: s.Runs.Find(r.Of), Look: looks[r.Key],
		Picked: slices.Contains(s.Compare.Picked, r.Key), Open: s.Compare.Open == r.Key, Inside: l.Experiment != nil,
	}, s.Runs, s.Do}
	return elem.Div(vecty.Markup(vecty.Key(r.Key), attribute("role", "presentation")), s.later(v.rowProps, v.render))
}

// experimentHead is an experiment in a line, under which its runs are folded.
func (s *CompareStation) experimentHead(l state.Line, done, all int) *vecty.HTML {
	e := l.Experiment
	words := strconv.Itoa(done) + " of " + strconv.Itoa(all) + " done"
	if e.Ended {
		words += ", ended"
	}
	mark := "▸"
	if l.Open {
		mark = "▾"
	}
	return elem.Div(vecty.Markup(vecty.Class("experiment-row"), attribute("role", "row")),
		elem.Div(vecty.Markup(vecty.Class("experiment-cell"), attribute("role", "cell")),
			elem.Button(
				vecty.Markup(vecty.Class("experiment-fold"), attribute("type", "button"), attribute("aria-expanded", truth(l.Open)),
					event.Click(func(*vecty.Event) { s.Do(state.FoldExperiment{ID: e.ID}) })),
				elem.Span(vecty.Markup(hidden(), vecty.Class("fold-mark")), vecty.Text(mark)),
				elem.Strong(vecty.Text("Experiment "+strconv.Itoa(e.ID))),
				span("experiment-words", state.InWords(e)+": "+words)),
			bar(float64(done), float64(all), "Runs done"),
			button(s.Do, state.ShowExperiment{ID: e.ID}, false, "link", "Is it chance?")))
}

// tableRows are the numbers of the table.
func (s *CompareStation) tableRows() [][]string {
	rows := [][]string{{"No.", "Run", "Task", "Labels per class (0: all)", "Epochs", "Seed", "Validation accuracy (%)", "Validation loss (nats)", "Time (s)", "State", "SHA-256 of the weights", "Note"}}
	for _, r := range s.page().Sorted() {
		accuracy, loss := "", ""
		if e, ok := r.Last(); ok {
			accuracy, loss = state.Decimal(100*e.Accuracy, 3), state.Decimal(e.Loss, 5)
		}
		rows = append(rows, []string{
			r.Key, r.Title(), string(r.Arm), strconv.Itoa(r.Config.LabelsPerClass), strconv.Itoa(r.Config.Epochs), strconv.FormatUint(r.Config.Seed, 10),
			accuracy, loss, state.Decimal(r.Took().Seconds(), 1), phaseInWords(r), r.Weights, r.Note,
		})
	}
	return rows
}

// labelsOf writes how many labels a run learns from.
func labelsOf(r *state.Run) string {
	if r.Arm == notebook.Pretext {
		return "–"
	}
	return verdict.ShortBudget(r.Config.LabelsPerClass)
}
