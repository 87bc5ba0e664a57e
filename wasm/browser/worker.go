//go:build !js

package browser

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"testing"

	"quarterturn/core/collective"
	"quarterturn/core/run"
	"quarterturn/wasm/wire"
)

// A Worker is a Web Worker that the test talks to in place of the page's
// program, in the frames of package wire.
type Worker struct {
	page  *Page
	js    string     // The expression of its state in the page.
	read  int        // Frames taken.
	given run.Number // Of the newest command.
}

// OpenBare opens a page without a program: it has the compiled worker.wasm, and
// no work of its own that a measurement would meet.
func OpenBare(t testing.TB) *Page {
	t.Helper()
	return openBare(t, "")
}

// openBare is OpenBare with a script that runs before that of each worker, to take
// something away from it.
func openBare(t testing.TB, before string) *Page {
	t.Helper()
	url := ServeChanged(t, func(path string, r *http.Response) {
		switch path {
		case "/":
			Replace(r, http.StatusOK, []byte(`<!doctype html><link rel="icon" href="data:,"><title>Worker</title>`))
		case "/worker.js":
			if before != "" && r.Request.URL.RawQuery == "" {
				Replace(r, http.StatusOK, []byte(before+"; importScripts('worker.js?own');"))
			}
		}
	})
	p := Open(t, url, Setting{})
	p.compileWorker()
	return p
}

// compileWorker compiles the program of workers, as the loader of the page does.
func (p *Page) compileWorker() {
	p.t.Helper()
	Eval[bool](p, `(globalThis.quarterturn = {workerModule: WebAssembly.compileStreaming(fetch("worker.wasm"))}).workerModule.then(() => true)`)
}

// StartWorker starts a worker in the page and gives it the module that the
// page compiled. Commands may be sent at once.
func (p *Page) StartWorker() *Worker {
	p.t.Helper()
	w := p.startWorker()
	Eval[bool](p, fmt.Sprintf(`quarterturn.workerModule.then((module) => { %s.worker.postMessage({module}); return true; })`, w.js))
	return w
}

// StartGroup starts so many workers that compute runs together, in the order of their
// ranks.
func (p *Page) StartGroup(size int) []*Worker {
	p.t.Helper()
	bytes := 4*collective.Words(size) + collective.Slots(size)*collective.SlotBytes
	Eval[bool](p, fmt.Sprintf(`(globalThis.testBuffer = new SharedArrayBuffer(%d)) && crossOriginIsolated`, bytes))
	workers := make([]*Worker, size)
	for rank := range workers {
		w := p.startWorker()
		Eval[bool](p, fmt.Sprintf(`quarterturn.workerModule.then((module) => {
			%s.worker.postMessage({module, shared: {rank: %d, size: %d, buffer: testBuffer}});
			return true;
		})`, w.js, rank, size))
		workers[rank] = w
	}
	return workers
}

// startWorker starts a worker that still waits for its module.
func (p *Page) startWorker() *Worker {
	p.t.Helper()
	n := Eval[int](p, `(() => {
		const state = {worker: new Worker("worker.js"), frames: [], fatal: ""};
		state.worker.onmessage = ({data}) => {
			if (data instanceof ArrayBuffer) state.frames.push(new Uint8Array(data).toBase64());
			else state.fatal = data.fatal;
		};
		globalThis.testWorkers ??= [];
		return testWorkers.push(state) - 1;
	})()`)
	return &Worker{page: p, js: fmt.Sprintf("testWorkers[%d]", n)}
}

// Send posts a command.
func (w *Worker) Send(c run.Command) {
	w.page.t.Helper()
	w.given++
	frame := base64.StdEncoding.EncodeToString(wire.EncodeOrder(run.Order{Number: w.given, Command: c}))
	Eval[bool](w.page, fmt.Sprintf(`(() => {
		const {buffer} = Uint8Array.fromBase64(%s);
		%s.worker.postMessage(buffer, [buffer]);
		return true;
	})()`, quote(frame), w.js))
}

// Terminate ends the worker wherever it is.
func (w *Worker) Terminate() {
	w.page.t.Helper()
	Eval[bool](w.page, w.js+`.worker.terminate() ?? true`)
}

// Next waits for the next event and returns it.
func (w *Worker) Next() run.Event {
	w.page.t.Helper()
	w.page.Until(fmt.Sprintf(`%s.frames.length > %d || %s.fatal`, w.js, w.read, w.js))
	if fatal := Eval[string](w.page, w.js+".fatal"); fatal != "" {
		w.page.t.Fatalf("browser: the worker died: %s", fatal)
	}
	frame, err := base64.StdEncoding.DecodeString(Eval[string](w.page, fmt.Sprintf(`%s.frames[%d]`, w.js, w.read)))
	w.page.check("read a frame", err)
	w.read++
	answer, err := wire.DecodeAnswer(frame)
	w.page.check("decode a frame", err)
	return answer.Event
}

// Await passes over events until one of type E comes and returns it. A failure
// on the way ends the test, unless E is what it waits for.
func Await[E run.Event](w *Worker) E {
	w.page.t.Helper()
	for {
		event := w.Next()
		if wanted, ok := event.(E); ok {
			return wanted
		}
		if failed, ok := event.(run.Failed); ok {
			w.page.t.Fatalf("browser: the worker reports: %s", failed.Reason)
		}
	}
}
