package authority

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// How long a certificate is used, and when another takes its place. Browsers take none of
// more than 398 days.
const (
	validFor = 90 * 24 * time.Hour
	renewAt  = 30 * 24 * time.Hour
)

// mostAddresses bounds what a certificate is for: a machine that moves from network to
// network has the latest ones.
const mostAddresses = 32

// An Issuer has a certificate for each connection: for the machine's names and for the
// addresses at which it was reached. Its key lives as long as the program.
type Issuer struct {
	authority *Authority
	machine   string
	now       func() time.Time

	mutex     sync.Mutex
	addresses []netip.Addr
	current   *tls.Certificate
}

// NewIssuer returns an Issuer for a machine of a name.
func NewIssuer(a *Authority, machine string, now func() time.Time) *Issuer {
	return &Issuer{authority: a, machine: machine, now: now}
}

// Certificate implements tls.Config.GetCertificate. A connection to an address of this
// machine that the certificate is not for yet gets a new one.
func (i *Issuer) Certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	address := localAddress(hello)
	fresh := i.current != nil && i.current.Leaf.NotAfter.Sub(i.now()) > renewAt
	if fresh && (!address.IsValid() || slices.Contains(i.addresses, address)) {
		return i.current, nil
	}
	if address.IsValid() && !slices.Contains(i.addresses, address) {
		i.addresses = append(i.addresses, address)
		i.addresses = i.addresses[max(0, len(i.addresses)-mostAddresses):]
	}
	certificate, err := i.issue()
	if err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	i.current = certificate
	return certificate, nil
}

// localAddress is that of the machine at which a client reached it.
func localAddress(hello *tls.ClientHelloInfo) netip.Addr {
	if hello.Conn == nil {
		return netip.Addr{}
	}
	at, err := netip.ParseAddrPort(hello.Conn.LocalAddr().String())
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr().Unmap().WithZone("")
}

func (i *Issuer) issue() (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	now := i.now()
	template := &x509.Certificate{
		SerialNumber: serial(),
		Subject:      pkix.Name{CommonName: "Quarterturn"},
		NotBefore:    now.Add(-time.Hour), NotAfter: now.Add(validFor),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames: []string{"localhost"},
	}
	if i.machine != "" {
		template.DNSNames = append(template.DNSNames, i.machine, i.machine+".local")
	}
	for _, address := range i.addresses {
		template.IPAddresses = append(template.IPAddresses, net.IP(address.AsSlice()))
	}
	a := i.authority
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, &key.PublicKey, a.key)
	if err != nil {
		return nil, err
	}
	leaf, err := x509.ParseCertificate(der)
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, err
}
