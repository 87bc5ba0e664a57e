package host

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/andybalholm/brotli"

	"quarterturn/server/site"
)

// newSite packs a page, a module that compresses and a picture that does not.
func newSite(t testing.TB) *site.Site {
	t.Helper()
	root := fstest.MapFS{
		"index.html": {Data: bytes.Repeat([]byte("<p>hello</p>\n"), 40)},
		"page.wasm":  {Data: bytes.Repeat([]byte("\x00asm"), 500)},
		"icon.png":   {Data: []byte("\x89PNG\r\n\x1a\n")},
	}
	rules := []site.Rule{{URL: "/", Source: "index.html"}, {URL: "/page.wasm", Source: "page.wasm"}, {URL: "/icon.png", Source: "icon.png"}}
	out := t.TempDir()
	if _, err := site.Pack(root, rules, out, site.Fast); err != nil {
		t.Fatal(err)
	}
	s, err := site.Load(os.DirFS(out))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// ask sends a request to the handler. header holds "Name: value" lines.
func ask(t testing.TB, s *site.Site, method, target string, header ...string) *http.Response {
	t.Helper()
	// Not by NewRequest, which refuses what the wire may bring.
	r := &http.Request{Method: method, RequestURI: target, Header: make(http.Header)}
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Add(name, value)
	}
	w := httptest.NewRecorder()
	New(s).ServeHTTP(w, r)
	return w.Result()
}

