package host

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

// TestListenRefuses: each of these would have listened on all addresses, or on a
// port that nobody asked for.
func TestListenRefuses(t *testing.T) {
	for _, address := range []string{"", ":", "127.0.0.1", "127.0.0.1:", "nonsense", "[::1]", "0.0.0.0:"} {
		listener, err := Listen(address)
		if err == nil {
			t.Errorf("Listen(%q) listens on %s", address, listener.Addr())
			_ = listener.Close()
		} else if want := `-addr "` + address + `"`; !strings.Contains(err.Error(), want) {
			t.Errorf("Listen(%q): error %q, want %s in it", address, err, want)
		}
	}
}

func TestListenSaysWhatToDo(t *testing.T) {
	taken, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for address, want := range map[string]string{
		taken.Addr().String(): "choose another port with -addr",
		"127.0.0.1:99999":     "-addr 127.0.0.1:99999: ",
	} {
		if _, err := Listen(address); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Listen(%q): error %v, want %q in it", address, err, want)
		}
	}
}

func TestAnnounce(t *testing.T) {
	tests := []struct{ address, url, warning string }{
		{"127.0.0.1:8080", "http://127.0.0.1:8080", ""},
		{"[::1]:8080", "http://[::1]:8080", ""},
		{"192.0.2.7:80", "http://192.0.2.7:80", "open to the network, at http://192.0.2.7:80. "},
		{"[2001:db8::7]:80", "http://[2001:db8::7]:80", "at http://[2001:db8::7]:80. "},
		{"[::]:8080", "http://127.0.0.1:8080", "open to the network"},
		{"0.0.0.0:8080", "http://127.0.0.1:8080", "open to the network"},
	}
	for _, tt := range tests {
		address := net.TCPAddrFromAddrPort(netip.MustParseAddrPort(tt.address))
		url, others := Announce(address, false)
		warning := Warning(address, others, false)
		if url != tt.url {
			t.Errorf("Announce(%s) = %s, want %s", tt.address, url, tt.url)
		}
		if (warning == "") != (tt.warning == "") || !strings.Contains(warning, tt.warning) || strings.Contains(warning, "[::]") {
			t.Errorf("Announce(%s) warns %q, want %q in it", tt.address, warning, tt.warning)
		}
	}
}

// TestAnnounceOfAnotherNetwork: what has no address has none to warn of.
func TestAnnounceOfAnotherNetwork(t *testing.T) {
	address := &net.UnixAddr{Name: "socket"}
	if url, others := Announce(address, false); url != "http://socket" || len(others) > 0 || Warning(address, others, false) != "" {
		t.Errorf("Announce = %q, %q", url, others)
	}
}

func TestReachable(t *testing.T) {
	var machine []net.Addr
	for _, text := range []string{"127.0.0.1/8", "192.168.1.5/24", "::1/128", "fe80::1/64", "169.254.3.4/16", "2001:db8::5/64", "198.51.100.7/24", "10.0.0.3/8"} {
		ip, network, err := net.ParseCIDR(text)
		if err != nil {
			t.Fatal(err)
		}
		machine = append(machine, &net.IPNet{IP: ip, Mask: network.Mask})
	}
	machine = append(machine, &net.UnixAddr{Name: "no address"})
	want := []string{"http://192.168.1.5:81", "http://10.0.0.3:81", "http://198.51.100.7:81", "http://[2001:db8::5]:81"}
	if got := reachable(machine, 81, "http://"); !slices.Equal(got, want) {
		t.Errorf("reachable = %q, want %q", got, want)
	}
	if got := warn(want[:2], false); !strings.Contains(got, ", at "+want[0]+" and "+want[1]+". ") {
		t.Errorf("the warning is %q", got)
	}
	if got := warn(nil, false); !strings.Contains(got, "open to the network. ") {
		t.Errorf("without addresses the warning is %q", got)
	}
}

// TestWhatIsAnnouncedOpens listens on all addresses and opens what is announced.
func TestWhatIsAnnouncedOpens(t *testing.T) {
	listener, err := Listen("0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	server := NewServer(New(newSite(t)))
	go server.Serve(listener)
	defer server.Close()
	url, others := Announce(listener.Addr(), false)
	if Warning(listener.Addr(), others, false) == "" {
		t.Error("nobody is told that it is open to the network")
	}
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	if r.StatusCode != http.StatusOK {
		t.Errorf("GET %s: status %d", url, r.StatusCode)
	}
}
