//go:build browser && !js

package browser

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync/atomic"
	"testing"
	"time"
)

// versionKept waits until a whole version is kept, and names it.
func (p *Page) versionKept() string {
	p.t.Helper()
	const current = `caches.open("quarterturn").then((c) => c.match("/current")).then((r) => r ? r.text() : "")`
	p.Until(`(globalThis.version ?? (` + current + `.then((v) => { globalThis.version = v || undefined; }), false))`)
	return Eval[string](p, current)
}

// manifestOf has a server say something else of its files from when on it is on.
func manifestOf(t *testing.T, on *atomic.Bool, edit func([]byte) []byte) func(string, *http.Response) {
	return func(path string, r *http.Response) {
		if path != "/manifest.json" || !on.Load() {
			return
		}
		r.Request.Header.Del("If-None-Match")
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		Replace(r, http.StatusOK, edit(body))
	}
}

// TestOffline: with the server off the page opens, isolated as before, predicts, and has its
// recording.
func TestOffline(t *testing.T) {
	server := serveBefore(t, func(string, *http.Response) {})
	p := Open(t, server.URL, Setting{Offline: true})
	p.Patience = slow
	p.WaitPrediction()
	p.versionKept()
	server.Close()
	p.Reload()
	p.WaitPrediction()
	if !Eval[bool](p, `crossOriginIsolated`) {
		t.Error("without the server the page is not isolated: its workers share no memory")
	}
	p.show(5)
	p.WaitText("#watch", "Epoch")
	p.startSmall(2, 4)
	p.WaitText(".lane-phase", "finished")
}

// TestNewVersionIsSaid, and used when the person says so. One of which a file is not what
// the manifest says is not used.
func TestNewVersionIsSaid(t *testing.T) {
	var newer, torn atomic.Bool
	edit := func(body []byte) []byte {
		body = append(body, '\n')
		if torn.Load() {
			body = bytes.Replace(body, []byte(`"sha256": "`), []byte(`"sha256": "00`), 1)
		}
		return body
	}
	url := ServeChanged(t, manifestOf(t, &newer, edit))
	p := Open(t, url, Setting{Offline: true})
	p.Patience = slow
	p.WaitPrediction()
	first := p.versionKept()
	newer.Store(true)
	torn.Store(true)
	p.Reload()
	p.WaitPrediction()
	time.Sleep(3 * time.Second) // It looks for a newer version by now.
	if kept := p.versionKept(); kept != first || len(p.Texts(".alarms .notice")) > 0 {
		t.Errorf("a version with a wrong file is kept as %s, or offered: %q", kept, p.Texts(".alarms .notice"))
	}
	torn.Store(false)
	p.Reload()
	p.WaitText(".alarms .notice", "A new version of this page is ready")
	if kept := p.versionKept(); kept != first {
		t.Errorf("before anybody said so version %s is used, and not %s", kept, first)
	}
	p.Screenshot("new-version")
	p.Click(".alarms .strong")
	time.Sleep(3 * time.Second) // The page is loaded anew, under which nothing can be asked of it.
	p.WaitPrediction()
	p.WaitGone(".alarms .notice")
	if kept := p.versionKept(); kept == first {
		t.Error("the version is still the first one")
	}
}

// BenchmarkOpeningKept is the time to the first prediction after a reload, with the page
// from the server and with it from what the browser keeps, in turn.
func BenchmarkOpeningKept(b *testing.B) {
	var pages [2]*Page
	for i := range pages {
		pages[i] = Open(b, Serve(b), Setting{Offline: i == 1})
		pages[i].WaitPrediction()
	}
	pages[1].versionKept()
	for b.Loop() {
		var took [2][]float64
		for range setting(b, "STEPS", 7) {
			for i, p := range pages {
				time.Sleep(2 * time.Second)
				p.Reload()
				took[i] = append(took[i], milliseconds(p.FirstPrediction()))
			}
		}
		fmt.Fprintf(os.Stdout, `{"first_prediction_served_ms":%.0f,"first_prediction_kept_ms":%.0f}`+"\n", median(took[0]), median(took[1]))
	}
}
