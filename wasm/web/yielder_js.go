//go:build js && wasm

package web

import "syscall/js"

// A Yielder lets the event loop run between two pieces of a long computation, so
// that a message which arrived meanwhile (stop, pause) is delivered.
//
// Go hands the thread back to JavaScript only when no goroutine can run, and a
// training loop always can. runtime.Gosched stays within Go, and time.Sleep is a
// setTimeout, which browsers stretch to 4 ms once nested. A message that we post
// to ourselves comes back as soon as those before it are handled.
type Yielder struct {
	near, far js.Value // Ends of a MessageChannel: what goes in near comes out of far.
	back      chan struct{}
	onMessage js.Func
}

// NewYielder returns a Yielder, which its owner closes.
func NewYielder() *Yielder {
	channel := js.Global().Get("MessageChannel").New()
	y := &Yielder{
		near: channel.Get("port1"),
		far:  channel.Get("port2"),
		back: make(chan struct{}, 1), // Room for the one message under way: the callback never blocks.
	}
	y.onMessage = js.FuncOf(func(js.Value, []js.Value) any {
		y.back <- struct{}{}
		return nil
	})
	y.far.Set("onmessage", y.onMessage)
	return y
}

// Yield returns after the event loop has had one turn. It must not be called by
// two goroutines at a time, nor from a callback.
func (y *Yielder) Yield() {
	y.near.Call("postMessage", js.Null())
	<-y.back
}

// Close releases the channel. Yield must not be called after it.
func (y *Yielder) Close() {
	y.far.Set("onmessage", js.Null())
	y.near.Call("close")
	y.onMessage.Release()
}
