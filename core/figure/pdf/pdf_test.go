package pdf

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"image"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"quarterturn/core/chart"
	"quarterturn/core/figure"
	"quarterturn/core/run"
)

// everything is a scene with each kind of shape and of text.
func everything() *figure.Scene {
	s := figure.Curves([]run.Evaluated{{Examples: 9, Loss: 2}, {Epoch: 1, Examples: 9, Loss: 1, TrainLoss: 1.5, Accuracy: 0.5}})
	var alphabet strings.Builder
	for letter := 'A'; letter < 'A'+300; letter++ {
		alphabet.WriteRune(letter)
	}
	s.Add(
		figure.Area{Points: []chart.Point{{X: 1, Y: 1}, {X: 9, Y: 1}, {X: 5, Y: 9}}, Tone: chart.Accent, Opacity: 0.25},
		figure.Marks{Points: []chart.Point{{X: 30, Y: 30}, {X: 40, Y: 30}}, Class: 7},
		figure.Marks{Points: []chart.Point{{X: 30, Y: 40}}, Class: figure.NoClass},
		figure.Text{At: chart.Point{X: 50, Y: 50}, Size: 11, Tone: chart.Ink, Text: "Ж ↑ (5.3) \\ 漢 é"},
		figure.Text{At: chart.Point{X: 50, Y: 70}, Size: 9, Turn: 60, Anchor: figure.End, Tone: chart.Soft, Text: alphabet.String()},
		figure.Picture{Min: chart.Point{X: 60, Y: 60}, Max: chart.Point{X: 80, Y: 80}, Image: image.NewGray(image.Rect(2, 3, 7, 5))},
		figure.Line{Points: []chart.Point{{X: math.NaN(), Y: 3}, {X: math.Inf(1), Y: 3}}, Tone: chart.Ink, Width: 1},
	)
	return s
}

// A file is a PDF as a reader sees it: the objects by number, streams unpacked.
type file struct {
	objects map[int]string
	streams map[int]string
}

var (
	lengthOf   = regexp.MustCompile(`/Length (\d+) >>\nstream\n`)
	references = regexp.MustCompile(`(\d+) 0 R`)
)

// opened reads a PDF by its cross-reference table, and checks what readers rely on.
func opened(t *testing.T, b []byte) file {
	t.Helper()
	_, tail, _ := bytes.Cut(b, []byte("startxref\n"))
	at, err := strconv.Atoi(strings.TrimSuffix(string(tail), "\n%%EOF\n"))
	if err != nil || !bytes.HasPrefix(b[at:], []byte("xref\n0 ")) {
		t.Fatalf("startxref leads to %q, %v", b[at:][:10], err)
	}
	lines := strings.SplitAfter(string(b[at:]), "\n")
	count, _ := strconv.Atoi(strings.TrimSpace(strings.TrimPrefix(lines[1], "0 ")))
	f := file{map[int]string{}, map[int]string{}}
	for i := 1; i < count; i++ {
		line := lines[2+i]
		offset, err := strconv.Atoi(line[:10])
		if err != nil || len(line) != 20 || line[10:] != " 00000 n \n" {
			t.Fatalf("the table's line %d is %q", i, line)
		}
		head := fmt.Sprintf("%d 0 obj\n", i)
		if !bytes.HasPrefix(b[offset:], []byte(head)) {
			t.Fatalf("object %d is not at %d", i, offset)
		}
		f.read(t, i, b[offset+len(head):])
	}
	if size := fmt.Sprintf("/Size %d /Root 1 0 R", count); !strings.Contains(lines[2+count+1], size) {
		t.Errorf("the trailer is %q, want %s", lines[2+count+1], size)
	}
	for i, object := range f.objects {
		for _, r := range references.FindAllStringSubmatch(object, -1) {
			if n, _ := strconv.Atoi(r[1]); f.objects[n] == "" {
				t.Errorf("object %d refers to %d, which is not there", i, n)
			}
		}
	}
	return f
}

