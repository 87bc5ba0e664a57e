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

// postFrame posts frame to a worker or to the page. The buffer is given away
// with it, so the other thread takes it without another copy.
func postFrame(target js.Value, frame []byte) {
	buffer := toBuffer(frame)
	target.Call("postMessage", buffer, array.New(buffer))
}
