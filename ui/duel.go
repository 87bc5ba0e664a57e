package ui

import (
	"strconv"

	"github.com/hexops/vecty"
	"github.com/hexops/vecty/elem"
	"github.com/hexops/vecty/event"
	"github.com/hexops/vecty/prop"

	"quarterturn/ui/state"
)

// DuelView is a game against the network, over the stations.
type DuelView struct {
	duelProps
	Do Do
}

// duelProps are what DuelView shows.
type duelProps struct {
	Duel *state.Duel
	Name string // Of the network.
	Set  string // Of the pictures.
}

// part is the view as a part of the page.
func (s *DuelView) part() *Memo { return &Memo{Key: s.duelProps, Body: s.render} }

func (s *DuelView) render() *vecty.HTML {
	if !s.Duel.On {
		return elem.Div()
	}
	body := s.end
	if s.Duel.Round() != nil {
		body = s.round
	}
	return elem.Section(
		vecty.Markup(vecty.Class("duel"), attribute("role", "dialog"), attribute("aria-modal", "true"), attribute("aria-label", "Duel: you against the network")),
		elem.Div(class("duel-head"),
			elem.Heading2(vecty.Text("Which side is up?")), span("soft", "Game "+strconv.FormatUint(s.Duel.Number, 10)),
			s.score(), button(s.Do, state.EndDuel{}, false, "quiet", "Close")),
		body(),
	)
}

// score is what was right so far.
func (s *DuelView) score() *vecty.HTML {
	person, network := s.Duel.Score()
	return elem.Div(class("duel-score"),
		span("duel-side", "You"), elem.Strong(vecty.Text(strconv.Itoa(person)+" : "+strconv.Itoa(network))), span("duel-side", "Network"))
}

// sides are where the top of a picture can be, in the order of turns, which is
// counter-clockwise.
var sides = [4]struct{ name, sign string }{{"top", "▲"}, {"left", "◀"}, {"bottom", "▼"}, {"right", "▶"}}

// round is a picture with a button at each of its sides.
func (s *DuelView) round() *vecty.HTML {
	d, r := s.Duel, s.Duel.Round()
	turned := turnedClass(r.Turns)
	if !r.IsOpen() && r.Network != state.NoGuess {
		turned = turnedClass(0)
	}
	board := vecty.List{elem.Div(class("duel-picture"), canvas(strconv.Itoa(r.Picture), "The picture, turned", vecty.Class("picture", turned), first()))}
	for turns := range sides {
		board = append(board, s.side(r, turns))
	}
	return elem.Div(class("duel-body"),
		elem.Div(class("duel-board"), board),
		elem.Div(class("duel-aside"),
			elem.Paragraph(class("duel-round"), vecty.Text("Round "+strconv.Itoa(d.At+1)+" of "+strconv.Itoa(len(d.Rounds)))),
			elem.Div(class("duel-words"), s.words(r)),
			s.hands(r),
		),
	)
}

// side is the button at one side, with who took it for the top.
func (s *DuelView) side(r *state.Round, turns int) *vecty.HTML {
	side, marks := sides[turns], ""
	shown := !r.IsOpen() && r.Network != state.NoGuess
	if r.Person == turns {
		marks += " You"
	}
	if shown && r.Network == turns {
		marks += " Network"
	}
	return elem.Div(class("duel-side-slot", "at-"+side.name),
		elem.Button(
			vecty.Markup(
				vecty.Class("button", "duel-guess"), attribute("type", "button"), attribute("aria-label", strconv.Itoa(turns+1)+": the "+side.name+" is up"), prop.Disabled(!r.IsOpen() || s.Duel.Hands),
				vecty.MarkupIf(shown && turns == r.Turns, vecty.Class("right")), vecty.MarkupIf(shown && turns != r.Turns && (turns == r.Person || turns == r.Network), vecty.Class("wrong")),
				event.Click(func(*vecty.Event) { s.Do(state.GuessTurn{Turns: turns}) }),
			),
			elem.Span(vecty.Markup(hidden()), vecty.Text(strconv.Itoa(turns+1)+" "+side.sign)), span("duel-mark", marks)),
	)
}

// words say what is asked, or what came of it.
func (s *DuelView) words(r *state.Round) vecty.List {
	if r.IsOpen() {
		return vecty.List{paragraph("duel-text", "Choose the side that was up: a click, the keys 1 to 4, or an arrow. The network answers after you.")}
	}
	if r.Network == state.NoGuess {
		return vecty.List{paragraph("duel-text", "The network looks …")}
	}
	var rows vecty.List
	view := panelView{}
	for turns, belief := range r.Belief {
		rows = append(rows, view.belief(state.Belief{Answer: turns, Label: state.Degrees(turns), Probability: float64(belief), Guessed: turns == r.Network, True: turns == r.Turns}))
	}
	next := "Next picture"
	if s.Duel.At+1 == len(s.Duel.Rounds) {
		next = "To the result"
	}
	return vecty.List{
		elem.Paragraph(class("duel-said"), elem.Strong(vecty.Text(r.InWords()))),
		elem.Paragraph(class("soft"), vecty.Text("What the network believed:")), elem.OrderedList(class("beliefs"), rows),
		button(s.Do, state.NextRound{}, false, "strong", next),
	}
}