// read keeps an object up to its end.
func (f file) read(t *testing.T, i int, b []byte) {
	t.Helper()
	m := lengthOf.FindSubmatchIndex(b)
	if end := bytes.Index(b, []byte("\nendobj\n")); m == nil || m[0] > end {
		f.objects[i] = string(b[:end])
		return
	}
	f.objects[i] = string(b[:m[1]])
	length, _ := strconv.Atoi(string(b[m[2]:m[3]]))
	if !bytes.HasPrefix(b[m[1]+length:], []byte("\nendstream\nendobj\n")) {
		t.Fatalf("the stream of object %d does not end after %d bytes", i, length)
	}
	r, err := zlib.NewReader(bytes.NewReader(b[m[1]:][:length]))
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("object %d: %v", i, err)
	}
	f.streams[i] = string(data)
}

func written(t *testing.T, s *figure.Scene) []byte {
	t.Helper()
	b, err := Bytes(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestFileIsWhole(t *testing.T) {
	s := everything()
	b := written(t, s)
	f := opened(t, b)
	pages := 0
	for _, object := range f.objects {
		if strings.Contains(object, "/Type /Page ") {
			pages++
			if want := fmt.Sprintf("/MediaBox [0 0 %v %v]", s.Width*0.75, s.Height*0.75); !strings.Contains(object, want) {
				t.Errorf("the page is %s, want %s", object, want)
			}
		}
	}
	if pages != 1 {
		t.Errorf("%d pages", pages)
	}
	if !bytes.Equal(b, written(t, everything())) {
		t.Error("the same scene gave other bytes")
	}
}

// operator is a line of what draws a page, a mark or a glyph: as many numbers as the
// operator takes, and of names those that are there.
var operator = regexp.MustCompile(`^((-?[\d.]+ ){0}(q|Q|S|f|h|BT|ET)|(-?[\d.]+ ){1}(w|j)|(-?[\d.]+ ){2}(m|l)|(-?[\d.]+ ){3}(rg|RG)|(-?[\d.]+ ){6}(c|cm|Tm|d1)|\[[\d. ]+\] 0 d|/O\d+ gs|/X\d+ Do|/[RB]\d [\d.]+ Tf|<([0-9A-F]{2})+> Tj)$`)

// TestOperatorsAreKnown: everything that is drawn is made of PDF's operators, states
// are opened and closed in pairs, and every name is a resource.
func TestOperatorsAreKnown(t *testing.T) {
	f := opened(t, written(t, everything()))
	for i, data := range f.streams {
		if strings.Contains(data, "begincmap") || strings.Contains(f.objects[i], "/Image") {
			continue
		}
		for line := range strings.Lines(strings.TrimSuffix(data, "\n")) {
			if line = strings.TrimSuffix(line, "\n"); !operator.MatchString(line) {
				t.Errorf("object %d has the line %q", i, line)
			}
		}
		if strings.Count(data, "q\n") != strings.Count(data, "Q\n") {
			t.Errorf("object %d opens and closes states unevenly", i)
		}
	}
	all := fmt.Sprint(f.objects)
	for _, name := range regexp.MustCompile(`/[OXRB]\d+ `).FindAllString(fmt.Sprint(f.streams), -1) {
		if !strings.Contains(all, name) {
			t.Errorf("%s is no resource", name)
		}
	}
}

// TestTextIsFound: what a page says can be read back by the fonts' tables, also letters
// that no single byte counts, those beyond 16 bits and those that the typeface lacks.
func TestTextIsFound(t *testing.T) {
	s := everything()
	s.Add(figure.Text{At: chart.Point{X: 50, Y: 90}, Size: 11, Tone: chart.Ink, Text: "🐈 cat"})
	f := opened(t, written(t, s))
	said := f.said(t)
	for _, shape := range s.Shapes {
		if text, ok := shape.(figure.Text); ok && !strings.Contains(said, text.Text) {
			t.Errorf("%q is not found", text.Text)
		}
	}
}

var (
	fontOf  = regexp.MustCompile(`/([RB]\d) (\d+) 0 R`)
	cmapOf  = regexp.MustCompile(`/ToUnicode (\d+) 0 R`)
	letters = regexp.MustCompile(`<([0-9A-F]{2})> <((?:[0-9A-F]{4})+)>`)
	setFont = regexp.MustCompile(`/([RB]\d) [\d.]+ Tf\n<([0-9A-F]+)> Tj`)
)

// said returns the text of the page.
func (f file) said(t *testing.T) string {
	t.Helper()
	page := f.objects[3]
	fonts := map[string]map[string]string{}
	for _, m := range fontOf.FindAllStringSubmatch(page, -1) {
		n, _ := strconv.Atoi(m[2])
		cmap, _ := strconv.Atoi(cmapOf.FindStringSubmatch(f.objects[n])[1])
		fonts[m[1]] = map[string]string{}
		for _, l := range letters.FindAllStringSubmatch(f.streams[cmap], -1) {
			var units []uint16
			for i := 0; i < len(l[2]); i += 4 {
				unit, _ := strconv.ParseUint(l[2][i:i+4], 16, 16)
				units = append(units, uint16(unit))
			}
			fonts[m[1]][l[1]] = string(utf16.Decode(units))
		}
	}
	contents, _ := strconv.Atoi(regexp.MustCompile(`/Contents (\d+) 0 R`).FindStringSubmatch(page)[1])
	var b strings.Builder
	for _, m := range setFont.FindAllStringSubmatch(f.streams[contents], -1) {
		for i := 0; i < len(m[2]); i += 2 {
			b.WriteString(fonts[m[1]][m[2][i:i+2]])
		}
	}
	return b.String()
}

// TestPlaces: Y is turned over, text stands at its anchor, and a picture is upright.
func TestPlaces(t *testing.T) {
	s := &figure.Scene{Width: 400, Height: 200}
	s.Add(
		figure.Line{Points: []chart.Point{{X: 0, Y: 0}, {X: 400, Y: 200}}, Tone: chart.Ink, Width: 2, Dash: []float64{4, 2}},
		figure.Text{At: chart.Point{X: 100, Y: 180}, Size: 20, Anchor: figure.End, Tone: chart.Ink, Text: "ii"},
		figure.Picture{Min: chart.Point{X: 20, Y: 40}, Max: chart.Point{X: 60, Y: 60}, Image: image.NewGray(image.Rect(0, 0, 2, 1))})
	all := fmt.Sprint(opened(t, written(t, s)).streams)
	advance := newFont("R", false).glyph('i').advance
	for _, want := range []string{
		"1.5 w\n[3 1.5] 0 d\n0 150 m\n300 0 l\nS", "30 0 0 15 15 105 cm", fmt.Sprintf("1 0 0 1 %s 15 Tm", number(75-2*advance*15/1000)),
	} {
		if !strings.Contains(all, want) {
			t.Errorf("there is no %q in %s", want, all)
		}
	}
}

func TestPageSize(t *testing.T) {
	for _, s := range []*figure.Scene{{}, {Width: 10, Height: math.NaN()}, {Width: 1e6, Height: 10}} {
		if _, err := Bytes(s); err == nil {
			t.Errorf("a page of %v × %v was made", s.Width, s.Height)
		}
	}
}

func BenchmarkCurves(b *testing.B) {
	s := figure.Curves([]run.Evaluated{{Examples: 9, Loss: 2}, {Epoch: 1, Examples: 9, Loss: 1, TrainLoss: 1.5, Accuracy: 0.5}})
	for b.Loop() {
		if _, err := Bytes(s); err != nil {
			b.Fatal(err)
		}
	}
}