func body(t testing.TB, r *http.Response) string {
	t.Helper()
	data, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestHeadersOnEveryResponse spells the headers out a second time on purpose:
// weakening one has to be done twice.
func TestHeadersOnEveryResponse(t *testing.T) {
	want := map[string]string{
		"Content-Security-Policy": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; " +
			"img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Embedder-Policy": "require-corp",
		"Cross-Origin-Resource-Policy": "same-origin",
		"X-Content-Type-Options":       "nosniff",
		"Referrer-Policy":              "no-referrer",
		"Permissions-Policy":           "camera=(self), microphone=(), geolocation=(), payment=(), usb=()",
		"Vary":                         "Accept-Encoding",
	}
	s := newSite(t)
	etag := ask(t, s, "GET", "/").Header.Get("ETag")
	responses := map[int]*http.Response{
		200: ask(t, s, "GET", "/page.wasm"),
		304: ask(t, s, "GET", "/", "If-None-Match: "+etag),
		404: ask(t, s, "GET", "/nothing"),
		405: ask(t, s, "POST", "/"),
	}
	for status, r := range responses {
		if r.StatusCode != status {
			t.Errorf("status %d, want %d", r.StatusCode, status)
		}
		for name, value := range want {
			if got := r.Header.Get(name); got != value {
				t.Errorf("%d: %s is %q, want %q", status, name, got, value)
			}
		}
	}
}

func TestContentTypeAndCache(t *testing.T) {
	s := newSite(t)
	for path, want := range map[string]string{
		"/":              "text/html; charset=utf-8",
		"/page.wasm":     "application/wasm",
		"/icon.png":      "image/png",
		"/manifest.json": "application/json",
	} {
		r := ask(t, s, "GET", path)
		if got := r.Header.Get("Content-Type"); r.StatusCode != 200 || got != want {
			t.Errorf("GET %s: status %d, Content-Type %q, want 200, %q", path, r.StatusCode, got, want)
		}
		if got := r.Header.Get("Cache-Control"); got != "no-cache" {
			t.Errorf("GET %s: Cache-Control %q, want no-cache", path, got)
		}
	}
}

func TestMethods(t *testing.T) {
	s := newSite(t)
	for _, method := range []string{"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "get", "PROPFIND"} {
		for _, path := range []string{"/", "/nothing", "*"} {
			r := ask(t, s, method, path)
			if r.StatusCode != http.StatusMethodNotAllowed || r.Header.Get("Allow") != "GET, HEAD" {
				t.Errorf("%s %s: status %d, Allow %q, want 405, GET, HEAD", method, path, r.StatusCode, r.Header.Get("Allow"))
			}
		}
	}
}

// TestHead compares HEAD with GET over a real connection, where the body would
// show.
func TestHead(t *testing.T) {
	server := httptest.NewServer(New(newSite(t)))
	defer server.Close()
	for _, coding := range []string{"br", "gzip", "identity"} {
		var got, want *http.Response
		for method, r := range map[string]**http.Response{"HEAD": &got, "GET": &want} {
			request, err := http.NewRequest(method, server.URL+"/page.wasm", nil)
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Accept-Encoding", coding)
			if *r, err = http.DefaultTransport.RoundTrip(request); err != nil {
				t.Fatal(err)
			}
			defer (*r).Body.Close()
		}
		if n := len(body(t, got)); n > 0 {
			t.Errorf("%s: HEAD has a body of %d bytes", coding, n)
		}
		for _, name := range []string{"Content-Length", "Content-Type", "Content-Encoding", "Etag"} {
			if got.Header.Get(name) != want.Header.Get(name) {
				t.Errorf("%s: HEAD has %s %q, GET has %q", coding, name, got.Header.Get(name), want.Header.Get(name))
			}
		}
		if n := len(body(t, want)); strconv.Itoa(n) != want.Header.Get("Content-Length") {
			t.Errorf("%s: Content-Length %s, body of %d bytes", coding, want.Header.Get("Content-Length"), n)
		}
	}
}

// otherTargets are request targets near the list that are not on it.
var otherTargets = []string{
	"", "*", "//", "///", "/.", "/..", "/./", "/index.html", "//page.wasm", "/page.wasm/", "/./page.wasm",
	"/x/../page.wasm", "/../page.wasm", "/%70age.wasm", "/page%2ewasm", "/%2e%2e/page.wasm", "/page.wasm%00",
	"/page.wasm\x00", "/%", "/%zz", "/Page.wasm", "/page.wasm ", "/page.wasm#", "/page.wasm;v=1", "/page.wasm.br", "/page.wasm.gz",
	"page.wasm", "\\page.wasm", "/..\\page.wasm", "/.git/config", "/.gitignore", "/assets", "/assets/", "/server/main.go",
	"http://127.0.0.1/page.wasm", "https://example.org/", "example.org:443", "/\xff\xfe", "/é", "/" + strings.Repeat("a", 15_000),
}

func TestOtherTargetsAreNotFound(t *testing.T) {
	s := newSite(t)
	for _, target := range otherTargets {
		r := ask(t, s, "GET", target)
		if r.StatusCode != http.StatusNotFound {
			t.Errorf("GET %.40q: status %d, want 404", target, r.StatusCode)
		}
		if r.Header.Get("Location") != "" || r.Header.Get("ETag") != "" {
			t.Errorf("GET %.40q: a 404 with Location %q, ETag %q", target, r.Header.Get("Location"), r.Header.Get("ETag"))
		}
	}
}

// TestTargetsOverTheWire sends the targets that HTTP's grammar allows through
// the real server, whose parser comes before the handler: none may be served.
func TestTargetsOverTheWire(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := NewServer(New(newSite(t)))
	go server.Serve(listener)
	defer server.Close()
	targets := append([]string{"/" + strings.Repeat("a", 1<<20)}, otherTargets...)
	for _, target := range targets {
		status := askRaw(t, listener.Addr().String(), "GET "+target+" HTTP/1.1")
		if status != 404 && status != 400 && status != 431 {
			t.Errorf("GET %.40q: status %d, want 404, 400 or 431", target, status)
		}
	}
	if status := askRaw(t, listener.Addr().String(), "OPTIONS * HTTP/1.1"); status != 405 {
		t.Errorf("OPTIONS *: status %d, want 405", status)
	}
	if status := askRaw(t, listener.Addr().String(), "GET /page.wasm HTTP/1.1"); status != 200 {
		t.Errorf("GET /page.wasm: status %d, want 200", status)
	}
}

// askRaw sends one request line and returns the status; 400 where the server
// hangs up without one.
func askRaw(t *testing.T, address, line string) int {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "%s\r\nHost: localhost\r\nConnection: close\r\n\r\n", line)
	r, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return http.StatusBadRequest
	}
	defer r.Body.Close()
	return r.StatusCode
}

