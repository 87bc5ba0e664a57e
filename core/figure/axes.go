package figure

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"quarterturn/core/chart"
)

// Axes are the frame of a plot: grid, labels and titles.
type Axes struct {
	Min, Max       chart.Point // The corners of what they take, titles included.
	X, Y           chart.Scale
	XTicks         []chart.Tick
	XTitle, YTitle string
	Share          bool // Y is a share, 0 to 1, labelled in per cent.
}

// Margins between what axes take and the plotting area: for labels, and so that marks
// on the edge stay whole.
const (
	marginLeft   = 44
	marginTop    = 12
	marginRight  = 12
	marginBottom = 36
)

// Ticks that Y has at most, and X about.
const (
	yTicks = 10
	xTicks = 8
)

// Axes draws axes and returns where they put data.
func (s *Scene) Axes(a Axes) chart.Plot {
	p := chart.Plot{
		Left: a.Min.X + marginLeft, Top: a.Min.Y + marginTop, Right: a.Max.X - marginRight, Bottom: a.Max.Y - marginBottom,
		X: a.X, Y: a.Y,
	}
	a.drawY(s, p)
	a.drawX(s, p)
	return p
}

// widestLabel is how many characters a label has that is not over the title.
const widestLabel = 5

// thousands returns by how much labels are multiplied so that they fit: losses near 0
// have many decimals.
func (a Axes) thousands() (factor float64) {
	factor = 1
	for ; factor < 1e12; factor *= 1000 {
		ticks := chart.Scale{Low: factor * a.Y.Low, High: factor * a.Y.High}.Ticks(yTicks)
		if !slices.ContainsFunc(ticks, func(t chart.Tick) bool { return len(t.Label) > widestLabel }) {
			return factor
		}
	}
	return 1
}

func (a Axes) drawY(s *Scene, p chart.Plot) {
	factor := 1.0
	if !a.Share {
		factor = a.thousands()
	}
	if factor > 1 {
		a.YTitle += fmt.Sprintf(" × %.0f", factor)
	}
	for _, tick := range (chart.Scale{Low: factor * p.Y.Low, High: factor * p.Y.High}).Ticks(yTicks) {
		tick.Value /= factor
		_, y := p.At(chart.Point{X: p.X.Low, Y: tick.Value})
		s.Add(Line{Points: []chart.Point{{X: p.Left, Y: y}, {X: p.Right, Y: y}}, Tone: chart.Hairline, Width: 1})
		label := tick.Label
		if a.Share {
			label = fmt.Sprintf("%.4g", 100*tick.Value)
		}
		s.Add(Text{At: chart.Point{X: p.Left - 6, Y: y + 4}, Anchor: End, Size: Normal, Tone: chart.Ink, Text: label})
	}
	s.Add(Text{
		At: chart.Point{X: a.Min.X + 11, Y: (p.Top + p.Bottom) / 2}, Anchor: Middle, Turn: 90, Size: Normal, Tone: chart.Ink, Text: a.YTitle,
	})
}

func (a Axes) drawX(s *Scene, p chart.Plot) {
	s.Add(Line{Points: []chart.Point{{X: p.Left, Y: p.Bottom}, {X: p.Right, Y: p.Bottom}}, Tone: chart.Soft, Width: 1})
	for _, tick := range a.XTicks {
		x, _ := p.At(chart.Point{X: tick.Value, Y: p.Y.Low})
		s.Add(
			Line{Points: []chart.Point{{X: x, Y: p.Bottom}, {X: x, Y: p.Bottom + 4}}, Tone: chart.Soft, Width: 1},
			Text{At: chart.Point{X: x, Y: p.Bottom + 16}, Anchor: Middle, Size: Normal, Tone: chart.Ink, Text: tick.Label})
	}
	s.Add(Text{At: chart.Point{X: (p.Left + p.Right) / 2, Y: a.Max.Y - 5}, Anchor: Middle, Size: Normal, Tone: chart.Ink, Text: a.XTitle})
}

// ShareScale is the scale of shares that holds all values from 0 up, to a multiple of
// a tenth.
func ShareScale(highest float64) chart.Scale {
	return chart.Scale{Low: 0, High: min(max(math.Ceil(10*highest-1e-9)/10, 0.1), 1)}
}

// LossScale is the scale of losses from 0 up. One that shot up at first must not
// flatten all that follows: the scale reaches to twice where the curves begin.
func LossScale(lines ...[]chart.Point) chart.Scale {
	limit, highest := 0.0, 0.0
	for _, line := range lines {
		for i, p := range finite(line) {
			highest = max(highest, p.Y)
			if i == 0 {
				limit = max(limit, 2*p.Y)
			}
		}
	}
	return chart.Scale{High: max(min(limit, highest), 1e-6) * 1.02}
}

