package chart

import (
	"math"
	"os"
	"strings"
	"testing"
)

// TestKindsDiffer: ten classes have ten colours and ten marks, and all kinds differ.
func TestKindsDiffer(t *testing.T) {
	kinds, tones, shapes := map[Kind]bool{}, map[Tone]bool{}, map[string]bool{}
	for i := range Kinds {
		k := KindOf(i)
		kinds[k] = true
		if i < 10 {
			tones[k.Colour], shapes[k.Mark.Outline()] = true, true
		}
	}
	if len(kinds) != Kinds || Kinds < 64 || len(tones) != 10 || len(shapes) != 10 {
		t.Errorf("%d of %d kinds differ; ten classes have %d colours and %d marks", len(kinds), Kinds, len(tones), len(shapes))
	}
	if KindOf(Kinds) != KindOf(0) {
		t.Error("the kinds do not repeat")
	}
}

// TestPolygons: the corners of a mark enclose what its outline does. Areas are by hand;
// that of a circle of 32 corners is 0.6 % less than the circle's.
func TestPolygons(t *testing.T) {
	want := map[Mark]float64{
		Circle: 0.9936 * math.Pi * 3.5 * 3.5, Square: 6.4 * 6.4, Triangle: 28, Diamond: 2 * 4.2 * 4.6, TriangleDown: 28,
		Cross: 2*2.404*8.910 - 2.404*2.404, Plus: 2*2.6*8.6 - 2.6*2.6, Hexagon: 42, Bar: 9.2 * 3.4, Bow: 4 * (6.8 + 2.4),
	}
	for m := range marks {
		corners, twice := m.Polygon(), 0.0
		for i, p := range corners {
			q := corners[(i+1)%len(corners)]
			twice += p.X*q.Y - q.X*p.Y
		}
		if got := math.Abs(twice) / 2; math.Abs(got-want[m]) > 0.01*want[m] {
			t.Errorf("mark %d has area %.3f, want %.3f", m, got, want[m])
		}
	}
}

// TestStyleSheet: the page's style sheet is the palette of the programs. With -update
// it is written.
func TestStyleSheet(t *testing.T) {
	const path = "../../assets/style/palette.css"
	want := "/* Made by go generate ./core/chart from palette.go, which says more. */\n\n" + StyleSheet()
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is not what palette.go says: run go generate ./core/chart", path)
	}
	for tone := Ground; tone < tones; tone++ {
		if n := strings.Count(want, "--"+tone.Name()+": "); n != 3 {
			t.Errorf("%s is set %d times, want for light and twice for dark", tone.Name(), n)
		}
	}
}

// TestColoursAreToldApart: the colours of kinds differ for people with any colour
// vision, and stand out from what they are on. Differences are CIE76's, of which 2.3
// can just be seen; 3 is what WCAG asks of graphics' contrast, which an orange and a
// light blue cannot have on white if they are to differ from a red and a blue in
// lightness: their marks have to do.
func TestColoursAreToldApart(t *testing.T) {
	for _, theme := range []struct {
		name               string
		of                 func(Tone) RGBA
		difference, ground float64
	}{
		{"light", Tone.Light, 9, 2.4},
		{"dark", Tone.Dark, 12, 3},
	} {
		for i := range Colours {
			a := theme.of(KindOf(i).Colour)
			if c := contrast(a, theme.of(Sheet)); c < theme.ground {
				t.Errorf("%s: colour %d has contrast %.2f on the sheet, want %v", theme.name, i, c, theme.ground)
			}
			for j := range i {
				b := theme.of(KindOf(j).Colour)
				for name, vision := range visions {
					if d := difference(a, b, vision); d < theme.difference {
						t.Errorf("%s: with %s vision colours %d and %d differ by %.1f, want %v", theme.name, name, i, j, d, theme.difference)
					}
				}
			}
		}
	}
}

// visions are what is seen of linear RGB: Machado, Oliveira and Fernandes (2009), at
// full severity.
var visions = map[string][3][3]float64{
	"usual":        {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	"protanopic":   {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
	"deuteranopic": {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
	"tritanopic":   {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}},
}

// linear undoes sRGB's transfer function.
func linear(c RGBA) (rgb [3]float64) {
	r, g, b, _ := c.Channels()
	for i, v := range []uint8{r, g, b} {
		x := float64(v) / 255
		if x <= 0.04045 {
			rgb[i] = x / 12.92
		} else {
			rgb[i] = math.Pow((x+0.055)/1.055, 2.4)
		}
	}
	return rgb
}

// xyz are CIE 1931's, of sRGB, over those of white.
func xyz(rgb [3]float64) [3]float64 {
	r, g, b := rgb[0], rgb[1], rgb[2]
	return [3]float64{
		(0.4124564*r + 0.3575761*g + 0.1804375*b) / 0.95047,
		0.2126729*r + 0.7151522*g + 0.0721750*b,
		(0.0193339*r + 0.1191920*g + 0.9503041*b) / 1.08883,
	}
}

func contrast(a, b RGBA) float64 {
	x, y := xyz(linear(a))[1]+0.05, xyz(linear(b))[1]+0.05
	return max(x, y) / min(x, y)
}

// difference is the distance in CIELAB.
func difference(a, b RGBA, vision [3][3]float64) float64 {
	x, y := lab(a, vision), lab(b, vision)
	return math.Hypot(math.Hypot(x[0]-y[0], x[1]-y[1]), x[2]-y[2])
}

func lab(c RGBA, vision [3][3]float64) [3]float64 {
	in := linear(c)
	var seen [3]float64
	for i, row := range vision {
		seen[i] = min(max(row[0]*in[0]+row[1]*in[1]+row[2]*in[2], 0), 1)
	}
	var f [3]float64
	for i, v := range xyz(seen) {
		if f[i] = 7.787*v + 16./116; v > 0.008856 {
			f[i] = math.Cbrt(v)
		}
	}
	return [3]float64{116*f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])}
}
