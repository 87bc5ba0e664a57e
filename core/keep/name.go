package keep

import (
	"strings"

	"quarterturn/core/fault"
)

// Pictures is the record of the lab's collection.
const Pictures = "pictures"

// StateOf returns the record from which a run goes on: Join of its model and of the
// rest of its state, both as package checkpoint encodes them.
func StateOf(key string) string { return runPrefix + key + "/state" }

// ModelOf returns the record of a run's final weights, a safetensors file.
func ModelOf(key string) string { return runPrefix + key + "/model" }

const runPrefix = "run/"

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
