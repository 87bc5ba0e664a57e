package host

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"syscall"
)

// Listen listens on an address of the form host:port. It refuses one without a
// port: net.Listen takes "" for all of the machine's addresses, and an unset
// variable of a shell must not open the server to the network. Errors say what
// to do.
func Listen(address string) (net.Listener, error) {
	if _, port, _ := net.SplitHostPort(address); port == "" { // "" too where that is an error.
		return nil, fmt.Errorf("server: -addr %q is no host:port: give both, as in -addr 127.0.0.1:8080", address)
	}
	listener, err := net.Listen("tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("server: %s is in use by another program: stop that one, or choose another port with -addr (make run ADDR=127.0.0.1:8081)", address)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("server: %s may not be used by this account: choose a port above 1023 with -addr", address)
	case err != nil:
		return nil, fmt.Errorf("server: -addr %s: %w", address, err)
	}
	return listener, nil
}

// Announce returns where a browser on this machine finds a server that listens on an
// address, and where others on its network do, the likeliest first; none where they cannot.
func Announce(address net.Addr, secure bool) (url string, others []string) {
	scheme := "http://"
	if secure {
		scheme = "https://"
	}
	at, err := netip.ParseAddrPort(address.String())
	switch {
	case err != nil || at.Addr().IsLoopback():
		return scheme + address.String(), nil
	case !at.Addr().IsUnspecified():
		return scheme + at.String(), []string{scheme + at.String()}
	}
	machine, _ := net.InterfaceAddrs() // Without them none is named.
	// Nobody can open "[::]", though some browsers try.
	return scheme + netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), at.Port()).String(), reachable(machine, at.Port(), scheme)
}

// Warning says whether a server that listens on an address is open to the network, and at
// which URLs; else it is "".
func Warning(address net.Addr, others []string, secure bool) string {
	at, err := netip.ParseAddrPort(address.String())
	if err != nil || at.Addr().IsLoopback() {
		return ""
	}
	return warn(others, secure)
}

// warn says that a server is open to the network, and at which addresses.
func warn(urls []string, secure bool) string {
	where, more := "", ""
	if len(urls) > 0 {
		where = ", at " + strings.Join(urls, " and ")
	}
	if !secure {
		more = " Browsers give the camera only to https pages and to localhost: see -tls."
	}
	return "server: open to the network" + where + "." + more
}

// reachable returns URLs of a machine's addresses that others on its network can
// open: not its loopback, and not those that mean something on one link alone. Private
// ones of version 4 come first: they are short, and each device at school has one.
func reachable(machine []net.Addr, port uint16, scheme string) (urls []string) {
	var all []netip.Addr
	for _, address := range machine {
		prefix, _ := netip.ParsePrefix(address.String()) // Zero, and of no use, where it is none.
		if prefix.Addr().IsGlobalUnicast() {
			all = append(all, prefix.Addr())
		}
	}
	rank := func(a netip.Addr) int {
		switch {
		case a.Is4() && a.IsPrivate():
			return 0
		case a.Is4():
			return 1
		}
		return 2
	}
	slices.SortStableFunc(all, func(a, b netip.Addr) int { return rank(a) - rank(b) })
	for _, a := range all {
		urls = append(urls, scheme+netip.AddrPortFrom(a, port).String())
	}
	return urls
}
