package host

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestSplit: one port takes TLS and plain HTTP at once, and clients who send nothing keep
// nobody waiting.
func TestSplit(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	secure, plain := Split(listener)
	test := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "secret") }))
	test.Listener = secure
	test.StartTLS()
	defer test.Close()
	open := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "open") })}
	ended := make(chan error, 1)
	go func() { ended <- open.Serve(plain) }()
	for range 20 {
		silent, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer silent.Close()
	}
	for url, want := range map[string]string{"https://" + listener.Addr().String(): "secret", "http://" + listener.Addr().String(): "open"} {
		r, err := test.Client().Get(url)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r.Body)
		r.Body.Close()
		if err != nil || string(text) != want {
			t.Errorf("GET %s = %q, %v", url, text, err)
		}
	}
	if err := plain.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err == nil {
		t.Error("the listener is closed, and serves")
	}
	if _, err := tls.Dial("tcp", listener.Addr().String(), &tls.Config{InsecureSkipVerify: true}); err == nil {
		t.Error("one of the two is closed, and the other takes connections")
	}
}

// TestRedirectLeadsHome: to the same page by https, and never to a host that is not ours.
func TestRedirectLeadsHome(t *testing.T) {
	open := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "open") })
	server := httptest.NewServer(Redirect(open, []string{"/join"}, []string{"desk.local"}))
	defer server.Close()
	address := server.Listener.Addr().String()
	_, port, _ := net.SplitHostPort(address)
	for _, tt := range []struct{ target, host, status, location string }{
		{"/join", address, "200", ""},
		{"/page.wasm?x=1", address, "308", "https://" + address + "/page.wasm"},
		{"/", "desk.local:" + port, "308", "https://desk.local:" + port + "/"},
		{"/", "DESK.local", "308", "https://desk.local:" + port + "/"},
		{"/", "evil.example", "308", "https://" + address + "/"},
		{"//evil.example/", address, "308", "https://" + address + "//evil.example/"},
		{"http://evil.example/", address, "400", ""},
	} {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", tt.target, tt.host)
		r, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(r.Status, tt.status) || r.Header.Get("Location") != tt.location {
			t.Errorf("%s of %s: %s to %q, want %s to %q", tt.target, tt.host, r.Status, r.Header.Get("Location"), tt.status, tt.location)
		}
		r.Body.Close()
		conn.Close()
	}
}

// TestSecureIsKept for names but not for localhost, which other programs share.
func TestSecureIsKept(t *testing.T) {
	handler := Secure(New(newSite(t)))
	for host, want := range map[string]bool{"desk.local:8080": true, "192.168.1.2:8080": true, "localhost:8080": false, "a.localhost": false} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Host = host
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if got := w.Header().Get("Strict-Transport-Security"); (got == hsts) != want {
			t.Errorf("%s is told %q", host, got)
		}
	}
}

// TestObservatory scores the headers by the rules of Mozilla's HTTP Observatory (its
// documentation "scoring", version 5: from 100, what is missing takes away, and what is
// better than it need be gives, where at least 90 are left without that).
func TestObservatory(t *testing.T) {
	for secure, want := range map[bool]int{false: 60, true: 130} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		handler := New(newSite(t))
		if secure {
			r.Host = "desk.local"
			handler = Secure(handler)
		}
		handler.ServeHTTP(w, r)
		if got := observed(w.Header(), secure); got < want {
			t.Errorf("by TLS %v: %d, want %d", secure, got, want)
		}
	}
}

// observed is a score without what the site has none of: cookies, integrity attributes of
// scripts, and a place on the list of browsers that come by HTTPS from the first time on.
func observed(h http.Header, secure bool) int {
	score, extra := 100, 0
	if !secure {
		score -= 20 // No redirection to HTTPS.
	}
	if !strings.Contains(h.Get("Strict-Transport-Security"), "max-age=63072000") {
		score -= 20
	}
	csp := h.Get("Content-Security-Policy")
	switch {
	case csp == "":
		score -= 25
	case strings.Contains(csp, "'unsafe-inline'"), strings.Contains(csp, "'unsafe-eval'"):
		score -= 20
	case strings.HasPrefix(csp, "default-src 'none'"):
		extra += 10
	default:
		extra += 5
	}
	if strings.Contains(csp, "frame-ancestors 'none'") {
		extra += 5
	} else {
		score -= 20
	}
	if h.Get("X-Content-Type-Options") != "nosniff" {
		score -= 5
	}
	if h.Get("Referrer-Policy") == "no-referrer" {
		extra += 5
	}
	switch h.Get("Cross-Origin-Resource-Policy") {
	case "same-origin":
		extra += 10
	}
	if score < 90 {
		return score
	}
	return score + extra
}
