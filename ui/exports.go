package ui

import (
	"github.com/hexops/vecty"
	"github.com/hexops/vecty/elem"
	"github.com/hexops/vecty/event"

	"quarterturn/ui/state"
)

// exports let people take a chart away: as PNG and SVG, which are made of the svg of the
// figure around them as it is shown, and as CSV of the numbers behind it. name is that of
// the files without their ending, says what the chart shows, and is its own on the page.
// rows are asked for when they are wanted; the first has the headings with units.
//
// They belong into the caption of the figure, whose strong text becomes the title and
// whose soft text what is behind it:
//
//	elem.Figure(class("chart"),
//		elem.FigureCaption(elem.Strong(…"Purity"), span("soft", " in %, over epochs"),
//			exports(do, "quarterturn-purity", func() [][]string { … })),
//		svg("svg", …))
//
// A legend is taken along if it is a list of class legend, each item an svg and its text,
// in the figure or in an element that is up to three levels above it. What is in an
// element with data-screen is left out: marks that follow the pointer.
func exports(do Do, name string, rows func() [][]string) *vecty.HTML {
	return elem.Span(class("exports-slot"), &Exports{Do: do, Name: name, Rows: rows, Drawn: true})
}

// numbersExport are exports of what is no svg: of its numbers alone.
func numbersExport(do Do, name string, rows func() [][]string) *vecty.HTML {
	return elem.Span(class("exports-slot"), &Exports{Do: do, Name: name, Rows: rows})
}

// Exports are the links of exports.
type Exports struct {
	vecty.Core

	Do    Do                `vecty:"prop"`
	Name  string            `vecty:"prop"`
	Rows  func() [][]string `vecty:"prop"`
	Drawn bool              `vecty:"prop"` // There is an svg.
}

// SkipRender implements vecty.RenderSkipper. The rows that are asked for are those of the
// newest render of what is around, skipped or not.
func (x *Exports) SkipRender(previous vecty.Component) bool {
	p, ok := previous.(*Exports)
	return ok && p.Name == x.Name && p.Drawn == x.Drawn
}

// Render implements vecty.Component.
func (x *Exports) Render() vecty.ComponentOrHTML {
	var links vecty.List
	if x.Drawn {
		links = append(links,
			x.link("PNG", func() state.Message { return state.SaveChart{Mark: x.Name, Name: x.Name, PNG: true} }),
			x.link("SVG", func() state.Message { return state.SaveChart{Mark: x.Name, Name: x.Name} }))
	}
	links = append(links, x.link("CSV", func() state.Message { return state.SaveTable{Name: x.Name, Rows: x.Rows()} }))
	return elem.Span(vecty.Markup(
		vecty.Class("exports"), vecty.Data("export", x.Name), attribute("role", "group"), attribute("aria-label", "Save the chart"),
	), links)
}

func (x *Exports) link(text string, message func() state.Message) *vecty.HTML {
	return elem.Button(
		vecty.Markup(
			vecty.Class("export"), attribute("type", "button"), attribute("title", "Save "+x.Name+" as "+text),
			event.Click(func(*vecty.Event) { x.Do(message()) }),
		),
		vecty.Text(text),
	)
}
