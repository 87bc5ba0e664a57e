package raster

import (
	"bytes"
	"flag"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"

	"quarterturn/core/chart"
	"quarterturn/core/figure"
	"quarterturn/core/run"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func drawn(t *testing.T, s *figure.Scene, scale float64) *image.RGBA {
	t.Helper()
	img, err := Draw(s, scale)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// ink sums how much of each pixel is not white, in pixels.
func ink(img *image.RGBA) (sum float64) {
	for y := range img.Rect.Max.Y {
		for x := range img.Rect.Max.X {
			sum += 1 - float64(img.RGBAAt(x, y).G)/255
		}
	}
	return sum
}

// tone is opaque and dark, so that ink is measured well: of green it has 0x21.
const (
	tone    = chart.Ink
	darkest = 1 - 0x21/255.
)

func TestAreasAreAsLargeAsTheyShouldBe(t *testing.T) {
	line := func(dash []float64, points ...chart.Point) figure.Line {
		return figure.Line{Points: points, Tone: tone, Width: 2, Dash: dash}
	}
	for _, tt := range []struct {
		name  string
		shape figure.Shape
		want  float64 // In units of the scene, squared.
	}{
		{"rectangle", figure.Rectangle(chart.Point{X: 1.25, Y: 2}, chart.Point{X: 11.25, Y: 7.5}, tone), 55},
		{"triangle", figure.Area{Points: []chart.Point{{X: 0, Y: 0}, {X: 20, Y: 0}, {X: 0, Y: 10}}, Tone: tone, Opacity: 1}, 100},
		{"faint", figure.Area{Points: []chart.Point{{X: 0, Y: 0}, {X: 20, Y: 0}, {X: 0, Y: 10}}, Tone: tone, Opacity: 0.5}, 50},
		{"half outside", figure.Rectangle(chart.Point{X: -10, Y: 5}, chart.Point{X: 10, Y: 15}, tone), 100},
		{"outside", figure.Rectangle(chart.Point{X: 100, Y: 5}, chart.Point{X: 110, Y: 15}, tone), 0},
		{"nowhere", figure.Rectangle(chart.Point{X: math.NaN(), Y: 5}, chart.Point{X: 110, Y: math.Inf(1)}, tone), 0},
		{"line", line(nil, chart.Point{X: 5, Y: 5}, chart.Point{X: 35, Y: 5}), 60},
		{"leaning line", line(nil, chart.Point{X: 5, Y: 5}, chart.Point{X: 35, Y: 45}), 100},
		{"there and back", line(nil, chart.Point{X: 5, Y: 5}, chart.Point{X: 35, Y: 5}, chart.Point{X: 5, Y: 5}), 60 + math.Pi/2},
		{"dashes", line([]float64{4, 6}, chart.Point{X: 5, Y: 5}, chart.Point{X: 35, Y: 5}), 24},
		{"dashes around a corner", line([]float64{4, 6}, chart.Point{X: 5, Y: 5}, chart.Point{X: 7, Y: 5}, chart.Point{X: 7, Y: 33}), 23 + math.Pi/4},
		{"a point", line(nil, chart.Point{X: 5, Y: 5}), 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			const scale = 4
			got := ink(drawn(t, &figure.Scene{Width: 40, Height: 50, Shapes: []figure.Shape{tt.shape}}, scale)) / scale / scale / darkest
			// Edges are rounded to 255 levels. A corner's circle is one of 12 corners, of which
			// the rectangles cover a part that depends on the corner.
			if math.Abs(got-tt.want) > 0.01*tt.want+0.5 {
				t.Errorf("%.2f square units are covered, want %.2f", got, tt.want)
			}
		})
	}
}

// TestMarks: each class's mark is where it should be, in its colour, in the middle of
// which only a cross, a bow and their like could have a hole.
func TestMarks(t *testing.T) {
	s := &figure.Scene{Width: 20 * 11, Height: 20}
	for class := figure.NoClass; class < 10; class++ {
		s.Add(figure.Marks{Points: []chart.Point{{X: 20*float64(class) + 30, Y: 10}}, Class: class})
	}
	img := drawn(t, s, 3)
	for class := figure.NoClass; class < 10; class++ {
		want := faded(chart.Soft, 1)
		if class >= 0 {
			want = faded(chart.KindOf(class).Colour, 1)
		}
		if got := img.RGBAAt(60*class+90, 30); got != color.RGBA(want) {
			t.Errorf("class %d is %v in the middle, want %v", class, got, want)
		}
		if got := img.RGBAAt(60*class+90+27, 30); got != (color.RGBA{0xff, 0xff, 0xff, 0xff}) {
			t.Errorf("class %d is %v beside its mark", class, got)
		}
	}
}

// box returns the smallest rectangle with ink.
func box(img *image.RGBA) (r image.Rectangle) {
	for y := range img.Rect.Max.Y {
		for x := range img.Rect.Max.X {
			if img.RGBAAt(x, y).G < 0xff {
				r = r.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return r
}

// TestText: anchors and turns move a text to where they say. The sizes are those of
// the Go font: its H is 0.72 of its size high.
func TestText(t *testing.T) {
	at := chart.Point{X: 50, Y: 50}
	text := func(anchor figure.Anchor, turn float64) image.Rectangle {
		shape := figure.Text{At: at, Anchor: anchor, Turn: turn, Size: 20, Tone: tone, Text: "HHH"}
		return box(drawn(t, &figure.Scene{Width: 100, Height: 100, Shapes: []figure.Shape{shape}}, 1))
	}
	start, middle, end, up := text(figure.Start, 0), text(figure.Middle, 0), text(figure.End, 0), text(figure.Start, 90)
	near := func(name string, got, want, tolerance int) {
		t.Helper()
		if got < want-tolerance || got > want+tolerance {
			t.Errorf("%s is %d, want %d to within %d", name, got, want, tolerance)
		}
	}
	near("the base line", start.Max.Y, 50, 0)
	near("the height", start.Dy(), 15, 1)
	near("the start", start.Min.X, 51, 2)
	near("the middle", (middle.Min.X+middle.Max.X)/2, 50, 1)
	near("the end", end.Max.X, 49, 2)
	near("the base line of what is turned", up.Max.X, 50, 0)
	near("the start of what is turned", up.Max.Y, 49, 2)
	near("the length of what is turned", up.Dy(), start.Dx(), 1)
	black := func(bold bool, text string) float64 {
		shape := figure.Text{At: at, Size: 20, Bold: bold, Tone: tone, Text: text}
		return ink(drawn(t, &figure.Scene{Width: 100, Height: 100, Shapes: []figure.Shape{shape}}, 1))
	}
	if plain, bold := black(false, "HHH"), black(true, "HHH"); bold < 1.2*plain {
		t.Errorf("bold text has %.0f pixels of ink, the other %.0f", bold, plain)
	}
	if black(false, "猫\x00\xff") == 0 {
		t.Error("nothing stands for letters that the font lacks")
	}
}

func TestPicture(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 2, 1))
	red, blue := color.RGBA{0xff, 0, 0, 0xff}, color.RGBA{0, 0, 0xff, 0xff}
	img.SetRGBA(0, 0, red)
	img.SetRGBA(1, 0, blue)
	s := &figure.Scene{Width: 40, Height: 20, Shapes: []figure.Shape{
		figure.Picture{Min: chart.Point{X: 10, Y: 5}, Max: chart.Point{X: 30, Y: 15}, Image: img},
	}}
	out := drawn(t, s, 2)
	for at, want := range map[image.Point]color.RGBA{
		{X: 22, Y: 20}: red, {X: 57, Y: 20}: blue, {X: 18, Y: 20}: {0xff, 0xff, 0xff, 0xff}, {X: 22, Y: 32}: {0xff, 0xff, 0xff, 0xff},
	} {
		if got := out.RGBAAt(at.X, at.Y); got != want {
			t.Errorf("at %v there is %v, want %v", at, got, want)
		}
	}
}

// TestGolden compares curves with what was looked at. Processors round differently, by
// which a pixel at an edge changes by a few of 255 levels; anything that moves
// changes many by more.
func TestGolden(t *testing.T) {
	const tolerance = 8
	var history []run.Evaluated
	for e := range 7 {
		left := math.Exp2(-float64(e) / 4)
		history = append(history, run.Evaluated{
			Epoch: e, Examples: 100, TrainLoss: 1.25 * left, Loss: 0.25 + 1.25*left, TrainAccuracy: 1 - left, Accuracy: 0.75 - 0.5*left,
		})
	}
	content, err := PNG(figure.Curves(history), 1)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", "curves.png")
	if *update {
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	golden, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got, want := decoded(t, content), decoded(t, golden)
	if got.Bounds() != want.Bounds() {
		t.Fatalf("the image is %v, want %v", got.Bounds(), want.Bounds())
	}
	for y := range got.Bounds().Dy() {
		for x := range got.Bounds().Dx() {
			a, b := color.RGBAModel.Convert(got.At(x, y)).(color.RGBA), color.RGBAModel.Convert(want.At(x, y)).(color.RGBA)
			if off := max(apart(a.R, b.R), apart(a.G, b.G), apart(a.B, b.B)); off > tolerance {
				t.Fatalf("at %d, %d there is %v, want %v; look at the image and run the test with -update if it is right", x, y, a, b)
			}
		}
	}
}

func apart(a, b uint8) int { return max(int(a)-int(b), int(b)-int(a)) }

func decoded(t *testing.T, content []byte) image.Image {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// TestSizes: no image is made of nothing or of more than there is memory for.
func TestSizes(t *testing.T) {
	for _, s := range []figure.Scene{{}, {Width: -1, Height: 5}, {Width: math.NaN(), Height: 5}, {Width: 1e6, Height: 1e6}, {Width: 0.2, Height: 100}} {
		if _, err := PNG(&s, 1); err == nil {
			t.Errorf("%v × %v was drawn", s.Width, s.Height)
		}
	}
	if img := drawn(t, &figure.Scene{Width: 10, Height: 5}, 1.5); img.Rect != image.Rect(0, 0, 15, 8) {
		t.Errorf("10 × 5 at 1.5 is %v", img.Rect)
	}
}

// BenchmarkCurves is what a run pays after each evaluation.
func BenchmarkCurves(b *testing.B) {
	var history []run.Evaluated
	for e := range 31 {
		history = append(history, run.Evaluated{Epoch: e, Examples: 100, Loss: 1 / float64(e+1), TrainLoss: 1 / float64(e+2), Accuracy: float64(e) / 40, TrainAccuracy: float64(e) / 35})
	}
	for b.Loop() {
		if _, err := PNG(figure.Curves(history), 1.5); err != nil {
			b.Fatal(err)
		}
	}
}
