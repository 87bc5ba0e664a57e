package host

import (
	"net"
	"sync"
	"time"
)

// tlsHandshake is the first byte that a client sends who speaks TLS (RFC 8446, section
// 5.1); no method of HTTP begins with it.
const tlsHandshake = 0x16

// firstByteWithin is how long a client may take to send anything.
const firstByteWithin = 5 * time.Second

// Split returns two listeners in the place of one: one has the connections that begin with
// TLS, the other those that do not. So one port takes both, and who types an address without
// its scheme is led on. Closing either closes both.
func Split(listener net.Listener) (secure, plain net.Listener) {
	s := &splitter{Listener: listener, done: make(chan struct{})}
	s.ways = [2]chan net.Conn{make(chan net.Conn), make(chan net.Conn)}
	go s.accept()
	return way{s, s.ways[0]}, way{s, s.ways[1]}
}

// A splitter tells connections apart.
type splitter struct {
	net.Listener
	ways    [2]chan net.Conn
	done    chan struct{}
	once    sync.Once
	closing sync.Once
	err     error // Why no more are accepted, once done is closed.
}

func (s *splitter) accept() {
	for {
		conn, err := s.Listener.Accept()
		if err != nil {
			s.end(err)
			return
		}
		go s.sort(conn)
	}
}

// sort hands a connection on by its first byte.
func (s *splitter) sort(conn net.Conn) {
	first := make([]byte, 1)
	_ = conn.SetReadDeadline(time.Now().Add(firstByteWithin)) // The servers set their own.
	if _, err := conn.Read(first); err != nil {
		_ = conn.Close()
		return
	}
	_ = conn.SetReadDeadline(time.Time{})
	to := s.ways[1]
	if first[0] == tlsHandshake {
		to = s.ways[0]
	}
	select {
	case to <- &begun{Conn: conn, first: first}:
	case <-s.done:
		_ = conn.Close()
	}
}

func (s *splitter) end(err error) {
	s.once.Do(func() {
		s.err = err
		close(s.done)
	})
}

// A way is a listener for some of the connections.
type way struct {
	*splitter
	conns chan net.Conn
}

// Accept implements net.Listener.
func (w way) Accept() (net.Conn, error) {
	select {
	case conn := <-w.conns:
		return conn, nil
	case <-w.done:
		return nil, w.err
	}
}

// Close implements net.Listener. It may be called again.
func (w way) Close() (err error) {
	w.end(net.ErrClosed)
	w.closing.Do(func() { err = w.Listener.Close() })
	return err
}

// begun is a connection of which the first byte was read.
type begun struct {
	net.Conn
	first []byte
}

// Read implements net.Conn.
func (b *begun) Read(p []byte) (int, error) {
	if len(b.first) > 0 && len(p) > 0 {
		n := copy(p, b.first)
		b.first = b.first[n:]
		return n, nil
	}
	return b.Conn.Read(p)
}
