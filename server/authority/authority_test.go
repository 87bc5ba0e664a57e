package authority

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var now = time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)

func opened(t *testing.T, folder string, at time.Time) *Authority {
	t.Helper()
	a, err := Open(folder, "desk", at)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestAuthorityStays: it is made once, for this account alone.
func TestAuthorityStays(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "new", "quarterturn")
	first := opened(t, folder, now)
	if again := opened(t, folder, now.AddDate(5, 0, 0)); !bytes.Equal(again.DER(), first.DER()) {
		t.Error("five years later it is another")
	}
	info, err := os.Stat(filepath.Join(folder, keyFile))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key's file is %v, %v", info.Mode(), err)
	}
}

// TestWhatCannotBeUsedIsSaid and left as it is.
func TestWhatCannotBeUsedIsSaid(t *testing.T) {
	other := t.TempDir()
	opened(t, other, now)
	foreign, err := os.ReadFile(filepath.Join(other, keyFile))
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		damage func(folder string) error
		at     time.Time
		want   string
	}{
		"no key":         {func(f string) error { return os.Remove(filepath.Join(f, keyFile)) }, now, "authority.key is missing"},
		"no certificate": {func(f string) error { return os.Remove(filepath.Join(f, certificateFile)) }, now, "authority.crt is missing"},
		"rubbish":        {func(f string) error { return os.WriteFile(filepath.Join(f, certificateFile), []byte("x"), 0o600) }, now, "has no certificate"},
		"foreign key":    {func(f string) error { return os.WriteFile(filepath.Join(f, keyFile), foreign, 0o600) }, now, "do not belong together"},
		"key for all":    {func(f string) error { return os.Chmod(filepath.Join(f, keyFile), 0o644) }, now, "chmod 600"},
		"ended":          {func(string) error { return nil }, now.AddDate(11, 0, 0), "it ended on 2036-"},
	} {
		folder := t.TempDir()
		opened(t, folder, now)
		if err := tt.damage(folder); err != nil {
			t.Fatal(err)
		}
		before, _ := os.ReadFile(filepath.Join(folder, certificateFile))
		_, err := Open(folder, "desk", tt.at)
		if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "Move both files away") {
			t.Errorf("%s: error %v, want %q and what to do", name, err, tt.want)
		}
		if after, _ := os.ReadFile(filepath.Join(folder, certificateFile)); !bytes.Equal(before, after) {
			t.Errorf("%s: it was written over", name)
		}
	}
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(filepath.Join(blocked, "quarterturn"), "desk", now); err == nil || !strings.Contains(err.Error(), "cannot be used") && !strings.Contains(err.Error(), "-tls-cert") {
		t.Errorf("where no folder can be: %v", err)
	}
}

// reached is a connection at an address of the machine.
type reached struct {
	net.Conn
	address string
}

func (r reached) LocalAddr() net.Addr {
	return &net.TCPAddr{IP: net.ParseIP(r.address), Port: 443}
}

// TestCertificatesAreTrusted by who trusts the authority, at the addresses at which the
// machine was reached and by its names, and for nothing else.
func TestCertificatesAreTrusted(t *testing.T) {
	a := opened(t, t.TempDir(), now)
	roots := x509.NewCertPool()
	roots.AddCert(a.certificate)
	at := now
	issuer := NewIssuer(a, "desk", func() time.Time { return at })
	get := func(address string) *tls.Certificate {
		c, err := issuer.Certificate(&tls.ClientHelloInfo{Conn: reached{address: address}})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	first := get("192.168.1.20")
	if again := get("192.168.1.20"); again != first {
		t.Error("the same address gets another certificate")
	}
	moved := get("10.3.2.1")
	for name, trusted := range map[string]bool{"192.168.1.20": true, "10.3.2.1": true, "localhost": true, "desk": true, "desk.local": true, "10.3.2.2": false, "example.com": false} {
		_, err := moved.Leaf.Verify(x509.VerifyOptions{DNSName: name, Roots: roots, CurrentTime: now})
		if (err == nil) != trusted {
			t.Errorf("%s: %v", name, err)
		}
	}
	public := get("203.0.113.9") // It may not sign for what is not of this network.
	if _, err := public.Leaf.Verify(x509.VerifyOptions{DNSName: "203.0.113.9", Roots: roots, CurrentTime: now}); err == nil {
		t.Error("the authority vouches for a public address")
	}
	if life := moved.Leaf.NotAfter.Sub(moved.Leaf.NotBefore); life > 397*24*time.Hour {
		t.Errorf("a certificate is for %v: browsers take none of more than 398 days", life)
	}
	at = now.Add(70 * 24 * time.Hour)
	if late := get("10.3.2.1"); late.Leaf.NotAfter.Before(at.Add(renewAt)) {
		t.Errorf("70 days later the certificate still ends on %v", late.Leaf.NotAfter)
	}
}