// hands is where a show of hands is typed in.
func (s *DuelView) hands(r *state.Round) *vecty.HTML {
	var fields vecty.List
	if s.Duel.Hands && r.IsOpen() {
		for turns, side := range sides {
			id := "votes-" + strconv.Itoa(turns)
			fields = append(fields, elem.Label(vecty.Markup(vecty.Class("votes"), prop.For(id)), vecty.Text("the "+side.name),
				elem.Input(vecty.Markup(prop.Type(prop.TypeNumber), prop.ID(id), attribute("min", "0"), attribute("inputmode", "numeric"), prop.Value(votes(s.Duel.Votes[turns])),
					event.Input(func(e *vecty.Event) { s.Do(state.SetVotes{Turns: turns, Value: e.Target.Get("value").String()}) })))))
		}
		fields = append(fields, button(s.Do, state.CountVotes{}, s.Duel.Votes == [4]int{}, "strong", "The most votes count"))
	}
	return elem.Div(class("duel-hands"),
		tick("duel-hands", s.Duel.Hands, "Show of hands: type how many are for each side", func(string) { s.Do(state.ToggleHands{}) }),
		elem.Div(class("duel-votes"), fields))
}

func votes(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// Places on the card of a game, in its own units.
const (
	cardSquare = 34
	cardStep   = 40
	cardLeft   = 84
	cardTop    = 12
)

// end is the card of the game, to take away as a picture.
func (s *DuelView) end() *vecty.HTML {
	d := s.Duel
	person, network := d.Score()
	streak, netStreak := d.Streaks()
	words := "You " + strconv.Itoa(person) + ", the network " + strconv.Itoa(network) + " of " + strconv.Itoa(len(d.Rounds))
	parts := []ink{label(0, cardTop+23, "start", "You"), label(0, cardTop+cardStep+23, "start", "Network"),
		label(0, cardTop+2*cardStep+16, "start", "In a row: you "+strconv.Itoa(streak)+", the network "+strconv.Itoa(netStreak)),
		label(0, cardTop+2*cardStep+36, "start", s.Name+", "+s.Set)}
	hard := 0
	for i, r := range d.Rounds {
		x := float64(cardLeft + i*cardStep)
		parts = append(parts, square(x, cardTop, r.Person == r.Turns), square(x, cardTop+cardStep, r.Network == r.Turns))
		if r.Hard != "" {
			hard++
		}
	}
	note := ""
	if hard > 0 {
		note = state.Count(hard, "picture") + " looked much the same when turned, or had hardly anything in them. "
	}
	title := caption{words, " game " + strconv.FormatUint(d.Number, 10), exports(s.Do, "quarterturn-duel-"+strconv.FormatUint(d.Number, 10), func() [][]string { return duelRows(d) })}
	return elem.Div(class("duel-end"),
		saved(title, inked("svg", pictured(words, cardLeft+float64(len(d.Rounds))*cardStep, cardTop+2*cardStep+44), parts...)),
		paragraph("duel-text", note+"Guessing blindly is right in a quarter. Whoever has the same pictures and plays game "+strconv.FormatUint(d.Number, 10)+" gets the same ten."),
		elem.Div(class("row"),
			button(s.Do, state.StartDuel{Number: d.Number + 1}, false, "strong", "Next game"),
			button(s.Do, state.StartDuel{Number: d.Number}, false, "quiet", "The same again"),
			elem.Label(vecty.Markup(vecty.Class("picker"), prop.For("duel-number")), span("picker-words", "Game number "),
				elem.Input(vecty.Markup(prop.Type(prop.TypeNumber), prop.ID("duel-number"), attribute("min", "1"), attribute("max", "999999"), prop.Value(strconv.FormatUint(d.Number, 10)),
					event.Change(func(e *vecty.Event) {
						if n, err := strconv.ParseUint(e.Target.Get("value").String(), 10, 32); err == nil {
							s.Do(state.StartDuel{Number: n})
						}
					}))))),
	)
}

// square is one round of one side: filled with a tick where it was right.
func square(x, y float64, right bool) ink {
	name, sign := "card-wrong", "✗"
	if right {
		name, sign = "card-right", "✓"
	}
	return group(name, box("card-square", x, y, cardSquare, cardSquare), label(x+cardSquare/2, y+23, "middle", sign))
}

// duelRows are the rounds as a table.
func duelRows(d *state.Duel) [][]string {
	rows := [][]string{{"Round", "Turned (°)", "You", "Network", "Why it is hard"}}
	for i, r := range d.Rounds {
		rows = append(rows, []string{strconv.Itoa(i + 1), strconv.Itoa(90 * r.Turns), strconv.Itoa(90 * r.Person), strconv.Itoa(90 * r.Network), r.Hard})
	}
	return rows
}
