package figure

import (
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"image"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"quarterturn/core/chart"
	"quarterturn/core/run"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// history is a run of so many epochs.
func history(epochs int) (all []run.Evaluated) {
	for e := range epochs + 1 {
		left := math.Exp2(-float64(e) / 4)
		all = append(all, run.Evaluated{
			Epoch: e, Examples: 100, TrainLoss: 1.25 * left, Loss: 0.25 + 1.25*left, TrainAccuracy: 1 - left, Accuracy: 0.75 - 0.5*left,
		})
	}
	return all
}

// embedding is a scatter of two panels, of which the second has axes.
func embedding() *Scatter {
	return &Scatter{
		Classes: []string{"cat", "dog & co", "a name that is far too long for a legend"},
		Labels:  []int32{0, 1, 2, -1, 0},
		Panels: []Panel{
			{Title: "trained", Notes: []string{"purity 0.50"}, Points: [][2]float32{{0, 0}, {4, 1}, {2, 2}, {1, -1}, {3, 0}}},
			{Title: "untrained", Points: [][2]float32{{0, 0}, {1, 1}, {2, 0}, {3, 3}, {0, 1}}, Axes: Explained([]float64{0.5, 0.25})},
		},
	}
}

func TestGolden(t *testing.T) {
	matrix := Matrix([]string{"cat", "dog", "none of them"}, [][]int{{3, 1, 0}, {0, 2, 2}, {0, 0, 0}})
	for name, got := range map[string]string{
		"curves.svg":    Curves(history(6)).SVG(),
		"embedding.svg": embedding().Scene().SVG(),
		"matrix.svg":    matrix.SVG(),
		"element.svg":   Markers(Curves(history(1))) + "\n" + Curves(history(1)).Element(`a "name" <b>`) + "\n" + Key(nil, 3).Element("") + "\n",
	} {
		t.Run(name, func(t *testing.T) { golden(t, name+".golden", got) })
		checkMarkup(t, name, got)
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; run the test with -update to write it", err)
	}
	if got != string(want) {
		t.Errorf("%s differs; look at it and run the test with -update if it is right. got:\n%s", path, got)
	}
}

// checkMarkup parses an SVG and looks for numbers that are none.
func checkMarkup(t *testing.T, name, svg string) {
	t.Helper()
	for _, bad := range []string{"NaN", "Inf", "%!"} {
		if strings.Contains(svg, bad) {
			t.Errorf("%s has %s", name, bad)
		}
	}
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
}

// TestCurvesOfAnyRun: whatever a run reported can be drawn.
func TestCurvesOfAnyRun(t *testing.T) {
	diverged := history(4)
	diverged[2].Loss, diverged[3].Loss, diverged[3].TrainLoss = math.NaN(), 1e30, math.Inf(1)
	unmeasured := history(3)
	for i := range unmeasured {
		unmeasured[i].Examples, unmeasured[i].Loss, unmeasured[i].Accuracy = 0, 0, 0
	}
	for name, h := range map[string][]run.Evaluated{
		"none": nil, "not begun": history(0), "one epoch": history(1), "diverged": diverged, "without validation": unmeasured, "long": history(1000),
	} {
		checkMarkup(t, name, Curves(h).SVG())
	}
	drawn := 0
	for _, shape := range Curves(unmeasured).Shapes {
		if m, ok := shape.(Marks); ok && m.Class == validationClass {
			drawn++
		}
	}
	if drawn != 1 {
		t.Errorf("without validation its mark is drawn %d times, want once in the legend", drawn)
	}
}

// TestNothingIsHidden: the legend is below the plots, all marks are inside the drawing,
// and a value beyond the scale is told.
func TestNothingIsHidden(t *testing.T) {
	h := history(5)
	h[3].Loss = 1127
	s := Curves(h)
	told := false
	for _, shape := range s.Shapes {
		switch shape := shape.(type) {
		case Marks:
			for _, p := range shape.Points {
				if p.X < 5 || p.Y < 5 || p.X > s.Width-5 || p.Y > s.Height-5 {
					t.Errorf("a mark at %v is cut", p)
				}
			}
		case Text:
			told = told || shape.Text == "↑ 1127"
			if strings.Contains(shape.Text, "pictures it") && shape.At.Y < s.Height-curvesLegend {
				t.Errorf("%q is over the plots", shape.Text)
			}
		}
	}
	if !told {
		t.Error("nothing says that a loss of 1127 is beyond the scale")
	}
}

// TestBeyondTheScale: whatever is cut off says so: bands how high they go, each in a
// place of its own, and error bars by arrows.
func TestBeyondTheScale(t *testing.T) {
	var s Scene
	p := s.Axes(Axes{Max: chart.Point{X: 360, Y: 250}, X: chart.Scale{High: 4}, Y: chart.Scale{High: 5}})
	before := len(s.Shapes)
	low := []chart.Point{{X: 0, Y: 1}, {X: 1, Y: 1}}
	s.Spread(p, 0, low, low, []chart.Point{{X: 0, Y: 5.3}, {X: 1, Y: 2}})
	s.Spread(p, 1, low, low, []chart.Point{{X: 0, Y: 4}, {X: 1, Y: 5}})
	s.Course(p, 2, []chart.Point{{X: 0, Y: 6.25}, {X: 1, Y: 2}})
	s.ErrorBar(p, 3, 2, chart.Scale{Low: -0.5, High: 5.5})
	s.ErrorBar(p, 3, 3, chart.Scale{Low: 1, High: 2})
	var told []string
	var places []chart.Point
	arrows := 0
	for _, shape := range s.Shapes[before:] {
		switch shape := shape.(type) {
		case Text:
			told, places = append(told, shape.Text), append(places, shape.At)
		case Area:
			if len(shape.Points) == 3 {
				arrows++
			}
			for _, q := range shape.Points {
				if q.Y < p.Top-1e-9 || q.Y > p.Bottom+1e-9 {
					t.Errorf("%v is drawn beyond the axes", q)
				}
			}
		}
	}
	if got := strings.Join(told, ", "); got != "↑ 5.3, ↑ 6.25" || arrows != 2 {
		t.Errorf("what is cut off says %q, with %d arrows", got, arrows)
	}
	if len(places) == 2 && math.Abs(places[0].Y-places[1].Y) < Small {
		t.Errorf("two texts are over each other, at %v", places)
	}
}

// TestLongLinesHaveNoBeads: above some points only the last has a mark.
func TestLongLinesHaveNoBeads(t *testing.T) {
	for epochs, want := range map[int]int{20: 21, 300: 1} {
		most := 0
		for _, shape := range Curves(history(epochs)).Shapes {
			if m, ok := shape.(Marks); ok {
				most = max(most, len(m.Points))
			}
		}
		if most != want {
			t.Errorf("%d marks in a line of %d epochs, want %d", most, epochs, want)
		}
	}
}

func TestEpochTicks(t *testing.T) {
	for high, want := range map[float64]string{1: "0 1", 3: "0 1 2 3", 40: "0 5 10 15 20 25 30 35 40", 1000: "0 200 400 600 800 1000"} {
		var labels []string
		for _, tick := range EpochTicks(chart.Scale{High: high}) {
			labels = append(labels, tick.Label)
		}
		if got := strings.Join(labels, " "); got != want {
			t.Errorf("%v epochs have ticks %q, want %q", high, got, want)
		}
	}
}

func TestLossScale(t *testing.T) {
	line := func(values ...float64) (points []chart.Point) {
		for i, v := range values {
			points = append(points, chart.Point{X: float64(i), Y: v})
		}
		return points
	}
	for _, tt := range []struct {
		name  string
		lines [][]chart.Point
		want  float64
	}{
		{"falling", [][]chart.Point{line(2, 1)}, 2},
		{"rising", [][]chart.Point{line(2, 3)}, 3},
		{"shot up", [][]chart.Point{line(2, 90, 1)}, 4},
		{"of two", [][]chart.Point{line(2, 90, 1), line(6, 1)}, 12},
		{"not finite", [][]chart.Point{line(math.NaN(), 2, math.Inf(1))}, 2},
	} {
		if got := LossScale(tt.lines...); got.Low != 0 || math.Abs(got.High-1.02*tt.want) > 1e-12 {
			t.Errorf("%s: the scale is %v, want 0 to %v and a little", tt.name, got, tt.want)
		}
	}
	if got := LossScale(); !(got.High > 0) {
		t.Errorf("of nothing the scale is %v", got)
	}
}

// TestCloud: both axes have the same scale, Y grows upwards, and all points are
// inside the margin.
func TestCloud(t *testing.T) {
	var s Scene
	places := s.Cloud(Square{Min: chart.Point{X: 10, Y: 20}, Side: 100, Margin: 5}, [][2]float32{{0, 0}, {8, 0}, {8, 4}}, []int32{0, 0, -7})
	want := []chart.Point{{X: 15, Y: 92.5}, {X: 105, Y: 92.5}, {X: 105, Y: 47.5}}
	for i, p := range places {
		if math.Hypot(p.X-want[i].X, p.Y-want[i].Y) > 1e-9 {
			t.Errorf("point %d is at %v, want %v", i, p, want[i])
		}
	}
	if m, ok := s.Shapes[1].(Marks); !ok || m.Class != NoClass {
		t.Errorf("what has no class is %v, want it behind all others", s.Shapes[1])
	}
	for _, points := range [][][2]float32{nil, {{3, 3}}} { // Without extent.
		for _, p := range s.Cloud(Square{Side: 100}, points, make([]int32, len(points))) {
			if p != (chart.Point{X: 50, Y: 50}) {
				t.Errorf("a single point is at %v, want it in the middle", p)
			}
		}
	}
}

// TestSmallLossesHaveRoom: labels are never so long that they are over the title.
func TestSmallLossesHaveRoom(t *testing.T) {
	for high, want := range map[float64]string{2: "loss", 0.02: "loss", 0.0014: "loss × 1000", 3e-8: "loss × 1000000", 1e-300: "loss"} {
		var s Scene
		s.Axes(Axes{Max: chart.Point{X: 360, Y: 250}, X: chart.Scale{High: 1}, Y: chart.Scale{High: high}, YTitle: "loss"})
		title := ""
		for _, shape := range s.Shapes {
			text, ok := shape.(Text)
			if ok && text.Turn != 0 {
				title = text.Text
			} else if ok && len(text.Text) > widestLabel && want != "loss" {
				t.Errorf("up to %v there is the label %q", high, text.Text)
			}
		}
		if title != want {
			t.Errorf("up to %v the title is %q, want %q", high, title, want)
		}
	}
}

// crowd is a scatter of so many classes, of three points each at a place of their own,
// and a stray.
func crowd(classes int) *Scatter {
	s := &Scatter{Panels: []Panel{{Title: "crowd"}}}
	for i := range classes {
		s.Classes = append(s.Classes, fmt.Sprint("class", i))
		x, y := float32(i%12), float32(i/12)
		s.Panels[0].Points = append(s.Panels[0].Points, [2]float32{x, y}, [2]float32{x, y}, [2]float32{x + 0.1, y}, [2]float32{0, 0})
		s.Labels = append(s.Labels, int32(i), int32(i), int32(i), int32(i))
	}
	return s
}

// TestManyClasses: of more than ten classes the names stand at their points, none over
// another, and of more than there are looks for the drawing says so.
func TestManyClasses(t *testing.T) {
	for classes, want := range map[int]struct {
		named bool
		note  string
	}{10: {false, ""}, 11: {true, NamesNote}, 130: {true, NamesNote + " 30 more classes look like the first ones again."}} {
		scene := crowd(classes).Scene()
		plates, named, note := []Area{}, 0, ""
		for _, shape := range scene.Shapes {
			switch shape := shape.(type) {
			case Area:
				if shape.Opacity < 1 {
					plates = append(plates, shape)
				}
			case Text:
				if shape.Size == Small {
					named++
				}
				if shape.Tone == chart.Soft {
					note = shape.Text
				}
				if shape.At.Y > scene.Height {
					t.Errorf("%q is below the drawing", shape.Text)
				}
			}
		}
		if len(plates) != named || (named > 0) != want.named || note != want.note || classes == 11 && named != 11 {
			t.Errorf("%d classes: %d names on %d plates, the note %q", classes, named, len(plates), note)
		}
		for i := range plates {
			for j := range i {
				if overlap(plates[i], plates[j]) {
					t.Errorf("%d classes: one name is over another", classes)
				}
			}
		}
	}
}

// TestLayers: where there are many points no class is under another with all of its
// points.
func TestLayers(t *testing.T) {
	var s Scene
	var points [][2]float32
	var labels []int32
	for i := range 300 {
		points, labels = append(points, [2]float32{float32(i), 0}), append(labels, int32(i%3)-1)
	}
	s.Cloud(Square{Side: 100}, points, labels)
	var order []int
	drawn := 0
	for _, shape := range s.Shapes[1:] {
		m := shape.(Marks)
		order, drawn = append(order, m.Class), drawn+len(m.Points)
	}
	if order[0] != NoClass || drawn != 300 || fmt.Sprint(order[1:5]) != "[0 1 0 1]" {
		t.Errorf("%d points are drawn in the order %v", drawn, order)
	}
}

// TestThumbnails: no picture covers another, the first ones have the right of way, and
// an SVG is without them.
func TestThumbnails(t *testing.T) {
	s := embedding()
	s.Panels = s.Panels[:1]
	s.Panels[0].Points = [][2]float32{{0, 0}, {0.1, 0}, {9, 9}, {5, 5}, {9, 9}}
	s.Order = []int{1, 0, 2, 3, 4}
	var shown []int
	s.Image = func(i int) image.Image { shown = append(shown, i); return image.NewGray(image.Rect(0, 0, 1, 1)) }
	scene := s.Scene()
	if fmt.Sprint(shown) != "[1 2 3]" {
		t.Errorf("pictures %v are shown, want 1, 2 and 3", shown)
	}
	if strings.Contains(scene.SVG(), "<image") {
		t.Error("the SVG has pictures")
	}
}

func TestShorten(t *testing.T) {
	if got := Shorten("öööö", 3); got != "öö…" {
		t.Errorf("shortened to %q", got)
	}
	if got := Shorten("ööö", 3); got != "ööö" {
		t.Errorf("shortened to %q", got)
	}
}
