package raster

import (
	"image"
	"image/color"
	"math"

	"golang.org/x/image/draw"
	"golang.org/x/image/vector"

	"quarterturn/core/chart"
	"quarterturn/core/figure"
)

// A canvas collects outlines and fills them together. All outlines of a fill turn the
// same way: those of opposite turns would cut holes where they overlap.
type canvas struct {
	img      *image.RGBA
	scale    float64 // Pixels in a unit.
	polygons [][]chart.Point
	raster   vector.Rasterizer
}

// add adds a polygon, in the scene's units.
func (c *canvas) add(points []chart.Point) {
	scaled := make([]chart.Point, len(points))
	for i, p := range points {
		scaled[i] = chart.Point{X: c.scale * p.X, Y: c.scale * p.Y}
	}
	c.polygons = append(c.polygons, scaled)
}

// fill paints what was added and forgets it. Only the pixels that the polygons may
// touch are looked at.
func (c *canvas) fill(tone chart.Tone, opacity float64) {
	bounds := c.bounds()
	if !bounds.Empty() {
		c.raster.Reset(bounds.Dx(), bounds.Dy())
		for _, polygon := range c.polygons {
			for i, p := range polygon {
				x, y := float32(p.X-float64(bounds.Min.X)), float32(p.Y-float64(bounds.Min.Y))
				if i == 0 {
					c.raster.MoveTo(x, y)
				} else {
					c.raster.LineTo(x, y)
				}
			}
			c.raster.ClosePath()
		}
		c.raster.Draw(c.img, bounds, image.NewUniform(faded(tone, opacity)), image.Point{})
	}
	c.polygons = c.polygons[:0]
}

// bounds are the pixels of the image that the polygons touch.
func (c *canvas) bounds() image.Rectangle {
	low, high := chart.Point{X: math.Inf(1), Y: math.Inf(1)}, chart.Point{X: math.Inf(-1), Y: math.Inf(-1)}
	for _, polygon := range c.polygons {
		for _, p := range polygon {
			low.X, low.Y = min(low.X, p.X), min(low.Y, p.Y)
			high.X, high.Y = max(high.X, p.X), max(high.Y, p.Y)
		}
	}
	// Bounded before they are integers. What is not finite is nowhere.
	size := c.img.Rect.Max
	if !(low.X < float64(size.X) && low.Y < float64(size.Y) && high.X > 0 && high.Y > 0) {
		return image.Rectangle{}
	}
	return image.Rect(
		int(math.Floor(max(low.X, 0))), int(math.Floor(max(low.Y, 0))),
		int(math.Ceil(min(high.X, float64(size.X)))), int(math.Ceil(min(high.Y, float64(size.Y)))))
}

func faded(tone chart.Tone, opacity float64) color.NRGBA {
	r, g, b, a := tone.Light().Channels()
	return color.NRGBA{R: r, G: g, B: b, A: uint8(float64(a)*min(max(opacity, 0), 1) + 0.5)}
}

// marks draws the mark of a class at each point, over its halo.
func (c *canvas) marks(m figure.Marks) {
	tone := chart.Soft
	outline := chart.Circle.Polygon()
	if m.Class >= 0 {
		kind := chart.KindOf(m.Class)
		tone, outline = kind.Colour, kind.Mark.Polygon()
	} else {
		for i := range outline {
			outline[i].X *= figure.DotRadius / chart.CircleRadius
			outline[i].Y *= figure.DotRadius / chart.CircleRadius
		}
	}
	for _, p := range m.Points {
		at := make([]chart.Point, len(outline))
		for i, q := range outline {
			at[i] = chart.Point{X: p.X + q.X, Y: p.Y + q.Y}
		}
		if m.Class >= 0 {
			c.stroke(append(at, at[0]), figure.HaloWidth/2)
			c.fill(chart.Sheet, figure.HaloOpacity)
		}
		c.add(at)
		c.fill(tone, 1)
	}
}

// picture scales a picture to its place.
func (c *canvas) picture(p figure.Picture) {
	place := image.Rect(c.pixel(p.Min.X), c.pixel(p.Min.Y), c.pixel(p.Max.X), c.pixel(p.Max.Y))
	draw.ApproxBiLinear.Scale(c.img, place, p.Image, p.Image.Bounds(), draw.Over, nil)
}

func (c *canvas) pixel(v float64) int { return int(math.Round(c.scale * v)) }
