package ui

import (
	"path"
	"strconv"

	"github.com/hexops/vecty"
	"github.com/hexops/vecty/elem"
	"github.com/hexops/vecty/event"

	"quarterturn/ui/state"
)

// TurnStation is the chosen picture in its four turns, with what the network
// believes of each.
type TurnStation struct {
	vecty.Core

	Turn *state.Turn      `vecty:"prop"`
	Lab  *state.LabStatus `vecty:"prop"`
	Do   Do               `vecty:"prop"`
}

// SkipRender implements vecty.RenderSkipper.
func (s *TurnStation) SkipRender(previous vecty.Component) bool {
	p, ok := previous.(*TurnStation)
	return ok && p.Turn == s.Turn && p.Lab == s.Lab
}

// Render implements vecty.Component.
func (s *TurnStation) Render() vecty.ComponentOrHTML {
	return elem.Div(
		class("turn"),
		s.chosen(),
		elem.Div(class("problem-slot"), s.problem()),
		s.panels(),
		paragraph("legend-line", s.explanation()),
		s.score(),
		s.model(),
	)
}

// chosen names the picture and goes to its neighbours.
func (s *TurnStation) chosen() *vecty.HTML {
	name, label := "No picture yet", ""
	if t := s.Turn.Picture; t != nil {
		name = path.Base(t.Name)
		label = "without a class"
		if s.Turn.ClassName != "" {
			label = state.Readable(s.Turn.ClassName)
		}
		if t.Test {
			label += ", kept for checking"
		}
	}
	none := s.Turn.Picture == nil
	return elem.Div(
		class("chosen"),
		s.neighbour(-1, "←", "Previous picture", none),
		elem.Div(class("chosen-name"), elem.Strong(vecty.Text(name)), span("soft", label)),
		s.neighbour(1, "→", "Next picture", none),
	)
}

func (s *TurnStation) neighbour(by int, text, label string, disabled bool) *vecty.HTML {
	return elem.Button(
		vecty.Markup(
			vecty.Class("button", "quiet", "arrow"), attribute("type", "button"), attribute("aria-label", label),
			vecty.Property("disabled", disabled),
			event.Click(func(*vecty.Event) { s.Do(state.Step{By: by}) }),
		),
		vecty.Text(text),
	)
}

func (s *TurnStation) problem() vecty.ComponentOrHTML {
	if s.Turn.Failure == "" {
		return nil
	}
	return notice(s.Turn.Failure)
}

// panels are the four turns.
func (s *TurnStation) panels() *vecty.HTML {
	id := ""
	if s.Turn.Picture != nil {
		id = strconv.Itoa(s.Turn.Picture.ID)
	}
	var list vecty.List
	for _, panel := range s.Turn.Panels() {
		list = append(list, s.panel(panel, id))
	}
	return elem.Div(
		vecty.Markup(
			vecty.Class("panels"),
			attribute("aria-busy", truth(s.Turn.Predicted == nil)),
			vecty.MarkupIf(s.Turn.Model != nil && !s.Turn.GuessesTurns(), vecty.Class("names")),
		),
		list,
	)
}

// panel is one turn: the picture, four bars, the verdict, and the picture turned
// back by the guess.
func (s *TurnStation) panel(p state.Panel, id string) *vecty.HTML {
	shown := p.Turns
	if s.Turn.Undone {
		shown = p.Back
	}
	return elem.Figure(
		vecty.Markup(vecty.Class("panel", verdictClass(p.Verdict))),
		elem.FigureCaption(
			class("panel-head"),
			dial(p.Turns),
			elem.Span(class("panel-title"), span("panel-word", "Turned "), vecty.Text(state.Degrees(p.Turns))),
			verdict(p),
		),
		elem.Div(
			class("panel-picture"),
			canvas(id, "The picture turned "+state.Degrees(shown), vecty.Class("picture", turnedClass(shown)), first()),
		),
		s.beliefs(p),
		s.upright(p, id),
	)
}

func verdictClass(v state.Verdict) string {
	return [...]string{state.Open: "open", state.Right: "right", state.Wrong: "wrong"}[v]
}

// verdict says in a sign and a word whether the guess is right.
func verdict(p state.Panel) vecty.ComponentOrHTML {
	switch p.Verdict {
	case state.Right:
		return span("verdict", "✓ right")
	case state.Wrong:
		return span("verdict", "✗ wrong")
	}
	return span("verdict", "")
}

// beliefs are the bars, always four so that nothing jumps when they come.
func (s *TurnStation) beliefs(p state.Panel) *vecty.HTML {
	var rows vecty.List
	for i := range 4 {
		if i < len(p.Beliefs) {
			rows = append(rows, s.belief(p.Beliefs[i]))
		} else {
			rows = append(rows, s.belief(state.Belief{Label: state.Degrees(i), Answer: i, Probability: -1}))
		}
	}
	return elem.OrderedList(class("beliefs"), rows)
}

