// Package draw draws what the command leaves behind, each as SVG, PNG and PDF.
package draw

import (
	"fmt"
	"image"
	"path/filepath"

	"quarterturn/core/dataset"
	"quarterturn/core/durable"
	"quarterturn/core/figure"
	"quarterturn/core/figure/pdf"
	"quarterturn/core/figure/raster"
	"quarterturn/core/internal/printable"
	"quarterturn/core/measure"
	"quarterturn/core/run"
)

// Pixels of a unit of a figure: enough for a slide. Curves are drawn after each
// evaluation, so that they have fewer.
const (
	pngScale    = 2
	curvesScale = 1.5
)

// Curves draws loss and accuracy over epochs as SVG, PNG and PDF.
func Curves(history []run.Evaluated) ([]durable.Content, error) {
	scene := figure.Curves(history)
	return files("curves", scene, scene, curvesScale)
}

// Embedding draws where networks lay pictures out. If the pictures are given, PNG and
// PDF show them where there is room.
func Embedding(e *measure.Embedding, pictures *dataset.Pictures) ([]durable.Content, error) {
	drawing := scatterOf(e)
	plain := drawing.Scene()
	if pictures == nil {
		return files("embedding", plain, plain, pngScale)
	}
	showPictures(drawing, pictures, e.Seed)
	return files("embedding", plain, drawing.Scene(), pngScale)
}

// files draws a scene that has no pictures as SVG, and one that may have as the rest.
func files(name string, plain, full *figure.Scene, scale float64) ([]durable.Content, error) {
	pixels, err := raster.PNG(full, scale)
	if err != nil {
		return nil, err
	}
	page, err := pdf.Bytes(full)
	return []durable.Content{
		{Name: name + ".svg", Bytes: []byte(plain.SVG())}, {Name: name + ".png", Bytes: pixels}, {Name: name + ".pdf", Bytes: page},
	}, err
}

// scatterOf is an embedding as a figure.
func scatterOf(e *measure.Embedding) *figure.Scatter {
	s := &figure.Scatter{Labels: e.Labels}
	for _, class := range e.Classes {
		s.Classes = append(s.Classes, printable.Text(class))
	}
	for _, l := range e.Models {
		p := figure.Panel{Title: panelName(l), Points: l.Points, Axes: figure.Explained(l.Explains)}
		if l.InLayout != nil {
			p.Notes = []string{
				fmt.Sprintf("purity of the features %.2f, here %.2f, by chance %.2f", l.InFeatures.Purity, l.InLayout.Purity, e.ChancePurity),
				fmt.Sprintf("silhouette of the features %+.2f, here %+.2f", l.InFeatures.Silhouette, l.InLayout.Silhouette),
			}
		}
		s.Panels = append(s.Panels, p)
	}
	return s
}

// panelName names a network by the end of its path, as much as a panel has room
// for.
func panelName(l measure.Layout) string {
	name := filepath.Base(l.Model)
	if parent := filepath.Base(filepath.Dir(l.Model)); parent != "." && parent != string(filepath.Separator) {
		name = parent + "/" + name
	}
	const most = 40
	if letters := []rune(name); len(letters) > most {
		name = "…" + string(letters[len(letters)-most+1:])
	}
	return name + ", " + measure.PartName(l.Stage)
}

// showPictures has the pictures drawn at their points, in a random order, so that no
// class is shown first.
func showPictures(s *figure.Scatter, pictures *dataset.Pictures, seed uint64) {
	s.Order = dataset.Order(seed, 0, pictures.Len())
	s.Image = func(i int) image.Image { return picture(pictures, i) }
}

// picture returns a picture as an image.
func picture(p *dataset.Pictures, i int) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, p.Side, p.Side))
	for n := range p.Side * p.Side {
		copy(img.Pix[4*n:], p.At(i)[dataset.Channels*n:][:dataset.Channels])
		img.Pix[4*n+3] = 0xff
	}
	return img
}
