package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"quarterturn/server/host"
	"quarterturn/server/site"
)

// packed is a folder with a site of one page.
func packed(t *testing.T) string {
	t.Helper()
	out := t.TempDir()
	root := fstest.MapFS{"index.html": {Data: []byte("hello")}}
	if _, err := site.Pack(root, []site.Rule{{URL: "/", Source: "index.html"}}, out, site.Fast); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestServeUntilStopped(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	reader, writer := io.Pipe()
	code := make(chan int, 1)
	var stderr bytes.Buffer
	go func() {
		code <- run(ctx, []string{"-addr", "127.0.0.1:0", "-site", packed(t)}, writer, &stderr)
		writer.Close()
	}()
	line, err := bufio.NewReader(reader).ReadString('\n')
	if err != nil {
		t.Fatalf("no address was printed: %v; stderr: %s", err, stderr.String())
	}
	url := strings.TrimSpace(strings.TrimPrefix(line, "Quarterturn: "))
	for range 50 { // As browsers do, ahead of need: no requests to wait for.
		conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
	}
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r.Body)
	r.Body.Close()
	if err != nil || string(text) != "hello" {
		t.Errorf("GET %s = %q, %v", url, text, err)
	}
	stop()
	select {
	case got := <-code:
		if got != exitOK || stderr.Len() > 0 {
			t.Errorf("after a stop: exit code %d, want %d; stderr %q, want none", got, exitOK, stderr.String())
		}
	case <-time.After(2 * grace):
		t.Fatal("the server does not stop")
	}
	if _, err := http.Get(url); err == nil {
		t.Error("the server answers after it stopped")
	}
}

func TestAnnounceWarns(t *testing.T) {
	for ip, want := range map[string]bool{"127.0.0.1": false, "192.0.2.1": true} {
		var stdout, stderr bytes.Buffer
		o, address := options{stdout: &stdout, stderr: &stderr}, &net.TCPAddr{IP: net.ParseIP(ip), Port: 80}
		url, others := host.Announce(address, false)
		o.announce(url, others, host.Warning(address, others, false))
		if line := "Quarterturn: http://" + ip + ":80\n"; stdout.String() != line || (stderr.Len() > 0) != want {
			t.Errorf("%s: announced %q, warned %q", ip, stdout.String(), stderr.String())
		}
	}
}

// TestSiteBuiltIn: a clone that was not built yet has none, and says how to get it.
func TestSiteBuiltIn(t *testing.T) {
	pages, err := loadSite("")
	if err != nil && !strings.Contains(err.Error(), "make build") {
		t.Errorf("error %v, want what to do", err)
	}
	if err == nil {
		if _, ok := pages.File("/"); !ok {
			t.Error("the site that was built in has no page")
		}
	}
}

// TestStopCutsOff has a request that does not end.
func TestStopCutsOff(t *testing.T) {
	began, end := make(chan bool), make(chan bool)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { began <- true; <-end })}
	go server.Serve(listener)
	answered := make(chan error)
	go func() {
		_, err := http.Get("http://" + listener.Addr().String())
		answered <- err
	}()
	<-began
	if err := stop(server, time.Millisecond); err == nil || !strings.Contains(err.Error(), "requests still open") {
		t.Errorf("stop = %v, want that a request is open", err)
	}
	if err := <-answered; err == nil { // Not before its handler ends, unless it is cut off.
		t.Error("the request was answered")
	}
	close(end)
}

func TestErrorsSayWhatToDo(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	broken := packed(t)
	if err := os.Remove(filepath.Join(broken, "index.html")); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		args []string
		code int
		want string
	}{
		{"port taken", []string{"-addr", taken.Addr().String(), "-site", packed(t)}, exitError, "choose another port with -addr"},
		{"bad address", []string{"-addr", "nonsense", "-site", packed(t)}, exitError, `-addr "nonsense"`},
		{"address unset", []string{"-addr", "", "-site", packed(t)}, exitError, `-addr "" is no host:port`},
		{"no site", []string{"-addr", "127.0.0.1:0", "-site", t.TempDir()}, exitError, "is no packed site"},
		{"broken site", []string{"-addr", "127.0.0.1:0", "-site", broken}, exitError, "index.html"},
		{"unknown flag", []string{"-port=1", "-addr", "127.0.0.1:0"}, exitUsage, "-addr host:port"},
		{"argument", []string{"here"}, exitUsage, `unexpected argument "here"`},
		{"help", []string{"-h"}, exitOK, "-addr host:port"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			var stdout, stderr bytes.Buffer
			if got := run(ctx, tt.args, &stdout, &stderr); got != tt.code {
				t.Errorf("exit code %d, want %d", got, tt.code)
			}
			if !strings.Contains(stderr.String(), tt.want) || stdout.Len() > 0 {
				t.Errorf("stderr %q, want %q in it; stdout %q", stderr.String(), tt.want, stdout.String())
			}
		})
	}
}