func (s *TurnStation) belief(b state.Belief) *vecty.HTML {
	value, width := "", 0.0
	if b.Probability >= 0 {
		value, width = state.Percent(b.Probability, 0), b.Probability
	}
	var mark vecty.ComponentOrHTML
	if s.Turn.Model == nil || s.Turn.GuessesTurns() {
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
func (s *TurnStation) upright(p state.Panel, id string) *vecty.HTML {
	words, label := "…", ""
	back := p.Turns
	switch {
	case len(p.Beliefs) == 0:
	case !s.Turn.GuessesTurns():
		words = "Says “" + p.Guess.Label + "”"
	default:
		words = "guess undone"
		label = "Turned back by the guess: " + map[bool]string{true: "upright", false: "not upright"}[p.Verdict == state.Right]
		back = p.Back
	}
	return elem.Div(
		vecty.Markup(vecty.Class("upright"), vecty.MarkupIf(s.Turn.Model != nil && !s.Turn.GuessesTurns(), vecty.Class("naming"))),
		canvas(id, label, vecty.Class("small", turnedClass(back)), first()),
		span("upright-words", words),
	)
}

// explanation says what the bars are of.
func (s *TurnStation) explanation() string {
	switch {
	case s.Turn.Model == nil:
		return "The network’s beliefs appear here as soon as it is loaded."
	case s.Turn.GuessesTurns():
		return "Each bar is how sure the network is of that turn, counter-clockwise. The thick side of a square is where the picture’s top went."
	}
	return "This network names pictures, it does not guess turns. The bars are its four most likely names for the picture in each turn."
}

// score is the running score over the whole collection.
func (s *TurnStation) score() *vecty.HTML {
	t := s.Turn
	words := "How often is it right on all pictures, in all four turns?"
	if t.Model != nil && !t.GuessesTurns() {
		words = "The score counts turns, and this network does not guess them."
	}
	if t.Score.Seen > 0 {
		words = "Right in " + state.Percent(float64(t.Score.Right)/float64(t.Score.Seen), 1) + " of " +
			state.Grouped(t.Score.Seen) + " turned pictures. Guessing blindly: " + state.Percent(t.Chance(), 0) + "."
	}
	progress := elem.Div(class("score-bar"))
	if t.Scoring || t.Score.Seen > 0 {
		progress = elem.Div(class("score-bar"), bar(float64(t.Score.Seen), float64(t.Score.All), "Pictures scored"))
	}
	return elem.Div(
		class("score"),
		elem.Div(class("score-words"), elem.Output(vecty.Text(words)), progress),
		s.scoreButton(),
		elem.Button(
			vecty.Markup(
				vecty.Class("button", "quiet"), attribute("type", "button"), attribute("aria-pressed", truth(t.Undone)),
				vecty.Property("disabled", t.Predicted == nil || !t.GuessesTurns()),
				event.Click(func(*vecty.Event) { s.Do(state.ToggleUndone{}) }),
			),
			vecty.Text("Turn back by the guesses"),
		),
	)
}

func (s *TurnStation) scoreButton() *vecty.HTML {
	if s.Turn.Scoring {
		return button(s.Do, state.StopScore{}, false, "stop", "Stop scoring")
	}
	return button(s.Do, state.ScoreSet{}, !s.Turn.GuessesTurns() || s.Turn.Picture == nil, "strong", "Score the whole set")
}

// model says which network it is that guesses, and takes another.
func (s *TurnStation) model() *vecty.HTML {
	m := s.Turn.Model
	name, facts := "Loading the network …", ""
	if m != nil {
		name, facts = m.Name, m.Network.String()+", input "+strconv.Itoa(m.Side)+" × "+strconv.Itoa(m.Side)+" pixels"
		if m.Accuracy > 0 {
			facts += ", " + state.Percent(m.Accuracy, 1) + " right on its validation set"
		}
	} else if !s.Turn.Loading {
		name = "No network is loaded"
	}
	if s.Lab.Backend != "" && m != nil {
		facts += ". Computed by " + s.Lab.Backend
	}
	var note vecty.ComponentOrHTML
	if m != nil && m.Note != "" {
		note = paragraph("soft", m.Note)
	}
	return elem.Div(
		class("model"),
		elem.Div(class("model-words"), elem.Strong(vecty.Text(name)), paragraph("soft", facts), elem.Div(note)),
		elem.Div(
			class("row"),
			chooser("choose-model", "model", ".safetensors", "Load a network", false, false),
			vecty.If(s.Turn.CanReturn(), button(s.Do, state.UseBuiltIn{}, s.Turn.Loading, "quiet", "Back to the built-in one")),
		),
	)
}
