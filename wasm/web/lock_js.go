//go:build js && wasm

package web

import "syscall/js"

// Hold takes the lock of a name, which one tab of the origin has at a time, for as long
// as the page lives, and reports whether it has it. While it does, browsers do not freeze
// the page when it is hidden. lost is called, on the event loop, if another tab takes the
// lock by Steal. Where the browser has no locks nobody else is known of, and it is held.
func Hold(name string, lost func()) bool { return hold(name, "ifAvailable", lost) }

// Steal is Hold that takes the lock from whoever has it.
func Steal(name string, lost func()) bool { return hold(name, "steal", lost) }

func hold(name, how string, lost func()) bool {
	locks := js.Global().Get("navigator").Get("locks")
	if !locks.Truthy() {
		return true
	}
	held := make(chan bool, 1) // Has one answer: no callback ever blocks.
	granted := false
	var onLock, onLost js.Func
	onLock = js.FuncOf(func(_ js.Value, args []js.Value) any {
		onLock.Release()
		if !args[0].Truthy() {
			held <- false
			return nil
		}
		granted = true
		held <- true
		return js.Global().Get("Promise").Call("race", array.New()) // Is never settled: the lock is kept.
	})
	onLost = js.FuncOf(func(js.Value, []js.Value) any {
		onLost.Release()
		if granted {
			lost()
		} else {
			held <- false // It may not ask for locks.
		}
		return nil
	})
	locks.Call("request", name, map[string]any{how: true}, onLock).Call("catch", onLost)
	return <-held
}

// OnHidden has fn called, for as long as the page lives, whenever the page is hidden or
// left: perhaps its last chance to do anything. fn must not block.
func OnHidden(fn func()) {
	document := js.Global().Get("document")
	listen("visibilitychange", func(js.Value) {
		if document.Get("visibilityState").String() == "hidden" {
			fn()
		}
	})
	js.Global().Call("addEventListener", "pagehide", js.FuncOf(func(js.Value, []js.Value) any {
		fn()
		return nil
	}))
}
