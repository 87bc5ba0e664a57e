//go:build js && wasm

package web

import (
	"bytes"
	"io"
	"syscall/js"

	"quarterturn/core/fault"
)

// A Port is a worker's end of its line to the page. It lives as long as the
// worker.
type Port struct {
	scope     js.Value
	onMessage js.Func
	files     map[int]handed // What the page gave to be read, by key.
}

// handed is a file of the browser. Of a small one the content is on its way already: reading
// many one after the other would wait for the browser's own process each time.
type handed struct{ file, content js.Value } // Content is a promise, or undefined.

// Files of up to so many bytes are read before they are asked for. Of those that are given
// together they are some megabytes.
const readAtOnce = 64 << 10

// WorkerPort returns the line of the worker that this program runs in.
func WorkerPort() *Port {
	return &Port{scope: js.Global(), files: make(map[int]handed)}
}

// Receive has frame called with each frame that the page posts, in order and on
// the event loop: frame must not block. Frames that came earlier were kept by
// worker.js and follow at once. What is neither a frame nor a file is passed over.
// Receive is called once.
func (p *Port) Receive(frame func([]byte)) {
	p.onMessage = js.FuncOf(func(_ js.Value, args []js.Value) any {
		data := args[0].Get("data")
		switch {
		case data.InstanceOf(arrayBuffer):
			frame(fromBuffer(data))
		case data.Type() == js.TypeObject && data.Get("file").Truthy():
			p.files[data.Get("key").Int()] = handOver(data.Get("file"))
		}
		return nil
	})
	p.scope.Set("onmessage", p.onMessage)
}

func handOver(file js.Value) handed {
	if file.Get("size").Int() > readAtOnce {
		return handed{file: file}
	}
	return handed{file, js.Global().Get("Promise").Call("allSettled", array.New(file.Call("arrayBuffer")))} // It fails where it is asked for.
}

// Post sends a frame to the page. It copies frame and does not block.
func (p *Port) Post(frame []byte) {
	postFrame(p.scope, frame)
}

// Open returns a file that the page gave, for one goroutine at a time. A large one is read
// without letting the event loop run, as workers can.
func (p *Port) Open(key int) (io.ReaderAt, error) {
	h, ok := p.files[key]
	if !ok {
		return nil, fault.New("web", "the page did not hand the file over")
	}
	if h.content.IsUndefined() {
		return fileReader{h.file, js.Global().Get("FileReaderSync").New()}, nil
	}
	p.files[key] = handed{file: h.file}
	settled, err := await(h.content)
	if err != nil || !settled.Index(0).Get("value").Truthy() {
		return nil, fault.New("web", "the browser could not read it")
	}
	return bytes.NewReader(fromBuffer(settled.Index(0).Get("value"))), nil
}

// A fileReader reads a File of the browser.
type fileReader struct{ file, reader js.Value }

// ReadAt implements io.ReaderAt.
func (r fileReader) ReadAt(b []byte, off int64) (n int, err error) {
	defer func() {
		if recover() != nil { // It throws, as where the file was removed meanwhile.
			n, err = 0, fault.New("web", "the browser could not read it")
		}
	}()
	part := r.file.Call("slice", off, off+int64(len(b)))
	n = js.CopyBytesToGo(b, uint8Array.New(r.reader.Call("readAsArrayBuffer", part)))
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}
