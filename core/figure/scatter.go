package figure

import (
	"fmt"
	"image"
	"maps"
	"math"
	"slices"
	"strings"

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
	scene := &Scene{Width: float64(columns)*(panelSide+panelGap) + panelGap, Height: float64(rows) * height}
	for i, p := range s.Panels {
		s.panel(scene, p, chart.Point{X: panelGap + float64(i%columns)*(panelSide+panelGap), Y: float64(i/columns) * height})
	}
	s.legend(scene, 2*columns)
	return scene
}

// legend adds the classes below a scene, and how to read many of them.
func (s *Scatter) legend(scene *Scene, columns int) {
	top := scene.Height
	shown := s.Classes[:min(len(s.Classes), chart.Kinds)]
	for i, class := range shown {
		at := chart.Point{
			X: panelGap + float64(i%columns)*(panelSide+panelGap)/2,
			Y: top + (float64(i/columns)+0.5)*legendRow,
		}
		scene.Add(
			Marks{Points: []chart.Point{{X: at.X + 5, Y: at.Y}}, Class: i},
			Text{At: chart.Point{X: at.X + 15, Y: at.Y + 4}, Size: Normal, Tone: chart.Ink, Text: Shorten(class, mostLetters)})
	}
	scene.Height += float64((len(shown)+columns-1)/columns) * legendRow
	var notes []string
	if AreNamed(s.Classes) {
		notes = append(notes, NamesNote)
	}
	if more := len(s.Classes) - len(shown); more > 0 {
		notes = append(notes, fmt.Sprintf("%d more classes look like the first ones again.", more))
	}
	if len(notes) > 0 {
		scene.Height += legendRow + 4
		scene.Add(Text{At: chart.Point{X: panelGap, Y: scene.Height - 4}, Size: Normal, Tone: chart.Soft, Text: strings.Join(notes, " ")})
	}
	scene.Height += panelGap
}

// AreNamed reports whether there are so many classes that Names writes them.
func AreNamed(classes []string) bool { return len(classes) > chart.Colours }

// NamesNote says what Names did.
const NamesNote = "Names stand in the middle of their class, where there is room."

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
	scene.Names(area, places, s.Labels, s.Classes)
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
	s.cloud(byClass)
	return places
}

// layers is in how many parts the points of a class are drawn where there are many.
const layers = 8

// cloud draws the points of classes: what has none behind all, and many in layers of
// all classes, so that none is under another with all of its points.
func (s *Scene) cloud(byClass map[int][]chart.Point) {
	count := 0
	for _, points := range byClass {
		count += len(points)
	}
	parts := 1
	if count > manyMarks {
		parts = layers
	}
	if points := byClass[NoClass]; len(points) > 0 {
		s.Add(Marks{Points: points, Class: NoClass})
		delete(byClass, NoClass)
	}
	for part := range parts {
		for _, class := range slices.Sorted(maps.Keys(byClass)) {
			all := byClass[class]
			if points := all[len(all)*part/parts : len(all)*(part+1)/parts]; len(points) > 0 {
				s.Add(Marks{Points: points, Class: class})
			}
		}
	}
}

// Names writes the names of classes in the middle of their points, those of most
// points first, if there are so many classes that colours come again. What finds no
// room is left to the legend. places is what Cloud returned.
func (s *Scene) Names(area Square, places []chart.Point, labels []int32, classes []string) {
	if !AreNamed(classes) {
		return
	}
	byClass := make([][]chart.Point, len(classes))
	for i, class := range labels {
		if class >= 0 && int(class) < len(classes) {
			byClass[class] = append(byClass[class], places[i])
		}
	}
	order := make([]int, len(byClass))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return len(byClass[b]) - len(byClass[a]) })
	var taken []Area
	for _, class := range order {
		if len(byClass[class]) == 0 {
			continue
		}
		name := Shorten(classes[class], mostLetters)
		plate, ok := plateFor(name, middleOf(byClass[class]), area, taken)
		if !ok {
			continue
		}
		taken = append(taken, plate)
		base := chart.Point{X: (plate.Points[0].X + plate.Points[2].X) / 2, Y: plate.Points[2].Y - 3}
		s.Add(plate, Text{At: base, Anchor: Middle, Size: Small, Bold: true, Tone: chart.Ink, Text: name})
	}
}

// middleOf returns the medians of points, which strays do not move.
func middleOf(points []chart.Point) chart.Point {
	var xs, ys []float64
	for _, p := range points {
		xs, ys = append(xs, p.X), append(ys, p.Y)
	}
	slices.Sort(xs)
	slices.Sort(ys)
	return chart.Point{X: xs[len(xs)/2], Y: ys[len(ys)/2]}
}

// plateFor returns what is behind a name, on a place at or near a point within the
// area, or false where all are taken.
func plateFor(name string, at chart.Point, area Square, taken []Area) (Area, bool) {
	const height, letter = Small + 3, 0.6 * Small // A letter's width, about.
	half := (letter*float64(len([]rune(name))) + 4) / 2
	x := min(max(at.X, area.Min.X+half), area.Min.X+area.Side-half)
	for _, aside := range []float64{0, -1, 1, -2, 2} {
		y := at.Y + aside*height
		plate := Rectangle(chart.Point{X: x - half, Y: y - height/2}, chart.Point{X: x + half, Y: y + height/2}, chart.Sheet)
		plate.Opacity = 0.8
		inside := plate.Points[0].Y >= area.Min.Y && plate.Points[2].Y <= area.Min.Y+area.Side
		if inside && !slices.ContainsFunc(taken, func(other Area) bool { return overlap(plate, other) }) {
			return plate, true
		}
	}
	return Area{}, false
}

// overlap reports whether two rectangles do.
func overlap(a, b Area) bool {
	return a.Points[0].X < b.Points[2].X && b.Points[0].X < a.Points[2].X && a.Points[0].Y < b.Points[2].Y && b.Points[0].Y < a.Points[2].Y
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
