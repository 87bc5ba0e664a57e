package ui

import (
	"strconv"
	"strings"

	"github.com/hexops/vecty"
	"github.com/hexops/vecty/elem"
	"github.com/hexops/vecty/event"
	"github.com/hexops/vecty/prop"

	"quarterturn/ui/state"
)

// RunRow is a run in the table of runs, with all that can be done with it.
type RunRow struct {
	rowProps
	runs *state.Runs
	Do   Do
}

// rowProps are what RunRow shows.
type rowProps struct {
	Run    *state.Run
	Before *state.Run // That it is said to differ from; nil for none.
	First  *state.Run // That it repeats; nil for none.
	Look   look       // In the chart; zero where it is not in it.
	Picked bool
	Open   bool
	Inside bool // Of an experiment.
}

func (v *RunRow) render() *vecty.HTML {
	r, loss := v.Run, "–"
	if e, ok := r.Last(); ok {
		loss = state.Decimal(e.Loss, 3)
	}
	return elem.Div(
		vecty.Markup(vecty.Class("run-line"), vecty.MarkupIf(v.Inside, vecty.Class("inside")), vecty.MarkupIf(v.Open, vecty.Class("open")), vecty.MarkupIf(r.Pinned, vecty.Class("pinned"))),
		elem.Div(vecty.Markup(vecty.Class("run-row"), attribute("role", "row")),
			cell("pick", "", elem.Div(class("pick-slot"), &Memo{Key: [3]any{r.Key, v.Picked, v.Look}, Body: v.pick})),
			cell("number", "", vecty.Text(r.Key)),
			cell("name", "", elem.Div(class("name-slot"), &Memo{Key: [2]string{r.Key, r.Title()}, Body: v.name})),
			cell("changed", "", vecty.Text(v.changed()), elem.Div(class("news"), v.news())),
			cell("number", "Accuracy", vecty.Text(best(r))),
			cell("number", "Loss (nats)", vecty.Text(loss)),
			cell("number", "Labels a class", vecty.Text(labelsOf(r))),
			cell("number", "Seed", vecty.Text(strconv.FormatUint(r.Config.Seed, 10))),
			cell("number", "Time", vecty.Text(tookInWords(r))),
			cell("phase", "", vecty.Text(shortly(r))),
			cell("tools", "", elem.Div(class("more-slot"), &Memo{Key: [3]any{r.Key, v.Open, r.Pinned}, Body: v.more}))),
		elem.Div(class("run-panel-slot"), v.panel()),
	)
}

// tookInWords is how long a run was at it.
func tookInWords(r *state.Run) string {
	if r.Took() == 0 {
		return "–"
	}
	return state.Span(r.Took())
}

// cell is a cell with its heading, which is seen where there is no room for a table.
func cell(name, heading string, content ...vecty.MarkupOrChild) *vecty.HTML {
	markup := []vecty.Applyer{vecty.Class("cell", "cell-"+name), attribute("role", "cell")}
	if heading != "" {
		markup = append(markup, vecty.Data("heading", heading))
	}
	return elem.Div(append([]vecty.MarkupOrChild{vecty.Markup(markup...)}, content...)...)
}

// pick puts the run's curves into the chart; beside it is how they look there.
func (v *RunRow) pick() *vecty.HTML {
	key := v.Run.Key
	parts := vecty.List{elem.Input(vecty.Markup(
		prop.Type(prop.TypeCheckbox), prop.ID("pick-"+key), prop.Checked(v.Picked), attribute("aria-label", "Draw the curves of run "+key),
		attribute("title", "Draw these curves, and those of others that are ticked"),
		event.Change(func(*vecty.Event) { v.Do(state.PickRun{Key: key}) }),
	))}
	if v.Look != (look{}) {
		parts = append(parts, swatch(v.Look))
	}
	return elem.Div(class("pick"), parts)
}

// name is edited where it stands.
func (v *RunRow) name() *vecty.HTML {
	key := v.Run.Key
	return elem.Div(class("name"), elem.Input(vecty.Markup(
		vecty.Class("run-name"), prop.Type(prop.TypeText), prop.ID("name-"+key), prop.Value(v.Run.Title()), attribute("maxlength", "60"),
		attribute("aria-label", "Name of run "+key), attribute("title", "Click to rename"), attribute("autocomplete", "off"), attribute("spellcheck", "false"),
		event.Change(func(e *vecty.Event) { v.Do(state.Rename{Key: key, Name: e.Target.Get("value").String()}) }),
	)))
}

// news are what is to be known of a run without opening it.
func (v *RunRow) news() (list vecty.List) {
	r := v.Run
	if words := v.runs.Repeat(r.Key); words != "" {
		list = append(list, span("soft", words))
	}
	if r.Note != "" && !v.Open {
		list = append(list, span("soft", "“"+shortened(r.Note, 80)+"”"))
	}
	if r.Hidden {
		list = append(list, span("soft", "Not in the chart."))
	}
	return list
}

