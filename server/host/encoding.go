package host

import (
	"strconv"
	"strings"

	"quarterturn/server/site"
)

const identity = "identity"

// choose returns the content coding a client prefers, and the bytes of file in
// it. Where the client likes two codings as much, the smaller form wins. A
// client that refuses every form gets the raw bytes, which RFC 9110 section
// 12.5.3 allows and which helps it more than a 406.
func choose(file *site.File, acceptEncoding []string) (coding string, body []byte) {
	accepted := parseAccept(acceptEncoding)
	coding, body = identity, file.Raw
	best := accepted.weight(identity)
	for _, form := range []struct {
		coding string
		body   []byte
	}{{"gzip", file.Gzip}, {"br", file.Brotli}} {
		q := accepted.weight(form.coding)
		if form.body != nil && q > 0 && q >= best {
			best, coding, body = q, form.coding, form.body
		}
	}
	return coding, body
}

// weights are the q-values of an Accept-Encoding header by lower-case coding,
// 0 to 1.
type weights map[string]float64

// weight returns how much a client wants a coding; 0 means not at all.
func (w weights) weight(coding string) float64 {
	if q, ok := w[coding]; ok {
		return q
	}
	if q, ok := w["*"]; ok {
		return q
	}
	if coding == identity {
		return minWeight // Acceptable unless excluded, and liked least.
	}
	return 0
}

// minWeight is below the smallest q-value that can be written, 0.001.
const minWeight = 0.0001

// parseAccept reads the values of Accept-Encoding. A member it cannot read
// counts as refused: sending the plain bytes is never wrong.
func parseAccept(values []string) weights {
	w := make(weights)
	for _, member := range strings.Split(strings.Join(values, ","), ",") {
		coding, parameter, weighted := strings.Cut(member, ";")
		coding = strings.ToLower(strings.TrimSpace(coding))
		if coding == "" {
			continue
		}
		if coding == "x-gzip" {
			coding = "gzip" // RFC 9110 section 8.4.1.3: the same thing.
		}
		w[coding] = 1
		if weighted {
			w[coding] = parseWeight(parameter)
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
