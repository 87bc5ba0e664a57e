package host

import (
	"net"
	"net/http"
	"sync"
)

// silent are the connections on which no request has come yet. net/http takes
// each for a request until it is 5 seconds old (golang.org/issue/22682), and
// browsers make some ahead of need: Shutdown would wait for them.
type silent struct {
	mu       sync.Mutex
	conns    map[net.Conn]bool
	stopping bool
}

// watch is the server's ConnState.
func (s *silent) watch(conn net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case state != http.StateNew:
		delete(s.conns, conn)
	case s.stopping:
		_ = conn.Close() // Accepted while the listener was being closed.
	default:
		s.conns[conn] = true
	}
}

// close closes them, and those still to come.
func (s *silent) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopping = true
	for conn := range s.conns {
		_ = conn.Close() // It is taken off the list when its goroutine sees it.
	}
}
