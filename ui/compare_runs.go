package ui

import (
	"strconv"
	"strings"

	"github.com/hexops/vecty"
	"github.com/hexops/vecty/elem"
	"github.com/hexops/vecty/event"

	"quarterturn/core/verdict"
	"quarterturn/ui/state"
)

// runs are the table of all runs and the curves of some.
func (s *CompareStation) runs() vecty.ComponentOrHTML {
	if len(s.Runs.All) == 0 {
		return paragraph("empty-board", "Each run that you start stays here, with its settings, its curves and what it learnt. Start one in the station Train, or several in “Is it chance?”.")
	}
	shown := s.page().Overlaid()
	var looks []look
	for i := range shown {
		looks = append(looks, numbered(i))
	}
	return elem.Div(
		class("compare-runs"),
		elem.Div(class("charts-slot"), &Memo{Key: drawnOf(shown, s.Compare.Log), Body: (&Charts{shown, looks, s.Compare.Log}).render}),
		elem.Div(class("runs-table-slot"), s.table()),
	)
}

// columns of the table; an empty one is not sorted by.
var columns = []struct {
	by    state.Column
	title string
}{
	{state.ByName, "Run"}, {"", "What changed against the run before"}, {state.ByAccuracy, "Accuracy"}, {state.ByLoss, "Loss (nats)"},
	{state.ByLabels, "Labels a class"}, {state.BySeed, "Seed"}, {state.ByTime, "Time"}, {"", "State"}, {"", ""},
}

func (s *CompareStation) table() *vecty.HTML {
	var head, body vecty.List
	for _, c := range columns {
		head = append(head, s.columnHead(c.by, c.title))
	}
	for _, r := range s.page().Sorted() {
		body = append(body, s.row(r))
	}
	return elem.Table(class("runs-table"), elem.TableHead(elem.TableRow(head)), elem.TableBody(body))
}

func (s *CompareStation) columnHead(by state.Column, title string) *vecty.HTML {
	if by == "" {
		return elem.TableHeader(vecty.Markup(attribute("scope", "col")), vecty.Text(title))
	}
	order := "none"
	if s.Compare.Sort == by {
		order = map[bool]string{true: "ascending", false: "descending"}[s.Compare.Upward]
	}
	return elem.TableHeader(
		vecty.Markup(attribute("scope", "col"), attribute("aria-sort", order)),
		elem.Button(
			vecty.Markup(vecty.Class("column"), attribute("type", "button"), event.Click(func(*vecty.Event) { s.Do(state.SortRuns{By: by}) })),
			vecty.Text(title),
		),
	)
}

// row is a run in the table.
func (s *CompareStation) row(r *state.Run) *vecty.HTML {
	loss, changed := "–", strings.Join(s.Runs.Changes(r.Key), ", ")
	if e, ok := r.Last(); ok {
		loss = state.Decimal(e.Loss, 3)
	}
	return elem.TableRow(
		vecty.Markup(vecty.Key(r.Key)),
		elem.TableHeader(vecty.Markup(attribute("scope", "row")), vecty.Text(r.Title())),
		elem.TableData(vecty.Text(changed)),
		elem.TableData(vecty.Text(best(r))),
		elem.TableData(vecty.Text(loss)),
		elem.TableData(vecty.Text(verdict.ShortBudget(r.Config.LabelsPerClass))),
		elem.TableData(vecty.Text(strconv.FormatUint(r.Config.Seed, 10))),
		elem.TableData(vecty.Text(state.Span(r.Took()))),
		elem.TableData(vecty.Text(phaseInWords(r))),
		elem.TableData(s.tools(r)),
	)
}

// tools are what can be done with a run.
func (s *CompareStation) tools(r *state.Run) *vecty.HTML {
	return elem.Div(
		class("row"),
		button(s.Do, state.RunAgain{Key: r.Key}, !r.IsOver(), "link", "Again"),
		button(s.Do, state.EditRun{Key: r.Key}, false, "link", "Change one thing"),
		button(s.Do, state.DeleteRun{Key: r.Key}, false, "link", "Delete"),
	)
}
