package ui

import (
	"github.com/hexops/vecty"
	"github.com/hexops/vecty/elem"
	"github.com/hexops/vecty/event"
	"github.com/hexops/vecty/prop"

	"quarterturn/ui/state"
)

// A ReportView is what is handed in, and what is kept: a person's text, the report, the
// project file.
type ReportView struct {
	reportProps
	Do   Do
	page *state.Page
}

// reportProps are what ReportView shows.
type reportProps struct {
	Runs    *state.Runs
	Paper   *state.Paper
	Keeping *state.Keeping
}

// report is the part Report.
func (s *CompareStation) report() vecty.ComponentOrHTML {
	v := &ReportView{reportProps{s.Runs, s.Paper, s.Keeping}, s.Do, s.page()}
	return elem.Div(class("report-slot"), &Memo{Key: v.reportProps, Body: v.render})
}

func (v *ReportView) render() *vecty.HTML {
	reported := v.page.Reported()
	return elem.Div(
		class("report-part"),
		elem.Div(class("report-words"),
			v.note("note-all", "Your text about the whole", v.Runs.Note, func(text string) state.Message { return state.AnnotateAll{Note: text} }),
			v.notes(reported),
		),
		elem.Div(class("report-out"),
			elem.Heading3(vecty.Text("Report")),
			paragraph("soft", "One HTML file to hand in: verdicts, accuracies, curves and confusion matrices of the finished runs that are not hidden, with your text. It needs no network and no server."),
			elem.Div(class("row"), button(v.Do, state.SaveReport{}, len(reported) == 0 || v.Paper.Making != "", "strong", "Save report"),
				elem.Output(class("soft"), vecty.Text(state.Count(len(reported), "run")+" in it."))),
			elem.Heading3(vecty.Text("Project")),
			paragraph("soft", "Everything in one file, pictures and weights too. Another browser goes on with it, and so does the command quarterturn."),
			elem.Div(class("row"),
				button(v.Do, state.SaveProject{}, v.Paper.Making != "", "quiet", "Save project"),
				chooser("open-project", "project", ".qtproject", "Open a project …", false, false)),
			elem.Div(class("problem-slot"), v.outcome()),
			elem.Heading3(vecty.Text("Kept here")),
			v.kept(),
		),
	)
}

// note is a text field of a person's own words.
func (v *ReportView) note(id, title, text string, message func(string) state.Message) *vecty.HTML {
	return elem.Label(
		vecty.Markup(vecty.Class("note"), prop.For(id)),
		elem.Span(vecty.Text(title)),
		elem.TextArea(vecty.Markup(
			prop.ID(id), prop.Value(text), attribute("rows", "4"),
			event.Change(func(e *vecty.Event) { v.Do(message(e.Target.Get("value").String())) }),
		)),
	)
}

// mostNotes bounds the fields that are built at once.
const mostNotes = 12

// notes are the fields of the newest runs that are reported.
func (v *ReportView) notes(reported []*state.Run) vecty.ComponentOrHTML {
	var list vecty.List
	for i := len(reported) - 1; i >= 0 && len(list) < mostNotes; i-- {
		r := reported[i]
		list = append(list, elem.Div(vecty.Markup(vecty.Key(r.Key)), v.note("note-"+r.Key, "About run "+r.Key+", "+r.Title(), r.Note, func(text string) state.Message {
			return state.Annotate{Key: r.Key, Note: text}
		})))
	}
	if len(list) == 0 {
		return nil
	}
	return elem.Details(class("numbers", "notes"), elem.Summary(vecty.Text("About single runs")), elem.Div(class("notes-list"), list))
}

// outcome is how the making goes, or went.
func (v *ReportView) outcome() vecty.ComponentOrHTML {
	switch {
	case v.Paper.Problem != "":
		return notice(v.Paper.Problem)
	case v.Paper.Making != "":
		return bar(0, 0, "Making "+v.Paper.Making)
	case len(v.Paper.Problems) > 0:
		var list vecty.List
		for _, problem := range v.Paper.Problems {
			list = append(list, elem.ListItem(vecty.Text(state.Sentence(problem))))
		}
		return elem.Div(class("notice", "broken"), elem.Paragraph(vecty.Text("Not all of it could be used:")), elem.UnorderedList(list))
	}
	return nil
}

// kept says where everything is kept, how much room is left, and what went wrong.
func (v *ReportView) kept() *vecty.HTML {
	k := v.Keeping
	parts := vecty.List{}
	if k.Storing != nil {
		words := state.Capital(k.Storing.Kind) + "."
		if k.Storing.Room > 0 {
			words += " " + state.Megabytes(k.Storing.Used) + " of " + state.Megabytes(k.Storing.Room) + " are used."
		}
		parts = append(parts, paragraph("soft", words))
	}
	if k.Problem != "" {
		parts = append(parts, notice("Not everything could be kept: "+k.Problem+" Save the project, or make room."))
	}
	if k.IsCrowded() {
		parts = append(parts, elem.Div(class("row"), button(v.Do, state.FreeSpace{}, false, "quiet", "Delete the weights of earlier runs"),
			span("soft", "Their results stay; pinned runs keep their weights.")))
	}
	for _, text := range k.Notices {
		parts = append(parts, paragraph("soft", text))
	}
	return elem.Div(class("kept"), parts)
}
