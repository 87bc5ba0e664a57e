package host

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
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

// Announce returns where a browser on this machine finds a server that listens on
// an address, and a warning if others find it too, else "".
func Announce(address net.Addr) (url, warning string) {
	at, err := netip.ParseAddrPort(address.String())
	if err != nil || at.Addr().IsLoopback() {
		return "http://" + address.String(), ""
	}
	urls := []string{"http://" + at.String()}
	url = urls[0]
	if at.Addr().IsUnspecified() {
		// All addresses. Nobody can open "[::]", though some browsers try.
		url = "http://" + netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), at.Port()).String()
		machine, _ := net.InterfaceAddrs() // Without them the warning names none.
		urls = reachable(machine, at.Port())
	}
	return url, warn(urls)
}

// warn says that a server is open to the network, and at which addresses.
func warn(urls []string) string {
	where := ""
	if len(urls) > 0 {
		where = ", at " + strings.Join(urls, " and ")
	}
	return "server: open to the network" + where + ". Browsers give the camera only to https pages and to localhost."
}

// reachable returns URLs of a machine's addresses that others on its network can
// open: not its loopback, and not those that mean something on one link alone.
func reachable(machine []net.Addr, port uint16) (urls []string) {
	for _, address := range machine {
		prefix, _ := netip.ParsePrefix(address.String()) // Zero, and of no use, where it is none.
		if prefix.Addr().IsGlobalUnicast() {
			urls = append(urls, "http://"+netip.AddrPortFrom(prefix.Addr(), port).String())
		}
	}
	return urls
}
