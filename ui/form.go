package ui

import (
	"strconv"

	"github.com/hexops/vecty"
	"github.com/hexops/vecty/elem"
	"github.com/hexops/vecty/event"
	"github.com/hexops/vecty/prop"

	"quarterturn/core/run"
	"quarterturn/ui/state"
)

// FormView is the settings of the next run.
type FormView struct {
	formProps
	Do Do
}

// formProps are what FormView shows.
type formProps struct {
	Form     state.Form
	Model    *run.ModelChanged // Whose network a transfer uses.
	Closed   bool              // Folded, to leave room for the runs; the person can unfold it.
	Disabled bool
}

// part is the view as a part of the page.
func (v *FormView) part() *Memo { return &Memo{Key: v.formProps, Body: v.render} }

func (v *FormView) render() *vecty.HTML {
	f := v.Form
	return elem.Details(
		vecty.Markup(vecty.Class("form"), vecty.Property("open", !v.Closed)),
		elem.Summary(
			elem.Strong(vecty.Text("Settings ")),
			span("soft", inWords(f)),
		),
		elem.Div(
			class("fields"),
			v.number(state.FieldEpochs),
			v.number(state.FieldLabels),
			v.number(state.FieldBatch),
			v.number(state.FieldRate),
			v.freeze(),
			v.number(state.FieldSeed),
			v.network(),
			v.number(state.FieldWidth),
		),
	)
}

// inWords is what the form says when it is folded.
func inWords(f state.Form) string {
	epochs, labels := f.Text(state.FieldEpochs), f.Text(state.FieldLabels)
	words := epochs + " epochs"
	if epochs == "1" {
		words = "1 epoch"
	}
	switch {
	case f.Task == run.Pretext:
		words += ", no labels"
	case labels == "0":
		words += ", all labels"
	default:
		words += ", " + labels + " per class"
	}
	return words + ", seed " + f.Text(state.FieldSeed)
}

// fixed reports whether the network is that of the model.
func (v *FormView) fixed() bool { return v.Form.UsesModel() && v.Model != nil }

// number is a labelled field for a number, with a hint. The browser is told the
// range, and which keyboard of a phone writes it.
func (v *FormView) number(name string) *vecty.HTML {
	s, usual := run.Lookup(name), run.Default(v.Form.Task)
	value := v.Form.Text(name)
	disabled := v.Disabled || !s.MattersTo(v.Form.Task)
	if name == state.FieldWidth && v.fixed() {
		value, disabled = strconv.Itoa(v.Model.Network.Width), true // A network to start from brings its own.
	}
	step, keyboard := "1", "numeric"
	if s.Kind == run.Decimal {
		step, keyboard = "any", "decimal"
	}
	least, most := s.Bounds(&usual)
	return v.field(name, state.Capital(s.Label), s.Hint, elem.Input(vecty.Markup(
		prop.Type(prop.TypeNumber), prop.ID("field-"+name), prop.Value(value), prop.Disabled(disabled),
		attribute("step", step), attribute("inputmode", keyboard), attribute("min", least), attribute("max", most),
		attribute("aria-describedby", "hint-"+name),
		event.Input(func(e *vecty.Event) {
			v.Do(state.Change{Field: name, Value: e.Target.Get("value").String()})
		}),
	)))
}

func (v *FormView) field(field, label, hint string, input *vecty.HTML) *vecty.HTML {
	return elem.Div(
		class("field"),
		elem.Label(vecty.Markup(prop.For("field-"+field)), vecty.Text(label)),
		input,
		elem.Paragraph(vecty.Markup(vecty.Class("hint"), prop.ID("hint-"+field)), vecty.Text(hint)),
	)
}

// An option is a choice of a list.
type option struct{ value, label string }

// A choice is a field with a list.
type choice struct {
	field, label, hint string
	value              string
	options            []option
	disabled           bool
}

func (v *FormView) choice(c choice) *vecty.HTML {
	var list vecty.List
	for _, o := range c.options {
		list = append(list, elem.Option(
			vecty.Markup(prop.Value(o.value), vecty.Property("selected", o.value == c.value)), vecty.Text(o.label),
		))
	}
	return v.field(c.field, c.label, c.hint, elem.Select(
		vecty.Markup(
			prop.ID("field-"+c.field), prop.Disabled(c.disabled), attribute("aria-describedby", "hint-"+c.field),
			event.Change(func(e *vecty.Event) {
				v.Do(state.Change{Field: c.field, Value: e.Target.Get("value").String()})
			}),
		),
		list,
	))
}

// network chooses the depth.
func (v *FormView) network() *vecty.HTML {
	c := v.choiceOf(state.FieldDepth)
	for _, depth := range state.Depths {
		text := strconv.Itoa(depth)
		c.options = append(c.options, option{text, "ResNet-" + text})
	}
	if v.fixed() {
		c.value, c.disabled = strconv.Itoa(v.Model.Network.Depth()), true
		c.options = []option{{c.value, "ResNet-" + c.value}}
		c.hint = "That of the loaded network, which both start from or race."
	}
	return v.choice(c)
}

// freeze chooses the first stage that a transfer trains.
func (v *FormView) freeze() *vecty.HTML {
	stages := len(run.Default(v.Form.Task).Network.Blocks)
	if v.Model != nil {
		stages = len(v.Model.Network.Blocks)
	}
	c := v.choiceOf(state.FieldFirstStage)
	c.label, c.disabled = "Freeze", c.disabled || !v.Form.UsesModel()
	c.options = []option{{"0", "nothing"}, {"1", "the stem"}}
	for stage := 2; stage <= stages; stage++ {
		c.options = append(c.options, option{strconv.Itoa(stage), "up to stage " + strconv.Itoa(stage-1)})
	}
	c.options = append(c.options, option{strconv.Itoa(stages + 1), "all but the head"})
	return v.choice(c)
}

// choiceOf returns the choice of a setting, whose list is the caller's to fill.
func (v *FormView) choiceOf(name string) choice {
	s := run.Lookup(name)
	return choice{field: name, label: state.Capital(s.Label), hint: s.Hint, value: v.Form.Text(name), disabled: v.Disabled}
}
