//go:build browser && !js

package browser

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// TestFirstPaint holds both modules back: the page must have painted, and say
// what it waits for, without a byte of WebAssembly.
func TestFirstPaint(t *testing.T) {
	release := make(chan struct{})
	url := ServeChanged(t, func(path string, r *http.Response) {
		if strings.HasSuffix(path, ".wasm") {
			<-release
		}
	})
	p := Open(t, url, Setting{})
	defer close(release)
	p.Wait("h1")
	p.Wait("#loading-bar")
	p.Until(`performance.getEntriesByName("first-contentful-paint").length == 1`)
	if n := p.Count("#problem:not([hidden])"); n > 0 {
		t.Errorf("the page shows a problem while it loads: %s", p.Text("#problem"))
	}
}

// TestProgressCountsRawBytes lets half of the compressed worker.wasm through.
// The bar must stand between the ends then, and at its end with the sum of the
// raw sizes afterwards: Content-Length, which is of compressed bytes, would not
// get it there.
func TestProgressCountsRawBytes(t *testing.T) {
	release := make(chan struct{})
	url := ServeChanged(t, func(path string, r *http.Response) {
		if path == "/worker.wasm" {
			if r.Header.Get("Content-Encoding") == "" {
				t.Error("worker.wasm came uncompressed: the test shows nothing")
			}
			first := io.LimitReader(r.Body, r.ContentLength/2)
			r.Body = body{io.MultiReader(first, waiter(release), r.Body), r.Body}
		}
	})
	p := Open(t, url, Setting{})
	total := Eval[int](p, `fetch("manifest.json").then((r) => r.json()).then(({files}) => files["/page.wasm"].bytes + files["/worker.wasm"].bytes)`)
	page := Eval[int](p, `fetch("manifest.json").then((r) => r.json()).then(({files}) => files["/page.wasm"].bytes)`)
	p.Until(fmt.Sprintf(`document.querySelector("#loading-bar").max == %d`, total))
	p.Until(fmt.Sprintf(`document.querySelector("#loading-bar").value > %d`, page))
	if at := Eval[int](p, `document.querySelector("#loading-bar").value`); at >= total {
		t.Errorf("the bar is at %d of %d before the end of worker.wasm came", at, total)
	}
	close(release)
	p.WaitLoaded()
	if at := Eval[int](p, `document.querySelector("#loading-bar").value`); at != total {
		t.Errorf("the bar ends at %d, want %d", at, total)
	}
}

// A body reads from one reader and closes another.
type body struct {
	io.Reader
	io.Closer
}

// A waiter is an empty reader whose end comes when the channel is closed.
type waiter chan struct{}

func (w waiter) Read([]byte) (int, error) {
	<-w
	return 0, io.EOF
}

// TestProblemsInWords breaks the page's start in each way that one may meet, and
// expects a sentence in the page, not just a line on the console.
func TestProblemsInWords(t *testing.T) {
	replace := func(broken string, status int, text string) func(string, *http.Response) {
		return func(path string, r *http.Response) {
			if path == broken {
				Replace(r, status, []byte(text))
			}
		}
	}
	cut := func(path string, r *http.Response) {
		if path == "/worker.wasm" {
			r.Body = body{io.LimitReader(r.Body, r.ContentLength/2), r.Body}
		}
	}
	const emptyModule = "\x00asm\x01\x00\x00\x00"
	tests := []struct {
		name    string
		change  func(string, *http.Response)
		before  string // Script that takes something away from the browser.
		want    string
		console string // Error that the browser itself reports.
	}{
		{"page missing", replace("/page.wasm", 404, "gone"), "", "The server has no page.wasm", "404"},
		{"worker missing", replace("/worker.wasm", 404, "gone"), "", "The server has no worker.wasm", "404"},
		{"page damaged", replace("/page.wasm", 200, "\x00asm\x01\x00\x00\x00\xff"), "", "page.wasm arrived damaged", ""},
		{"page is something else", replace("/page.wasm", 200, emptyModule), "", "The page's program stopped", ""},
		{"worker cut short", cut, "", "worker.wasm did not arrive completely", "ERR_CONTENT_LENGTH_MISMATCH"},
		{"manifest missing", replace("/manifest.json", 404, "gone"), "", "The server has no manifest.json", "404"},
		{"Go's script missing", replace("/wasm_exec.js", 404, "gone"), "", "The server has no wasm_exec.js", "404"},
		{"no WebAssembly", nil, `delete globalThis.WebAssembly;`, "does not run WebAssembly", ""},
		{"no SIMD", nil, `WebAssembly.validate = () => false;`, "no vector instructions (SIMD)", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			change := tt.change
			if change == nil {
				change = func(string, *http.Response) {}
			}
			p := Open(t, ServeChanged(t, change), Setting{Before: tt.before})
			if tt.console != "" {
				p.Expect(tt.console)
			}
			p.Wait("#problem")
			p.WaitText("#problem-text", tt.want)
			p.WaitGone("#loading")
		})
	}
}

// TestIsolation checks in a real browser what the headers are for.
func TestIsolation(t *testing.T) {
	p := Open(t, Serve(t), Setting{})
	p.WaitLoaded()
	if !Eval[bool](p, `crossOriginIsolated`) {
		t.Error("the page is not isolated from other origins")
	}
	p.Expect("Content Security Policy") // Each of the three below is reported.
	tests := map[string]string{
		"an inline script runs": `(() => {
			const s = document.createElement("script");
			s.textContent = "globalThis.inlineRan = true";
			document.head.append(s);
			return globalThis.inlineRan === true;
		})()`,
		"eval runs": `new Promise((resolve) => setTimeout(() => { // Not at once: what the protocol evaluates may call eval.
			try { resolve((0, eval)("true")); } catch { resolve(false); }
		}))`,
		"another origin can be asked": `fetch("https://example.org/").then(() => true, () => false)`,
	}
	for what, script := range tests {
		if Eval[bool](p, script) {
			t.Error(what)
		}
	}
}

// TestWarmStart checks that a second visit fetches none of the programs again:
// each is asked for and found unchanged.
func TestWarmStart(t *testing.T) {
	programs := []string{"/", "/loader.js", "/wasm_exec.js", "/manifest.json", "/page.wasm", "/worker.wasm"}
	var mu sync.Mutex
	status := make(map[string]int) // Of the latest answer.
	url := ServeChanged(t, func(path string, r *http.Response) {
		mu.Lock()
		defer mu.Unlock()
		status[path] = r.StatusCode
	})
	p := Open(t, url, Setting{})
	p.WaitLoaded()
	mu.Lock()
	clear(status)
	mu.Unlock()
	p.Reload()
	p.WaitLoaded()
	mu.Lock()
	defer mu.Unlock()
	for _, path := range programs {
		if got := status[path]; got != http.StatusNotModified {
			t.Errorf("second visit: %s has status %d, want 304 (0: a new build would not be noticed)", path, got)
		}
	}
}