func shortened(text string, most int) string {
	letters := []rune(strings.Join(strings.Fields(text), " "))
	if len(letters) <= most {
		return string(letters)
	}
	return string(letters[:most-1]) + "…"
}

// changed says what differs from the run before, in words.
func (v *RunRow) changed() string {
	if v.Before == nil {
		return "the first run"
	}
	words := strings.Join(v.runs.Changes(v.Run.Key), ", ")
	if words == "" {
		return "the same again"
	}
	return words
}

// more opens what can be done with the run, and keeps it at the top.
func (v *RunRow) more() *vecty.HTML {
	key, mark, words := v.Run.Key, "☆", "Pin run "+v.Run.Key+" at the top"
	if v.Run.Pinned {
		mark, words = "★", "Run "+key+" is pinned at the top: let it go"
	}
	fold := "More"
	if v.Open {
		fold = "Less"
	}
	return elem.Div(
		class("run-tools"),
		sign(v.Do, state.Pin{Key: key}, mark, words),
		elem.Button(
			vecty.Markup(vecty.Class("button", "link", "run-more"), attribute("type", "button"), attribute("aria-expanded", truth(v.Open)), attribute("aria-label", fold+" of run "+key),
				event.Click(func(*vecty.Event) { v.Do(state.OpenRun{Key: key}) })),
			vecty.Text(fold)),
	)
}

// panel has all that can be done with a run.
func (v *RunRow) panel() vecty.ComponentOrHTML {
	if !v.Open {
		return nil
	}
	r := v.Run
	return elem.Div(
		class("run-panel"),
		elem.Div(class("problem-slot"), vecty.If(r.Problem != "", notice(r.Problem, button(v.Do, state.RetryRun{Key: r.Key}, false, "strong", "Go on")))),
		elem.Div(class("run-actions-slot"), &Memo{Key: [6]any{r.Key, r.IsOver(), r.Hidden, r.Used, r.Weights, r.Model != nil}, Body: v.actions}),
		paragraph("soft", v.facts()),
		elem.Div(class("note-slot"), &Memo{Key: r.Key, Body: v.note}),
	)
}

func (v *RunRow) actions() *vecty.HTML {
	r := v.Run
	hide := "Hide from the chart"
	if r.Hidden {
		hide = "Show in the chart"
	}
	parts := vecty.List{
		button(v.Do, state.RunAgain{Key: r.Key}, !r.IsOver(), "quiet", "Run again"),
		button(v.Do, state.EditRun{Key: r.Key}, false, "quiet", "Run again with one thing changed"),
	}
	if r.Model != nil || r.Weights != "" {
		use := "Use for prediction"
		if r.Used {
			use = "In use"
		}
		parts = append(parts,
			button(v.Do, state.UseModel{Key: r.Key}, r.Used, "quiet", use),
			button(v.Do, state.SaveModel{Key: r.Key}, false, "quiet", "Save weights ("+state.InBytes(r.Bytes)+")"))
	}
	return elem.Div(class("row", "run-actions"), append(parts,
		button(v.Do, state.Hide{Key: r.Key}, false, "quiet", hide),
		button(v.Do, state.DeleteRun{Key: r.Key}, false, "stop", "Delete")))
}

// facts are the settings and what the run learnt from.
func (v *RunRow) facts() string {
	r := v.Run
	words := r.Config.Network.String() + ", " + state.Count(r.Config.Epochs, "epoch") + ", batches of " + strconv.Itoa(r.Config.BatchSize) +
		", learning rate " + strconv.FormatFloat(r.Config.LearningRate, 'g', 3, 64)
	if r.Pictures.Name != "" {
		words += ", on " + r.Pictures.Name
	}
	if r.From.Name != "" {
		words += ", from " + r.From.Name
	}
	if !r.Began.IsZero() {
		words += ", begun " + r.Began.Format("2 Jan 2006, 15:04")
	}
	if r.Weights != "" {
		words += ", weights " + r.Weights[:min(12, len(r.Weights))] + " (SHA-256)"
	}
	return words + "."
}

// note is the person's text about a run. It is written while they type.
func (v *RunRow) note() *vecty.HTML {
	key := v.Run.Key
	return elem.Label(
		class("note"),
		span("note-title", "Note"),
		elem.TextArea(vecty.Markup(
			prop.ID("note-"+key), prop.Value(v.Run.Note), attribute("rows", "2"), attribute("maxlength", "4000"),
			attribute("placeholder", "What did you expect, and what came of it?"),
			event.Input(func(e *vecty.Event) { v.Do(state.Annotate{Key: key, Note: e.Target.Get("value").String()}) }),
		)),
	)
}
