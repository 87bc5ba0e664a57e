// Package raster makes pixels of figures, for what shows no SVG: slides, papers, chats.
//
// It draws the few shapes of a figure.Scene by golang.org/x/image/vector, in light
// colours on white, and text in the Go fonts, which know Latin, Greek and Cyrillic. It
// is apart from package figure, so that what needs no pixels links neither.
package raster

import (
	"bytes"
	"image"
	"image/draw"
	"image/png"

	"quarterturn/core/chart"
	"quarterturn/core/fault"
	"quarterturn/core/figure"
)

// maxPixels bounds an image: 400 MB.
const maxPixels = 100 << 20

// PNG returns a scene as a PNG with so many pixels for each of its units.
func PNG(s *figure.Scene, scale float64) ([]byte, error) {
	img, err := Draw(s, scale)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestSpeed} // Curves are drawn after each epoch.
	if err := encoder.Encode(&b, img); err != nil {
		return nil, fault.Errorf("raster", "%w", err)
	}
	return b.Bytes(), nil
}

// Draw returns a scene as an image with so many pixels for each of its units.
func Draw(s *figure.Scene, scale float64) (*image.RGBA, error) {
	width, height := s.Width*scale, s.Height*scale
	if !(width >= 1 && height >= 1 && width*height <= maxPixels) {
		return nil, fault.Errorf("raster", "an image of %.0f × %.0f pixels, want 1 to %d of them", width, height, maxPixels)
	}
	c := &canvas{img: image.NewRGBA(image.Rect(0, 0, int(width+0.5), int(height+0.5))), scale: scale}
	draw.Draw(c.img, c.img.Rect, image.NewUniform(faded(chart.Sheet, 1)), image.Point{}, draw.Src)
	for _, shape := range s.Shapes {
		switch shape := shape.(type) {
		case figure.Line:
			c.line(shape)
		case figure.Area:
			c.add(shape.Points)
			c.fill(shape.Tone, shape.Opacity)
		case figure.Marks:
			c.marks(shape)
		case figure.Text:
			c.text(shape)
		case figure.Picture:
			c.picture(shape)
		}
	}
	return c.img, nil
}
