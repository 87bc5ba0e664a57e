package join

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
)

// Paths that a Page answers.
const (
	Path            = "/join"
	AuthorityPath   = "/authority.crt"
	authorityFormat = "application/x-x509-ca-cert"
)

//go:embed page.html
var source string

var parsed = template.Must(template.New("join").Parse(source))

// A Page is how to come to the site: for the projector, and on the way to trusting the
// server for those who open it there.
type Page struct {
	URLs      []string // The first is the one with the code.
	Authority []byte   // Certificate of the authority that devices may install, DER; nil for none.
}

// Handler answers Path, and AuthorityPath if there is an authority, and leaves everything
// else to next, whose headers the page has too.
func (p Page) Handler(next http.Handler, headers http.Header) (http.Handler, error) {
	html, err := p.html()
	if err != nil {
		return nil, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		known := r.Method == http.MethodGet || r.Method == http.MethodHead
		switch {
		case known && r.URL.Path == Path:
			answer(w, headers, "text/html; charset=utf-8", html)
		case known && r.URL.Path == AuthorityPath && p.Authority != nil:
			w.Header().Set("Content-Disposition", `attachment; filename="quarterturn-authority.crt"`)
			answer(w, headers, authorityFormat, p.Authority)
		default:
			next.ServeHTTP(w, r)
		}
	}), nil
}

func answer(w http.ResponseWriter, headers http.Header, format string, body []byte) {
	for name, values := range headers {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", format)
	_, _ = w.Write(body) // It fails when the client has gone.
}

// html writes the page.
func (p Page) html() ([]byte, error) {
	if len(p.URLs) == 0 {
		return nil, fmt.Errorf("server: the page %s has no address to show", Path)
	}
	code, err := NewCode(p.URLs[0])
	if err != nil {
		return nil, err
	}
	outline, side := code.Path()
	var b bytes.Buffer
	err = parsed.Execute(&b, map[string]any{"First": p.URLs[0], "Others": p.URLs[1:], "Outline": outline, "Side": side, "Authority": p.Authority != nil, "AuthorityPath": AuthorityPath})
	return b.Bytes(), err
}
