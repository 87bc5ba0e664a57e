package ui

import "github.com/hexops/vecty"

// A Memo is a part of the page that is rendered anew only when its key changed.
//
// Looking at an element again costs vecty six values of the browser, with a
// finalizer each: 10 µs in Chromium, so that a chart's axes alone would take a
// millisecond at each step of a run. The key has to name all that the body
// depends on.
type Memo struct {
	vecty.Core

	Key  string             `vecty:"prop"`
	Body func() *vecty.HTML `vecty:"prop"`
}

// SkipRender implements vecty.RenderSkipper.
func (m *Memo) SkipRender(previous vecty.Component) bool {
	p, ok := previous.(*Memo)
	return ok && p.Key == m.Key
}

// Render implements vecty.Component.
func (m *Memo) Render() vecty.ComponentOrHTML { return m.Body() }
