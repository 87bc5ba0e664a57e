package state

import (
	"path"
	"strings"

	"quarterturn/assets/models"
	"quarterturn/assets/pictures"
)

// An Asset is something that the server brings along: a picture set by its name,
// a network or a recording.
type Asset string

// The assets that are no pictures. Model is the network that opens with the page;
// the others are fetched when somebody asks for them.
const (
	Model     Asset = "model"
	Strong    Asset = "strong"
	Recording Asset = "recording"
)

// file returns the file of an asset that is no pictures.
func (a Asset) file() (models.File, bool) {
	f, ok := map[Asset]models.File{Model: models.Small, Strong: models.Strong, Recording: models.Recording}[a]
	return f, ok
}

// Bytes returns how large the asset is, 0 where it is not worth saying.
func (a Asset) Bytes() int {
	f, _ := a.file()
	return f.Bytes
}

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
	if a == Recording {
		return "The recording"
	}
	f, _ := a.file()
	return f.Title + " built-in network"
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
	if f, ok := a.file(); ok {
		return []string{f.Path()}
	}
	set, _ := pictures.Find(string(a))
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
