package main

import (
	"bufio"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"quarterturn/server/site"
)

// built packs a site of an index.html and nothing else.
func built(t *testing.T, index string) *site.Site {
	t.Helper()
	dir := t.TempDir()
	files := fstest.MapFS{"index.html": {Data: []byte(index)}}
	if _, err := site.Pack(files, []site.Rule{{URL: "/", Source: "index.html"}}, dir, site.Fast); err != nil {
		t.Fatal(err)
	}
	s, err := site.Load(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func get(t *testing.T, server *httptest.Server, path string) (int, string, http.Header) {
	t.Helper()
	response, err := server.Client().Get(server.URL + path)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body), response.Header
}

func TestPagesWaitForTheFirstBuild(t *testing.T) {
	server := httptest.NewServer(newPages(time.Unix(1, 0)))
	defer server.Close()
	if code, body, _ := get(t, server, "/"); code != http.StatusServiceUnavailable || !strings.Contains(body, "being built") {
		t.Errorf("before the first build: %d, %q", code, body)
	}
}

// TestIndexLoadsTheScript checks that the page gets the script, under the headers
// that it has in the real server: else it would not run isolated here.
func TestIndexLoadsTheScript(t *testing.T) {
	p := newPages(time.Unix(1, 0))
	p.show(built(t, "<html><head><title>x</title></head></html>"))
	server := httptest.NewServer(p)
	defer server.Close()
	code, body, header := get(t, server, "/")
	if want := `</title><script src="/watch/reload.js" defer></script></head>`; code != http.StatusOK || !strings.Contains(body, want) {
		t.Errorf("index: %d, %q, want %q in it", code, body, want)
	}
	if header.Get("Cross-Origin-Opener-Policy") == "" || header.Get("Content-Security-Policy") == "" || header.Get("ETag") != "" {
		t.Errorf("index has the headers %v", header)
	}
	if code, body, _ := get(t, server, "/watch/reload.js"); code != http.StatusOK || !strings.Contains(body, "/watch/builds") {
		t.Errorf("script: %d, %q", code, body)
	}
	if code, _, _ := get(t, server, "/nothing"); code != http.StatusNotFound {
		t.Errorf("unknown path: %d, want 404", code)
	}
}

func TestBuildsAreTold(t *testing.T) {
	p := newPages(time.Unix(0, 7))
	server := httptest.NewServer(p)
	defer server.Close()
	response, err := server.Client().Get(server.URL + "/watch/builds") // Answers before the first build.
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	lines := bufio.NewReader(response.Body)
	for _, want := range []string{"data: 1 of 7\n", "data: 2 of 7\n"} {
		p.show(built(t, "<head></head>"))
		got, err := lines.ReadString('\n')
		if err != nil || got != want {
			t.Fatalf("told %q, %v, want %q", got, err, want)
		}
		if _, err := lines.ReadString('\n'); err != nil { // The empty line that ends an event.
			t.Fatal(err)
		}
	}
}

func TestNewestSource(t *testing.T) {
	root := t.TempDir()
	at := func(name string, seconds int64) {
		t.Helper()
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, time.Unix(seconds, 0), time.Unix(seconds, 0)); err != nil {
			t.Fatal(err)
		}
	}
	settle := func(seconds int64) { // Folders have just changed too.
		_ = filepath.WalkDir(root, func(path string, entry os.DirEntry, _ error) error {
			if entry.IsDir() {
				return os.Chtimes(path, time.Unix(seconds, 0), time.Unix(seconds, 0))
			}
			return nil
		})
	}
	for _, step := range []struct {
		name     string
		at, want int64
	}{
		{"core/run/run.go", 10, 10},
		{"README.md", 11, 10}, // Not of the site.
		{"core/run/run_test.go", 12, 10},
		{"core/run/testdata/x", 13, 10},
		{"core/run/.swap", 14, 10},
		{packed + "/page.wasm", 15, 10}, // What a build writes must not start the next.
		{"index.html", 16, 16},
		{"ui/app.go", 17, 17},
	} {
		at(step.name, step.at)
		settle(5)
		if got := newestSource(root).Unix(); got != step.want {
			t.Errorf("after %s: newest is %d, want %d", step.name, got, step.want)
		}
	}
	settle(30)
	if got := newestSource(root).Unix(); got != 30 {
		t.Errorf("a folder that changed: newest is %d, want 30", got)
	}
}