// EpochTicks are the ticks of a scale of epochs, which are whole.
func EpochTicks(x chart.Scale) (ticks []chart.Tick) {
	for _, t := range x.Ticks(xTicks) {
		if t.Value == math.Trunc(t.Value) {
			ticks = append(ticks, chart.Tick{Value: t.Value, Label: fmt.Sprint(int(t.Value))})
		}
	}
	return ticks
}

// mostMarked is how many points of a line have marks: more would hide it.
const mostMarked = 40

// Course draws how a number went: the line of class i through points with marks. What
// is above the scale runs along its edge, and where it is highest says how high it is.
func (s *Scene) Course(p chart.Plot, i int, points []chart.Point) {
	s.course(p, LineOf(i, nil), i, points)
	s.beyond(p, i, points)
}

// Spread draws how a number went that was measured several times: its mean as Course
// does, in a band from the lowest to the highest.
func (s *Scene) Spread(p chart.Plot, i int, low, mean, high []chart.Point) {
	outline := Trace(p, high)
	for _, at := range slices.Backward(Trace(p, low)) {
		outline = append(outline, at)
	}
	if len(outline) > 0 {
		s.Add(Area{Points: outline, Tone: chart.KindOf(i).Colour, Opacity: 0.16})
	}
	s.course(p, LineOf(i, nil), i, mean)
	s.beyond(p, i, high)
}

func (s *Scene) course(p chart.Plot, line Line, class int, points []chart.Point) {
	points = finite(points)
	if len(points) == 0 {
		return
	}
	var marked []chart.Point
	for _, q := range points {
		at := place(p, q)
		line.Points = append(line.Points, at)
		if q.Y <= p.Y.High {
			marked = append(marked, at)
		}
	}
	if len(points) > mostMarked { // The last one says whose line it is.
		marked = line.Points[len(line.Points)-1:]
	}
	if len(line.Points) > 1 {
		s.Add(line)
	}
	s.Add(Marks{Points: marked, Class: class})
}

// beyond says how high class i goes, where that is above the scale, below what is said
// there already.
func (s *Scene) beyond(p chart.Plot, i int, points []chart.Point) {
	points = finite(points)
	if len(points) == 0 {
		return
	}
	top := slices.MaxFunc(points, func(a, b chart.Point) int { return cmp.Compare(a.Y, b.Y) })
	if top.Y <= p.Y.High {
		return
	}
	t := Text{At: place(p, top), Size: Small, Tone: chart.KindOf(i).Colour, Text: fmt.Sprintf("↑ %.4g", top.Y)}
	t.At.X = min(t.At.X+3, p.Right-beyondWidth)
	t.At.Y = p.Top - 3
	for s.saysAt(t.At) {
		t.At.Y += Small + 4
	}
	s.Add(t)
}

// beyondWidth is how wide a text of beyond is at most.
const beyondWidth = 62

// saysAt reports whether a text of beyond would be over another.
func (s *Scene) saysAt(at chart.Point) bool {
	return slices.ContainsFunc(s.Shapes, func(shape Shape) bool {
		t, ok := shape.(Text)
		return ok && t.Size == Small && math.Abs(t.At.X-at.X) < beyondWidth && math.Abs(t.At.Y-at.Y) < Small
	})
}

// place is where a point is drawn; one beyond the scale is at its edge.
func place(p chart.Plot, q chart.Point) chart.Point {
	x, y := p.At(chart.Point{X: q.X, Y: min(max(q.Y, p.Y.Low), p.Y.High)})
	return chart.Point{X: x, Y: y}
}

// Trace returns where the points of a line are drawn.
func Trace(p chart.Plot, points []chart.Point) []chart.Point {
	var all []chart.Point
	for _, q := range finite(points) {
		all = append(all, place(p, q))
	}
	return all
}

// ErrorBar draws a range of Y in the colour of class i. An end that is beyond the
// scale is an arrow.
func (s *Scene) ErrorBar(p chart.Plot, i int, x float64, r chart.Scale) {
	const half = 3 // Of the strokes at its ends.
	low, high := place(p, chart.Point{X: x, Y: r.Low}), place(p, chart.Point{X: x, Y: r.High})
	tone := chart.KindOf(i).Colour
	s.Add(Line{Points: []chart.Point{low, high}, Tone: tone, Width: 1.3})
	for _, end := range []struct {
		at     chart.Point
		beyond bool
		inward float64 // The direction, downwards.
	}{{low, r.Low < p.Y.Low, -1}, {high, r.High > p.Y.High, 1}} {
		if end.beyond {
			back := end.at.Y + 2*half*end.inward
			s.Add(Area{Points: []chart.Point{end.at, {X: end.at.X + half, Y: back}, {X: end.at.X - half, Y: back}}, Tone: tone, Opacity: 1})
			continue
		}
		s.Add(Line{Points: []chart.Point{{X: end.at.X - half, Y: end.at.Y}, {X: end.at.X + half, Y: end.at.Y}}, Tone: tone, Width: 1.3})
	}
}
