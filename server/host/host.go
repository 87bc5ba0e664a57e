// Package host decides with which headers a site is served.
//
// A request is answered from the site's exact list or not at all: paths are
// neither cleaned nor decoded nor redirected, so there is no form of a path to
// get past the list with.
package host

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"time"

	"quarterturn/server/site"
)

// headers go with every response, errors included: an error page is also a page.
var headers = map[string]string{
	// Nothing but our own files, no inline script or style. 'wasm-unsafe-eval'
	// allows compiling WebAssembly and not eval. Pictures come from the site,
	// from files the user chose (blob:) and from canvases (data:).
	"Content-Security-Policy": strings.Join([]string{
		"default-src 'none'",
		"script-src 'self' 'wasm-unsafe-eval'",
		"worker-src 'self'",
		"style-src 'self'",
		"img-src 'self' blob: data:",
		"media-src 'self' blob:",
		"connect-src 'self'",
		"base-uri 'none'",
		"form-action 'none'",
		"frame-ancestors 'none'",
	}, "; "),
	// The three isolate the page from others, which SharedArrayBuffer and
	// exact timers ask for.
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Embedder-Policy": "require-corp",
	"Cross-Origin-Resource-Policy": "same-origin",
	"X-Content-Type-Options":       "nosniff",
	"Referrer-Policy":              "no-referrer",
	"Permissions-Policy":           "camera=(self), microphone=(), geolocation=(), payment=(), usb=()",
	// Files keep their names between builds, so each use asks whether the bytes
	// are still the same; the answer is a 304 without a body.
	"Cache-Control": "no-cache",
	// Errors do not vary, but a cache that stored one without it could.
	"Vary": "Accept-Encoding",
}

// New returns a handler for the files of s, for GET and HEAD.
//
// The part of the request target before "?" must be a path of the site byte for
// byte; anything else is a 404. What follows the "?" is ignored: links get
// decorated on their way.
func New(s *site.Site) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range headers {
			w.Header().Set(name, value)
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "only GET and HEAD are served here", http.StatusMethodNotAllowed)
			return
		}
		path, _, _ := strings.Cut(r.RequestURI, "?")
		file, ok := s.File(path)
		if !ok {
			http.Error(w, "there is nothing here; the page is at /", http.StatusNotFound)
			return
		}
		serve(w, r, file)
	})
}

// serve answers with the form of file that the client likes best. Each form has
// an ETag of its own, as a strong validator must.
func serve(w http.ResponseWriter, r *http.Request, file *site.File) {
	encoding, body := choose(file, r.Header.Values("Accept-Encoding"))
	header := w.Header()
	header.Set("Content-Type", file.Type)
	header.Set("ETag", `"`+file.Hash[:32]+"-"+encoding+`"`)
	if encoding != identity {
		header.Set("Content-Encoding", encoding)
		// ServeContent leaves this out for encoded bodies, and the loader and
		// proxies are better off with it.
		if r.Header.Get("Range") == "" {
			header.Set("Content-Length", strconv.Itoa(len(body)))
		}
	}
	// It answers If-None-Match, HEAD and ranges. No name: the type is set. No
	// time: builds of the same bytes differ in time.
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

// NewServer returns a server for handler with bounds on what a client may keep
// it waiting for.
func NewServer(handler http.Handler) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      5 * time.Minute, // 15 MB at 50 kB/s.
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		// Else "OPTIONS *" would be answered before the handler sees it.
		DisableGeneralOptionsHandler: true,
	}
}
