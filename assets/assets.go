// Package assets embeds what the product shows without being given anything: two
// small sets of pictures and a small model that guesses their turns.
//
// Only programs that need the bytes inside them link this package. The page and
// its workers fetch the same files and hand them to dataset.ReadSheets; package
// pictures, which embeds nothing, lists them and the credits that must be shown.
package assets

import (
	"embed"
	"fmt"

	"quarterturn/assets/models"
	"quarterturn/assets/pictures"
	"quarterturn/core/dataset"
)

// Files holds the picture sets under pictures/NAME, with their licences, and the
// small model under models. A server offers them under assets/, with the strong
// model and the recording, which no program needs inside it.
//
//go:embed pictures/photographs pictures/emoji models/pretext.safetensors
var Files embed.FS

// Pictures reads a built-in set; pictures.Sets lists their names.
func Pictures(name string) (*dataset.Sheets, error) {
	if _, ok := pictures.Find(name); !ok {
		return nil, fmt.Errorf("assets: no pictures called %q: choose photographs or emoji", name)
	}
	return dataset.ReadSheets(func(file string) ([]byte, error) {
		return Files.ReadFile("pictures/" + name + "/" + file)
	})
}

// Model returns the built-in pretext model, a safetensors file.
func Model() ([]byte, error) { return Files.ReadFile(models.Small.Path()) }
