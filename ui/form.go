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
	vecty.Core

	Form     state.Form        `vecty:"prop"`
	Model    *run.ModelChanged `vecty:"prop"` // Whose network a transfer uses.
	Closed   bool              `vecty:"prop"` // Folded, to leave room for the runs; the person can unfold it.
	Disabled bool              `vecty:"prop"`
	Do       Do                `vecty:"prop"`
}

// SkipRender implements vecty.RenderSkipper.
func (v *FormView) SkipRender(previous vecty.Component) bool {
	p, ok := previous.(*FormView)
	return ok && p.Form == v.Form && p.Model == v.Model && p.Closed == v.Closed && p.Disabled == v.Disabled
}

// Render implements vecty.Component.
func (v *FormView) Render() vecty.ComponentOrHTML {
	f := v.Form
	return elem.Details(
		vecty.Markup(vecty.Class("form"), vecty.Property("open", !v.Closed)),
		elem.Summary(
			elem.Strong(vecty.Text("Settings ")),
			span("soft", inWords(f)),
		),
		elem.Div(
			class("fields"),
			v.number(state.FieldEpochs, "Epochs", f.Epochs, "1", "How often it sees every picture."),
			v.number(state.FieldLabels, "Labels per class", f.Labels, "1", "Named pictures it may use; 0 is all. Few show what transfer is worth."),
			v.number(state.FieldBatch, "Batch", f.Batch, "1", "Pictures of one step. More are steadier and slower."),
			v.number(state.FieldRate, "Learning rate", f.Rate, "any", "Size of a step. Too large and it diverges."),
			v.freeze(),
			v.number(state.FieldSeed, "Seed", f.Seed, "1", "Another number, another run of chance."),
			v.network(),
			v.number(state.FieldWidth, "Width", v.width(), "1", "Channels of the first stage. Twice as many, four times as slow."),
		),
	)
}

// inWords is what the form says when it is folded.
func inWords(f state.Form) string {
	words := f.Epochs + " epochs"
	if f.Epochs == "1" {
		words = "1 epoch"
	}
	switch {
	case f.Task == run.Pretext:
		words += ", no labels"
	case f.Labels == "0":
		words += ", all labels"
	default:
		words += ", " + f.Labels + " per class"
	}
	return words + ", seed " + f.Seed
}

// width is the field's text: a network to start from brings its own.
func (v *FormView) width() string {
	if v.fixed() {
		return strconv.Itoa(v.Model.Network.Width)
	}
	return v.Form.Width
}

// fixed reports whether the network is that of the model.
func (v *FormView) fixed() bool { return v.Form.UsesModel() && v.Model != nil }

// number is a labelled field for a number, with a hint.
func (v *FormView) number(field, label, value, step, hint string) *vecty.HTML {
	disabled := v.Disabled ||
		(field == state.FieldWidth && v.fixed()) ||
		(field == state.FieldLabels && v.Form.Task == run.Pretext)
	return v.field(field, label, hint, elem.Input(vecty.Markup(
		prop.Type(prop.TypeNumber), prop.ID("field-"+field), prop.Value(value), prop.Disabled(disabled),
		attribute("step", step), attribute("min", "0"), attribute("inputmode", "decimal"),
		attribute("aria-describedby", "hint-"+field),
		event.Input(func(e *vecty.Event) {
			v.Do(state.Change{Field: field, Value: e.Target.Get("value").String()})
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

func (v *FormView) choice(field, label, value, hint string, disabled bool, options []option) *vecty.HTML {
	var list vecty.List
	for _, o := range options {
		list = append(list, elem.Option(
			vecty.Markup(prop.Value(o.value), vecty.Property("selected", o.value == value)), vecty.Text(o.label),
		))
	}
	return v.field(field, label, hint, elem.Select(
		vecty.Markup(
			prop.ID("field-"+field), prop.Disabled(disabled), attribute("aria-describedby", "hint-"+field),
			event.Change(func(e *vecty.Event) {
				v.Do(state.Change{Field: field, Value: e.Target.Get("value").String()})
			}),
		),
		list,
	))
}

// network chooses the depth.
func (v *FormView) network() *vecty.HTML {
	var options []option
	for _, depth := range state.Depths {
		text := strconv.Itoa(depth)
		options = append(options, option{text, "ResNet-" + text})
	}
	hint := "Layers with weights. Deeper is slower."
	value := v.Form.Depth
	if v.fixed() {
		value = strconv.Itoa(v.Model.Network.Depth())
		options = []option{{value, "ResNet-" + value}}
		hint = "That of the loaded network, which both start from or race."
	}
	return v.choice(state.FieldDepth, "Network", value, hint, v.Disabled || v.fixed(), options)
}

// freeze chooses the first stage that a transfer trains.
func (v *FormView) freeze() *vecty.HTML {
	stages := len(run.Default(v.Form.Task).Network.Blocks)
	if v.Model != nil {
		stages = len(v.Model.Network.Blocks)
	}
	options := []option{{"0", "nothing"}, {"1", "the stem"}}
	for stage := 2; stage <= stages; stage++ {
		options = append(options, option{strconv.Itoa(stage), "up to stage " + strconv.Itoa(stage-1)})
	}
	options = append(options, option{strconv.Itoa(stages + 1), "all but the head"})
	disabled := v.Disabled || !v.Form.UsesModel()
	return v.choice(state.FieldFirstStage, "Freeze", v.Form.FirstStage, "What a transfer leaves as it was learnt.", disabled, options)
}
