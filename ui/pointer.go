package ui

import (
	"strconv"

	"github.com/hexops/vecty"
	"github.com/hexops/vecty/elem"
	"github.com/hexops/vecty/event"
	"github.com/hexops/vecty/prop"

	"quarterturn/core/chart"
	"quarterturn/ui/state"
)

// A Pointer lies over a chart of epochs and says what all of its curves are at the one
// that is pointed at: by a mouse that is over it, a finger on it, or the arrow keys.
// Under it is a slider, which brings the last two along. Only the pointer is rendered
// while it moves, never the chart below.
type Pointer struct {
	vecty.Core

	Label    string                    `vecty:"prop"`
	Epochs   int                       `vecty:"prop"` // The last of the axis.
	Readings func(epoch int) []reading `vecty:"prop"`

	on bool
	at int // Epoch.
}

// A reading is what one curve is at an epoch.
type reading struct {
	curve curve
	text  string
}

// readings are those of all curves of a chart that have begun by then.
func readings(q quantity, d drawing, epoch int) (all []reading) {
	for _, c := range d.curves {
		p, ok := pointAt(c.points, epoch)
		if !ok {
			continue
		}
		text := state.Decimal(d.value(p), 3) + " " + q.unit
		if q == accuracyIn {
			text = state.Decimal(p.Y, 1) + " %"
		}
		if !c.training && p.X != float64(epoch) {
			text += " at epoch " + strconv.Itoa(int(p.X))
		}
		all = append(all, reading{c, text})
	}
	return all
}

// pointAt returns the last point of a curve up to an epoch; false where it has not begun.
func pointAt(points []chart.Point, epoch int) (at chart.Point, ok bool) {
	for _, p := range points {
		if p.X > float64(epoch) {
			break
		}
		at, ok = p, true
	}
	return at, ok
}

// SkipRender implements vecty.RenderSkipper. A pointer that points at nothing shows
// nothing; what it would show is asked for when it does.
func (v *Pointer) SkipRender(previous vecty.Component) bool {
	p, ok := previous.(*Pointer)
	return ok && !v.on && !p.on && p.Epochs == v.Epochs && p.Label == v.Label
}

// Render implements vecty.Component.
func (v *Pointer) Render() vecty.ComponentOrHTML {
	read := v.Readings(v.at)
	return elem.Div(
		class("pointer"),
		elem.Input(vecty.Markup(
			vecty.Class("pointer-range"), prop.Type(prop.TypeRange), attribute("min", "0"), attribute("max", strconv.Itoa(v.Epochs)), attribute("step", "1"),
			prop.Value(strconv.Itoa(v.at)), attribute("aria-label", v.Label), attribute("aria-valuetext", v.inWords(read)),
			event.PointerMove(func(e *vecty.Event) { v.point(true, v.epochUnder(e)) }),
			event.PointerLeave(func(*vecty.Event) { v.point(false, v.at) }),
			event.Input(func(e *vecty.Event) {
				if at, err := strconv.Atoi(e.Target.Get("value").String()); err == nil {
					v.point(true, at)
				}
			}),
			event.Focus(func(*vecty.Event) { v.point(true, v.at) }),
			event.Blur(func(*vecty.Event) { v.point(false, v.at) }),
		)),
		elem.Div(class("readout-slot"), v.readout(read)),
	)
}

// point shows the readings of an epoch, or none.
func (v *Pointer) point(on bool, at int) {
	at = min(max(at, 0), v.Epochs)
	if v.on == on && v.at == at {
		return
	}
	v.on, v.at = on, at
	vecty.Rerender(v)
}

// handle is how wide the slider's handle is, in CSS pixels: half of it stands out at either
// end, see runs.css.
const handle = 16

// epochUnder returns the epoch that a mouse or a finger is over.
func (v *Pointer) epochUnder(e *vecty.Event) int {
	width := e.Target.Get("offsetWidth").Float() - handle
	if width <= 0 {
		return v.at
	}
	return int((e.Value.Get("offsetX").Float()-handle/2)/width*float64(v.Epochs) + 0.5)
}

// inWords is what a screen reader says.
func (v *Pointer) inWords(read []reading) string {
	words := "Epoch " + strconv.Itoa(v.at)
	for _, r := range read {
		words += ", " + r.curve.run + " " + r.curve.kind() + " " + r.text
	}
	return words
}

// readout is a line at the epoch with all values beside it, on the side with more room.
func (v *Pointer) readout(read []reading) vecty.ComponentOrHTML {
	if !v.on {
		return nil
	}
	plot := plotOf(v.Epochs, chart.Scale{High: 1})
	x, _ := plot.At(chart.Point{X: float64(v.at)})
	side := "right"
	if 2*v.at > v.Epochs {
		side = "left"
	}
	var lines vecty.List
	for _, r := range read {
		words := r.curve.run
		if r.curve.training {
			words += ", training"
		}
		lines = append(lines, elem.ListItem(sample(r.curve.look, r.curve.training), span("readout-run", words), elem.Strong(vecty.Text(r.text))))
	}
	return elem.Div(
		vecty.Markup(vecty.Class("readout", side), hidden(), vecty.Style("left", state.Decimal(100*x/chartWidth, 2)+"%")),
		elem.Div(class("readout-words"),
			elem.Strong(vecty.Text("Epoch "+strconv.Itoa(v.at))), elem.UnorderedList(lines)),
	)
}
