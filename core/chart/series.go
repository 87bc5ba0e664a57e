// Package chart has what all charts share, those of the page, of reports and of the
// command: the palette, the marks, and measurements as the coordinates of an SVG:
// bounded series, axis ticks and path strings.
//
// It decides where a line runs and how a class looks, and knows nothing of what they
// mean, nor of the browser: dashes and words are the caller's. Measurements that are
// not finite are passed over, so that a diverged run still has a chart.
package chart

import "math"

// A Point is one measurement, in the units of the data.
type Point struct{ X, Y float64 }

// Limit is the most points that a Series keeps. More than one per pixel of a
// chart cannot be seen.
const Limit = 400

// A Series is a bounded record of measurements, in the order of X. When it is
// full its resolution halves: each point is then the mean of twice as many
// measurements as before, so drawing costs the same at step one million as at
// step one thousand. The zero Series is empty. Series are values: With leaves its
// receiver as it was.
type Series struct {
	points []Point
	each   int // Measurements in each point but the last; 0 means 1.
	last   int // Measurements in the last point.
}

// With returns the series with one more measurement.
func (s Series) With(x, y float64) Series {
	if !finite(x) || !finite(y) {
		return s
	}
	each := max(s.each, 1)
	points := append([]Point(nil), s.points...)
	last := s.last
	if end := len(points) - 1; end >= 0 && last < each {
		n := float64(last)
		points[end].X = (points[end].X*n + x) / (n + 1)
		points[end].Y = (points[end].Y*n + y) / (n + 1)
		last++
	} else {
		points, last = append(points, Point{x, y}), 1
	}
	if len(points) == Limit && last == each {
		points, each = halve(points), 2*each
		last = each
	}
	return Series{points: points, each: each, last: last}
}

// halve merges neighbours. len(points) is even.
func halve(points []Point) []Point {
	half := make([]Point, len(points)/2)
	for i := range half {
		a, b := points[2*i], points[2*i+1]
		half[i] = Point{(a.X + b.X) / 2, (a.Y + b.Y) / 2}
	}
	return half
}

// Restored returns the series that Points and Resolution were taken of. What cannot be
// is the series of the points alone.
func Restored(points []Point, each, last int) Series {
	if len(points) > Limit || each < 1 || last < 1 || last > each {
		var s Series
		for _, p := range points {
			s = s.With(p.X, p.Y)
		}
		return s
	}
	return Series{points: points, each: each, last: last}
}

// Resolution returns how many measurements each point but the last is the mean of, and
// how many the last one is.
func (s Series) Resolution() (each, last int) { return max(s.each, 1), max(s.last, 1) }

// Before returns the series up to x, for a run that goes on from there.
func (s Series) Before(x float64) Series {
	kept := s
	for n := len(s.points); n > 0 && s.points[n-1].X > x; n-- {
		kept.points, kept.last = s.points[:n-1:n-1], max(s.each, 1)
	}
	return kept
}

// Points returns what the series holds, which the caller must not change.
func (s Series) Points() []Point { return s.points }

// Smooth returns the points with each Y replaced by the mean of the points up to
// it, over a fifteenth of the series: the loss of single batches is too noisy to
// compare two lines by eye.
func (s Series) Smooth() []Point {
	window := 1 + len(s.points)/15
	smooth := make([]Point, len(s.points))
	sum := 0.0
	for i, p := range s.points {
		sum += p.Y
		if i >= window {
			sum -= s.points[i-window].Y
		}
		smooth[i] = Point{p.X, sum / float64(min(i+1, window))}
	}
	return smooth
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
