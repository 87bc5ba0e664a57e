package host

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// soon is less than the 5 seconds for which net/http takes a silent connection
// for one with a request.
const soon = 4 * time.Second

// started serves handler until the test ends.
func started(t *testing.T, handler http.Handler) (server *http.Server, address string) {
	t.Helper()
	listener, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server = NewServer(handler)
	go server.Serve(listener)
	t.Cleanup(func() { _ = server.Close() })
	return server, listener.Addr().String()
}

func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// TestShutdownWithSilentConnections: browsers connect ahead of requests, and keep
// connections after them.
func TestShutdownWithSilentConnections(t *testing.T) {
	server, address := started(t, New(newSite(t)))
	for i := range 50 {
		conn := dial(t, address)
		if i%2 == 1 {
			fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost:") // No request yet.
		}
	}
	last := dial(t, address) // Accepted after the others, and idle after its answer.
	fmt.Fprint(last, "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n")
	if _, err := http.ReadResponse(bufio.NewReader(last), &http.Request{Method: "HEAD"}); err != nil {
		t.Fatal(err)
	}
	limited, cancel := context.WithTimeout(context.Background(), soon)
	defer cancel()
	if err := server.Shutdown(limited); err != nil {
		t.Errorf("with silent connections: %v", err)
	}
}

// TestShutdownWaitsForAnswers stops the server in the middle of an answer, which
// has to come to its end.
func TestShutdownWaitsForAnswers(t *testing.T) {
	began, goOn := make(chan bool), make(chan bool)
	server, address := started(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		began <- true
		<-goOn
		_, _ = io.WriteString(w, strings.Repeat("x", 100_000))
	}))
	silent := dial(t, address)
	length := make(chan int)
	go func() {
		r, err := http.Get("http://" + address)
		if err != nil {
			length <- -1
			return
		}
		defer r.Body.Close()
		body, _ := io.ReadAll(r.Body)
		length <- len(body)
	}()
	<-began
	stopped := make(chan error)
	go func() { stopped <- server.Shutdown(context.Background()) }()
	// The silent one is closed, so the server is stopping, and the answer not done.
	if _, err := io.ReadAll(silent); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-stopped:
		t.Errorf("stopped (%v) before its answer", err)
	default:
	}
	goOn <- true
	if n := <-length; n != 100_000 {
		t.Errorf("%d bytes of the answer came, want 100000", n)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

// TestSilentOnesThatComeLate: one may be accepted while the server stops.
func TestSilentOnesThatComeLate(t *testing.T) {
	s := &silent{conns: make(map[net.Conn]bool)}
	s.close()
	ours, theirs := net.Pipe()
	s.watch(theirs, http.StateNew)
	_ = ours.SetReadDeadline(time.Now().Add(soon)) // Else a failure would be for ever.
	if _, err := ours.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the connection is open: %v", err)
	}
}
