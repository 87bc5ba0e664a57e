package ui

import (
	"github.com/hexops/vecty"
	"github.com/hexops/vecty/elem"

	"quarterturn/ui/state"
)

// A panelView shows a picture in its four turns, with what a network believes of
// each: the one that is loaded, or a recorded one.
type panelView struct {
	id     string // Of the picture, for its canvas; empty for none.
	undone bool   // The pictures are turned back by the guesses.
	names  bool   // The network names pictures: it does not guess turns.
}

// all is the panels. They are busy while their beliefs are on the way.
func (v panelView) all(panels []state.Panel, busy bool) *vecty.HTML {
	var list vecty.List
	for _, p := range panels {
		list = append(list, v.panel(p))
	}
	return elem.Div(
		vecty.Markup(vecty.Class("panels"), attribute("aria-busy", truth(busy)), vecty.MarkupIf(v.names, vecty.Class("names"))),
		list,
	)
}

// panel is one turn: the picture, four bars, the verdict, and the picture turned
// back by the guess.
func (v panelView) panel(p state.Panel) *vecty.HTML {
	shown := p.Turns
	if v.undone {
		shown = p.Back
	}
	return elem.Figure(
		vecty.Markup(vecty.Class("panel", verdictClass(p.Verdict))),
		elem.FigureCaption(
			class("panel-head"),
			dial(p.Turns),
			elem.Span(class("panel-title"), span("panel-word", "Turned "), vecty.Text(state.Degrees(p.Turns))),
			judgement(p),
		),
		elem.Div(
			class("panel-picture"),
			canvas(v.id, "The picture turned "+state.Degrees(shown), vecty.Class("picture", turnedClass(shown)), first()),
		),
		v.beliefs(p),
		v.upright(p),
	)
}

func verdictClass(v state.Verdict) string {
	return [...]string{state.Open: "open", state.Right: "right", state.Wrong: "wrong"}[v]
}

// judgement says in a sign and a word whether the guess is right.
func judgement(p state.Panel) vecty.ComponentOrHTML {
	switch p.Verdict {
	case state.Right:
		return span("verdict", "✓ right")
	case state.Wrong:
		return span("verdict", "✗ wrong")
	}
	return span("verdict", "")
}

// beliefs are the bars, always four so that nothing jumps when they come.
func (v panelView) beliefs(p state.Panel) *vecty.HTML {
	var rows vecty.List
	for i := range 4 {
		if i < len(p.Beliefs) {
			rows = append(rows, v.belief(p.Beliefs[i]))
		} else {
			rows = append(rows, v.belief(state.Belief{Label: state.Degrees(i), Answer: i, Probability: -1}))
		}
	}
	return elem.OrderedList(class("beliefs"), rows)
}

func (v panelView) belief(b state.Belief) *vecty.HTML {
	value, width := "", 0.0
	if b.Probability >= 0 {
		value, width = state.Percent(b.Probability, 0), b.Probability
	}
	var mark vecty.ComponentOrHTML
	if !v.names {
		mark = dial(b.Answer)
	}
	note := ""
	if b.True {
		note = " (true)"
	}
	return elem.ListItem(
		vecty.Markup(
			vecty.Class("belief"),
			vecty.MarkupIf(b.Guessed, vecty.Class("guessed")), vecty.MarkupIf(b.True, vecty.Class("true")),
		),
		elem.Span(class("belief-label"), mark, vecty.Text(b.Label), span("unseen", note)),
		elem.Span(
			vecty.Markup(vecty.Class("track"), hidden()),
			elem.Span(vecty.Markup(vecty.Class("fill"), vecty.Style("width", state.Decimal(100*width, 1)+"%"))),
		),
		span("belief-value", value),
	)
}

// upright shows what comes out when the guess is undone.
func (v panelView) upright(p state.Panel) *vecty.HTML {
	words, label := "…", ""
	back := p.Turns
	switch {
	case len(p.Beliefs) == 0:
	case v.names:
		words = "Says “" + p.Guess.Label + "”"
	default:
		words = "guess undone"
		label = "Turned back by the guess: " + map[bool]string{true: "upright", false: "not upright"}[p.Verdict == state.Right]
		back = p.Back
	}
	return elem.Div(
		vecty.Markup(vecty.Class("upright"), vecty.MarkupIf(v.names, vecty.Class("naming"))),
		canvas(v.id, label, vecty.Class("small", turnedClass(back)), first()),
		span("upright-words", words),
	)
}
