// Package host decides with which headers a site is served.
//
// A request is answered from the site's exact list or not at all: paths are
// neither cleaned nor decoded nor redirected, so there is no form of a path to
// get past the list with.
package host

import (
	"bytes"
	"maps"
	"net"
	"net/http"
	"strings"
	"time"

	"quarterturn/server/site"
)

// common go with every response, errors included: an error page is also a page.
var common = http.Header{
	// Nothing but our own files, no inline script or style. 'wasm-unsafe-eval'
	// allows compiling WebAssembly and not eval. Pictures come from the site,
	// from files the user chose (blob:) and from canvases (data:).
	"Content-Security-Policy": {strings.Join([]string{
		"default-src 'none'",
		"script-src 'self' 'wasm-unsafe-eval'",
		"worker-src 'self'",
		"style-src 'self'",
		"img-src 'self' blob: data:",
		"media-src 'self' blob:",
		"connect-src 'self'",
		"manifest-src 'self'",
		"base-uri 'none'",
		"form-action 'none'",
		"frame-ancestors 'none'",
	}, "; ")},
	// The three isolate the page from others, which SharedArrayBuffer and
	// exact timers ask for.
	"Cross-Origin-Opener-Policy":   {"same-origin"},
	"Cross-Origin-Embedder-Policy": {"require-corp"},
	"Cross-Origin-Resource-Policy": {"same-origin"},
	"X-Content-Type-Options":       {"nosniff"},
	"Referrer-Policy":              {"no-referrer"},
	"Permissions-Policy":           {"camera=(self), microphone=(), geolocation=(), payment=(), usb=()"},
	// Files keep their names between builds, so each use asks whether the bytes
	// are still the same; the answer is a 304 without a body.
	"Cache-Control": {"no-cache"},
	// Errors do not vary, but a cache that stored one without it could.
	"Vary": {"Accept-Encoding"},
}

// Common returns the headers that go with every response.
func Common() http.Header { return common.Clone() }

// New returns a handler for the files of s, for GET and HEAD.
//
// The part of the request target before "?" must be a path of the site byte for
// byte; anything else is a 404. What follows the "?" is ignored: links get
// decorated on their way.
func New(s *site.Site) http.Handler {
	pages := make(map[string]page)
	for _, path := range s.Paths() {
		file, _ := s.File(path)
		pages[path] = newPage(file)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			maps.Copy(w.Header(), common)
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "only GET and HEAD are served here", http.StatusMethodNotAllowed)
			return
		}
		path, _, _ := strings.Cut(r.RequestURI, "?")
		page, ok := pages[path]
		if !ok {
			maps.Copy(w.Header(), common)
			http.Error(w, "there is nothing here; the page is at /", http.StatusNotFound)
			return
		}
		serve(w, r, page.choose(r.Header["Accept-Encoding"]))
	})
}

// serve answers with a form of a file, or with what a condition or range asks for
// in its place.
func serve(w http.ResponseWriter, r *http.Request, f *form) {
	header := w.Header()
	maps.Copy(header, f.header)
	if r.Header["If-None-Match"] == nil && r.Header["If-Match"] == nil && r.Header["Range"] == nil {
		// Nearly all requests; through ServeContent they would take half as long again.
		// For a HEAD net/http leaves the bytes out. It fails when the client has gone.
		_, _ = w.Write(f.body)
		return
	}
	if r.Header["If-Match"] != nil {
		delete(header, "Content-Length") // A 412 has no body, and ServeContent does not think of it.
	}
	// No name: the type is set. No time: builds of the same bytes differ in time.
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.body))
}

// NewServer returns a server for handler with bounds on what a client may keep
// it waiting for. Its Shutdown waits for requests and for nothing else.
func NewServer(handler http.Handler) *http.Server {
	silent := &silent{conns: make(map[net.Conn]bool)}
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      5 * time.Minute, // 15 MB at 50 kB/s.
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		// Else "OPTIONS *" would be answered before the handler sees it.
		DisableGeneralOptionsHandler: true,
		ConnState:                    silent.watch,
	}
	server.RegisterOnShutdown(silent.close)
	return server
}
