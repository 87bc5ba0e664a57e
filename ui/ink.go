package ui

import (
	"html"
	"strings"

	"github.com/hexops/vecty"
)

// An ink is a piece of a drawing as SVG text.
//
// What only shows something need not be an element of vecty's: of each it keeps five
// values of the browser, and looking at them again takes longer than it takes the browser
// to read the text of a whole chart. What listens to events, or glides from place to
// place, is an element.
type ink string

// with are attributes, names and values in turn.
type with []string

// stroke is an SVG element. Values of attributes may be any text.
func stroke(tag string, attributes with, inside ...ink) ink {
	var b strings.Builder
	b.WriteString("<" + tag)
	for i := 0; i+1 < len(attributes); i += 2 {
		b.WriteString(" " + attributes[i] + `="` + html.EscapeString(attributes[i+1]) + `"`)
	}
	b.WriteString(">")
	for _, piece := range inside {
		b.WriteString(string(piece))
	}
	b.WriteString("</" + tag + ">")
	return ink(b.String())
}

// group is ink of a class.
func group(class string, inside ...ink) ink { return stroke("g", with{"class", class}, inside...) }

// lettered is text as ink.
func lettered(text string) ink { return ink(html.EscapeString(text)) }

// inked is an element of an SVG with ink in it. It is read anew where its ink is another.
func inked(tag string, markup vecty.MarkupList, inside ...ink) *vecty.HTML {
	var text strings.Builder
	for _, piece := range inside {
		text.WriteString(string(piece))
	}
	return svg(tag, vecty.Markup(markup, vecty.UnsafeHTML(text.String())))
}

// layer is a group of an SVG with ink in it.
func layer(inside ...ink) *vecty.HTML { return inked("g", vecty.Markup(), inside...) }
