//go:build js && wasm

package web

import "syscall/js"

// SetRootData sets data-name on the document's root element, where the style
// sheet looks for the theme.
func SetRootData(name, value string) {
	js.Global().Get("document").Get("documentElement").Get("dataset").Set(name, value)
}

// Focus moves the keyboard focus to the first element that the selector matches
// and brings it into view. Without a match it does nothing.
func Focus(selector string) {
	element := js.Global().Get("document").Call("querySelector", selector)
	if element.Truthy() {
		element.Call("focus")
		element.Call("scrollIntoView", map[string]any{"block": "nearest", "inline": "nearest"})
	}
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
	Name    string // As KeyboardEvent.key, such as "ArrowLeft".
	Element string // Tag of the element, lower case.
}

// OnKey has fn called, for as long as the page lives, for each key pressed
// without Ctrl, Alt or Meta. Where fn returns true the browser does nothing else
// with the key. fn must not block.
func OnKey(fn func(Key) bool) {
	listen("keydown", func(event js.Value) {
		for _, modifier := range []string{"ctrlKey", "altKey", "metaKey"} {
			if event.Get(modifier).Bool() {
				return
			}
		}
		key := Key{Name: event.Get("key").String(), Element: event.Get("target").Get("localName").String()}
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
