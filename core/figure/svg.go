package figure

import (
	"fmt"
	"html"
	"math"
	"slices"
	"strconv"
	"strings"

	"quarterturn/core/chart"
)

// Markers returns the marks of the scenes as definitions for the page that they are
// in: what Element writes refers to them.
func Markers(scenes ...*Scene) string {
	w := svgWriter{paint: property}
	w.defs(scenes...)
	return w.String()
}

// Element returns the scene as an element of a page that has the palette's style
// sheet and the scene's Markers. Name is what those hear who do not see it; with none
// it is decoration.
func (s *Scene) Element(name string) string {
	w := svgWriter{paint: property}
	fmt.Fprintf(&w, `<svg viewBox="0 0 %s %s"`, number(s.Width), number(s.Height))
	if name == "" {
		w.WriteString(` class="key" aria-hidden="true">`)
	} else {
		fmt.Fprintf(&w, ` role="img" aria-label="%s">`, html.EscapeString(name))
	}
	w.shapes(s)
	w.WriteString("</svg>")
	return w.String()
}

// SVG returns the scene as a file of its own, in light colours on white. Everything
// is an attribute, since not all programs that draw SVG know style sheets.
func (s *Scene) SVG() string {
	w := svgWriter{paint: func(t chart.Tone) string { return t.Light().Hex() }}
	width, height := number(s.Width), number(s.Height)
	fmt.Fprintf(&w, `<svg xmlns="http://www.w3.org/2000/svg" width="%s" height="%s" viewBox="0 0 %s %s" font-family="system-ui, 'Segoe UI', 'Noto Sans', Roboto, 'Helvetica Neue', Arial, sans-serif" font-size="%d">`,
		width, height, width, height, Normal)
	w.WriteString("\n<defs>")
	w.defs(s)
	w.WriteString("</defs>\n")
	fmt.Fprintf(&w, "<path fill=\"%s\" d=\"M0 0H%sV%sH0Z\"/>\n", w.paint(chart.Sheet), width, height)
	w.shapes(s)
	w.WriteString("</svg>\n")
	return w.String()
}

// property is how a page's style sheet has a tone.
func property(t chart.Tone) string { return "var(--" + t.Name() + ")" }

// An svgWriter writes shapes, a line each.
type svgWriter struct {
	strings.Builder
	paint func(chart.Tone) string
}

// defs writes a marker for each class that the scenes show. Markers and not the marks
// themselves: thousands of points are then six bytes each in place of sixty.
func (w *svgWriter) defs(scenes ...*Scene) {
	seen := map[string]bool{}
	for _, s := range scenes {
		for _, shape := range s.Shapes {
			if m, ok := shape.(Marks); ok && !seen[markerID(m.Class)] {
				seen[markerID(m.Class)] = true
				w.marker(m.Class)
			}
		}
	}
}

func (w *svgWriter) marker(class int) {
	fmt.Fprintf(w, `<marker id="%s" viewBox="-6 -6 12 12" markerWidth="12" markerHeight="12" markerUnits="userSpaceOnUse">`, markerID(class))
	tone, outline := looksOf(class)
	fmt.Fprintf(w, `<path fill="%s"`, w.paint(tone))
	if class >= 0 {
		fmt.Fprintf(w, ` stroke="%s" stroke-width="%v" stroke-opacity="%v" paint-order="stroke"`, w.paint(chart.Sheet), HaloWidth, HaloOpacity)
	}
	fmt.Fprintf(w, ` d="%s"/></marker>`, outline)
}

// A halo around marks keeps those that overlap apart.
const (
	HaloWidth   = 1.4 // Half of it is outside the mark.
	HaloOpacity = 0.6
)

// DotRadius is the radius of the dot of what has no class.
const DotRadius = 1.3

// looksOf returns the colour of a class's mark and its outline around the origin.
func looksOf(class int) (chart.Tone, string) {
	if class < 0 {
		return chart.Soft, "M-1.3 0a1.3 1.3 0 1 0 2.6 0a1.3 1.3 0 1 0 -2.6 0Z"
	}
	kind := chart.KindOf(class)
	return kind.Colour, "M0 0" + kind.Mark.Outline()
}

// markerID names a class's marker: all classes of the same looks have the same.
func markerID(class int) string {
	if class < 0 {
		return "g-none"
	}
	return "g" + strconv.Itoa(class%chart.Kinds)
}

