//go:build js && wasm

package web

import "syscall/js"

// A Port is a worker's end of its line to the page. It lives as long as the
// worker.
type Port struct {
	scope     js.Value
	onMessage js.Func
}

// WorkerPort returns the line of the worker that this program runs in.
func WorkerPort() *Port {
	return &Port{scope: js.Global()}
}

// Receive has frame called with each frame that the page posts from now on, in
// order and on the event loop: frame must not block. Messages that are not
// frames, such as the loader's, are passed over. Receive is called once, before
// the worker says that it is ready; the page posts nothing earlier.
func (p *Port) Receive(frame func([]byte)) {
	p.onMessage = js.FuncOf(func(_ js.Value, args []js.Value) any {
		if data := args[0].Get("data"); data.InstanceOf(arrayBuffer) {
			frame(fromBuffer(data))
		}
		return nil
	})
	p.scope.Call("addEventListener", "message", p.onMessage)
}

// Post sends a frame to the page. It copies frame and does not block.
func (p *Port) Post(frame []byte) {
	postFrame(p.scope, frame)
}
