// Package authority makes the certificates of a server on a local network, where no public
// authority knows the machine: an authority of its own, once, which people install on the
// devices that are to trust it, and short-lived certificates by it.
//
// The authority may sign for names of this network alone: private addresses, localhost,
// names under .local, and the machine's. So its key, if it were stolen, opens nobody's bank.
package authority

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// File names, in the folder that Open is given.
const (
	certificateFile = "authority.crt"
	keyFile         = "authority.key"
)

// lifetime is that of an authority: installing it again each year would be asking people to
// get used to that.
const lifetime = 10 * 365 * 24 * time.Hour

// private are the addresses that it may sign for.
var private = []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8", "fc00::/7", "fe80::/10", "::1/128"}

// An Authority signs certificates.
type Authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// Open returns the authority in a folder, or makes one there, for a machine of a name. What
// is there and cannot be used is an error that says why, and is left as it is.
func Open(folder, machine string, now time.Time) (*Authority, error) {
	a, err := read(folder, now)
	if errors.Is(err, fs.ErrNotExist) {
		return newAuthority(folder, machine, now)
	}
	if err != nil {
		return nil, fmt.Errorf("server: the certificate authority in %s cannot be used: %w. Move both files away to have a new one made, which devices then have to trust anew", folder, err)
	}
	return a, nil
}

// read reads an authority. The error is fs.ErrNotExist only where neither file is there.
func read(folder string, now time.Time) (*Authority, error) {
	key, keyErr := os.ReadFile(filepath.Join(folder, keyFile))
	certificate, err := os.ReadFile(filepath.Join(folder, certificateFile))
	switch missing := errors.Is(keyErr, fs.ErrNotExist); {
	case missing && errors.Is(err, fs.ErrNotExist):
		return nil, fs.ErrNotExist
	case missing:
		return nil, errors.New(keyFile + " is missing beside " + certificateFile)
	case errors.Is(err, fs.ErrNotExist):
		return nil, errors.New(certificateFile + " is missing beside " + keyFile)
	case keyErr != nil || err != nil:
		return nil, errors.Join(keyErr, err)
	}
	if err := checkMode(filepath.Join(folder, keyFile)); err != nil {
		return nil, err
	}
	return parse(certificate, key, now)
}

// checkMode refuses a key that other accounts of the machine can read.
func checkMode(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("%s can be read by other accounts (mode %o): chmod 600 it, or have a new one made if somebody may have it", path, info.Mode().Perm())
	}
	return nil
}

func parse(certificate, key []byte, now time.Time) (*Authority, error) {
	block, _ := pem.Decode(certificate)
	if block == nil || block.Type != "CERTIFICATE" {
		return nil, errors.New(certificateFile + " has no certificate")
	}
	a := &Authority{}
	var err error
	if a.certificate, err = x509.ParseCertificate(block.Bytes); err != nil {
		return nil, fmt.Errorf("%s: %w", certificateFile, err)
	}
	if block, _ = pem.Decode(key); block == nil || block.Type != "EC PRIVATE KEY" {
		return nil, errors.New(keyFile + " has no key")
	}
	if a.key, err = x509.ParseECPrivateKey(block.Bytes); err != nil {
		return nil, fmt.Errorf("%s: %w", keyFile, err)
	}
	public, ok := a.certificate.PublicKey.(*ecdsa.PublicKey)
	switch {
	case !ok || !public.Equal(&a.key.PublicKey):
		return nil, errors.New(keyFile + " and " + certificateFile + " do not belong together")
	case !a.certificate.IsCA:
		return nil, errors.New(certificateFile + " is no authority’s")
	case now.After(a.certificate.NotAfter):
		return nil, fmt.Errorf("it ended on %s", a.certificate.NotAfter.Format(time.DateOnly))
	}
	return a, nil
}

// newAuthority makes an authority and keeps it. The key is written first: a certificate without it
// would be trusted for nothing.
func newAuthority(folder, machine string, now time.Time) (*Authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("server: making a key: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: serial(),
		Subject:      pkix.Name{CommonName: "Quarterturn on " + machine, Organization: []string{"Quarterturn (this computer only)"}},
		NotBefore:    now.Add(-time.Hour), NotAfter: now.Add(lifetime),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true, KeyUsage: x509.KeyUsageCertSign,
		PermittedDNSDomainsCritical: true, PermittedDNSDomains: names(machine),
	}
	for _, text := range private {
		_, network, err := net.ParseCIDR(text)
		if err != nil {
			return nil, err
		}
		template.PermittedIPRanges = append(template.PermittedIPRanges, network)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("server: making a certificate authority: %w", err)
	}
	encoded, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("server: making a key: %w", err)
	}
	if err := keep(folder, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: encoded}), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})); err != nil {
		return nil, fmt.Errorf("server: keeping the certificate authority in %s: %w. Give that folder room and rights, or use -tls-cert and -tls-key", folder, err)
	}
	certificate, err := x509.ParseCertificate(der)
	return &Authority{certificate, key}, err
}

// names are those that a machine goes by on its network.
func names(machine string) []string {
	all := []string{"localhost", "local"}
	if machine != "" {
		all = append(all, machine)
	}
	return all
}

func keep(folder string, key, certificate []byte) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	if err := write(filepath.Join(folder, keyFile), key); err != nil {
		return err
	}
	if err := write(filepath.Join(folder, certificateFile), certificate); err != nil {
		return errors.Join(err, os.Remove(filepath.Join(folder, keyFile)))
	}
	return nil
}

// write makes a file for this account alone, and replaces none.
func write(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Sync(), f.Close())
}

// serial returns a number that no other certificate has.
func serial() *big.Int {
	var b [16]byte
	_, _ = rand.Read(b[:]) // It never fails.
	b[0] &= 0x7f
	return new(big.Int).SetBytes(b[:])
}

// DER returns the authority's certificate, for devices to install.
func (a *Authority) DER() []byte { return a.certificate.Raw }
