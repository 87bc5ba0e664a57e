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
	turnProps
	Do Do
}

// turnProps are what TurnStation shows.
type turnProps struct {
	Turn *state.Turn
	Lab  *state.LabStatus
}

// part is the view as a part of the page.
func (s *TurnStation) part() *Memo { return &Memo{Key: s.turnProps, Body: s.render} }

func (s *TurnStation) render() *vecty.HTML {
	note := ""
	if t := s.Turn.Picture; t != nil && t.Test {
		note = ", kept for checking"
	}
	return elem.Div(
		class("turn"),
		chosenPicture(s.Turn, note, s.Do),
		elem.Div(class("problem-slot"), s.problem()),
		s.panels(),
		paragraph("legend-line", s.explanation()),
		s.score(),
		elem.Div(class("model-slot"), (&ModelView{modelProps{s.Turn, s.Lab}, s.Do}).part()),
	)
}

// chosenPicture names the chosen picture and goes to its neighbours.
func chosenPicture(t *state.Turn, note string, do Do) *vecty.HTML {
	name, label := "No picture yet", ""
	if t.Picture != nil {
		name = path.Base(t.Picture.Name)
		label = "without a class"
		if t.ClassName != "" {
			label = state.Readable(t.ClassName)
		}
		label += note
	}
	return elem.Div(
		class("chosen"),
		neighbour(-1, "←", "Previous picture", t.Picture == nil, do),
		elem.Div(class("chosen-name"), elem.Strong(vecty.Text(name)), span("soft", label)),
		neighbour(1, "→", "Next picture", t.Picture == nil, do),
	)
}

func neighbour(by int, text, label string, disabled bool, do Do) *vecty.HTML {
	return elem.Button(
		vecty.Markup(
			vecty.Class("button", "quiet", "arrow"), attribute("type", "button"), attribute("aria-label", label),
			vecty.Property("disabled", disabled),
			event.Click(func(*vecty.Event) { do(state.Step{By: by}) }),
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
	view := panelView{undone: s.Turn.Undone, names: s.Turn.Model != nil && !s.Turn.GuessesTurns()}
	if s.Turn.Picture != nil {
		view.id = strconv.Itoa(s.Turn.Picture.ID)
	}
	panels := s.Turn.Panels()
	return view.all(panels[:], s.Turn.Predicted == nil)
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
			state.Grouped(t.Score.Seen) + " turned pictures" + t.ScoreElsewhere() + ". Guessing blindly: " + state.Percent(t.Chance(), 0) + "."
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
		button(s.Do, state.StartDuel{Number: 1}, t.Picture == nil || !t.GuessesTurns(), "quiet", "Duel"),
		button(s.Do, state.LookInside{}, t.Picture == nil || t.Model == nil, "quiet", "Look inside"),
	)
}

func (s *TurnStation) scoreButton() *vecty.HTML {
	if s.Turn.Scoring {
		return button(s.Do, state.StopScore{}, false, "stop", "Stop scoring")
	}
	return button(s.Do, state.ScoreSet{}, !s.Turn.GuessesTurns() || s.Turn.Picture == nil, "strong", "Score the whole set")
}