func TestQueryIsIgnored(t *testing.T) {
	if r := ask(t, newSite(t), "GET", "/?utm=../../etc/passwd"); r.StatusCode != 200 {
		t.Errorf("status %d, want 200", r.StatusCode)
	}
}

func TestETags(t *testing.T) {
	s := newSite(t)
	plain := ask(t, s, "GET", "/page.wasm").Header.Get("ETag")
	packed := ask(t, s, "GET", "/page.wasm", "Accept-Encoding: br").Header.Get("ETag")
	if plain == packed || plain == "" || strings.HasPrefix(plain, "W/") {
		t.Errorf("ETags %s plain, %s brotli: want two strong ones that differ", plain, packed)
	}
	if other := ask(t, s, "GET", "/").Header.Get("ETag"); other == plain {
		t.Errorf("two files have the ETag %s", plain)
	}
	tests := []struct {
		name   string
		header []string
		want   int
	}{
		{"same", []string{"If-None-Match: " + plain}, 304},
		{"same, made weak by a proxy", []string{"If-None-Match: W/" + plain}, 304},
		{"among others", []string{`If-None-Match: "a", ` + plain + `, "b"`}, 304},
		{"any", []string{"If-None-Match: *"}, 304},
		{"other bytes", []string{`If-None-Match: "a"`}, 200},
		{"other coding", []string{"If-None-Match: " + packed}, 200},
		{"same coding", []string{"If-None-Match: " + packed, "Accept-Encoding: br"}, 304},
		{"malformed", []string{`If-None-Match: "`}, 200},
	}
	for _, tt := range tests {
		for _, method := range []string{"GET", "HEAD"} {
			t.Run(method+" "+tt.name, func(t *testing.T) {
				r := ask(t, s, method, "/page.wasm", tt.header...)
				if r.StatusCode != tt.want {
					t.Errorf("status %d, want %d", r.StatusCode, tt.want)
				}
				if tt.want == 304 && (body(t, r) != "" || r.Header.Get("ETag") == "" || r.Header.Get("Content-Length") != "") {
					t.Error("a 304 has a body or a length, or lacks its ETag")
				}
			})
		}
	}
}

func TestRangeOfAnEncodedForm(t *testing.T) {
	s := newSite(t)
	whole := body(t, ask(t, s, "GET", "/page.wasm", "Accept-Encoding: gzip"))
	r := ask(t, s, "GET", "/page.wasm", "Accept-Encoding: gzip", "Range: bytes=2-5")
	if got := body(t, r); r.StatusCode != 206 || got != whole[2:6] || r.Header.Get("Content-Length") != "4" {
		t.Errorf("status %d, %q, length %s; want 206, %q, 4", r.StatusCode, got, r.Header.Get("Content-Length"), whole[2:6])
	}
}

// TestEncodedFormsSaySo unpacks what is said to be packed.
func TestEncodedFormsSaySo(t *testing.T) {
	s := newSite(t)
	want := body(t, ask(t, s, "GET", "/page.wasm"))
	for coding, unpack := range map[string]func(io.Reader) (io.Reader, error){
		identity: func(r io.Reader) (io.Reader, error) { return r, nil },
		"gzip":   func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
		"br":     func(r io.Reader) (io.Reader, error) { return brotli.NewReader(r), nil },
	} {
		for _, header := range [][]string{nil, {`If-None-Match: "other"`}} { // Two ways to the same answer.
			r := ask(t, s, "GET", "/page.wasm", append(header, "Accept-Encoding: "+coding)...)
			said := r.Header.Get("Content-Encoding")
			if coding == identity && r.Header.Values("Content-Encoding") != nil || coding != identity && said != coding {
				t.Errorf("%s: Content-Encoding %q", coding, said)
			}
			if got := r.Header.Get("Accept-Ranges"); got != "bytes" {
				t.Errorf("%s: Accept-Ranges %q, want bytes", coding, got)
			}
			packed := body(t, r)
			if got := r.Header.Get("Content-Length"); got != strconv.Itoa(len(packed)) {
				t.Errorf("%s: Content-Length %s of %d bytes", coding, got, len(packed))
			}
			plain, err := unpack(strings.NewReader(packed))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(plain); err != nil || string(got) != want {
				t.Errorf("%s: unpacks to %d bytes (%v), want %d", coding, len(got), err, len(want))
			}
		}
	}
}

