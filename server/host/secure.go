package host

import (
	"maps"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// hsts tells browsers to come by HTTPS alone for two years. They heed it for names only, and
// not for addresses (RFC 6797, section 8.1.1).
const hsts = "max-age=63072000"

// Secure adds to what a handler answers over TLS that browsers shall come by TLS from now
// on. Not for localhost: there it would hold for every other program of the machine too.
func Secure(handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if name := hostName(r.Host); name != "localhost" && !strings.HasSuffix(name, ".localhost") {
			w.Header().Set("Strict-Transport-Security", hsts)
		}
		handler.ServeHTTP(w, r)
	})
}

// Redirect leads who came without TLS to the same page with it, and lets those paths be
// answered that devices need before they can trust it. A host that is none of names, nor the
// address at which the machine was reached, is not repeated: the way leads to that address.
func Redirect(open http.Handler, paths []string, names []string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path, _, _ := strings.Cut(r.RequestURI, "?")
		if slices.Contains(paths, path) {
			open.ServeHTTP(w, r)
			return
		}
		maps.Copy(w.Header(), common)
		host, ok := redirectTo(r, names)
		if !ok || !strings.HasPrefix(path, "/") {
			http.Error(w, "this server speaks https: put that before its address", http.StatusBadRequest)
			return
		}
		w.Header().Set("Location", "https://"+host+path)
		http.Error(w, "this server speaks https", http.StatusPermanentRedirect)
	})
}

// redirectTo returns the host that a request is led to.
func redirectTo(r *http.Request, names []string) (string, bool) {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok {
		return "", false
	}
	at, err := netip.ParseAddrPort(local.String())
	if err != nil {
		return "", false
	}
	at = netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
	if slices.Contains(names, hostName(r.Host)) {
		return net.JoinHostPort(hostName(r.Host), portOf(at)), true
	}
	return at.String(), true
}

func portOf(at netip.AddrPort) string {
	_, port, _ := net.SplitHostPort(at.String())
	return port
}

// hostName returns a Host header's name without its port, in lower case.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.Trim(host, "[]"))
}
