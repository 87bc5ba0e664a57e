package ui

import (
	"strconv"
	"strings"

	"github.com/hexops/vecty"
	"github.com/hexops/vecty/elem"
	"github.com/hexops/vecty/event"
	"github.com/hexops/vecty/prop"

	"quarterturn/core/notebook"
	"quarterturn/ui/state"
)

// mostNotes bounds the notes that are written here: each is a field, and hundreds of
// them would hold the page up. The part Runs has those of all runs.
const mostNotes = 30

// report is where a person writes what they found, and takes it away as a page of its own.
func (s *CompareStation) report() vecty.ComponentOrHTML {
	reported := s.page().Reported()
	if len(reported) == 0 {
		return elem.Div(class("report-part"), s.project(), paragraph("empty-board", "A report is about runs that are finished: their verdict, their numbers, and what you say about them. Start some in the station Train, or several in “Is it chance?”."))
	}
	var keys []string
	for _, r := range reported {
		keys = append(keys, r.Key)
	}
	which := strings.Join(keys, " ")
	maps := len(s.page().Drawn(reported))
	return elem.Div(
		class("report-part"),
		elem.Section(vecty.Markup(vecty.Class("report-main"), attribute("aria-label", "The report")),
			elem.Div(class("report-note-slot"), &Memo{Key: s.Runs.Note, Body: s.noteOfAll}),
			elem.Div(class("report-save-slot"), &Memo{Key: [5]any{s.Writeup, len(reported), len(s.Runs.All), s.Lab.Problem, maps}, Body: func() *vecty.HTML { return s.saving(len(reported), maps) }}),
			elem.Div(class("report-says-slot"), &Memo{Key: [2]any{which, len(s.Runs.Experiments)}, Body: func() *vecty.HTML { return s.preview(reported) }}),
		),
		elem.Div(class("report-side"), s.project(), elem.Section(vecty.Markup(vecty.Class("report-notes"), attribute("aria-label", "Notes of runs")),
			elem.Heading3(vecty.Text("Notes of runs")), s.notes(reported))),
	)
}

// noteOfAll is the person's text about the whole. It is written while they type.
func (s *CompareStation) noteOfAll() *vecty.HTML {
	return elem.Label(
		class("note"),
		span("note-title", "What you found, in your own words"),
		elem.TextArea(vecty.Markup(
			prop.ID("note-all"), prop.Value(s.Runs.Note), attribute("rows", "6"), attribute("maxlength", "4000"),
			attribute("placeholder", "What did you ask, what did you do, what came of it, and how sure are you?"),
			event.Input(func(e *vecty.Event) { s.Do(state.AnnotateAll{Note: e.Target.Get("value").String()}) }),
		)),
	)
}

// saving has the report made, and says what became of it.
func (s *CompareStation) saving(reported, maps int) *vecty.HTML {
	words := state.Count(reported, "run") + " of " + strconv.Itoa(len(s.Runs.All)) + " and " + state.Count(maps, "map") + ", one HTML file that any browser opens, without a network."
	switch {
	case s.Writeup.Making:
		words = "It is being written …"
	case s.Writeup.Saved:
		words = "Saved as " + state.ReportFile + "."
	}
	var missing vecty.List
	for _, text := range s.Writeup.Missing {
		missing = append(missing, elem.ListItem(vecty.Text(text)))
	}
	return elem.Div(
		class("report-save"),
		elem.Div(class("row"),
			button(s.Do, state.SaveReport{}, s.Writeup.Making || s.Lab.Problem != "", "strong", "Save report"),
			elem.Output(class("soft"), vecty.Text(words))),
		elem.Div(class("problem-slot"), vecty.If(s.Writeup.Problem != "", notice("The report could not be written. "+s.Writeup.Problem))),
		elem.Div(class("problem-slot"), vecty.If(len(missing) > 0, elem.Div(class("soft"), vecty.Text("Not in it:"), elem.UnorderedList(missing)))),
		paragraph("hint", "If runs are ticked in the part Runs it is about those, otherwise about all that are not hidden; finished ones, each time. Maps are those that were drawn to their end in “What does it know?”."),
	)
}

// preview is what the experiments among the runs came to.
func (s *CompareStation) preview(reported []*state.Run) *vecty.HTML {
	var of []*notebook.Run
	for _, r := range reported {
		of = append(of, &r.Run)
	}
	var list vecty.List
	for i := range s.Runs.Experiments {
		e := &s.Runs.Experiments[i]
		for _, c := range e.Findings(e.Table(of)) {
			list = append(list, elem.Div(
				vecty.Markup(vecty.Class("finding"), vecty.MarkupIf(c.IsClear(), vecty.Class("clear"))),
				elem.Paragraph(class("finding-words"), vecty.Text(e.Verdict(c))),
				vecty.If(len(s.Runs.Experiments) > 1, paragraph("soft", "Experiment "+strconv.Itoa(e.ID))),
			))
		}
	}
	if len(list) == 0 {
		list = append(list, paragraph("soft", "No experiment has two arms with seeds in common yet: the report will have the runs’ numbers, and no verdict of an experiment."))
	}
	return elem.Div(class("report-says"), elem.Heading3(vecty.Text("What the experiments say")), elem.Div(class("verdicts"), list),
		vecty.If(len(s.Runs.Experiments) > 1, paragraph("hint", "The report compares all its runs at once, so that its verdicts are corrected for more comparisons than those of one experiment.")))
}

// notes are the texts about single runs.
func (s *CompareStation) notes(reported []*state.Run) *vecty.HTML {
	var list vecty.List
	for _, r := range reported[:min(len(reported), mostNotes)] {
		list = append(list, elem.Div(vecty.Markup(vecty.Key(r.Key), vecty.Class("report-note")),
			&Memo{Key: [3]string{r.Key, r.Named(), r.Note}, Body: func() *vecty.HTML { return s.noteOf(r) }}))
	}
	rest := len(reported) - mostNotes
	return elem.Div(class("report-notes-list"), elem.Div(list),
		elem.Div(class("row"), vecty.If(rest > 0, paragraph("hint", "Notes of "+state.Count(rest, "more run")+" are written in the part Runs."))))
}

func (s *CompareStation) noteOf(r *state.Run) *vecty.HTML {
	key := r.Key
	return elem.Label(
		class("note"),
		span("note-title", r.Named()),
		elem.TextArea(vecty.Markup(
			prop.ID("report-note-"+key), prop.Value(r.Note), attribute("rows", "2"), attribute("maxlength", "4000"),
			event.Input(func(e *vecty.Event) { s.Do(state.Annotate{Key: key, Note: e.Target.Get("value").String()}) }),
		)),
	)
}
