//go:build !js

package browser

import (
	"archive/zip"
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/image/draw"

	"quarterturn/assets"
	"quarterturn/core/dataset"
)

// Many are pictures as somebody has them on a disk: each another part of a built-in
// photograph, in a folder for each class.
type Many struct {
	Count int
	Photo bool // JPEG of 256×256 pixels rather than PNG of about 30×30.
}

// Folder writes the pictures below a new folder, and returns that.
func (m Many) Folder(t testing.TB) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "many")
	m.each(t, func(name string, content []byte) error {
		file := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		return os.WriteFile(file, content, 0o644)
	})
	return folder
}

// Zip writes the pictures as an archive, and returns its path.
func (m Many) Zip(t testing.TB) string {
	t.Helper()
	var packed bytes.Buffer
	archive := zip.NewWriter(&packed)
	m.each(t, func(name string, content []byte) error {
		file, err := archive.Create("many/" + name)
		if err != nil {
			return err
		}
		_, err = file.Write(content)
		return err
	})
	path := filepath.Join(t.TempDir(), "many.zip")
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, packed.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// each hands over the pictures in the order of their names.
func (m Many) each(t testing.TB, take func(name string, content []byte) error) {
	t.Helper()
	sheets, err := assets.Pictures("photographs")
	if err != nil {
		t.Fatal(err)
	}
	from := sheets.Set.Train
	byClass := make([][]int, len(from.Classes))
	for i, label := range from.Labels {
		byClass[label] = append(byClass[label], i)
	}
	for i := range m.Count {
		class := i * len(byClass) / m.Count
		k := byClass[class][i%len(byClass[class])]
		content, err := m.picture(from.At(k), from.Side, i)
		if err == nil {
			err = take(fmt.Sprintf("%s/%05d.%s", from.Classes[class], i, map[bool]string{true: "jpg", false: "png"}[m.Photo]), content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// picture encodes the i-th part of a picture.
func (m Many) picture(pixels []byte, side, i int) ([]byte, error) {
	whole := image.NewRGBA(image.Rect(0, 0, side, side))
	for k := range side * side {
		copy(whole.Pix[4*k:], pixels[dataset.Channels*k:][:dataset.Channels])
		whole.Pix[4*k+3] = 0xff
	}
	x, y := i%5, i/5%5
	part := whole.SubImage(image.Rect(x, y, x+side-4, y+side-4))
	var b bytes.Buffer
	if !m.Photo {
		err := png.Encode(&b, part)
		return b.Bytes(), err
	}
	large := image.NewRGBA(image.Rect(0, 0, 256, 256))
	draw.BiLinear.Scale(large, large.Bounds(), part, part.Bounds(), draw.Src, nil)
	err := jpeg.Encode(&b, large, nil)
	return b.Bytes(), err
}
