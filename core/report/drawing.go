package report

import (
	"fmt"

	"quarterturn/core/chart"
	"quarterturn/core/figure"
)

// A drawing is a figure of the page: a scene with its legend and its data.
type drawing struct {
	Title   string
	Caption string
	Scene   *figure.Scene // Nil for none.
	Legend  []key
	Data    *Grid
}

// A key explains a line or a mark.
type key struct {
	Scene *figure.Scene
	Text  string
}

// lineKey explains the line of class i.
func lineKey(i int, text string) key {
	line := figure.LineOf(i, nil)
	return key{figure.Key(&line, i), text}
}

// markKey explains the mark of class i.
func markKey(i int, text string) key { return key{figure.Key(nil, i), text} }

// chanceKey explains the line of guessing blindly.
func chanceKey() key {
	line := figure.ChanceLine(nil)
	return key{figure.Key(&line, figure.NoClass), "guessing blindly"}
}

// Size of all plots with axes: about that of a phone.
const plotWidth, plotHeight = 360, 250

// newDrawing returns an empty plot, and where it puts data.
func newDrawing(title string, axes figure.Axes) (*drawing, chart.Plot) {
	d := &drawing{Title: title, Scene: &figure.Scene{Width: plotWidth, Height: plotHeight}}
	axes.Max = chart.Point{X: plotWidth, Y: plotHeight}
	return d, d.Scene.Axes(axes)
}

// chance adds the line of guessing blindly.
func (d *drawing) chance(p chart.Plot, share float64) {
	d.Scene.Add(figure.ChanceLine(figure.Trace(p, []chart.Point{{X: p.X.Low, Y: share}, {X: p.X.High, Y: share}})))
}

func percent(v float64) string { return fmt.Sprintf("%.1f %%", 100*v) }
