package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"quarterturn/core/chart"
)

// A figure is a drawing with its legend and its data.
type figure struct {
	Title         string
	Caption       string
	Width, Height string // Of the SVG's own units, about pixels on a phone.
	Shapes        []shape
	Words         []word
	Legend        []key
	Data          *Grid
}

// A shape is a path of an SVG. Class says how it is drawn, see style.css.
type shape struct {
	Class string
	D     string
	Glyph string // Of each point of the path; empty for none.
	Light string // Opacity, for shades; empty for none.
}

// A word is a piece of text in an SVG.
type word struct {
	Class, X, Y, Text string
	Turn              string // A transform; empty for none.
}

// A key explains a line or a mark.
type key struct {
	Class, Glyph string
	Line         bool
	Text         string
}

// Glyphs and colours of arms and classes. The first 64 differ.
const (
	colors = 8
	shapes = 8
	kinds  = colors * shapes
)

// glyphPaths are outlines around the origin, about 7 wide. The first ones are the
// easiest to tell apart.
var glyphPaths = [shapes]struct {
	D      string
	Filled bool
}{
	{"M-3 0a3 3 0 1 0 6 0a3 3 0 1 0 -6 0Z", true},
	{"M-2.9 -2.9h5.8v5.8h-5.8Z", false},
	{"M0 -4l3.6 6.4h-7.2Z", true},
	{"M-3 -3L3 3M-3 3L3 -3", false},
	{"M0 -4L3.4 0L0 4L-3.4 0Z", false},
	{"M0 4l3.6 -6.4h-7.2Z", true},
	{"M-3.8 0H3.8M0 -3.8V3.8", false},
	{"M-3.3 0a3.3 3.3 0 1 0 6.6 0a3.3 3.3 0 1 0 -6.6 0Z", false},
}

// A glyph is a mark as an SVG marker.
type glyph struct {
	ID, Class, D string
}

// glyphs returns the marks of all kinds, and that of what has no class.
func glyphs() []glyph {
	list := []glyph{{ID: "g-none", Class: "none filled", D: "M-1.2 0a1.2 1.2 0 1 0 2.4 0a1.2 1.2 0 1 0 -2.4 0Z"}}
	for i := range kinds {
		p := glyphPaths[(i+i/colors)%shapes]
		class := colorClass(i)
		if p.Filled {
			class += " filled"
		}
		list = append(list, glyph{ID: glyphID(i), Class: class, D: p.D})
	}
	return list
}

func glyphID(i int) string { return "g" + strconv.Itoa(i%kinds) }

func colorClass(i int) string { return "k" + strconv.Itoa(i%colors) }

// lineClass gives the line of arm i its colour and its dash.
func lineClass(i int) string { return "line " + colorClass(i) + " dash" + strconv.Itoa(i%4) }

// Edges of the plotting area, and the size of all plots with axes.
const (
	plotWidth, plotHeight = 360, 250
	left, top             = 44, 12
	right, bottom         = plotWidth - 12, plotHeight - 36
)

// newFigure returns an empty plot with its axes: percent says that Y is a share.
func newFigure(title, xTitle, yTitle string, x, y chart.Scale, xTicks []chart.Tick, percent bool) (*figure, chart.Plot) {
	f := &figure{Title: title, Width: strconv.Itoa(plotWidth), Height: strconv.Itoa(plotHeight)}
	p := chart.Plot{Left: left, Top: top, Right: right, Bottom: bottom, X: x, Y: y}
	var grid strings.Builder
	for _, tick := range y.Ticks(5) {
		_, at := p.At(chart.Point{X: x.Low, Y: tick.Value})
		fmt.Fprintf(&grid, "M%d %.1fH%d", left, at, right)
		text := tick.Label
		if percent {
			text = fmt.Sprintf("%.4g", 100*tick.Value)
		}
		f.Words = append(f.Words, word{Class: "end", X: strconv.Itoa(left - 6), Y: tenth(at + 4), Text: text})
	}
	f.Shapes = append(f.Shapes, shape{Class: "grid", D: grid.String()})
	for _, tick := range xTicks {
		at, _ := p.At(chart.Point{X: tick.Value, Y: y.Low})
		f.Words = append(f.Words, word{Class: "middle", X: tenth(at), Y: strconv.Itoa(bottom + 15), Text: tick.Label})
	}
	f.Words = append(f.Words,
		word{Class: "middle title", X: strconv.Itoa((left + right) / 2), Y: strconv.Itoa(plotHeight - 5), Text: xTitle},
		word{Class: "middle title", X: "0", Y: "0", Text: yTitle, Turn: fmt.Sprintf("translate(11 %d) rotate(-90)", (top+bottom)/2)},
	)
	f.Shapes = append(f.Shapes, shape{Class: "axis", D: fmt.Sprintf("M%d %dH%d", left, bottom, right)})
	return f, p
}

func tenth(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) }

// line adds a line through points, with a mark at each.
func (f *figure) line(p chart.Plot, points []chart.Point, i int) {
	f.Shapes = append(f.Shapes, shape{Class: lineClass(i), D: p.Path(points), Glyph: glyphID(i)})
}

// band adds the area between two lines.
func (f *figure) band(p chart.Plot, low, high []chart.Point, i int) {
	outline := append([]chart.Point(nil), high...)
	for at := range low {
		outline = append(outline, low[len(low)-1-at])
	}
	if d := p.Path(outline); d != "" {
		f.Shapes = append(f.Shapes, shape{Class: "band " + colorClass(i), D: d + "Z"})
	}
}

// share is the scale of shares that holds all values from 0 up, to a multiple of
// a tenth.
func shareScale(highest float64) chart.Scale {
	return chart.Scale{Low: 0, High: min(max(math.Ceil(10*highest-1e-9)/10, 0.1), 1)}
}

func percent(v float64) string { return fmt.Sprintf("%.1f %%", 100*v) }
