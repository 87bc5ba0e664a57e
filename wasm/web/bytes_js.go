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

// useUp gives an ArrayBuffer's memory back at once. Go would let go of it when it collects
// garbage, for which megabytes that are not its own are no reason.
func useUp(buffer js.Value) {
	if buffer.Get("transfer").Truthy() {
		buffer.Call("transfer", 0)
	}
}

// fromBuffer returns the bytes of an ArrayBuffer, which is used up.
func fromBuffer(buffer js.Value) []byte {
	view := uint8Array.New(buffer)
	b := make([]byte, view.Length())
	js.CopyBytesToGo(b, view)
	useUp(buffer)
	return b
}

// A Frame is a message of bytes that lies outside of Go's memory.
type Frame struct{ buffer js.Value }

// Bytes returns the frame's bytes, and uses it up.
func (f Frame) Bytes() []byte { return fromBuffer(f.buffer) }

// Head returns the first bytes of a frame, fewer where it is shorter.
func (f Frame) Head(n int) []byte {
	b := make([]byte, n)
	return b[:js.CopyBytesToGo(b, uint8Array.New(f.buffer))]
}

// Under returns a frame of the same bytes behind another head, which is as long.
func (f Frame) Under(head []byte) Frame {
	copied := Frame{f.buffer.Call("slice", 0)}
	copied.SetHead(head)
	return copied
}

// SetHead replaces the first bytes of a frame.
func (f Frame) SetHead(head []byte) { js.CopyBytesToJS(uint8Array.New(f.buffer), head) }

// postFrame posts frame to a worker or to the page. The buffer is given away
// with it, so the other thread takes it without another copy.
func postFrame(target js.Value, frame []byte) {
	buffer := toBuffer(frame)
	target.Call("postMessage", buffer, array.New(buffer))
}
