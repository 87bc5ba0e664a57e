package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// lan is a server that was started with flags, and what it printed up to where the
// projector goes. Its authority is kept in a folder of the test's.
func lan(t *testing.T, flags ...string) (url string) {
	t.Helper()
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	ctx, stop := context.WithCancel(context.Background())
	reader, writer := io.Pipe()
	code := make(chan int, 1)
	var stderr bytes.Buffer
	go func() {
		code <- run(ctx, append([]string{"-addr", "127.0.0.1:0", "-site", packed(t)}, flags...), writer, &stderr)
		writer.Close()
	}()
	line, err := bufio.NewReader(reader).ReadString('\n')
	if err != nil {
		t.Fatalf("no address was printed: %v; stderr: %s", err, stderr.String())
	}
	go func() { _, _ = io.Copy(io.Discard, reader) }()
	t.Cleanup(func() {
		stop()
		if got := <-code; got != exitOK || strings.Contains(stderr.String(), "still open") {
			t.Errorf("it ended with %d: %s", got, stderr.String())
		}
	})
	return strings.TrimSpace(strings.TrimPrefix(line, "Quarterturn: "))
}

// TestLANByTLS walks a device's way: it comes by plain HTTP, gets the authority, trusts it,
// and sees the page.
func TestLANByTLS(t *testing.T) {
	url := lan(t, "-lan", "-tls")
	plain := "http://" + strings.TrimPrefix(url, "https://")
	if url == plain {
		t.Fatalf("it is announced as %s", url)
	}
	stranger := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r, err := stranger.Get(plain + "/")
	if err != nil || r.StatusCode != http.StatusPermanentRedirect || r.Header.Get("Location") != url+"/" {
		t.Fatalf("plain HTTP is answered by %+v, %v", r, err)
	}
	join := fetched(t, stranger, plain+"/join")
	if !strings.Contains(join, url) {
		t.Errorf("how to join has no %s: %s", url, join)
	}
	authority, err := x509.ParseCertificate([]byte(fetched(t, stranger, plain+"/authority.crt")))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stranger.Get(url + "/"); err == nil {
		t.Error("who trusts nothing sees the page")
	}
	roots := x509.NewCertPool()
	roots.AddCert(authority)
	friend := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
	if got := fetched(t, friend, url+"/"); got != "hello" {
		t.Errorf("the page is %q", got)
	}
	friend.CloseIdleConnections()
}

func fetched(t *testing.T, client *http.Client, url string) string {
	t.Helper()
	r, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s, %v", url, r.Status, err)
	}
	return string(text)
}

// TestLANPlain has the page to join at, and no authority.
func TestLANPlain(t *testing.T) {
	url := lan(t, "-lan")
	if join := fetched(t, http.DefaultClient, url+"/join"); !strings.Contains(join, url) || strings.Contains(join, "authority") {
		t.Errorf("how to join is %s", join)
	}
	if r, err := http.Get(lan(t) + "/join"); err != nil || r.StatusCode != http.StatusNotFound {
		t.Errorf("a server for this computer alone answers /join by %+v, %v", r, err)
	}
}

// TestWrongTLSFlags are explained.
func TestWrongTLSFlags(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	broken := filepath.Join(t.TempDir(), "broken.pem")
	if err := os.WriteFile(broken, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"-tls-cert", broken}, exitUsage, "go together"},
		{[]string{"-tls", "-tls-cert", broken, "-tls-key", broken}, exitUsage, "give one of them"},
		{[]string{"-tls-cert", broken, "-tls-key", broken}, exitError, "broken.pem"},
	} {
		var stderr bytes.Buffer
		if code := run(context.Background(), append(tt.args, "-site", packed(t)), io.Discard, &stderr); code != tt.code || !strings.Contains(stderr.String(), tt.want) {
			t.Errorf("%q: exit code %d, stderr %q", tt.args, code, stderr.String())
		}
	}
}
