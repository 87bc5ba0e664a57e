package join

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const url = "https://192.168.1.20:8080"

// TestCodeIsReadable looks for the three finder patterns, in the terminal's form too.
func TestCodeIsReadable(t *testing.T) {
	code, err := NewCode(url)
	if err != nil {
		t.Fatal(err)
	}
	for _, corner := range [][2]int{{0, 0}, {code.Size - 7, 0}, {0, code.Size - 7}} {
		for i := range 7 {
			if !code.Black(corner[0]+i, corner[1]) || !code.Black(corner[0], corner[1]+i) || code.Black(corner[0]+1, corner[1]+1) {
				t.Fatalf("there is no finder pattern at %v", corner)
			}
		}
	}
	lines := strings.Split(strings.TrimSuffix(code.Terminal(), "\n"), "\n")
	if len(lines) != (code.Size+2*quiet+1)/2 || !strings.Contains(lines[quiet/2], "    █▀▀▀▀▀█") {
		t.Errorf("in the terminal it has %d lines, one is %q", len(lines), lines[quiet/2])
	}
	outline, side := code.Path()
	if side != code.Size+2*quiet || !strings.HasPrefix(outline, "M4 4h7v1h-7z") {
		t.Errorf("the outline begins %.20q, and its side is %d", outline, side)
	}
	if _, err := NewCode(strings.Repeat("x", 5000)); err == nil {
		t.Error("five thousand letters fit a code")
	}
}

// TestPage shows addresses, and how to trust the server where it made its own authority.
func TestPage(t *testing.T) {
	next := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "next") })
	get := func(p Page, method, path string) *httptest.ResponseRecorder {
		handler, err := p.Handler(next, http.Header{"X-Test": {"common"}})
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(method, path, nil))
		return w
	}
	ours := Page{URLs: []string{url, "https://127.0.0.1:8080"}, Authority: []byte("certificate")}
	text := get(ours, http.MethodGet, Path)
	for _, want := range []string{url, "https://127.0.0.1:8080", "<path", "/authority.crt", "take it away"} {
		if !strings.Contains(text.Body.String(), want) {
			t.Errorf("the page has no %q", want)
		}
	}
	if text.Header().Get("X-Test") != "common" || strings.Contains(text.Body.String(), "<script") || strings.Contains(text.Body.String(), "style=") {
		t.Error("the page lacks the headers, or has what they forbid")
	}
	if got := get(ours, http.MethodGet, AuthorityPath); got.Body.String() != "certificate" || got.Header().Get("Content-Type") != authorityFormat {
		t.Errorf("the authority is %q as %s", got.Body.String(), got.Header().Get("Content-Type"))
	}
	plain := Page{URLs: []string{"http://192.168.1.20:8080"}}
	if got := get(plain, http.MethodGet, Path).Body.String(); strings.Contains(got, "authority") {
		t.Error("without an authority the page speaks of one")
	}
	for _, other := range []*httptest.ResponseRecorder{get(plain, http.MethodGet, AuthorityPath), get(ours, http.MethodPost, Path), get(ours, http.MethodGet, "/")} {
		if other.Body.String() != "next" {
			t.Errorf("what is not the page's is answered by %q", other.Body.String())
		}
	}
	if _, err := (Page{}).Handler(next, nil); err == nil {
		t.Error("there is a page without an address")
	}
}
