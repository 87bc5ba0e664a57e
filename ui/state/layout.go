package state

import (
	"math"
	"slices"
	"strconv"

	"quarterturn/core/run"
)

// A Layout is where a network lays pictures out, fitted into a square of side 1 with Y
// downwards.
type Layout struct {
	run.Mapped
	left, top, scale float64
}

// newLayout fits the points, which keep their proportions, into the middle of the square.
func newLayout(m run.Mapped) *Layout {
	l := &Layout{Mapped: m, scale: 1}
	if len(m.Points) < 2*len(m.IDs) {
		l.IDs = m.IDs[:len(m.Points)/2]
	}
	low, high := [2]float64{math.Inf(1), math.Inf(1)}, [2]float64{math.Inf(-1), math.Inf(-1)}
	for i := range 2 * len(l.IDs) {
		v := float64(m.Points[i])
		low[i%2], high[i%2] = min(low[i%2], v), max(high[i%2], v)
	}
	if span := max(high[0]-low[0], high[1]-low[1]); span > 0 && !math.IsInf(span, 0) {
		l.scale = 1 / span
	}
	l.left, l.top = 0.5-l.scale*(low[0]+high[0])/2, 0.5-l.scale*(low[1]+high[1])/2
	return l
}

// Rows are where the pictures are, with headings, as shares of the square's side from the
// left and the top.
func (l *Layout) Rows(p *Pictures) [][]string {
	rows := [][]string{{"ID", "Picture", "Class", "From the left", "From the top"}}
	for i, id := range l.IDs {
		t, _ := p.Find(id)
		x, y := l.At(i)
		rows = append(rows, []string{strconv.Itoa(id), t.Name, p.ClassName(id), Decimal(x, 4), Decimal(y, 4)})
	}
	return rows
}

// IsGrown reports whether t-SNE has begun to move the points.
func (l *Layout) IsGrown() bool { return l != nil && l.TSNE }

// At returns where the point of an index is.
func (l *Layout) At(i int) (x, y float64) {
	return l.left + l.scale*float64(l.Points[2*i]), l.top + l.scale*float64(l.Points[2*i+1])
}

// Index returns that of a picture, or -1.
func (l *Layout) Index(id int) int { return slices.Index(l.IDs, id) }

// Nearest returns the picture nearest to a place, at most so far from it, or NoPicture.
func (l *Layout) Nearest(x, y, within float64) int {
	best, id := within, NoPicture
	for i := range l.IDs {
		px, py := l.At(i)
		if d := math.Hypot(px-x, py-y); d <= best {
			best, id = d, l.IDs[i]
		}
	}
	return id
}

// Within returns the pictures in a rectangle, whichever corners it is given by.
func (l *Layout) Within(x1, y1, x2, y2 float64) (ids []int) {
	for i, id := range l.IDs {
		x, y := l.At(i)
		if (x-x1)*(x-x2) <= 0 && (y-y1)*(y-y2) <= 0 {
			ids = append(ids, id)
		}
	}
	return ids
}

// Beside returns the picture that one comes to from another in a direction, which is the
// nearest one not further aside than ahead; the same where there is none.
func (l *Layout) Beside(id int, dx, dy float64) int {
	from := l.Index(id)
	if from < 0 {
		return l.Nearest(0.5, 0.5, 1)
	}
	x, y := l.At(from)
	best, beside := math.Inf(1), id
	for i := range l.IDs {
		px, py := l.At(i)
		ahead, aside := (px-x)*dx+(py-y)*dy, math.Abs((px-x)*dy-(py-y)*dx)
		if d := math.Hypot(px-x, py-y); i != from && ahead > 0 && aside <= ahead && d < best {
			best, beside = d, l.IDs[i]
		}
	}
	return beside
}
