// Command server serves Quarterturn, which is built into it, on one address.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"quarterturn/server/embedded"
	"quarterturn/server/host"
	"quarterturn/server/site"
)

const (
	exitOK    = 0
	exitError = 1
	exitUsage = 2
)

// grace is how long open requests may take to finish once the server was asked
// to stop.
const grace = 5 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run serves until ctx is done and returns the exit code. The address is the
// one line on stdout, once the server accepts connections.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("server", flag.ContinueOnError)
	flags.SetOutput(stderr)
	address := flags.String("addr", "127.0.0.1:8080", "`host:port` to listen on; port 0 takes a free one")
	folder := flags.String("site", "", "serve this packed `folder` instead of the site built in (for development)")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return exitOK
	} else if err != nil {
		return exitUsage
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(stderr, "server: unexpected argument %q: see server -h\n", flags.Arg(0))
		return exitUsage
	}
	if err := serve(ctx, *address, *folder, stdout, stderr); err != nil {
		fmt.Fprintln(stderr, err)
		return exitError
	}
	return exitOK
}

func serve(ctx context.Context, address, folder string, stdout, stderr io.Writer) error {
	pages, err := loadSite(folder)
	if err != nil {
		return err
	}
	listener, err := host.Listen(address)
	if err != nil {
		return err
	}
	announce(listener.Addr(), stdout, stderr)
	server := host.NewServer(host.New(pages))
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		stopped <- stop(server, grace)
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("server: %w", err)
	}
	if err := <-stopped; err != nil {
		fmt.Fprintln(stderr, err)
	}
	return nil
}

// stop has a server take no more requests and waits for those that are open, but no
// longer than it may take; then they are cut off, and that is the error.
func stop(server *http.Server, most time.Duration) error {
	limited, cancel := context.WithTimeout(context.Background(), most)
	defer cancel()
	if err := server.Shutdown(limited); err != nil {
		return errors.Join(errors.New("server: stopped with requests still open"), server.Close())
	}
	return nil
}

// loadSite reads the site from a folder, or the one built in if folder is "".
func loadSite(folder string) (*site.Site, error) {
	var packed fs.FS = embedded.Files()
	if folder != "" {
		packed = os.DirFS(folder)
	}
	pages, err := site.Load(packed)
	if errors.Is(err, site.ErrNotBuilt) && folder == "" {
		return nil, errors.New("server: the page was not built into this binary: build it with `make build`, or `make run`")
	}
	if errors.Is(err, site.ErrNotBuilt) {
		return nil, fmt.Errorf("server: %s is no packed site: make one with server/cmd/pack", folder)
	}
	return pages, err
}

// announce prints where the page is, and says so if others can reach it too.
func announce(address net.Addr, stdout, stderr io.Writer) {
	url, warning := host.Announce(address)
	fmt.Fprintf(stdout, "Quarterturn: %s\n", url)
	if warning != "" {
		fmt.Fprintln(stderr, warning)
	}
}
