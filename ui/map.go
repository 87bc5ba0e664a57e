package ui

import (
	"math"
	"strconv"

	"github.com/hexops/vecty"
	"github.com/hexops/vecty/elem"

	"quarterturn/core/chart"
	"quarterturn/ui/state"
)

// MapView is where a network lays pictures out. The picture that is pointed at has a ring
// on all maps; those that were chosen have small ones.
type MapView struct {
	vecty.Core

	Subject  string          `vecty:"prop"` // Key.
	Title    string          `vecty:"prop"`
	Finding  *state.Finding  `vecty:"prop"` // Nil while there is none.
	Pictures *state.Pictures `vecty:"prop"`
	Known    *state.Known    `vecty:"prop"`
	Do       Do              `vecty:"prop"`

	drag dragging
}

// A dragging is a rectangle that is being drawn, from corner to corner, as shares of the
// plane's side.
type dragging struct {
	on             bool
	x1, y1, x2, y2 float64
}

// SkipRender implements vecty.RenderSkipper.
func (m *MapView) SkipRender(previous vecty.Component) bool {
	p, ok := previous.(*MapView)
	return ok && p.Subject == m.Subject && p.Title == m.Title && p.Finding == m.Finding && p.Pictures == m.Pictures && p.Known == m.Known && p.drag == m.drag
}

// Sizes of the plane, in its own units and as shares of its side.
const (
	planeSide   = 460
	planeMargin = 12
	catches     = 0.03  // How far from a point one still points at it.
	least       = 0.015 // What moves less was a click.
)

// onPlane is a coordinate of a layout in the plane's units.
func onPlane(v float64) float64 { return planeMargin + v*(planeSide-2*planeMargin) }

// Render implements vecty.Component.
func (m *MapView) Render() vecty.ComponentOrHTML {
	l := m.layout()
	if l == nil {
		return elem.Figure(class("chart", "map-figure"), elem.Div(class("map-points")))
	}
	points := &Memo{Key: [3]any{l, m.Pictures, m.Known.Thumbs}, Body: func() *vecty.HTML { return m.points(l) }}
	return elem.Figure(
		class("chart", "map-figure"),
		caption{"Who is near whom", " to " + m.Title, m.exports()}.render(),
		elem.Div(class("map-points"), points),
		elem.Div(class("map-over"), m.over(l)),
	)
}

// exports save the map, and where it has whom.
func (m *MapView) exports() *vecty.HTML {
	name, rows := "quarterturn-map-"+m.Subject, func() [][]string { return m.layout().Rows(m.Pictures) }
	if m.Known.Thumbs {
		return numbersExport(m.Do, name+"-places", rows)
	}
	return exports(m.Do, name, rows)
}

func (m *MapView) layout() *state.Layout {
	if m.Finding == nil {
		return nil
	}
	return m.Finding.Layout
}

// points are the marks of pictures, or the pictures, which package web paints.
func (m *MapView) points(l *state.Layout) *vecty.HTML {
	if m.Known.Thumbs {
		return elem.Canvas(vecty.Markup(vecty.Class("map-canvas"), hidden(),
			vecty.Data("plane", m.Subject+"/"+truth(l.TSNE)+strconv.Itoa(l.Iteration)+"/"+strconv.Itoa(m.Pictures.Count))))
	}
	var parts []ink
	for i, outline := range marksOf(l, m.Pictures) {
		colour := "colour-none"
		if i > 0 {
			colour = chart.ColourClass(i - 1)
		}
		if outline != "" {
			parts = append(parts, trace("map-marks "+colour, outline))
		}
	}
	return inked("svg", vecty.Markup(attribute("viewBox", "0 0 "+strconv.Itoa(planeSide)+" "+strconv.Itoa(planeSide)), hidden()), parts...)
}

