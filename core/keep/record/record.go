// Package record has the names of what a lab in a browser keeps, for the page and its
// workers alike.
package record

import (
	"strconv"
	"strings"
)

// Pictures is the lab's collection, and Book what a notebook has besides its runs.
const (
	Pictures = "pictures"
	Book     = "book"
)

const (
	leaves     = "leaf/"
	runs       = "run/"
	notebooked = "/record"
)

// Leaf is some of the collection's previews.
func Leaf(number int) string { return leaves + strconv.Itoa(number) }

// LeafOf returns the number of a record that Leaf names.
func LeafOf(name string) (number int, ok bool) {
	digits, ok := strings.CutPrefix(name, leaves)
	number, err := strconv.Atoi(digits)
	return number, ok && err == nil && name == Leaf(number)
}

// State is that from which a run goes on: keep.Join of its model and of the rest of its
// state, both as package checkpoint encodes them.
func State(key string) string { return runs + key + "/state" }

// Model is a run's final weights, a safetensors file.
func Model(key string) string { return runs + key + "/model" }

// Run is what a run was told and came to, as the page writes it: a notebook.Run.
func Run(key string) string { return runs + key + notebooked }

// Network is a network that runs start from, by the SHA-256 of its file.
func Network(sum string) string { return "network/" + sum }

// IsRun reports whether a name is one that Run returns.
func IsRun(name string) bool {
	return strings.HasPrefix(name, runs) && strings.HasSuffix(name, notebooked)
}

// KeyOf returns the key of the run that a record is one of; false for other records.
func KeyOf(name string) (key string, ok bool) {
	rest, ok := strings.CutPrefix(name, runs)
	key, _, whole := strings.Cut(rest, "/")
	return key, ok && whole
}
