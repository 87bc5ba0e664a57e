// Command watch serves the page to those who work on it: whenever a source is
// saved it has make pack the site anew, and open pages load themselves again.
//
// What it serves is what the server would, but for a script in index.html that
// waits for the next build. It is not for the public: run it by `make watch`.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"quarterturn/server/host"
	"quarterturn/server/site"
)

// lookEvery is how often the sources' times are looked at. Walking the
// repository takes about 5 ms.
const lookEvery = 300 * time.Millisecond

// packed is where `make build/packed` leaves the site.
const packed = "server/embedded/files"

func main() {
	address := flag.String("addr", "127.0.0.1:8080", "`host:port` to listen on")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := watch(ctx, *address); err != nil {
		fmt.Fprintln(os.Stderr, "watch:", err)
		os.Exit(1)
	}
}

// watch serves and builds until ctx is done. It listens before the first build,
// so that an address in use is said at once.
func watch(ctx context.Context, address string) error {
	listener, err := host.Listen(address)
	if err != nil {
		return err
	}
	pages := newPages(time.Now())
	server := host.NewServer(pages)
	go func() {
		<-ctx.Done()
		server.Close() // Open pages wait for builds for ever.
	}()
	go rebuild(ctx, pages)
	url, others := host.Announce(listener.Addr(), false)
	fmt.Printf("Quarterturn: %s, built anew at each save\n", url)
	if warning := host.Warning(listener.Addr(), others, false); warning != "" {
		fmt.Fprintln(os.Stderr, warning)
	}
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// rebuild builds at once and after each change. A build that fails says why on
// the terminal, and the pages stay as they are.
func rebuild(ctx context.Context, pages *pages) {
	var last time.Time
	for {
		if newest := newestSource("."); newest.After(last) {
			last = newest
			if err := build(ctx, pages); err != nil && ctx.Err() == nil {
				fmt.Fprintln(os.Stderr, "watch:", err)
			}
		}
		select {
		case <-time.After(lookEvery):
		case <-ctx.Done():
			return
		}
	}
}

func build(ctx context.Context, pages *pages) error {
	start := time.Now()
	make := exec.CommandContext(ctx, "make", "--no-print-directory", "build/packed")
	make.Stdout, make.Stderr = os.Stdout, os.Stderr
	if err := make.Run(); err != nil {
		return err
	}
	built, err := site.Load(os.DirFS(packed))
	if err != nil {
		return err
	}
	pages.show(built)
	fmt.Printf("built in %.1f s\n", time.Since(start).Seconds())
	return nil
}
