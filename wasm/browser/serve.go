//go:build !js

package browser

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// root is the repository, seen from this package, where Go runs its tests.
const root = "../.."

// Serve starts the server that make built, on a free port, and returns its URL.
// It ends with the test.
func Serve(t testing.TB) string {
	t.Helper()
	program, err := filepath.Abs(filepath.Join(root, "build", "server"))
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(program, "-addr", "127.0.0.1:0")
	command.Stderr = os.Stderr
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatalf("browser: %v: run the tests with make test-browser, which builds the server", err)
	}
	t.Cleanup(func() {
		command.Process.Signal(os.Interrupt)
		if err := command.Wait(); err != nil {
			t.Errorf("browser: the server did not stop well: %v", err)
		}
	})
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		t.Fatalf("browser: the server printed no address: %v", err)
	}
	return strings.TrimSpace(strings.TrimPrefix(line, "Quarterturn: "))
}

// ServeChanged is Serve with a hand in between: change may alter, or hold back,
// the answer to each request, of which it is told the path.
func ServeChanged(t testing.TB, change func(path string, r *http.Response)) string {
	t.Helper()
	return serveBefore(t, change).URL
}

// serveBefore is a server in front of the real one, which can be closed before the test ends.
func serveBefore(t testing.TB, change func(path string, r *http.Response)) *httptest.Server {
	t.Helper()
	target, err := url.Parse(Serve(t))
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) },
		ModifyResponse: func(r *http.Response) error {
			change(r.Request.URL.Path, r)
			return nil
		},
	}
	server := httptest.NewServer(proxy)
	t.Cleanup(server.Close)
	return server
}

// Replace makes body the body of an answer.
func Replace(r *http.Response, status int, body []byte) {
	r.Body.Close()
	r.StatusCode, r.Status = status, ""
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.ContentLength = int64(len(body))
	for _, name := range []string{"Content-Encoding", "Content-Length", "ETag"} {
		r.Header.Del(name)
	}
}
