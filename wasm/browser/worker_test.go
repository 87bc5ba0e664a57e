//go:build browser && !js

package browser

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"quarterturn/core/run"
)

// TestWorkerKeepsEarlyFrames sends a command before the worker has its module:
// it must be carried out once the program inside listens.
func TestWorkerKeepsEarlyFrames(t *testing.T) {
	p := OpenBare(t)
	w := p.startWorker()
	w.Send(run.Predict{ID: -1}) // Of no picture: the answer is a failure.
	Eval[bool](p, `quarterturn.workerModule.then((module) => { `+w.js+`.worker.postMessage({module}); return true; })`)
	if _, ok := w.Next().(run.Ready); !ok {
		t.Error("the worker's first event is not Ready")
	}
	Await[run.Failed](w)
}

// TestWorkerDiesInWords gives workers what is no Go program.
func TestWorkerDiesInWords(t *testing.T) {
	p := OpenBare(t)
	w := p.startWorker()
	Eval[bool](p, `(() => {
		const module = new WebAssembly.Module(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]));
		`+w.js+`.worker.postMessage({module});
		return true;
	})()`)
	p.Until(w.js + `.fatal`)
	if got := Eval[string](p, w.js+`.fatal`); !strings.HasPrefix(got, "The worker stopped: ") {
		t.Errorf("the worker's last words are %q", got)
	}
}

// TestStraysOfWorkersAreSeen checks the harness itself: without the policy that
// forbids it, a request of a worker to elsewhere must be on record.
func TestStraysOfWorkersAreSeen(t *testing.T) {
	url := ServeChanged(t, func(path string, r *http.Response) {
		r.Header.Del("Content-Security-Policy")
		if path == "/worker.js" {
			Replace(r, http.StatusOK, []byte(`fetch("http://stray.example/", {mode: "no-cors"}).catch(() => 0).then(() => postMessage({fatal: "asked"}));`))
		}
	})
	p := Open(t, url, Setting{})
	w := p.startWorker()
	p.Until(w.js + `.fatal`)
	want := "a request left the origin: GET http://stray.example/"
	// The page's own worker asks too, if it was there before.
	if got := slices.Compact(p.record.problems(nil)); len(got) != 1 || got[0] != want {
		t.Errorf("problems = %q, want %q", got, want)
	}
	p.record.strays = nil // Found, so no failure.
}