func (w *svgWriter) shapes(s *Scene) {
	for _, shape := range s.Shapes {
		switch shape := shape.(type) {
		case Line:
			w.line(shape)
		case Area:
			w.area(shape)
		case Marks:
			w.marks(shape)
		case Text:
			w.text(shape)
		}
	}
}

func (w *svgWriter) line(l Line) {
	fmt.Fprintf(w, `<path fill="none" stroke="%s" stroke-width="%s"`, w.paint(l.Tone), number(l.Width))
	if len(l.Points) > 2 {
		w.WriteString(` stroke-linejoin="round"`)
	}
	if l.Dash != nil {
		var lengths []string
		for _, d := range l.Dash {
			lengths = append(lengths, number(d))
		}
		fmt.Fprintf(w, ` stroke-dasharray="%s"`, strings.Join(lengths, " "))
	}
	fmt.Fprintf(w, " d=\"%s\"/>\n", path(l.Points, number))
}

func (w *svgWriter) area(a Area) {
	fmt.Fprintf(w, `<path fill="%s"`, w.paint(a.Tone))
	if a.Opacity != 1 {
		fmt.Fprintf(w, ` fill-opacity="%s"`, strconv.FormatFloat(a.Opacity, 'f', 2, 64))
	}
	fmt.Fprintf(w, " d=\"%sZ\"/>\n", path(a.Points, number))
}

func (w *svgWriter) marks(m Marks) {
	if len(m.Points) == 0 {
		return
	}
	places, id := number, markerID(m.Class)
	if len(m.Points) > manyMarks { // In no line, and half a pixel is not seen.
		places = func(v float64) string { return strconv.FormatFloat(v, 'f', 0, 64) }
	}
	fmt.Fprintf(w, "<path fill=\"none\" marker-start=\"url(#%s)\"", id)
	if len(m.Points) > 2 {
		fmt.Fprintf(w, " marker-mid=\"url(#%s)\"", id)
	}
	if len(m.Points) > 1 {
		fmt.Fprintf(w, " marker-end=\"url(#%s)\"", id)
	}
	fmt.Fprintf(w, " d=\"%s\"/>\n", path(m.Points, places))
}

// manyMarks are so many that their places are rounded.
const manyMarks = 100

func (w *svgWriter) text(t Text) {
	fmt.Fprintf(w, `<text fill="%s"`, w.paint(t.Tone))
	if t.Turn != 0 {
		fmt.Fprintf(w, ` transform="translate(%s %s) rotate(%s)"`, number(t.At.X), number(t.At.Y), number(-t.Turn))
	} else {
		fmt.Fprintf(w, ` x="%s" y="%s"`, number(t.At.X), number(t.At.Y))
	}
	if t.Size != Normal {
		fmt.Fprintf(w, ` font-size="%s"`, number(t.Size))
	}
	if t.Bold {
		w.WriteString(` font-weight="bold"`)
	}
	switch t.Anchor {
	case Middle:
		w.WriteString(` text-anchor="middle"`)
	case End:
		w.WriteString(` text-anchor="end"`)
	}
	fmt.Fprintf(w, ">%s</text>\n", html.EscapeString(t.Text))
}

// path writes moves between points, those along an axis with one coordinate.
func path(points []chart.Point, number func(float64) string) string {
	var d strings.Builder
	for i, p := range points {
		x, y := number(p.X), number(p.Y)
		switch {
		case i == 0:
			d.WriteString("M" + x + " " + y)
			if len(points) == 1 {
				d.WriteString("h0") // Else a marker has nothing to be at.
			}
		case y == number(points[i-1].Y):
			d.WriteString("H" + x)
		case x == number(points[i-1].X):
			d.WriteString("V" + y)
		default:
			d.WriteString("L" + x + " " + y)
		}
	}
	return d.String()
}

// number writes a coordinate to a tenth of a pixel.
func number(v float64) string {
	return strconv.FormatFloat(math.Round(10*v)/10+0, 'f', -1, 64) // The zero added makes zero of -0.
}

// finite leaves out what cannot be drawn.
func finite(points []chart.Point) []chart.Point {
	return slices.DeleteFunc(slices.Clone(points), func(p chart.Point) bool {
		return math.IsNaN(p.X+p.Y) || math.IsInf(p.X+p.Y, 0)
	})
}
