//go:build js && wasm

package web

import (
	"strconv"
	"syscall/js"
)

// SetRootData sets data-name on the document's root element, where the style
// sheet looks for the theme.
func SetRootData(name, value string) {
	js.Global().Get("document").Get("documentElement").Get("dataset").Set(name, value)
}

// Fail shows text as a problem that ends the page, where the loader shows its own.
func Fail(text string) {
	js.Global().Get("quarterturn").Call("fail", text)
}

// FocusChosen gives the keyboard focus to the chosen thumbnail, the one with
// aria-selected, if another thumbnail has it or had it last: what changes on the page may
// take that one away. It waits until the page has moved the mark to the picture of that
// ID: two frames as a rule, more where much changes.
func FocusChosen(id int) {
	if active := focused(); isThumb(active) || onThumb && isNobody(active) {
		onThumb = true
		focusSoon(strconv.Itoa(id), focusFrames)
	}
}

// KeepFocus is FocusChosen where a thumbnail had the focus and was taken away, because
// the page built it anew.
func KeepFocus(id int) {
	if onThumb && isNobody(focused()) {
		FocusChosen(id)
	}
}

// focusFrames are how many frames the page has to move the mark.
const focusFrames = 60

// focusSoon waits for a chosen thumbnail, unless the person goes elsewhere.
func focusSoon(id string, frames int) {
	NextFrame(func() {
		active := focused()
		if frames == 0 || !isThumb(active) && !isNobody(active) {
			return
		}
		chosen := js.Global().Get("document").Call("querySelector", ".thumb[aria-selected=true]")
		if chosen.Truthy() && chosen.Get("dataset").Get("id").String() == id {
			chosen.Call("focus")
			if frames < focusFrames { // In the first frame the old one may still be there.
				return
			}
		}
		focusSoon(id, frames-1)
	})
}

// focused is the element that has the keyboard focus; the body where none has it.
func focused() js.Value { return js.Global().Get("document").Get("activeElement") }

func isNobody(active js.Value) bool {
	return !active.Truthy() || active.Get("localName").String() == "body"
}

// onThumb says that a thumbnail has the focus, or had it when it was taken away because
// the person had scrolled on. The keys mean the same then.
var onThumb bool

func isThumb(element js.Value) bool {
	return element.Truthy() && element.Get("matches").Truthy() && element.Call("matches", ".thumb").Bool()
}

// listenThumbs keeps onThumb.
func listenThumbs() {
	note := func(event js.Value) { onThumb = isThumb(event.Get("target")) }
	listen("focusin", note)
	listen("pointerdown", note)
}

// After calls fn once, some milliseconds later, on the event loop.
func After(milliseconds int, fn func()) {
	var callback js.Func
	callback = js.FuncOf(func(js.Value, []js.Value) any {
		callback.Release()
		fn()
		return nil
	})
	js.Global().Call("setTimeout", callback, milliseconds)
}

// NextFrame calls fn once, before the browser next paints.
func NextFrame(fn func()) {
	var callback js.Func
	callback = js.FuncOf(func(js.Value, []js.Value) any {
		callback.Release()
		fn()
		return nil
	})
	js.Global().Call("requestAnimationFrame", callback)
}

// Key is a key that was pressed and the kind of element that had the focus.
type Key struct {
	Name      string // As KeyboardEvent.key, such as "ArrowLeft".
	Element   string // Tag of the element, lower case.
	OnPicture bool   // The element is a thumbnail, or was one.
}

// OnKey has fn called, for as long as the page lives, for each key pressed
// without Ctrl, Alt or Meta. Where fn returns true the browser does nothing else
// with the key. fn must not block.
func OnKey(fn func(Key) bool) {
	listenThumbs()
	listen("keydown", func(event js.Value) {
		for _, modifier := range []string{"ctrlKey", "altKey", "metaKey"} {
			if event.Get(modifier).Bool() {
				return
			}
		}
		target := event.Get("target")
		key := Key{
			Name:      event.Get("key").String(),
			Element:   target.Get("localName").String(),
			OnPicture: isThumb(target),
		}
		if key.Element == "body" && onThumb {
			key.OnPicture = true
		}
		if fn(key) {
			event.Call("preventDefault")
		}
	})
}

// listen adds a listener to the document that is never removed, which is why its
// js.Func is never released.
func listen(name string, fn func(event js.Value)) {
	js.Global().Get("document").Call("addEventListener", name, js.FuncOf(func(_ js.Value, args []js.Value) any {
		fn(args[0])
		return nil
	}))
}

// Cores returns how many workers the device can keep busy; 0 where the browser does not
// say.
func Cores() int {
	cores := js.Global().Get("navigator").Get("hardwareConcurrency")
	if cores.Type() != js.TypeNumber {
		return 0
	}
	return cores.Int()
}
