package ui

import (
	"github.com/hexops/vecty"
	"github.com/hexops/vecty/elem"

	"quarterturn/ui/state"
)

// A ProjectView is everything as one file, and what is kept here.
type ProjectView struct {
	projectProps
	Do Do
}

// projectProps are what ProjectView shows.
type projectProps struct {
	Paper   *state.Paper
	Keeping *state.Keeping
}

// project takes everything out of the page, and brings it in.
func (s *CompareStation) project() vecty.ComponentOrHTML {
	v := &ProjectView{projectProps{s.Paper, s.Keeping}, s.Do}
	return elem.Div(class("project-slot"), &Memo{Key: v.projectProps, Body: v.render})
}

func (v *ProjectView) render() *vecty.HTML {
	return elem.Section(
		vecty.Markup(vecty.Class("project"), attribute("aria-label", "The project")),
		elem.Heading3(vecty.Text("Project")),
		paragraph("soft", "Everything in one file, pictures and weights too. Another browser goes on with it, and so does the command quarterturn."),
		elem.Div(class("row"),
			button(v.Do, state.SaveProject{}, v.Paper.Making != "", "quiet", "Save project"),
			chooser("open-project", "project", ".qtproject", "Open a project …", false, false)),
		elem.Div(class("problem-slot"), v.outcome()),
		elem.Heading3(vecty.Text("Kept here")),
		v.kept(),
	)
}

// outcome is how the making goes, or went.
func (v *ProjectView) outcome() vecty.ComponentOrHTML {
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
func (v *ProjectView) kept() *vecty.HTML {
	k := v.Keeping
	parts := vecty.List{}
	if k.Storing != nil {
		words := state.Capital(k.Storing.Kind) + "."
		if k.Storing.Room > 0 {
			words += " " + state.InBytes(k.Storing.Used) + " of " + state.InBytes(k.Storing.Room) + " are used."
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
