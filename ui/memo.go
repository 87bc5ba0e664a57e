package ui

import (
	"github.com/hexops/vecty"
	"github.com/hexops/vecty/elem"
)

// A Memo is a part of the page that is rendered anew only when its key changed, and not
// while it is held, since nobody sees it.
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
	Hold bool               `vecty:"prop"`
}

// SkipRender implements vecty.RenderSkipper.
func (m *Memo) SkipRender(previous vecty.Component) bool {
	p, ok := previous.(*Memo)
	return ok && (m.Hold || p.Key == m.Key)
}

// Render implements vecty.Component.
func (m *Memo) Render() vecty.ComponentOrHTML { return m.Body() }

// A Later is a Memo that is first rendered after what is around it, which is seen before
// it. vecty renders what asks for it in turn and leaves for the next frame what does not fit
// into 16 ms, so that a hundred rows of a table are no task that keeps a click waiting.
//
// What package web paints is painted when there is something new in the state. It may be
// here later than that, so that Built is called: it must not block.
type Later struct {
	vecty.Core

	Key   any                `vecty:"prop"`
	Body  func() *vecty.HTML `vecty:"prop"`
	Wait  func() *vecty.HTML `vecty:"prop"` // In its place until then; nil for an empty element.
	Built func()             `vecty:"prop"`
	due   bool
}

// Mount implements vecty.Mounter. It asks for the render when the one that is going on is
// over: vecty forgets what asks meanwhile if it has to leave others for the next frame.
func (l *Later) Mount() {
	l.due = true
	go vecty.Rerender(l)
}

// SkipRender implements vecty.RenderSkipper.
func (l *Later) SkipRender(previous vecty.Component) bool {
	p, ok := previous.(*Later)
	return ok && p.due == l.due && (!l.due || p.Key == l.Key)
}

// Render implements vecty.Component.
func (l *Later) Render() vecty.ComponentOrHTML {
	switch {
	case !l.due && l.Wait != nil:
		return l.Wait()
	case !l.due:
		return elem.Div(class("later"))
	}
	if l.Built != nil {
		l.Built()
	}
	return l.Body()
}

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
