package chart

import (
	"math"
	"strconv"
	"strings"
)

// A Mark is the shape that stands for a class or at each point of a line, so that
// they differ by more than their colour.
type Mark int

// The marks. The first ones are the easiest to tell apart.
const (
	Circle Mark = iota
	Square
	Triangle
	Diamond
	Cross
	TriangleDown
	Plus
	Hexagon
	Bar
	Bow
	marks // How many there are.
)

// outlines are paths around the point that they start from, about 7 wide: steps from
// corner to corner, but for the circle's. As text, and not as numbers, they are what
// the page needs and smaller.
var outlines = [marks]string{
	Circle:       "m-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0Z",
	Square:       "m-3.2 -3.2l6.4 0l0 6.4l-6.4 0Z",
	Triangle:     "m0 -4.5l4 7l-8 0Z",
	Diamond:      "m0 -4.6l4.2 4.6l-4.2 4.6l-4.2 -4.6Z",
	Cross:        "m-4 -2.3l1.7 -1.7l2.3 2.3l2.3 -2.3l1.7 1.7l-2.3 2.3l2.3 2.3l-1.7 1.7l-2.3 -2.3l-2.3 2.3l-1.7 -1.7l2.3 -2.3Z",
	TriangleDown: "m0 4.5l4 -7l-8 0Z",
	Plus:         "m-1.3 -4.3l2.6 0l0 3l3 0l0 2.6l-3 0l0 3l-2.6 0l0 -3l-3 0l0 -2.6l3 0Z",
	Hexagon:      "m-4 0l2 -3.5l4 0l2 3.5l-2 3.5l-4 0Z",
	Bar:          "m-4.6 -1.7l9.2 0l0 3.4l-9.2 0Z",
	Bow:          "m-4 -3.4l4 2.2l4 -2.2l0 6.8l-4 -2.2l-4 2.2Z",
}

// CircleRadius is the radius of the mark Circle.
const CircleRadius = 3.5

// Outline returns the mark's outline as a path around the point that it starts
// from, about 7 wide.
func (m Mark) Outline() string { return outlines[m] }

// Polygon returns the corners of the mark's outline around the origin, about 7 wide,
// with Y downwards; of a circle as many as it takes.
func (m Mark) Polygon() (corners []Point) {
	if m == Circle {
		return circle(CircleRadius)
	}
	var at Point
	for step := range strings.SplitSeq(strings.Trim(m.Outline(), "mZ"), "l") {
		x, y, _ := strings.Cut(step, " ")
		at = Point{at.X + number(x), at.Y + number(y)}
		corners = append(corners, at)
	}
	return corners
}

// number reads a number of outlines, which a test has read all of.
func number(text string) float64 {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		panic("chart: an outline is not made of steps")
	}
	return v
}

func circle(radius float64) []Point {
	const n = 32 // At four times the size of a mark still within a tenth of a pixel.
	corners := make([]Point, n)
	for i := range corners {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / n)
		corners[i] = Point{radius * cos, radius * sin}
	}
	return corners
}

// A Kind is how a class, an arm or a run looks: a colour and a mark, of which the
// mark alone would do.
type Kind struct {
	Colour Tone
	Mark   Mark
}

// Kinds is how many kinds look different.
const Kinds = Colours * int(marks)

// KindOf returns the looks of class i, at least 0. Ten classes have ten colours and
// ten marks; the pairs repeat after Kinds.
func KindOf(i int) Kind {
	return Kind{Colour: Colour0 + Tone(i%Colours), Mark: Mark((i + i/Colours) % int(marks))}
}

// ColourClass names the rule of the style sheet that fills with the colour of
// class i.
func ColourClass(i int) string { return "colour-" + strconv.Itoa(i%Colours) }
