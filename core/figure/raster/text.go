package raster

import (
	"math"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"

	"quarterturn/core/chart"
	"quarterturn/core/figure"
	"quarterturn/core/figure/typeface"
)

// A line of glyphs, laid out from the origin along X.
type glyphs struct {
	outlines [][]chart.Point
	advance  float64
}

// emUnits are the units in which glyphs are asked for: far finer than pixels.
const emUnits = 1 << 10

// layOut sets text of a size. What the font lacks is a box.
func layOut(f *sfnt.Font, text string, size float64) (g glyphs) {
	var buffer sfnt.Buffer
	scale := size / emUnits / 64
	for _, r := range text {
		index, err := f.GlyphIndex(&buffer, r)
		if err != nil {
			continue
		}
		segments, err := f.LoadGlyph(&buffer, index, fixed.I(emUnits), nil)
		if err != nil {
			continue
		}
		g.outlines = append(g.outlines, flatten(segments, g.advance, scale)...)
		if advance, err := f.GlyphAdvance(&buffer, index, fixed.I(emUnits), 0); err == nil {
			g.advance += float64(advance) * scale
		}
	}
	return g
}

// flatten turns a glyph's curves into polygons, moved along X.
func flatten(segments sfnt.Segments, x, scale float64) (outlines [][]chart.Point) {
	at := func(p fixed.Point26_6) chart.Point {
		return chart.Point{X: x + scale*float64(p.X), Y: scale * float64(p.Y)}
	}
	for _, s := range segments {
		if s.Op == sfnt.SegmentOpMoveTo {
			outlines = append(outlines, []chart.Point{at(s.Args[0])})
			continue
		}
		if len(outlines) == 0 {
			continue
		}
		line := &outlines[len(outlines)-1]
		switch s.Op {
		case sfnt.SegmentOpLineTo:
			*line = append(*line, at(s.Args[0]))
		case sfnt.SegmentOpQuadTo:
			*line = appendCurve(*line, at(s.Args[0]), at(s.Args[1]))
		}
	}
	return outlines
}

// appendCurve appends a quadratic curve, the only ones that the Go fonts have.
func appendCurve(line []chart.Point, control, end chart.Point) []chart.Point {
	const parts = 6 // Of a curve that is a few pixels long.
	start := line[len(line)-1]
	for i := 1; i <= parts; i++ {
		t := float64(i) / parts
		a, b, c := (1-t)*(1-t), 2*t*(1-t), t*t
		line = append(line, chart.Point{X: a*start.X + b*control.X + c*end.X, Y: a*start.Y + b*control.Y + c*end.Y})
	}
	return line
}

func (c *canvas) text(t figure.Text) {
	g := layOut(typeface.Of(t.Bold), t.Text, t.Size)
	aside := map[figure.Anchor]float64{figure.Middle: g.advance / 2, figure.End: g.advance}[t.Anchor]
	sin, cos := math.Sincos(-t.Turn * math.Pi / 180)
	for _, outline := range g.outlines {
		for i, p := range outline {
			x := p.X - aside
			outline[i] = chart.Point{X: t.At.X + x*cos - p.Y*sin, Y: t.At.Y + x*sin + p.Y*cos}
		}
		c.add(outline)
	}
	c.fill(t.Tone, 1)
}
