package ui

import (
	"github.com/hexops/vecty"
	"github.com/hexops/vecty/elem"
)

// A Memo is a part of the page that is rendered anew only when its key changed.
//
// Looking at an element again costs vecty six values of the browser, with a
// finalizer each: 10 µs in Chromium, so that a chart's axes alone would take a
// millisecond at each step of a run. The key, which can be compared with ==, has to
// hold all that the body depends on; it is a view's props, as a rule, whose parts of
// the state are never changed in place.
type Memo struct {
	vecty.Core

	Key  any                `vecty:"prop"`
	Body func() *vecty.HTML `vecty:"prop"`
}

// SkipRender implements vecty.RenderSkipper.
func (m *Memo) SkipRender(previous vecty.Component) bool {
	p, ok := previous.(*Memo)
	return ok && p.Key == m.Key
}

// Render implements vecty.Component.
func (m *Memo) Render() vecty.ComponentOrHTML { return m.Body() }

// A Fold is a part of the page whose content is made while it is open: a closed
// table of a hundred epochs would cost a frame at each of them. Its key is as a
// Memo's.
type Fold struct {
	vecty.Core

	Key   any                `vecty:"prop"`
	Title string             `vecty:"prop"`
	Body  func() *vecty.HTML `vecty:"prop"`
	open  bool
}

// SkipRender implements vecty.RenderSkipper.
func (f *Fold) SkipRender(previous vecty.Component) bool {
	p, ok := previous.(*Fold)
	return ok && p.open == f.open && (!f.open || p.Key == f.Key)
}

// Render implements vecty.Component.
func (f *Fold) Render() vecty.ComponentOrHTML {
	var body vecty.ComponentOrHTML
	if f.open {
		body = f.Body()
	}
	return elem.Details(
		vecty.Markup(
			vecty.Class("numbers"),
			&vecty.EventListener{Name: "toggle", Listener: func(e *vecty.Event) {
				f.open = e.Target.Get("open").Bool()
				vecty.Rerender(f)
			}},
		),
		elem.Summary(vecty.Text(f.Title)),
		elem.Div(class("table-slot"), body),
	)
}
