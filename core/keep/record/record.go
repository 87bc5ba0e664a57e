// Package record has the names of what a lab in a browser keeps, for the page and its
// workers alike.
package record

import "strings"

// Pictures is the lab's collection, and Book what a notebook has besides its runs.
const (
	Pictures = "pictures"
	Book     = "book"
)

const (
	runs       = "run/"
	notebooked = "/record"
)

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

// IsOf reports whether a record is one of a run.
func IsOf(key, name string) bool { return strings.HasPrefix(name, runs+key+"/") }
