package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"quarterturn/server/authority"
	"quarterturn/server/host"
	"quarterturn/server/join"
)

// A serving is a listener with the handler of what comes to it.
type serving struct {
	listener net.Listener
	server   *http.Server
}

// serve serves until ctx is done.
func serve(ctx context.Context, o options) error {
	pages, err := loadSite(o.site)
	if err != nil {
		return err
	}
	config, trusted, err := o.secrecy()
	if err != nil {
		return err
	}
	listener, err := host.Listen(o.address)
	if err != nil {
		return err
	}
	url, others := host.Announce(listener.Addr(), config != nil)
	handler := host.New(pages)
	if o.lan {
		page := join.Page{URLs: others, Authority: trusted}
		if len(others) == 0 {
			page.URLs = []string{url}
		}
		if handler, err = page.Handler(handler, host.Common()); err != nil {
			return errors.Join(err, listener.Close())
		}
	}
	o.announce(url, others, host.Warning(listener.Addr(), others, config != nil))
	return serveAll(ctx, o.servings(listener, handler, config), o)
}

// servings are one for plain HTTP, or two on the same port: one by TLS, and one that leads
// there.
func (o *options) servings(listener net.Listener, handler http.Handler, config *tls.Config) []serving {
	if config == nil {
		return []serving{{listener, host.NewServer(handler)}}
	}
	secure, plain := host.Split(listener)
	open := []string{join.Path, join.AuthorityPath, "/assets/style/palette.css", "/assets/style/join.css", "/assets/icon.svg"}
	if !o.lan {
		open = nil
	}
	return []serving{
		{tls.NewListener(secure, config), host.NewServer(host.Secure(handler))},
		{plain, host.NewServer(host.Redirect(handler, open, o.names()))},
	}
}

// names are those by which the machine may be called.
func (o *options) names() []string {
	machine := strings.ToLower(o.machineName())
	return []string{"localhost", machine, machine + ".local"}
}

// serveAll serves until ctx is done or one of them fails.
func serveAll(ctx context.Context, all []serving, o options) error {
	ended := make(chan error, len(all))
	for _, s := range all {
		go func() { ended <- s.server.Serve(s.listener) }()
	}
	var failed error
	running := len(all)
	select {
	case <-ctx.Done():
	case failed = <-ended:
		running--
	}
	for _, s := range all {
		if err := stop(s.server, grace); err != nil {
			fmt.Fprintln(o.stderr, err)
		}
	}
	for range running {
		<-ended
	}
	if failed != nil && !errors.Is(failed, http.ErrServerClosed) {
		return fmt.Errorf("server: %w", failed)
	}
	return nil
}

// secrecy returns how TLS is spoken, nil for plain HTTP, and the certificate of the authority
// that devices may install, if it is ours.
func (o *options) secrecy() (config *tls.Config, trusted []byte, err error) {
	config = &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}
	switch {
	case o.certificate != "":
		pair, err := tls.LoadX509KeyPair(o.certificate, o.key)
		if err != nil {
			return nil, nil, fmt.Errorf("server: -tls-cert %s and -tls-key %s: %w", o.certificate, o.key, err)
		}
		if time.Now().After(pair.Leaf.NotAfter) {
			return nil, nil, fmt.Errorf("server: the certificate in %s ended on %s: renew it", o.certificate, pair.Leaf.NotAfter.Format(time.DateOnly))
		}
		config.Certificates = []tls.Certificate{pair}
		return config, nil, nil
	case !o.tls:
		return nil, nil, nil
	}
	folder, err := o.settingsFolder()
	if err != nil {
		return nil, nil, err
	}
	ours, err := authority.Open(folder, o.machineName(), time.Now())
	if err != nil {
		return nil, nil, err
	}
	config.GetCertificate = authority.NewIssuer(ours, o.machineName(), time.Now).Certificate
	return config, ours.DER(), nil
}

// settingsFolder is where the authority is kept.
func (o *options) settingsFolder() (string, error) {
	if o.settings != "" {
		return o.settings, nil
	}
	folder, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("server: there is no folder to keep a certificate authority in: %w. Use -tls-cert and -tls-key", err)
	}
	return filepath.Join(folder, "quarterturn"), nil
}

// machineName is the computer's, without a domain; empty where it has none.
func (o *options) machineName() string {
	if o.machine != "" {
		return o.machine
	}
	name, _ := os.Hostname() // Without one it goes by its addresses.
	name, _, _ = strings.Cut(name, ".")
	return name
}

// announce prints where the page is, and how others find it.
func (o *options) announce(url string, others []string, warning string) {
	fmt.Fprintf(o.stdout, "Quarterturn: %s\n", url)
	if !o.lan {
		if warning != "" {
			fmt.Fprintln(o.stderr, warning)
		}
		return
	}
	if len(others) == 0 {
		fmt.Fprintln(o.stderr, "server: -lan: this computer has no address in a network that others could open")
		return
	}
	fmt.Fprintf(o.stdout, "For others in the network: %s\n", strings.Join(others, " "))
	fmt.Fprintf(o.stdout, "For the projector: %s%s\n", url, join.Path)
	if code, err := join.NewCode(others[0]); err == nil && o.isTerminal {
		fmt.Fprint(o.stdout, code.Terminal())
	}
}
