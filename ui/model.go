package ui

import (
	"strconv"

	"github.com/hexops/vecty"
	"github.com/hexops/vecty/elem"
	"github.com/hexops/vecty/event"

	"quarterturn/core/run"
	"quarterturn/ui/state"
)

// ModelView says which network guesses, and chooses another.
type ModelView struct {
	modelProps
	Do Do
}

// modelProps are what ModelView shows.
type modelProps struct {
	Turn *state.Turn
	Lab  *state.LabStatus
}

// part is the view as a part of the page.
func (v *ModelView) part() *Memo { return &Memo{Key: v.modelProps, Body: v.render} }

func (v *ModelView) render() *vecty.HTML {
	name, facts := v.words()
	var note vecty.ComponentOrHTML
	if m := v.Turn.Model; m != nil && m.Note != "" {
		note = paragraph("soft", m.Note)
	}
	return elem.Div(
		class("model"),
		elem.Div(
			vecty.Markup(vecty.Class("segments", "model-choice"), attribute("role", "group"), attribute("aria-label", "Built-in networks")),
			v.segment(state.Model, "Small, at once"),
			v.segment(state.Strong, "Stronger, "+state.InBytes(state.Strong.Bytes())),
		),
		elem.Div(class("progress-slot"), v.progress()),
		elem.Div(class("problem-slot"), v.problem()),
		elem.Div(class("model-words"), elem.Strong(vecty.Text(name)), paragraph("soft", facts), elem.Div(note)),
		elem.Div(class("row"), chooser("choose-model", "model", ".safetensors", "Load a network", false, false)),
		elem.Div(class("card-slot"), v.card()),
	)
}

// words are the network's name and what is known of it in a line.
func (v *ModelView) words() (name, facts string) {
	m := v.Turn.Model
	if m == nil {
		if v.Turn.Loading {
			return "Loading the network …", ""
		}
		return "No network is loaded", ""
	}
	facts = m.Network.String() + ", input " + strconv.Itoa(m.Side) + " × " + strconv.Itoa(m.Side) + " pixels"
	switch scores := m.Card.Scores; {
	case len(scores) > 0:
		facts += ", " + state.Percent(scores[0].Right.Accuracy, 1) + " of turns right (" + scores[0].Pictures + ")"
		for _, s := range scores[1:] { // Of other kinds of pictures it often knows much less.
			facts += ", " + state.Percent(s.Right.Accuracy, 1) + " (" + s.Pictures + ")"
		}
	case m.Accuracy > 0:
		facts += ", " + state.Percent(m.Accuracy, 1) + " right on its validation set"
	}
	if v.Lab.Backend != "" {
		facts += ". Computed by " + v.Lab.Backend
	}
	return m.Name, facts
}

// segment chooses a built-in network.
func (v *ModelView) segment(a state.Asset, text string) *vecty.HTML {
	return elem.Button(
		vecty.Markup(
			vecty.Class("segment"), attribute("type", "button"), attribute("aria-pressed", truth(v.Turn.Using == a)),
			vecty.Property("disabled", !v.Turn.CanUse(a) && v.Turn.Using != a),
			event.Click(func(*vecty.Event) {
				if v.Turn.CanUse(a) {
					v.Do(state.UseBuiltIn{Asset: a})
				}
			}),
		),
		vecty.Text(text),
	)
}

func (v *ModelView) progress() vecty.ComponentOrHTML {
	if !v.Turn.IsComing() {
		return nil
	}
	return arriving(*v.Turn.Fetching, "Fetching the stronger network")
}

// arriving shows how far the fetching of an asset is.
func arriving(f state.Fetching, what string) *vecty.HTML {
	return elem.Div(
		class("progress"),
		bar(float64(f.Done), float64(f.What.Bytes()), what),
		paragraph("soft", what+": "+state.InBytes(f.Done)+" of "+state.InBytes(f.What.Bytes())),
	)
}

func (v *ModelView) problem() vecty.ComponentOrHTML {
	if v.Turn.Unfetched == "" {
		return nil
	}
	return notice(v.Turn.Unfetched, button(v.Do, state.UseBuiltIn{Asset: state.Strong}, false, "strong", "Try again"))
}

// card is what is known of the network that is loaded.
func (v *ModelView) card() vecty.ComponentOrHTML {
	m := v.Turn.Model
	if m == nil || m.Card.IsZero() {
		return nil
	}
	return &Fold{Key: m, Title: "About this network", Body: func() *vecty.HTML { return cardOf(m) }}
}

func cardOf(m *run.ModelChanged) *vecty.HTML {
	c := m.Card
	return elem.Div(
		class("card-facts"),
		elem.DescriptionList(
			fact("Learnt from", c.Data),
			fact("Network", m.Network.String()+", "+state.Grouped(c.Parameters)+" weights"),
			fact("Trained by", c.Command),
			fact("Seed", strconv.FormatUint(c.Seed, 10)),
			fact("Licence", c.Licence),
		),
		scoresOf(c),
		probeOf(c.Probe),
	)
}

func fact(name, value string) vecty.List {
	return vecty.List{elem.DefinitionTerm(vecty.Text(name)), elem.Description(vecty.Text(value))}
}

func scoresOf(c run.Card) *vecty.HTML {
	rows := [][]string{}
	for _, s := range c.Scores {
		rows = append(rows, []string{s.Pictures, state.Grouped(s.Examples), share(s.Right)})
	}
	return plainTable("Turns guessed (chance 25 %)", []string{"Pictures", "Turns", "Right, with its 95 % interval"}, rows)
}

func probeOf(p run.CardProbe) *vecty.HTML {
	rows := [][]string{}
	for _, s := range p.Stages {
		rows = append(rows, []string{s.Stage, share(s.Linear), share(s.Neighbours)})
	}
	title := "What its stages know of the classes of " + p.Pictures + ": " + state.Grouped(p.Train) + " pictures with labels, tested on " +
		state.Grouped(p.Test) + " (chance " + state.Percent(p.Chance, 0) + ")"
	return plainTable(title, []string{"Features", "Linear probe", state.Count(p.Neighbours, "nearest neighbour")}, rows)
}

func share(s run.Share) string {
	return state.Percent(s.Accuracy, 1) + " (" + state.Decimal(100*s.Low, 1) + " to " + state.Decimal(100*s.High, 1) + ")"
}

// plainTable is a table whose first column names the rows.
func plainTable(title string, head []string, rows [][]string) *vecty.HTML {
	var names, body vecty.List
	for _, text := range head {
		names = append(names, elem.TableHeader(vecty.Markup(attribute("scope", "col")), vecty.Text(text)))
	}
	for _, row := range rows {
		cells := vecty.List{elem.TableHeader(vecty.Markup(attribute("scope", "row")), vecty.Text(row[0]))}
		for _, text := range row[1:] {
			cells = append(cells, elem.TableData(vecty.Text(text)))
		}
		body = append(body, elem.TableRow(cells))
	}
	return elem.Table(elem.Caption(vecty.Text(title)), elem.TableHead(elem.TableRow(names)), elem.TableBody(body))
}
