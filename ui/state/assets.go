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

// Opener returns the name of the picture that opens a set, empty when any may. It
// plainly has a top, which an aeroplane in the sky has not, and the built-in model
// knows all its turns: what a newcomer sees first should not look broken.
func (a Asset) Opener() string {
	switch a {
	case "photographs":
		return "101_ObjectCategories/ketch/image_0067.jpg"
	case "emoji":
		return "1f692_3d.png (fire engine)"
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
