package host

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// pipes is a listener whose connections are in memory, so that time in a bubble of
// synctest passes as fast as nothing happens.
type pipes struct{ accepted chan net.Conn }

func (p pipes) Accept() (net.Conn, error) {
	conn, ok := <-p.accepted
	if !ok {
		return nil, net.ErrClosed
	}
	return conn, nil
}

func (p pipes) Close() error   { return nil }
func (p pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

// slowly runs client against the server that the public gets, with a clock that
// does not wait.
func slowly(t *testing.T, client func(t *testing.T, conn net.Conn)) {
	t.Helper()
	site := newSite(t)
	synctest.Test(t, func(t *testing.T) {
		listener := pipes{make(chan net.Conn)}
		server := NewServer(New(site))
		go server.Serve(listener)
		ours, theirs := net.Pipe()
		listener.accepted <- theirs
		defer func() {
			close(listener.accepted)
			_ = server.Close()
			_ = ours.Close()
			time.Sleep(time.Second) // After a 431 net/http waits before it closes.
		}()
		client(t, ours)
	})
}

// drip sends a byte each second until the server hangs up, and returns after how
// long it did; after an hour it gives up.
func drip(conn net.Conn, b byte) time.Duration {
	go io.Copy(io.Discard, conn) // An answer must not be what it waits for.
	start := time.Now()
	for time.Since(start) < time.Hour {
		time.Sleep(time.Second)
		if _, err := conn.Write([]byte{b}); err != nil {
			break
		}
	}
	return time.Since(start)
}

// TestSlowClientsAreHungUpOn: without these limits a few hundred clients that send
// next to nothing keep all of a server's connections (the attack called slow loris).
func TestSlowClientsAreHungUpOn(t *testing.T) {
	tests := []struct {
		name, request string
		most          time.Duration
	}{
		{"nothing", "", 6 * time.Second},
		{"request line", "GET /", 6 * time.Second},
		{"header", "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ", 6 * time.Second},
		{"body", "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n", 11 * time.Second},
		{"body of what is refused", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n", 11 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			slowly(t, func(t *testing.T, conn net.Conn) {
				if _, err := io.WriteString(conn, tt.request); err != nil {
					t.Fatal(err)
				}
				if took := drip(conn, 'a'); took > tt.most {
					t.Errorf("hung up on after %v, want at most %v", took, tt.most)
				}
			})
		})
	}
}

// TestClientsThatDoNotReadAreHungUpOn asks for a file and takes none of it; who
// takes a little now and then has five minutes.
func TestClientsThatDoNotReadAreHungUpOn(t *testing.T) {
	slowly(t, func(t *testing.T, conn net.Conn) {
		fmt.Fprint(conn, "GET /page.wasm HTTP/1.1\r\nHost: x\r\n\r\n")
		time.Sleep(4 * time.Minute)
		if _, err := conn.Read(make([]byte, 1)); err != nil {
			t.Errorf("after 4 minutes: %v, want bytes", err)
		}
		time.Sleep(2 * time.Minute)
		if n, err := io.Copy(io.Discard, conn); err != nil || n >= 2000 {
			t.Errorf("after 6 minutes %d more bytes came (%v), want it hung up", n, err)
		}
	})
}

// TestIdleConnectionsAreKept: a page that is looked at asks again within minutes.
func TestIdleConnectionsAreKept(t *testing.T) {
	slowly(t, func(t *testing.T, conn net.Conn) {
		answers := bufio.NewReader(conn)
		ask := func() error {
			if _, err := fmt.Fprint(conn, "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
				return err
			}
			_, err := http.ReadResponse(answers, &http.Request{Method: "HEAD"})
			return err
		}
		for range 2 {
			if err := ask(); err != nil {
				t.Fatalf("a connection idle for less than 2 minutes: %v", err)
			}
			time.Sleep(119 * time.Second)
		}
		time.Sleep(2 * time.Second)
		if ask() == nil {
			t.Error("a connection idle for more than 2 minutes is still open")
		}
	})
}

// TestLongHeadersAreRefused: net/http's own limit, 1 MB, is memory for whoever
// opens many connections.
func TestLongHeadersAreRefused(t *testing.T) {
	for length, want := range map[int]int{8 << 10: http.StatusOK, 32 << 10: http.StatusRequestHeaderFieldsTooLarge} {
		slowly(t, func(t *testing.T, conn net.Conn) {
			go fmt.Fprintf(conn, "HEAD / HTTP/1.1\r\nHost: x\r\nX-Long: %s\r\n\r\n", strings.Repeat("a", length))
			r, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: "HEAD"})
			if err != nil {
				t.Fatal(err)
			}
			if r.StatusCode != want {
				t.Errorf("header of %d bytes: status %d, want %d", length, r.StatusCode, want)
			}
		})
	}
}
