//go:build js && wasm

package web

import (
	"syscall/js"

	"quarterturn/core/fault"
)

// A Worker is the page's end of its line to one Web Worker, from its start to
// its termination. It starts as nothing but a promise: the program inside says
// with its first frame that it takes others.
type Worker struct {
	worker    js.Value
	onMessage js.Func
	onError   js.Func
	closed    bool
}

// WorkerHandler is what a Worker's owner wants to hear. Both are called on the
// event loop and must not block.
type WorkerHandler struct {
	Frame func(Frame)         // A frame that the worker posted.
	Died  func(reason string) // The worker will say nothing more. Called at most once, and not after Terminate.
}

// Gifts are what a worker has together with others.
type Gifts struct {
	Place   Shared   // Among several workers of a run; the zero value for one alone.
	Manners *Manners // Of the page, for those that are to rest when it asks.
}

// StartWorker starts the script as a Web Worker and gives it the compiled module
// that loader.js promises: it is compiled once and shared. Frames may be posted
// at once, worker.js keeps them until the program inside listens.
func StartWorker(script string, gifts Gifts, handler WorkerHandler) *Worker {
	w := &Worker{}
	w.onMessage = js.FuncOf(func(_ js.Value, args []js.Value) any {
		w.hear(args[0].Get("data"), handler)
		return nil
	})
	w.onError = js.FuncOf(func(_ js.Value, args []js.Value) any {
		args[0].Call("preventDefault") // It is reported on the page, so not in the console as well.
		w.die(errorText(args[0]), handler)
		return nil
	})
	w.worker = js.Global().Get("Worker").New(script)
	w.worker.Set("onmessage", w.onMessage)
	w.worker.Set("onmessageerror", w.onError)
	w.worker.Set("onerror", w.onError)
	go w.giveModule(gifts, handler)
	return w
}

// giveModule posts the module once it is compiled, and with it the gifts.
func (w *Worker) giveModule(gifts Gifts, handler WorkerHandler) {
	module, err := await(js.Global().Get("quarterturn").Get("workerModule"))
	if err != nil {
		w.die(fault.Reason(err), handler)
		return
	}
	if w.closed {
		return
	}
	first := js.Global().Get("Object").New()
	first.Set("module", module)
	first.Set("shared", gifts.Place.value())
	first.Set("manners", gifts.Manners.given())
	w.worker.Call("postMessage", first)
}

// hear tells frames from the last words of a dying worker.
func (w *Worker) hear(data js.Value, handler WorkerHandler) {
	if w.closed {
		return
	}
	if data.InstanceOf(arrayBuffer) {
		handler.Frame(Frame{data})
		return
	}
	if data.Type() == js.TypeObject && data.Get("fatal").Type() == js.TypeString {
		w.die(data.Get("fatal").String(), handler)
	}
}

func (w *Worker) die(reason string, handler WorkerHandler) {
	if w.closed {
		return
	}
	w.Terminate()
	handler.Died(reason)
}

// Post sends a frame to the worker. It copies frame and does not block. What is
// posted to a terminated worker is lost.
func (w *Worker) Post(frame []byte) {
	if !w.closed {
		postFrame(w.worker, frame)
	}
}

// PostFrame sends a frame that does not lie in Go's memory. The frame is given away.
func (w *Worker) PostFrame(f Frame) {
	if !w.closed {
		w.worker.Call("postMessage", f.buffer, array.New(f.buffer))
	}
}

// PostFile gives the worker a file to read, under a key. Only what says where it is
// goes there, and not its content.
func (w *Worker) PostFile(key int, f Unread) {
	if w.closed {
		return
	}
	message := js.Global().Get("Object").New()
	message.Set("key", key)
	message.Set("file", f.file)
	w.worker.Call("postMessage", message)
}

// Terminate ends the worker at once, wherever it is, and frees its memory. It may
// be called again.
func (w *Worker) Terminate() {
	if w.closed {
		return
	}
	w.closed = true
	w.worker.Call("terminate")
	for _, name := range []string{"onmessage", "onmessageerror", "onerror"} {
		w.worker.Set(name, js.Null())
	}
	w.onMessage.Release()
	w.onError.Release()
}

// errorText returns what an error event says, as some say nothing.
func errorText(event js.Value) string {
	if message := event.Get("message"); message.Type() == js.TypeString && message.String() != "" {
		return message.String()
	}
	return "its script could not be started"
}
