// Command server serves Quarterturn, which is built into it, on one address.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"quarterturn/server/embedded"
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

// options are what the flags say.
type options struct {
	address, site     string
	lan, tls          bool
	certificate, key  string // Files of a certificate that the caller has.
	stdout, stderr    io.Writer
	isTerminal        bool   // Of stdout.
	machine, settings string // The computer's name, and the folder that keeps its authority.
}

// run serves until ctx is done and returns the exit code. The address is the
// first line on stdout, once the server accepts connections.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("server", flag.ContinueOnError)
	flags.SetOutput(stderr)
	o := options{stdout: stdout, stderr: stderr, isTerminal: isTerminal(stdout)}
	flags.StringVar(&o.address, "addr", "127.0.0.1:8080", "`host:port` to listen on, with -lan :8080 unless one is given; port 0 takes a free one")
	flags.StringVar(&o.site, "site", "", "serve this packed `folder` instead of the site built in (for development)")
	flags.BoolVar(&o.lan, "lan", false, "open to the local network: prints addresses and a QR code, and serves them at /join")
	flags.BoolVar(&o.tls, "tls", false, "https by an authority of this computer's own, made once, which devices can install from /join; cameras work then")
	flags.StringVar(&o.certificate, "tls-cert", "", "https by the certificate chain in this `file` (PEM)")
	flags.StringVar(&o.key, "tls-key", "", "the certificate's key, a `file` (PEM)")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return exitOK
	} else if err != nil {
		return exitUsage
	}
	given := false
	flags.Visit(func(f *flag.Flag) { given = given || f.Name == "addr" })
	if o.lan && !given {
		o.address = ":8080"
	}
	if problem := o.check(flags.Args()); problem != "" {
		fmt.Fprintln(stderr, "server: "+problem)
		return exitUsage
	}
	if err := serve(ctx, o); err != nil {
		fmt.Fprintln(stderr, err)
		return exitError
	}
	return exitOK
}

// check says what cannot be meant.
func (o *options) check(rest []string) string {
	switch {
	case len(rest) > 0:
		return fmt.Sprintf("unexpected argument %q: see server -h", rest[0])
	case (o.certificate == "") != (o.key == ""):
		return "-tls-cert and -tls-key go together: give both files"
	case o.certificate != "" && o.tls:
		return "-tls makes a certificate and -tls-cert brings one: give one of them"
	}
	return ""
}

// isTerminal reports whether a person sees what is written.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
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
