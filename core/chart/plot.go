package chart

import (
	"math"
	"strconv"
)

// A Scale is the range of the data that an axis shows.
type Scale struct{ Low, High float64 }

// Cover returns the scale from low to at least high that also holds every point,
// by their Y.
func Cover(low, high float64, lines ...[]Point) Scale {
	s := Scale{low, high}
	for _, line := range lines {
		for _, p := range line {
			s.Low, s.High = min(s.Low, p.Y), max(s.High, p.Y)
		}
	}
	return s
}

// A Tick is a mark on an axis.
type Tick struct {
	Value float64
	Label string
}

// Ticks returns about n marks at round values: multiples of 1, 2 or 5 times a
// power of ten. An empty scale has none.
func (s Scale) Ticks(n int) []Tick {
	span := s.High - s.Low
	if n < 1 || !(span > 0) || !finite(span) {
		return nil
	}
	step := roundUp(span / float64(n))
	decimals := max(0, -int(math.Floor(math.Log10(step)+1e-9)))
	var ticks []Tick
	// Counted in steps: adding the step up would drift off the round values.
	// The zero added turns a negative zero, which would be labelled -0, into zero.
	for i := math.Ceil(s.Low/step-1e-9) + 0; i*step <= s.High+1e-9*span; i++ {
		value := i * step
		ticks = append(ticks, Tick{value, strconv.FormatFloat(value, 'f', decimals, 64)})
	}
	return ticks
}

// roundUp returns the smallest of 1, 2, 5 and 10 times a power of ten that is at
// least v, which is positive.
func roundUp(v float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 5} {
		if m*power >= v*(1-1e-9) {
			return m * power
		}
	}
	return 10 * power
}

// A Plot maps data to the coordinates of an SVG, whose Y grows downwards.
type Plot struct {
	Left, Top, Right, Bottom float64 // Edges of the plotting area.
	X, Y                     Scale
}

// At returns where a point lies. A scale without extent puts everything at its
// low end.
func (p Plot) At(q Point) (x, y float64) {
	return p.Left + fraction(q.X, p.X)*(p.Right-p.Left),
		p.Bottom - fraction(q.Y, p.Y)*(p.Bottom-p.Top)
}

func fraction(v float64, s Scale) float64 {
	if !(s.High > s.Low) {
		return 0
	}
	return (v - s.Low) / (s.High - s.Low)
}

// Path returns the d attribute of a line through the points, empty without any.
func (p Plot) Path(points []Point) string {
	var d []byte
	command := byte('M')
	for _, q := range points {
		x, y := p.At(q)
		d = appendMove(d, command, x, y)
		command = 'L'
	}
	return string(d)
}

// Marks returns the d attribute of a mark at each point.
func (p Plot) Marks(points []Point, mark Mark) string {
	outline := mark.Outline()
	var d []byte
	for _, q := range points {
		x, y := p.At(q)
		d = append(appendMove(d, 'M', x, y), outline...)
	}
	return string(d)
}

// appendMove appends one command of a path, to a tenth of a pixel.
func appendMove(d []byte, command byte, x, y float64) []byte {
	d = strconv.AppendFloat(append(d, command), x, 'f', 1, 64)
	return strconv.AppendFloat(append(d, ' '), y, 'f', 1, 64)
}
