package raster

import (
	"math"

	"quarterturn/core/chart"
	"quarterturn/core/figure"
)

func (c *canvas) line(l figure.Line) {
	for _, piece := range dashed(l.Points, l.Dash) {
		c.stroke(piece, l.Width/2)
	}
	c.fill(l.Tone, 1)
}

// stroke adds what is within half the width of a line through the points: a rectangle
// for each of its parts and a circle where two of them meet.
func (c *canvas) stroke(points []chart.Point, half float64) {
	for i := 1; i < len(points); i++ {
		a, b := points[i-1], points[i]
		length := math.Hypot(b.X-a.X, b.Y-a.Y)
		if length == 0 {
			continue
		}
		nx, ny := half*(a.Y-b.Y)/length, half*(b.X-a.X)/length
		c.add([]chart.Point{{X: a.X - nx, Y: a.Y - ny}, {X: b.X - nx, Y: b.Y - ny}, {X: b.X + nx, Y: b.Y + ny}, {X: a.X + nx, Y: a.Y + ny}})
		if i+1 < len(points) {
			c.add(disc(b, half))
		}
	}
}

// disc returns a circle that turns as the rectangles of a stroke do.
func disc(at chart.Point, radius float64) []chart.Point {
	const n = 12 // Lines are a few pixels wide.
	circle := make([]chart.Point, n)
	for i := range circle {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / n)
		circle[i] = chart.Point{X: at.X + radius*cos, Y: at.Y + radius*sin}
	}
	return circle
}

// dashed cuts a line into strokes; lengths are of strokes and gaps in turn.
func dashed(points []chart.Point, lengths []float64) (pieces [][]chart.Point) {
	if len(points) == 0 {
		return nil
	}
	if len(lengths) == 0 {
		return [][]chart.Point{points}
	}
	piece := points[:1:1]
	at, left := 0, lengths[0]
	for i := 1; i < len(points); i++ {
		from, to := points[i-1], points[i]
		length := math.Hypot(to.X-from.X, to.Y-from.Y)
		gone := 0.0
		for length-gone > left {
			gone += left
			cut := chart.Point{X: from.X + (to.X-from.X)*gone/length, Y: from.Y + (to.Y-from.Y)*gone/length}
			if at%2 == 0 {
				pieces = append(pieces, append(piece, cut))
			}
			piece = []chart.Point{cut}
			at = (at + 1) % len(lengths)
			left = lengths[at]
		}
		left -= length - gone
		piece = append(piece, to)
	}
	if at%2 == 0 {
		pieces = append(pieces, piece)
	}
	return pieces
}
