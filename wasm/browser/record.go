//go:build !js

package browser

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
)

// A record is what a page said and fetched. It is written from the goroutine
// that reads the browser's messages and from the proxy's.
type record struct {
	origin string // Where requests may go.

	mu       sync.Mutex
	console  []string // Everything, for the log of a failed test.
	errors   []string
	requests []string  // URLs.
	strays   []string  // Requests that left the origin.
	also     func(any) // Hears each event too; nil for nobody.
}

func newRecord(url string) *record {
	return &record{origin: strings.TrimSuffix(url, "/") + "/"}
}

// hear takes an event of the browser's protocol. It must not block.
func (r *record) hear(event any) {
	r.mu.Lock()
	also := r.also
	r.mu.Unlock()
	if also != nil {
		also(event)
	}
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		r.say(string(e.Type), arguments(e.Args), e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeAssert)
	case *runtime.EventExceptionThrown:
		r.say("exception", exception(e.ExceptionDetails), true)
	case *log.EventEntryAdded:
		// Violations of the Content-Security-Policy and failed fetches come here.
		r.say(string(e.Entry.Level), e.Entry.Text+" "+e.Entry.URL, e.Entry.Level == log.EntryLevelError)
	case *network.EventRequestWillBeSent:
		r.fetch(e.Request.URL)
	}
}

func (r *record) say(kind, text string, isError bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	line := kind + ": " + text
	r.console = append(r.console, line)
	if isError {
		r.errors = append(r.errors, line)
	}
}

func (r *record) fetch(url string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests = append(r.requests, url)
	local := strings.HasPrefix(url, r.origin) || strings.HasPrefix(url, "blob:"+r.origin) || strings.HasPrefix(url, "data:")
	if !local {
		r.strays = append(r.strays, url)
	}
}

func (r *record) leave(url string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.strays = append(r.strays, url)
}

// problems returns what a test should fail with: errors on the console that
// contain none of the expected texts, expected texts that are in no error, and
// requests that left the origin.
func (r *record) problems(expected []string) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var problems []string
	seen := make(map[string]bool)
	for _, line := range r.errors {
		i := slices.IndexFunc(expected, func(text string) bool { return strings.Contains(line, text) })
		if i < 0 {
			problems = append(problems, "on the console: "+line)
		} else {
			seen[expected[i]] = true
		}
	}
	for _, text := range expected {
		if !seen[text] {
			problems = append(problems, fmt.Sprintf("the console has no error with %q", text))
		}
	}
	for _, url := range r.strays {
		problems = append(problems, "a request left the origin: "+url)
	}
	return problems
}

// said returns the lines of the console.
func (r *record) said() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.console)
}

// fetched returns the URLs that the page asked for.
func (r *record) fetched() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.requests)
}

func arguments(args []*runtime.RemoteObject) string {
	words := make([]string, len(args))
	for i, arg := range args {
		words[i] = strings.Trim(string(arg.Value), `"`)
		if words[i] == "" {
			words[i] = arg.Description
		}
	}
	return strings.Join(words, " ")
}

func exception(d *runtime.ExceptionDetails) string {
	if d.Exception != nil {
		return d.Text + " " + d.Exception.Description
	}
	return d.Text
}

// startElsewhere starts a proxy that stands for the rest of the world: it notes
// what is asked of it and answers nothing. Chromium does not use a proxy for
// 127.0.0.1. Unlike the page's protocol it sees the requests of workers, too.
func startElsewhere(t testing.TB, r *record) string {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		if !isBrowsersOwn(request.URL.Hostname()) {
			r.leave(request.Method + " " + request.RequestURI)
		}
		http.Error(w, "this test has no network", http.StatusBadGateway)
	}))
	t.Cleanup(proxy.Close)
	return proxy.URL
}

// isBrowsersOwn reports whether Chromium itself talks to a host: it asks for the
// time, for updates and for accounts whatever its flags say. A page that did so
// is still caught, by its protocol.
func isBrowsersOwn(host string) bool {
	for _, domain := range []string{".google.com", ".googleapis.com", ".gvt1.com"} {
		if strings.HasSuffix(host, domain) {
			return true
		}
	}
	return false
}
