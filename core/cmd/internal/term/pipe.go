package term

import (
	"errors"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// Pipe returns a writer that goes on without its reader: one that has seen enough, as
// head has, must not end a training of hours.
func Pipe(w io.Writer) io.Writer {
	signal.Ignore(syscall.SIGPIPE) // Else the first write ends the program.
	return &pipe{w: w}
}

type pipe struct {
	w      io.Writer
	closed bool
}

func (p *pipe) Write(b []byte) (int, error) {
	if p.closed {
		return len(b), nil
	}
	n, err := p.w.Write(b)
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, os.ErrClosed) {
		p.closed = true
		return len(b), nil
	}
	return n, err
}
