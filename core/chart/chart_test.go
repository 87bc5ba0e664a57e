package chart

import (
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestSeriesStaysBounded(t *testing.T) {
	const n = 10_000
	var s Series
	for i := range n {
		s = s.With(float64(i), 2*float64(i)+1)
		if len(s.Points()) > Limit {
			t.Fatalf("%d points after %d measurements, want at most %d", len(s.Points()), i+1, Limit)
		}
	}
	if got := len(s.Points()); got < Limit/2 {
		t.Errorf("%d points are left of %d, want at least %d", got, n, Limit/2)
	}
	// Means of a straight line lie on it, whatever was merged. The tolerance
	// covers the rounding of some hundred running means of values up to 2e4.
	for i, p := range s.Points() {
		if math.Abs(p.Y-(2*p.X+1)) > 1e-8 {
			t.Errorf("point %d is %v, off the line by %g", i, p, p.Y-(2*p.X+1))
		}
		if i > 0 && p.X <= s.Points()[i-1].X {
			t.Errorf("point %d at x = %v does not follow %v", i, p.X, s.Points()[i-1].X)
		}
	}
}

func TestSeriesKeepsEveryMeasurement(t *testing.T) {
	for _, n := range []int{1, 2, Limit - 1, Limit, Limit + 1, 3*Limit - 1, 5000} {
		var s Series
		for i := range n {
			s = s.With(float64(i), 1)
		}
		count := s.last + (len(s.points)-1)*max(s.each, 1)
		if count != n {
			t.Errorf("after %d measurements the points stand for %d", n, count)
		}
	}
}

func TestSeriesIsAValue(t *testing.T) {
	a := Series{}.With(0, 1)
	b, c := a.With(1, 2), a.With(1, 3)
	if len(a.Points()) != 1 || b.Points()[1].Y != 2 || c.Points()[1].Y != 3 {
		t.Errorf("With changed its receiver: %v, %v, %v", a.Points(), b.Points(), c.Points())
	}
}

func TestSeriesPassesOverWhatIsNotFinite(t *testing.T) {
	s := Series{}.With(1, math.NaN()).With(2, math.Inf(1)).With(math.NaN(), 0).With(3, 4)
	if got := s.Points(); len(got) != 1 || got[0] != (Point{3, 4}) {
		t.Errorf("points are %v, want only {3 4}", got)
	}
}

func TestSmoothIsATrailingMean(t *testing.T) {
	var s Series
	for i := range 30 { // A window of 1 + 30/15 = 3.
		s = s.With(float64(i), float64(i%3))
	}
	smooth := s.Smooth()
	if smooth[0].Y != 0 || smooth[1].Y != 0.5 {
		t.Errorf("the first means are %v, %v, want 0, 0.5", smooth[0].Y, smooth[1].Y)
	}
	for i := 2; i < len(smooth); i++ {
		if math.Abs(smooth[i].Y-1) > 1e-12 { // A mean of 0, 1 and 2.
			t.Errorf("mean %d is %v, want 1", i, smooth[i].Y)
		}
	}
}

func TestTicks(t *testing.T) {
	tests := []struct {
		name  string
		scale Scale
		n     int
		want  string
	}{
		{"whole numbers", Scale{0, 10}, 5, "0 2 4 6 8 10"},
		{"a loss", Scale{0, 2.3}, 5, "0.0 0.5 1.0 1.5 2.0"},
		{"a percentage", Scale{0, 100}, 4, "0 50 100"},
		{"small", Scale{0, 0.03}, 3, "0.00 0.01 0.02 0.03"},
		{"large", Scale{0, 12_000}, 4, "0 5000 10000"},
		{"off zero", Scale{1.25, 1.75}, 5, "1.3 1.4 1.5 1.6 1.7"},
		{"nothing to show", Scale{1, 1}, 5, ""},
		{"not a number", Scale{0, math.NaN()}, 5, ""},
		{"endless", Scale{0, math.Inf(1)}, 5, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var labels []string
			for _, tick := range tt.scale.Ticks(tt.n) {
				labels = append(labels, tick.Label)
			}
			if got := strings.Join(labels, " "); got != tt.want {
				t.Errorf("Ticks(%d) of %v = %q, want %q", tt.n, tt.scale, got, tt.want)
			}
		})
	}
}

func TestCover(t *testing.T) {
	got := Cover(0, 1, []Point{{0, 0.5}}, nil, []Point{{1, 2}, {2, -3}})
	if want := (Scale{-3, 2}); got != want {
		t.Errorf("Cover = %v, want %v", got, want)
	}
}

func TestPathsGolden(t *testing.T) {
	plot := Plot{Left: 40, Top: 10, Right: 440, Bottom: 210, X: Scale{0, 4}, Y: Scale{0, 2}}
	line := []Point{{0, 2}, {1, 1.25}, {2, 0.8}, {4, 0}}
	flat := Plot{Left: 40, Top: 10, Right: 440, Bottom: 210}
	var b strings.Builder
	fmt.Fprintf(&b, "line     %s\n", plot.Path(line))
	fmt.Fprintf(&b, "empty    %s\n", plot.Path(nil))
	fmt.Fprintf(&b, "flat     %s\n", flat.Path(line[:2]))
	fmt.Fprintf(&b, "circle   %s\n", plot.Marks(line[:2], Circle))
	fmt.Fprintf(&b, "square   %s\n", plot.Marks(line[:1], Square))
	fmt.Fprintf(&b, "triangle %s\n", plot.Marks(line[:1], Triangle))
	golden(t, "paths.golden", b.String())
}

// golden compares got with a file below testdata, or writes it with -update.
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
		t.Errorf("%s differs.\ngot:\n%s\nwant:\n%s", path, got, want)
	}
}
