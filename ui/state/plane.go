package state

import (
	"math"
	"strings"

	"quarterturn/core/chart"
	"quarterturn/core/run"
)

// PlaneSide is that of a painted map, in pixels; planeMargin keeps pictures at the edge
// whole.
const (
	PlaneSide   = 960
	planeMargin = 25
)

// InsidePlanes begins the names of what the part "Look inside" shows: no subject's key has
// a colon.
const InsidePlanes = "inside:"

// Plane paints what a name stands for, and returns RGBA and the width in pixels, or 0. Of
// a map the name begins with the key of its subject: each picture is small where the network
// has it, in a frame of its class's colour.
func (p *Page) Plane(name string) (rgba []byte, width int) {
	if rest, ok := strings.CutPrefix(name, InsidePlanes); ok {
		return p.planeOfInside(rest)
	}
	key, _, _ := strings.Cut(name, "/")
	s, ok := p.Subject(key)
	if !ok {
		return nil, 0
	}
	f := p.Findings.Find(p.Known.MapOf(s))
	if f == nil || f.Layout == nil {
		return nil, 0
	}
	return f.Layout.painted(p.Pictures), PlaneSide
}

// stampSide is that of a picture on a map of so many: together they cover half of it.
func stampSide(pictures int) int {
	return int(min(max(PlaneSide*math.Sqrt(0.5/float64(max(pictures, 1))), 20), 64))
}

func (l *Layout) painted(p *Pictures) []byte {
	rgba := make([]byte, 4*PlaneSide*PlaneSide)
	side := stampSide(len(l.IDs))
	for i, id := range l.IDs {
		t, ok := p.Find(id)
		if !ok || len(t.Pixels) != 3*t.Side*t.Side {
			continue
		}
		x, y := l.At(i)
		at := func(v float64) int {
			return min(max(int(planeMargin+v*(PlaneSide-2*planeMargin))-side/2, 0), PlaneSide-side)
		}
		stamp(rgba, at(x), at(y), side, t)
	}
	return rgba
}

// frameWidth is that of a stamp's frame, in pixels.
const frameWidth = 2

// stamp paints a picture with its frame.
func stamp(rgba []byte, left, top, side int, t run.Thumb) {
	r, g, b, _ := chart.KindOf(max(t.Class, 0)).Colour.Light().Channels()
	inner := side - 2*frameWidth
	for y := range side {
		row := rgba[4*((top+y)*PlaneSide+left):][:4*side]
		fy := (y - frameWidth) * t.Side / inner
		for x := range side {
			pixel := row[4*x : 4*x+4]
			if x < frameWidth || y < frameWidth || x >= side-frameWidth || y >= side-frameWidth {
				pixel[0], pixel[1], pixel[2], pixel[3] = r, g, b, 255
				continue
			}
			from := 3 * (fy*t.Side + (x-frameWidth)*t.Side/inner)
			copy(pixel, t.Pixels[from:from+3])
			pixel[3] = 255
		}
	}
}
