package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"net/http"
	"sync"
	"time"

	"quarterturn/server/host"
	"quarterturn/server/site"
)

//go:embed reload.js
var reloadScript []byte

// pages serves the newest build and tells open pages of it. Before the first build
// it answers that there is none yet.
type pages struct {
	started int64 // Tells the builds of one watch from those of the next.

	mu      sync.Mutex
	number  int // Of the newest build; 0 before the first.
	site    *site.Site
	handler http.Handler
	next    chan struct{} // Closed by the build after.
}

func newPages(started time.Time) *pages {
	return &pages{started: started.UnixNano(), next: make(chan struct{})}
}

// show takes over a build.
func (p *pages) show(built *site.Site) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.number, p.site, p.handler = p.number+1, built, host.New(built)
	close(p.next)
	p.next = make(chan struct{})
}

func (p *pages) newest() (int, *site.Site, http.Handler, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.number, p.site, p.handler, p.next
}

// ServeHTTP implements http.Handler.
func (p *pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, built, handler, _ := p.newest()
	switch {
	case r.URL.Path == "/watch/builds":
		p.tell(w, r)
	case r.URL.Path == "/watch/reload.js":
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		_, _ = w.Write(reloadScript)
	case built == nil:
		http.Error(w, "the page is being built: see the terminal, and load this again", http.StatusServiceUnavailable)
	case r.URL.Path == "/":
		serveIndex(w, r, built, handler)
	default:
		handler.ServeHTTP(w, r)
	}
}

// serveIndex answers with index.html and the script that waits for builds, under
// the headers of host.
func serveIndex(w http.ResponseWriter, r *http.Request, built *site.Site, handler http.Handler) {
	index, ok := built.File("/")
	if !ok {
		http.NotFound(w, r)
		return
	}
	handler.ServeHTTP(discard{w.Header()}, &http.Request{Method: http.MethodHead, RequestURI: "/"})
	w.Header().Del("Content-Length") // The script makes it longer.
	w.Header().Del("ETag")
	const script = `<script src="/watch/reload.js" defer></script></head>`
	_, _ = w.Write(bytes.Replace(index.Raw, []byte("</head>"), []byte(script), 1))
}

// discard keeps an answer's headers and nothing else of it.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
func (d discard) WriteHeader(int)             {}

// tell names the newest build, as soon as there is one, and each that follows.
func (p *pages) tell(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	for {
		number, _, _, next := p.newest()
		if number > 0 {
			fmt.Fprintf(w, "data: %d of %d\n\n", number, p.started)
		}
		if err := http.NewResponseController(w).Flush(); err != nil {
			return
		}
		select {
		case <-next:
		case <-r.Context().Done():
			return
		}
	}
}
