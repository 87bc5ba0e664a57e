package figure

import (
	"fmt"
	"image"
	"maps"
	"math"
	"slices"

	"quarterturn/core/chart"
)

// A Scatter is an embedding to be drawn: a panel for each network, and the classes
// below them.
type Scatter struct {
	Panels  []Panel
	Labels  []int32 // [N], an index of Classes or -1.
	Classes []string
	// Image returns a point's picture, to be drawn where there is room; nil for none.
	Image func(i int) image.Image
	Order []int // Which pictures are drawn first, an index of points each.
}

// A Panel is where one network lays the points out.
type Panel struct {
	Title  string
	Notes  []string // Lines below the title.
	Points [][2]float32
	Axes   []string // Titles of the axes; none where places have no units.
}

const (
	panelSide   = 360 // Of the square that points are in.
	panelGap    = 16
	panelTitle  = 22
	panelNote   = 15
	axisTitle   = 18
	legendRow   = 18
	thumbnail   = 20 // Side of a picture.
	mostColumns = 3
	mostLetters = 26 // Of a class in the legend.
)

// Scene draws the embedding.
func (s *Scatter) Scene() *Scene {
	columns := min(max(len(s.Panels), 1), mostColumns)
	height := s.panelHeight()
	rows := (len(s.Panels) + columns - 1) / columns
	legendColumns := 2 * columns
	legendRows := (len(s.Classes) + legendColumns - 1) / legendColumns
	scene := &Scene{
		Width:  float64(columns)*(panelSide+panelGap) + panelGap,
		Height: float64(rows)*height + float64(legendRows)*legendRow + panelGap,
	}
	for i, p := range s.Panels {
		s.panel(scene, p, chart.Point{X: panelGap + float64(i%columns)*(panelSide+panelGap), Y: float64(i/columns) * height})
	}
	for i, class := range s.Classes {
		at := chart.Point{
			X: panelGap + float64(i%legendColumns)*(panelSide+panelGap)/2,
			Y: float64(rows)*height + (float64(i/legendColumns)+0.5)*legendRow,
		}
		scene.Add(
			Marks{Points: []chart.Point{{X: at.X + 5, Y: at.Y}}, Class: i},
			Text{At: chart.Point{X: at.X + 15, Y: at.Y + 4}, Size: Normal, Tone: chart.Ink, Text: Shorten(class, mostLetters)})
	}
	return scene
}

// panelHeight is the height of each panel: of that with most around its square.
func (s *Scatter) panelHeight() float64 {
	notes, axes := 0, 0
	for _, p := range s.Panels {
		notes, axes = max(notes, len(p.Notes)), max(axes, len(p.Axes))
	}
	return panelGap + panelTitle + panelNote*float64(notes) + panelSide + axisTitle*float64(min(axes, 1)) + panelGap
}

func (s *Scatter) panel(scene *Scene, p Panel, at chart.Point) {
	y := at.Y + panelGap + 6
	scene.Add(Text{At: chart.Point{X: at.X, Y: y}, Size: Large, Bold: true, Tone: chart.Ink, Text: p.Title})
	for i, note := range p.Notes {
		scene.Add(Text{At: chart.Point{X: at.X, Y: y + 17 + panelNote*float64(i)}, Size: Normal, Tone: chart.Soft, Text: note})
	}
	top := at.Y + panelGap + panelTitle + panelNote*float64(len(p.Notes))
	area := Square{Min: chart.Point{X: at.X, Y: top}, Side: panelSide, Margin: thumbnail/2 + 6}
	places := scene.Cloud(area, p.Points, s.Labels)
	if s.Image != nil {
		s.thumbnails(scene, places)
	}
	for i, title := range p.Axes[:min(len(p.Axes), 2)] {
		t := Text{At: chart.Point{X: at.X + panelSide/2, Y: top + panelSide + 14}, Anchor: Middle, Size: Normal, Tone: chart.Soft, Text: title}
		if i == 1 {
			t.At, t.Turn = chart.Point{X: at.X - 4, Y: top + panelSide/2}, 90
		}
		scene.Add(t)
	}
}

