// Package ui is the page as components: functions from package state's values to
// markup, with the events that send its messages.
//
// Components decide nothing. They take a part of the state as a prop, and those
// that are large or change rarely skip their render while that part is the same
// pointer. What they call in Do must not block, and the file choosers, marked
// with data-take, and the canvases, marked with data-picture, are served by
// package web.
//
// A component that can skip is the only child of its element: vecty loses count
// of the place of siblings that skip.
package ui

import (
	"github.com/hexops/vecty"
	"github.com/hexops/vecty/elem"
	"github.com/hexops/vecty/event"
	"github.com/hexops/vecty/prop"

	"quarterturn/ui/state"
)

// Do takes what the person did. It is called from event handlers and must not
// block.
type Do func(state.Message)

// class is markup with nothing but classes.
func class(names ...string) vecty.MarkupList { return vecty.Markup(vecty.Class(names...)) }

// attribute is vecty.Attribute under a shorter name.
func attribute(name string, value any) vecty.Applyer { return vecty.Attribute(name, value) }

// hidden takes decoration away from screen readers.
func hidden() vecty.Applyer { return attribute("aria-hidden", "true") }

// paragraph is a paragraph of one class.
func paragraph(name, text string) *vecty.HTML { return elem.Paragraph(class(name), vecty.Text(text)) }

// span is a span of one class.
func span(name, text string) *vecty.HTML { return elem.Span(class(name), vecty.Text(text)) }

// button is a button that sends a message.
func button(do Do, message state.Message, disabled bool, name, text string) *vecty.HTML {
	return elem.Button(
		vecty.Markup(
			vecty.Class("button", name),
			attribute("type", "button"),
			prop.Disabled(disabled),
			event.Click(func(*vecty.Event) { do(message) }),
		),
		vecty.Text(text),
	)
}

// chooser is a file chooser that looks like a button. Package web reads what is
// chosen; several says that more than one file may be.
func chooser(id, take, accept, text string, several, folder bool) *vecty.HTML {
	return elem.Label(
		vecty.Markup(vecty.Class("button", "quiet", "chooser"), prop.For(id)),
		elem.Input(vecty.Markup(
			prop.Type(prop.TypeFile), prop.ID(id), vecty.Data("take", take), attribute("accept", accept),
			vecty.Property("multiple", several), vecty.Property("webkitdirectory", folder),
		)),
		vecty.Text(text),
	)
}

// canvas is a picture that package web paints. Its label is empty where the text
// around it already says what it shows.
func canvas(id string, label string, extra ...vecty.Applyer) *vecty.HTML {
	markup := append([]vecty.Applyer{vecty.Data("picture", id)}, extra...)
	if label == "" {
		markup = append(markup, hidden())
	} else {
		markup = append(markup, attribute("role", "img"), attribute("aria-label", label))
	}
	return elem.Canvas(vecty.Markup(markup...))
}

// first marks a canvas to be painted before the others.
func first() vecty.Applyer { return vecty.Data("first", "yes") } // vecty would not set an empty value.

// dial shows a turn as a small square whose thick side is where the picture's top
// went.
func dial(turns int) *vecty.HTML {
	return elem.Span(vecty.Markup(vecty.Class("dial", turnedClass(turns)), hidden()))
}

// turnedClass is the class that turns an element counter-clockwise.
func turnedClass(turns int) string {
	return [4]string{"turned-0", "turned-90", "turned-180", "turned-270"}[turns&3]
}

// bar is a progress bar with a label for those who do not see it. Without an end
// (all is 0) it only says that something goes on.
func bar(done, all float64, label string) *vecty.HTML {
	markup := []vecty.Applyer{attribute("aria-label", label)}
	if all > 0 {
		// Attributes, because the property "value" cannot be taken away again.
		markup = append(markup, attribute("max", state.Decimal(all, 3)), attribute("value", state.Decimal(done, 3)))
	}
	return elem.Progress(vecty.Markup(markup...))
}