// TestFailedPreconditionHasNoLength: a client would wait for a body that never comes.
func TestFailedPreconditionHasNoLength(t *testing.T) {
	for _, coding := range []string{"br", identity} {
		r := ask(t, newSite(t), "GET", "/page.wasm", "Accept-Encoding: "+coding, `If-Match: "other"`)
		if length := r.Header.Get("Content-Length"); r.StatusCode != http.StatusPreconditionFailed || length != "" {
			t.Errorf("%s: status %d, Content-Length %q, want 412 and none", coding, r.StatusCode, length)
		}
	}
}

// TestAnswersShareTheirHeaders: what one answer does to its headers must not show
// in the next.
func TestAnswersShareTheirHeaders(t *testing.T) {
	s := newSite(t)
	handler := New(s)
	answer := func(target string, header http.Header) http.Header {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, &http.Request{Method: "GET", RequestURI: target, Header: header})
		return w.Header()
	}
	for _, target := range []string{"/page.wasm", "/nothing"} {
		want := answer(target, nil).Clone()
		spoilt := answer(target, nil)
		for name := range spoilt {
			spoilt.Add(name, "spoilt")
			spoilt.Del(name)
		}
		answer(target, http.Header{"Range": {"bytes=0-1"}})
		if got := answer(target, nil); !reflect.DeepEqual(got, want) {
			t.Errorf("GET %s: headers %v, then %v", target, want, got)
		}
	}
}

// scrap is an answer that nobody reads.
type scrap http.Header

func (s scrap) Header() http.Header         { return http.Header(s) }
func (s scrap) Write(b []byte) (int, error) { return len(b), nil }
func (s scrap) WriteHeader(int)             {}

// get is what a browser asks.
func get() *http.Request {
	return &http.Request{Method: "GET", RequestURI: "/", Header: http.Header{"Accept-Encoding": {"gzip, deflate, br, zstd"}}}
}

// TestAnswersAllocateNothing: of a small file's time, half was once spent on
// making the same headers again.
func TestAnswersAllocateNothing(t *testing.T) {
	handler, w, r := New(newSite(t)), scrap{}, get()
	handler.ServeHTTP(w, r) // The map grows.
	if n := testing.AllocsPerRun(100, func() { handler.ServeHTTP(w, r) }); n > 0 {
		t.Errorf("%v allocations for one answer, want 0", n)
	}
}

func BenchmarkAnswer(b *testing.B) {
	handler, r := New(newSite(b)), get()
	b.ReportAllocs()
	for b.Loop() {
		handler.ServeHTTP(scrap{}, r)
	}
}

// TestRangeBeyondTheEnd: the length must be that of what says so, not of the file.
func TestRangeBeyondTheEnd(t *testing.T) {
	for _, coding := range []string{"br", identity} {
		r := ask(t, newSite(t), "GET", "/page.wasm", "Accept-Encoding: "+coding, "Range: bytes=5000-")
		text, length := body(t, r), r.Header.Get("Content-Length")
		if r.StatusCode != http.StatusRequestedRangeNotSatisfiable || length != "" && length != strconv.Itoa(len(text)) {
			t.Errorf("%s: status %d, Content-Length %q of %d bytes", coding, r.StatusCode, length, len(text))
		}
	}
}

// FuzzTarget checks that no request target but those of the list is answered
// with anything but an error.
func FuzzTarget(f *testing.F) {
	s := newSite(f)
	for _, target := range append(otherTargets, s.Paths()...) {
		f.Add("GET", target)
	}
	f.Add("OPTIONS", "*")
	f.Fuzz(func(t *testing.T, method, target string) {
		r := ask(t, s, method, target)
		path, _, _ := strings.Cut(target, "?")
		_, listed := s.File(path)
		if readable := method == "GET" || method == "HEAD"; (r.StatusCode == 200) != (listed && readable) {
			t.Errorf("%q %q: status %d", method, target, r.StatusCode)
		}
		if r.Header.Get("Content-Security-Policy") == "" {
			t.Errorf("%q %q: no Content-Security-Policy", method, target)
		}
	})
}
