package state

import (
	"path"
	"strings"

	"quarterturn/assets/pictures"
)

// An Asset is something that the server brings along: a picture set by its name,
// or the Model.
type Asset string

// Model is the built-in network.
const Model Asset = "model"

// Sets returns the built-in picture sets, the first of which opens with the page.
func Sets() []Asset {
	var sets []Asset
	for _, set := range pictures.Sets() {
		sets = append(sets, Asset(set.Name))
	}
	return sets
}

// Title returns the asset's name for people, without its explanation.
func (a Asset) Title() string {
	if set, ok := pictures.Find(string(a)); ok {
		title, _, _ := strings.Cut(set.Title, ":")
		return title
	}
	return "Built-in network"
}

// opener returns the class whose first picture opens a set: one that plainly has
// a top, which an aeroplane in the sky does not.
func (a Asset) opener() string {
	switch a {
	case "photographs":
		return "kangaroo"
	case "emoji":
		return "animal"
	}
	return ""
}

// Paths returns the files of the asset, below the server's folder of assets.
func (a Asset) Paths() []string {
	set, ok := pictures.Find(string(a))
	if !ok {
		return []string{"models/pretext.safetensors"}
	}
	var paths []string
	for _, file := range set.Files() {
		switch path.Ext(file) {
		case ".txt", ".md": // The licence is for people, who find it beside the pictures.
		default:
			paths = append(paths, file)
		}
	}
	return paths
}

// A Source says whom to thank for a built-in set, with the way to its licence.
type Source struct{ Credit, Licence, LicenceURL, SourceURL string }

// Source returns the source of a built-in set.
func (a Asset) Source() (Source, bool) {
	set, ok := pictures.Find(string(a))
	return Source{set.Credit, set.License, set.LicenseURL, set.SourceURL}, ok
}
