// Package figure draws what runs and networks came to: curves, embeddings, and what
// other charts are made of.
//
// A figure is a Scene, a list of a few kinds of shapes from back to front. It knows
// nothing of how it is shown: Scene.SVG writes it for a page or a file, package raster
// makes pixels of it and package pdf a page for papers. Numbers come as plain values, so that whoever has some
// can draw them: the command, a report, a worker.
package figure

import (
	"image"

	"quarterturn/core/chart"
)

// A Scene is a drawing. Its unit is about a pixel of a page; Y grows downwards.
type Scene struct {
	Width, Height float64
	Shapes        []Shape // From back to front.
}

// A Shape is one of Line, Area, Marks, Text and Picture.
type Shape interface{ isShape() }

// A Line goes through points. Dash has the lengths of strokes and gaps in turn; nil
// is a whole line.
type Line struct {
	Points []chart.Point
	Tone   chart.Tone
	Width  float64
	Dash   []float64
}

// An Area is a filled polygon. Opacity is 0 to 1.
type Area struct {
	Points  []chart.Point
	Tone    chart.Tone
	Opacity float64
}

// Marks are the mark of a class at points. A negative class has a small dot.
type Marks struct {
	Points []chart.Point
	Class  int
}

// A Text is a line of text. Turn is in degrees against the clock.
type Text struct {
	At     chart.Point // Of the anchor, on the base line.
	Anchor Anchor
	Turn   float64
	Size   float64
	Bold   bool
	Tone   chart.Tone
	Text   string
}

// An Anchor is the part of a text that stands where it is put.
type Anchor int

// The anchors.
const (
	Start Anchor = iota
	Middle
	End
)

// A Picture is pixels, scaled to a rectangle. Drawings as SVG leave it out: one of a
// thousand pictures would be larger than they are together.
type Picture struct {
	Min, Max chart.Point
	Image    image.Image
}

func (Line) isShape()    {}
func (Area) isShape()    {}
func (Marks) isShape()   {}
func (Text) isShape()    {}
func (Picture) isShape() {}

// Sizes of text.
const (
	Small  = 9
	Normal = 11
	Large  = 13
)

// Add puts shapes in front of all others.
func (s *Scene) Add(shapes ...Shape) { s.Shapes = append(s.Shapes, shapes...) }

// Rectangle returns an area, not transparent.
func Rectangle(min, max chart.Point, tone chart.Tone) Area {
	return Area{Points: []chart.Point{min, {X: max.X, Y: min.Y}, max, {X: min.X, Y: max.Y}}, Tone: tone, Opacity: 1}
}

// dashes tell lines apart whose colours say nothing.
var dashes = [][]float64{nil, {7, 4}, {2, 3}, {9, 3, 2, 3}}

// LineOf returns the line of class i, such as an arm: its colour and its dash.
func LineOf(i int, points []chart.Point) Line {
	return Line{Points: points, Tone: chart.KindOf(i).Colour, Width: 1.8, Dash: dashes[i%len(dashes)]}
}

// ChanceLine returns the line of guessing blindly.
func ChanceLine(points []chart.Point) Line {
	return Line{Points: points, Tone: chart.Soft, Width: 1.5, Dash: []float64{1.5, 3}}
}

// Key returns the piece of a legend: a line, if it has one, with a class's mark;
// without a mark where the class is NoClass.
func Key(line *Line, class int) *Scene {
	s := &Scene{Width: 28, Height: 12}
	if line != nil {
		sample := *line
		sample.Points = []chart.Point{{X: 0, Y: 6}, {X: 28, Y: 6}}
		s.Add(sample)
	}
	if class != NoClass {
		s.Add(Marks{Points: []chart.Point{{X: 14, Y: 6}}, Class: class})
	}
	return s
}

// NoClass is the class of what has none.
const NoClass = -1
