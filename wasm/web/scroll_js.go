//go:build js && wasm

package web

import "syscall/js"

// Scrolled is what is seen of an element, in CSS pixels.
type Scrolled struct {
	Top, Height float64 // The part that is seen, from the element's upper end.
	Width       float64 // Of the element; 0 while it is not shown.
	Rem         float64 // Font size of the root element.
}

// Scrolling tells what is seen of an element as it is scrolled, grows or gets another
// width.
type Scrolling struct {
	selector string
	fn       func(Scrolled)
	last     Scrolled
	due      bool
}

// WatchScrolling has fn called, for as long as the page lives, when another part of the
// first such element is seen, at most once in a frame. The element may come later, see
// Look. fn must not block.
func WatchScrolling(selector string, fn func(Scrolled)) *Scrolling {
	s := &Scrolling{selector: selector, fn: fn}
	look := js.FuncOf(func(js.Value, []js.Value) any {
		s.Look()
		return nil
	})
	options := js.Global().Get("Object").New()
	options.Set("capture", true) // Elements that scroll tell nobody above them.
	options.Set("passive", true)
	js.Global().Get("document").Call("addEventListener", "scroll", look, options)
	js.Global().Call("addEventListener", "resize", look)
	return s
}

// Look looks in the next frame whether something has changed. It does not block.
func (s *Scrolling) Look() {
	if s.due {
		return
	}
	s.due = true
	NextFrame(func() {
		s.due = false
		if now := s.now(); now != s.last && now.Width > 0 {
			s.last = now
			s.fn(now)
		}
	})
}

// isSeen reports whether an element is shown at all. Measuring one that is not would have the
// browser lay it out for nothing.
func isSeen(element js.Value) bool {
	return !element.Get("checkVisibility").Truthy() || element.Call("checkVisibility").Bool()
}

// now measures. What is seen ends at the window and at the next element around that
// scrolls.
func (s *Scrolling) now() Scrolled {
	document := js.Global().Get("document")
	element := document.Call("querySelector", s.selector)
	if !element.Truthy() || !isSeen(element) {
		return Scrolled{}
	}
	root := document.Get("documentElement")
	from, to := 0.0, root.Get("clientHeight").Float()
	if around := element.Call("closest", ".station"); around.Truthy() {
		box := around.Call("getBoundingClientRect")
		from, to = max(from, box.Get("top").Float()), min(to, box.Get("bottom").Float())
	}
	box := element.Call("getBoundingClientRect")
	top := box.Get("top").Float()
	return Scrolled{
		Top:    from - top,
		Height: max(0, to-from),
		Width:  box.Get("width").Float(),
		Rem:    js.Global().Get("parseFloat").Invoke(js.Global().Call("getComputedStyle", root).Get("fontSize")).Float(),
	}
}
