//go:build js && wasm

package web

import "syscall/js"

// Offline is the page's end of its line to the service worker that keeps the site, see
// loader/offline.js. Over plain HTTP from another computer browsers have none, and it does
// nothing.
type Offline struct {
	onMessage js.Func
}

// Keep has the browser keep the site, and looks whether the server has a newer version than
// the one that is kept. ready is called on the event loop when one is all there. It blocks.
func (o *Offline) Keep(ready func()) {
	workers := serviceWorkers()
	if !workers.Truthy() {
		return
	}
	o.onMessage = js.FuncOf(func(_ js.Value, args []js.Value) any {
		data := args[0].Get("data")
		switch {
		case data.Type() != js.TypeObject:
		case data.Get("ready").Truthy():
			ready()
		case data.Get("taken").Truthy():
			js.Global().Get("location").Call("reload")
		}
		return nil
	})
	workers.Set("onmessage", o.onMessage)
	if _, err := await(workers.Call("register", "offline.js")); err != nil {
		return // Private windows and old browsers: the page works as long as the server does.
	}
	o.post("check")
}

// Take has the newer version used, and loads the page again. It blocks.
func (o *Offline) Take() { o.post("take") }

// post sends the worker a message, once there is one.
func (o *Offline) post(message string) {
	registration, err := await(serviceWorkers().Get("ready"))
	if err == nil {
		registration.Get("active").Call("postMessage", map[string]any{message: true})
	}
}

func serviceWorkers() js.Value { return js.Global().Get("navigator").Get("serviceWorker") }
