// Package models says what networks, and what recording of a run, the product
// comes with. It links nothing, so that the page can offer them before it fetches
// any. What each network can do is its card, which travels in its file.
package models

import "path"

// A File is one of the built-in files below assets/models.
type File struct {
	Name  string
	Title string // For people, short.
	Bytes int    // What it weighs: shown before it is fetched.
}

// Small is the network that comes with the page, Strong the one that is fetched
// when somebody asks for it, Recording a run to go through epoch by epoch. A test
// compares Bytes with the files, and the files with what a school's network should
// be asked for.
var (
	Small     = File{Name: "pretext.safetensors", Title: "Small", Bytes: 163_584}
	Strong    = File{Name: "strong.safetensors", Title: "Stronger", Bytes: 1_395_736}
	Recording = File{Name: "recording.qtr", Title: "Recording", Bytes: 471_060}
)

// Path returns where the file is below assets/.
func (f File) Path() string { return path.Join("models", f.Name) }

// Epochs is how many Recording goes through. A test compares it with the file.
const Epochs = 30
