//go:build js && wasm

package web

import "syscall/js"

// Constructors, looked up once.
var (
	uint8Array  = js.Global().Get("Uint8Array")
	arrayBuffer = js.Global().Get("ArrayBuffer")
	array       = js.Global().Get("Array")
)

// toBuffer returns a new ArrayBuffer that holds b.
func toBuffer(b []byte) js.Value {
	view := uint8Array.New(len(b))
	js.CopyBytesToJS(view, b)
	return view.Get("buffer")
}

// fromBuffer returns the bytes of an ArrayBuffer.
func fromBuffer(buffer js.Value) []byte {
	view := uint8Array.New(buffer)
	b := make([]byte, view.Length())
	js.CopyBytesToGo(b, view)
	return b
}

// A Frame is a message of bytes that lies outside of Go's memory.
type Frame struct{ buffer js.Value }

// All returns the frame's bytes.
func (f Frame) All() []byte { return fromBuffer(f.buffer) }

// Head returns the first bytes of a frame, fewer where it is shorter.
func (f Frame) Head(n int) []byte {
	b := make([]byte, n)
	return b[:js.CopyBytesToGo(b, uint8Array.New(f.buffer))]
}

// Under returns a frame of the same bytes behind another head, which is as long.
func (f Frame) Under(head []byte) Frame {
	view := uint8Array.New(f.buffer).Call("slice")
	js.CopyBytesToJS(view, head)
	return Frame{view.Get("buffer")}
}

// postFrame posts frame to a worker or to the page. The buffer is given away
// with it, so the other thread takes it without another copy.
func postFrame(target js.Value, frame []byte) {
	buffer := toBuffer(frame)
	target.Call("postMessage", buffer, array.New(buffer))
}
