package ui

import (
	"github.com/hexops/vecty"
	"github.com/hexops/vecty/elem"
	"github.com/hexops/vecty/event"

	"quarterturn/ui/state"
)

// CompareStation has what runs say together: which there were, whether their difference
// is chance, what their networks know and mistake.
type CompareStation struct {
	compareProps
	Do    Do
	Built func()
}

// compareProps are what CompareStation shows.
type compareProps struct {
	Compare  *state.Compare
	Runs     *state.Runs
	Train    *state.Train
	Turn     *state.Turn
	Pictures *state.Pictures
	Known    *state.Known
	Inside   *state.Inside
	Mistakes *state.Mistakes
	Findings *state.Findings
	Writeup  *state.Writeup
	Lab      *state.LabStatus
	Paper    *state.Paper
	Keeping  *state.Keeping
	Shown    bool // Nothing is rendered while it is not.
}

// part is the view as a part of the page.
func (s *CompareStation) part() *Memo { return &Memo{Key: s.compareProps, Body: s.render} }

func (s *CompareStation) render() *vecty.HTML {
	if !s.Shown {
		return elem.Div()
	}
	return elem.Div(
		class("compare"),
		elem.Div(class("segments-slot"), &Memo{Key: s.Compare.Part, Body: s.parts}),
		elem.Div(class("part-slot", "part-"+string(s.Compare.Part)), s.content()),
	)
}

// parts lead from part to part.
func (s *CompareStation) parts() *vecty.HTML {
	var list vecty.List
	for _, p := range state.CompareParts() {
		list = append(list, elem.Button(
			vecty.Markup(
				vecty.Class("segment"), attribute("type", "button"), attribute("aria-pressed", truth(p.Part == s.Compare.Part)),
				event.Click(func(*vecty.Event) { s.Do(state.ShowCompare{Part: p.Part}) }),
			),
			vecty.Text(p.Title),
		))
	}
	return elem.Div(vecty.Markup(vecty.Class("segments", "compare-parts"), attribute("role", "group"), attribute("aria-label", "What to compare")), list)
}

// later is a part that is there a frame later than what is around it.
func (s *CompareStation) later(key any, body func() *vecty.HTML) *Later {
	return &Later{Key: key, Body: body, Built: s.Built}
}

// page is the state that the parts ask.
func (s *CompareStation) page() *state.Page {
	return &state.Page{Compare: s.Compare, Runs: s.Runs, Train: s.Train, Turn: s.Turn, Pictures: s.Pictures, Known: s.Known, Inside: s.Inside, Mistakes: s.Mistakes, Findings: s.Findings, Writeup: s.Writeup, Lab: s.Lab, Paper: s.Paper, Keeping: s.Keeping}
}

func (s *CompareStation) content() vecty.ComponentOrHTML {
	switch s.Compare.Part {
	case state.OfRuns:
		return s.runs()
	case state.OfChance:
		return s.chance()
	case state.OfKnown:
		return s.known()
	case state.OfInside:
		return s.inside()
	case state.OfMistakes:
		return s.mistakes()
	case state.OfReport:
		return s.report()
	}
	return elem.Div()
}
