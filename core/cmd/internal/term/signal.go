package term

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// UntilSignal returns a context that the first SIGINT or SIGTERM ends, and a
// function that tells which it was. A second signal ends the program at once.
func UntilSignal() (context.Context, func() syscall.Signal) {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 1)
	got := make(chan syscall.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		s := <-signals
		signal.Stop(signals)
		signal.Reset(os.Interrupt, syscall.SIGTERM)
		fmt.Fprintln(os.Stderr, "\nstopping; a second signal ends the program at once")
		if number, ok := s.(syscall.Signal); ok {
			got <- number
		}
		cancel()
	}()
	return ctx, func() syscall.Signal {
		select {
		case s := <-got:
			return s
		default:
			return 0
		}
	}
}

// IsScreen reports whether a file is a person's screen.
func IsScreen(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
}
