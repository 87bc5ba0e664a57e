package host

import (
	"maps"
	"net/http"
	"strconv"
	"strings"

	"quarterturn/server/site"
)

const identity = "identity"

// A page is a public file in its forms, from the one liked least where a client
// likes them as much.
type page []form

// A form is a file's bytes in one content coding, with all its headers: they do
// not depend on the request, so they are made once. Nobody may change the slices
// in them.
type form struct {
	coding string
	body   []byte
	header http.Header
}

// newPage returns the forms of a file that there are.
func newPage(file *site.File) page {
	p := page{newForm(file, identity, file.Raw)}
	if file.Gzip != nil {
		p = append(p, newForm(file, "gzip", file.Gzip))
	}
	if file.Brotli != nil {
		p = append(p, newForm(file, "br", file.Brotli))
	}
	return p
}

// newForm makes a form. Each has an ETag of its own, as a strong validator must.
func newForm(file *site.File, coding string, body []byte) form {
	header := maps.Clone(common)
	header["Accept-Ranges"] = []string{"bytes"}
	header["Content-Type"] = []string{file.Type}
	header["Content-Length"] = []string{strconv.Itoa(len(body))}
	header["Etag"] = []string{`"` + file.Hash[:32] + "-" + coding + `"`} // As http.Header spells it.
	if coding != identity {
		header["Content-Encoding"] = []string{coding}
	}
	return form{coding: coding, body: body, header: header}
}

// choose returns the form that a client prefers. Where it likes two codings as
// much, the smaller form wins. A client that refuses every form gets the raw
// bytes, which RFC 9110 section 12.5.3 allows and which helps it more than a 406.
func (p page) choose(acceptEncoding []string) *form {
	accepted := parseAccept(acceptEncoding)
	best := &p[0]
	most := accepted.weight(identity)
	for i := 1; i < len(p); i++ {
		if q := accepted.weight(p[i].coding); q > 0 && q >= most {
			most, best = q, &p[i]
		}
	}
	return best
}

// weights are the q-values of an Accept-Encoding header for the codings that
// there are here and for "*", 0 to 1; unsaid is one that the header lacks.
type weights struct{ identity, gzip, brotli, any float64 }

// unsaid is liked less than anything that is said, and not at all. The plain bytes
// are sent where nothing is better.
const unsaid = -1

// weight returns how much a client wants a coding; 0 and less means not at all.
func (w *weights) weight(coding string) float64 {
	if q := *w.of(coding); q != unsaid {
		return q
	}
	return w.any
}

// of returns where the q-value of a coding is; nil if there is no such coding here.
func (w *weights) of(coding string) *float64 {
	switch coding {
	case identity:
		return &w.identity
	case "gzip", "x-gzip": // RFC 9110 section 8.4.1.3: the same thing.
		return &w.gzip
	case "br":
		return &w.brotli
	case "*":
		return &w.any
	}
	return nil
}

// parseAccept reads the values of Accept-Encoding. A member it cannot read
// counts as refused: sending the plain bytes is never wrong.
func parseAccept(values []string) weights {
	w := weights{unsaid, unsaid, unsaid, unsaid}
	for _, value := range values {
		for member := range strings.SplitSeq(value, ",") {
			coding, parameter, weighted := strings.Cut(member, ";")
			q := w.of(strings.ToLower(strings.TrimSpace(coding)))
			if q == nil {
				continue
			}
			*q = 1
			if weighted {
				*q = parseWeight(parameter)
			}
		}
	}
	return w
}

// parseWeight reads "q=0.5". Whatever is not a number from 0 to 1 is 0.
func parseWeight(parameter string) float64 {
	name, value, _ := strings.Cut(strings.TrimSpace(parameter), "=")
	if !strings.EqualFold(strings.TrimSpace(name), "q") {
		return 0
	}
	q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil || !(q >= 0 && q <= 1) { // Written so that NaN is refused.
		return 0
	}
	return q
}
