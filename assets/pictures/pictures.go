// Package pictures says what picture sets the product comes with and whom to
// thank for them. The pictures themselves are embedded by package assets; this
// package links nothing, so that the page can show the credits.
//
// Each set is a folder of sheets in the format of dataset.ReadSheets, beside its
// licence and a README.md.
package pictures

import "path"

// Default is the set that is there before anybody has chosen one.
const Default = "photographs"

// A Set describes a set of pictures.
type Set struct {
	Name       string // Of its folder.
	Title      string // For people.
	Credit     string // Who made the pictures and what was done to them: to be shown with them.
	License    string // Its short name.
	LicenseURL string
	SourceURL  string
	Train      int // Number of training pictures,
	Test       int // and of test pictures.
}

// Sets returns the built-in sets, the default one first.
func Sets() []Set {
	return []Set{
		{
			Name:  "photographs",
			Title: "Photographs: ten things with an upright pose",
			Credit: "Ten categories of Caltech 101 by Fei-Fei Li, Marco Andreetto, Marc'Aurelio Ranzato and Pietro Perona (CaltechDATA, 2022), " +
				"CC BY 4.0. Changed: a selection, cropped to the centred square and scaled to 32 and 64 pixels.",
			License:    "CC BY 4.0",
			LicenseURL: "https://creativecommons.org/licenses/by/4.0/",
			SourceURL:  "https://doi.org/10.22002/D1.20086",
			Train:      608,
			Test:       158,
		},
		{
			Name:       "emoji",
			Title:      "Emoji: drawings in eight classes",
			Credit:     "Fluent Emoji (3D) by Microsoft Corporation, MIT licence. Changed: on white, scaled to 32 and 64 pixels.",
			License:    "MIT",
			LicenseURL: "https://github.com/microsoft/fluentui-emoji/blob/main/LICENSE",
			SourceURL:  "https://github.com/microsoft/fluentui-emoji",
			Train:      541,
			Test:       98,
		},
	}
}

// Find returns the set of a name.
func Find(name string) (Set, bool) {
	for _, s := range Sets() {
		if s.Name == name {
			return s, true
		}
	}
	return Set{}, false
}

// files are those that reading a set takes; see the constants of package dataset.
var files = []string{"index.tsv", "train.webp", "test.webp", "preview.webp"}

// Files returns the paths below assets/ that a server has to offer so that a page
// can read the set, and its licence.
func (s Set) Files() []string {
	var paths []string
	for _, file := range append(files, "LICENSE.txt", "README.md") {
		paths = append(paths, path.Join("pictures", s.Name, file))
	}
	return paths
}