// A Square is where points are drawn, up to a margin that keeps marks at its edge
// whole.
type Square struct {
	Min          chart.Point
	Side, Margin float64
}

// Cloud draws points of classes, -1 for none, in a square whose axes have the same
// scale. It returns where each was put.
func (s *Scene) Cloud(area Square, points [][2]float32, labels []int32) []chart.Point {
	s.Add(Rectangle(area.Min, chart.Point{X: area.Min.X + area.Side, Y: area.Min.Y + area.Side}, chart.Well))
	x0, y0, half := frame(points)
	scale := (area.Side/2 - area.Margin) / half
	places := make([]chart.Point, len(points))
	byClass := map[int][]chart.Point{}
	for i, q := range points {
		places[i] = chart.Point{
			X: area.Min.X + area.Side/2 + (float64(q[0])-x0)*scale,
			Y: area.Min.Y + area.Side/2 - (float64(q[1])-y0)*scale,
		}
		class := max(int(labels[i]), NoClass)
		byClass[class] = append(byClass[class], places[i])
	}
	for _, class := range slices.Sorted(maps.Keys(byClass)) {
		s.Add(Marks{Points: byClass[class], Class: class})
	}
	return places
}

// frame returns the middle of a square around all points and half its side.
func frame(points [][2]float32) (x, y, half float64) {
	if len(points) == 0 {
		return 0, 0, 1
	}
	low, high := [2]float64{math.Inf(1), math.Inf(1)}, [2]float64{math.Inf(-1), math.Inf(-1)}
	for _, at := range points {
		for i, v := range at {
			low[i], high[i] = min(low[i], float64(v)), max(high[i], float64(v))
		}
	}
	return (low[0] + high[0]) / 2, (low[1] + high[1]) / 2, max(high[0]-low[0], high[1]-low[1], 1e-9) / 2
}

// thumbnails draws pictures at their points, each with its class's mark. One that
// would cover another is left its mark alone.
func (s *Scatter) thumbnails(scene *Scene, places []chart.Point) {
	var taken []chart.Point
	for _, i := range s.Order {
		at := places[i]
		if !isFree(taken, at) {
			continue
		}
		taken = append(taken, at)
		tone := chart.Soft
		class := max(int(s.Labels[i]), NoClass)
		if class >= 0 {
			tone = chart.KindOf(class).Colour
		}
		const border = thumbnail / 12.
		corner := chart.Point{X: at.X - thumbnail/2, Y: at.Y - thumbnail/2}
		scene.Add(around(at, thumbnail, tone),
			Picture{
				Min:   chart.Point{X: corner.X + border, Y: corner.Y + border},
				Max:   chart.Point{X: corner.X + thumbnail - border, Y: corner.Y + thumbnail - border},
				Image: s.Image(i),
			},
			around(corner, 10, chart.Sheet), Marks{Points: []chart.Point{corner}, Class: class})
	}
}

func around(at chart.Point, side float64, tone chart.Tone) Area {
	return Rectangle(chart.Point{X: at.X - side/2, Y: at.Y - side/2}, chart.Point{X: at.X + side/2, Y: at.Y + side/2}, tone)
}

func isFree(taken []chart.Point, at chart.Point) bool {
	for _, other := range taken {
		if math.Abs(other.X-at.X) < thumbnail && math.Abs(other.Y-at.Y) < thumbnail {
			return false
		}
	}
	return true
}

// Explained titles the axes of principal components by the shares of the variance that
// they explain.
func Explained(shares []float64) (titles []string) {
	for i, share := range shares {
		titles = append(titles, fmt.Sprintf("component %d (%.0f %% of the variance)", i+1, 100*share))
	}
	return titles
}

// Shorten cuts a name to so many letters.
func Shorten(name string, most int) string {
	if letters := []rune(name); len(letters) > most {
		return string(letters[:most-1]) + "…"
	}
	return name
}