// over is what moves with the pointer: the rings and the rectangle.
func (m *MapView) over(l *state.Layout) *vecty.HTML {
	var parts []ink
	if rings := m.chosenRings(l); rings != "" {
		parts = append(parts, trace("map-chosen", rings))
	}
	if i := l.Index(m.Known.Near); i >= 0 {
		x, y := l.At(i)
		parts = append(parts, dot("map-ring", onPlane(x), onPlane(y), 11))
	}
	if m.drag.on {
		parts = append(parts, m.rectangle())
	}
	words := m.Title + ": a map of " + state.Count(len(l.IDs), "picture") + ". Arrows go from picture to picture, Enter chooses one."
	if name := m.Pictures.ClassName(m.Known.Near); name != "" {
		words += " At: " + name + "."
	}
	return inked("svg", vecty.Markup(
		vecty.Class("map-hits"), attribute("viewBox", "0 0 "+strconv.Itoa(planeSide)+" "+strconv.Itoa(planeSide)),
		attribute("tabindex", "0"), attribute("role", "application"), attribute("aria-label", words), vecty.Data("map", m.Subject),
		m.on("pointermove", m.moved), m.on("pointerdown", m.pressed), m.on("pointerup", m.released),
		m.on("pointerleave", func(*vecty.Event, float64, float64) { m.point(state.NoPicture) }),
		&vecty.EventListener{Name: "keydown", Listener: m.key},
	), parts...)
}

func (m *MapView) chosenRings(l *state.Layout) string {
	var path []byte
	for _, id := range m.Known.Chosen {
		if i := l.Index(id); i >= 0 {
			x, y := l.At(i)
			path = append(path, "M"+coordinate(onPlane(x))+" "+coordinate(onPlane(y))+"m-6 0a6 6 0 1 0 12 0a6 6 0 1 0 -12 0Z"...)
		}
	}
	return string(path)
}

func (m *MapView) rectangle() ink {
	d, side := m.drag, float64(planeSide-2*planeMargin)
	return box("map-rectangle", onPlane(min(d.x1, d.x2)), onPlane(min(d.y1, d.y2)), math.Abs(d.x2-d.x1)*side, math.Abs(d.y2-d.y1)*side)
}

// on listens to the pointer, whose place it tells as shares of the plane's side.
func (m *MapView) on(name string, do func(e *vecty.Event, x, y float64)) *vecty.EventListener {
	return &vecty.EventListener{Name: name, Listener: func(e *vecty.Event) {
		r := e.Value.Get("currentTarget").Call("getBoundingClientRect")
		at := func(client, low, size string) float64 {
			v := planeSide * (e.Value.Get(client).Float() - r.Get(low).Float()) / r.Get(size).Float()
			return (v - planeMargin) / (planeSide - 2*planeMargin)
		}
		do(e, at("clientX", "left", "width"), at("clientY", "top", "height"))
	}}
}

// point points at a picture, if that is another one.
func (m *MapView) point(id int) {
	if id != m.Known.Near {
		m.Do(state.PointAt{ID: id})
	}
}

func (m *MapView) moved(_ *vecty.Event, x, y float64) {
	if m.drag.on {
		m.drag.x2, m.drag.y2 = x, y
		vecty.Rerender(m)
		return
	}
	m.point(m.layout().Nearest(x, y, catches))
}

// pressed begins a rectangle. A finger scrolls the page instead.
func (m *MapView) pressed(e *vecty.Event, x, y float64) {
	if e.Value.Get("pointerType").String() != "touch" && e.Value.Get("button").Int() == 0 {
		e.Value.Get("currentTarget").Call("setPointerCapture", e.Value.Get("pointerId"))
		m.drag = dragging{true, x, y, x, y}
	}
}

// released chooses what is in the rectangle, or after a click what was pointed at.
func (m *MapView) released(_ *vecty.Event, x, y float64) {
	d := m.drag
	m.drag = dragging{}
	switch l := m.layout(); {
	case d.on && math.Hypot(x-d.x1, y-d.y1) > least:
		m.Do(state.PickPictures{IDs: l.Within(d.x1, d.y1, x, y)})
	default:
		if id := l.Nearest(x, y, catches); id != state.NoPicture {
			m.point(id)
			m.Do(state.TogglePicture{ID: id})
		}
	}
	vecty.Rerender(m)
}

// key goes from picture to picture.
func (m *MapView) key(e *vecty.Event) {
	directions := map[string][2]float64{"ArrowLeft": {-1, 0}, "ArrowRight": {1, 0}, "ArrowUp": {0, -1}, "ArrowDown": {0, 1}}
	name := e.Value.Get("key").String()
	to, isArrow := directions[name]
	switch {
	case isArrow:
		m.point(m.layout().Beside(m.Known.Near, to[0], to[1]))
	case name == "Enter" || name == " ":
		if m.Known.Near == state.NoPicture {
			return
		}
		m.Do(state.TogglePicture{ID: m.Known.Near})
	case name == "Escape":
		m.Do(state.PickPictures{})
	default:
		return
	}
	e.Value.Call("preventDefault")
}
