package keep

import (
	"strings"

	"quarterturn/core/fault"
)

const maxNameBytes = 200

// CheckName returns an error unless a name is one of records: parts of letters,
// digits, - and _ between slashes.
func CheckName(name string) error {
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || strings.ContainsFunc(part, func(r rune) bool { return !isPlain(r) }) || len(name) > maxNameBytes {
			return fault.Errorf("keep", "%q cannot be the name of a record", name)
		}
	}
	return nil
}

func isPlain(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_'
}
