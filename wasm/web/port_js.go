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

// Receive has frame called with each frame that the page posts, in order and on
// the event loop: frame must not block. Frames that came earlier were kept by
// worker.js and follow at once. What is no frame is passed over. Receive is
// called once.
func (p *Port) Receive(frame func([]byte)) {
	p.onMessage = js.FuncOf(func(_ js.Value, args []js.Value) any {
		if data := args[0].Get("data"); data.InstanceOf(arrayBuffer) {
			frame(fromBuffer(data))
		}
		return nil
	})
	p.scope.Set("onmessage", p.onMessage)
}

// Post sends a frame to the page. It copies frame and does not block.
func (p *Port) Post(frame []byte) {
	postFrame(p.scope, frame)
}
