package pdf

import (
	"bytes"
	"fmt"
	"image"
	"math"
	"strconv"
	"strings"

	"quarterturn/core/chart"
	"quarterturn/core/figure"
)

// A page is what is drawn, as operators (annex A), and what it refers to.
type page struct {
	bytes.Buffer
	doc     *document
	scene   *figure.Scene
	regular *font
	bold    *font
	faded   []string       // Opacities that are used.
	marks   map[int]string // The names of the classes' forms,
	forms   []string       // and of each form and picture its entry.
}

func newPage(d *document, s *figure.Scene) *page {
	return &page{doc: d, scene: s, regular: newFont("R", false), bold: newFont("B", true), marks: map[int]string{}}
}

func (p *page) draw() {
	p.area(figure.Rectangle(chart.Point{}, chart.Point{X: p.scene.Width, Y: p.scene.Height}, chart.Sheet))
	for _, shape := range p.scene.Shapes {
		switch shape := shape.(type) {
		case figure.Line:
			p.line(shape)
		case figure.Area:
			p.area(shape)
		case figure.Marks:
			p.markAll(shape)
		case figure.Text:
			p.text(shape)
		case figure.Picture:
			p.picture(shape)
		}
	}
}

// op writes an operator behind its operands.
func (p *page) op(operator string, operands ...float64) {
	for _, v := range operands {
		p.WriteString(number(v) + " ")
	}
	p.WriteString(operator + "\n")
}

// number writes a number to a thousandth: PDF knows no exponents.
func number(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "0"
	}
	return strconv.FormatFloat(math.Round(1000*v)/1000+0, 'f', -1, 64) // The zero added makes zero of -0.
}

// at is where a point of the scene is on the page, whose Y grows upwards.
func (p *page) at(q chart.Point) (x, y float64) { return points * q.X, points * (p.scene.Height - q.Y) }

// path writes lines between points.
func (p *page) path(through []chart.Point) {
	for i, q := range through {
		x, y := p.at(q)
		if i == 0 {
			p.op("m", x, y)
		} else {
			p.op("l", x, y)
		}
	}
}

func (p *page) colour(t chart.Tone, operator string) {
	r, g, b, _ := t.Light().Channels()
	p.op(operator, float64(r)/255, float64(g)/255, float64(b)/255)
}

func (p *page) line(l figure.Line) {
	if len(l.Points) < 2 {
		return
	}
	p.op("q")
	p.colour(l.Tone, "RG")
	p.op("w", points*l.Width)
	if len(l.Points) > 2 {
		p.op("j", 1) // Round.
	}
	if l.Dash != nil {
		var lengths []string
		for _, d := range l.Dash {
			lengths = append(lengths, number(points*d))
		}
		p.WriteString("[" + strings.Join(lengths, " ") + "] 0 d\n")
	}
	p.path(l.Points)
	p.op("S")
	p.op("Q")
}

func (p *page) area(a figure.Area) {
	if len(a.Points) < 3 {
		return
	}
	p.op("q")
	p.fade(a.Opacity)
	p.colour(a.Tone, "rg")
	p.path(a.Points)
	p.op("f")
	p.op("Q")
}

// fade sets the opacity of what follows, up to Q.
func (p *page) fade(opacity float64) {
	if opacity < 1 {
		p.WriteString("/" + p.state(opacity) + " gs\n")
	}
}

// state names an opacity.
func (p *page) state(opacity float64) string {
	text := number(max(opacity, 0))
	for i, known := range p.faded {
		if known == text {
			return fmt.Sprintf("O%d", i)
		}
	}
	p.faded = append(p.faded, text)
	return fmt.Sprintf("O%d", len(p.faded)-1)
}

// markAll draws the mark of a class, which the file has once, at each point.
func (p *page) markAll(m figure.Marks) {
	if len(m.Points) == 0 {
		return
	}
	class := m.Class
	if class >= 0 {
		class %= chart.Kinds
	}
	name, ok := p.marks[class]
	if !ok {
		name = fmt.Sprintf("X%d", len(p.forms))
		p.forms = append(p.forms, fmt.Sprintf("/%s %s", name, p.form(class)))
		p.marks[class] = name
	}
	for _, q := range m.Points {
		x, y := p.at(q)
		p.op("q")
		p.op("cm", 1, 0, 0, 1, x, y)
		p.WriteString("/" + name + " Do\n")
		p.op("Q")
	}
}

// form draws a class's mark around the origin: its halo, then itself.
func (p *page) form(class int) reference {
	f := &page{doc: p.doc, scene: &figure.Scene{}}
	tone, radius := chart.Soft, figure.DotRadius
	outline := func() { f.circle(radius) }
	if class >= 0 {
		kind := chart.KindOf(class)
		tone, radius = kind.Colour, chart.CircleRadius
		if kind.Mark != chart.Circle {
			outline = func() { f.path(kind.Mark.Polygon()); f.op("h") }
		}
		f.op("q")
		f.fade(figure.HaloOpacity)
		f.colour(chart.Sheet, "RG")
		f.op("w", points*figure.HaloWidth)
		outline()
		f.op("S")
		f.op("Q")
	}
	f.colour(tone, "rg")
	outline()
	f.op("f")
	return p.doc.stream("/Type /XObject /Subtype /Form /BBox [-6 -6 6 6] /Resources "+f.resources(), f.Bytes())
}

// circle is four Bézier curves, which are within a thousandth of one.
func (p *page) circle(radius float64) {
	const handle = 0.5523
	r := points * radius
	h := handle * r
	p.op("m", r, 0)
	p.op("c", r, h, h, r, 0, r)
	p.op("c", -h, r, -r, h, -r, 0)
	p.op("c", -r, -h, -h, -r, 0, -r)
	p.op("c", h, -r, r, -h, r, 0)
	p.op("h")
}

// picture puts a picture's pixels into the file and scales them to its place.
func (p *page) picture(pic figure.Picture) {
	bounds := pic.Image.Bounds()
	if bounds.Empty() {
		return
	}
	entries := fmt.Sprintf("/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceRGB /BitsPerComponent 8", bounds.Dx(), bounds.Dy())
	name := fmt.Sprintf("X%d", len(p.forms))
	p.forms = append(p.forms, fmt.Sprintf("/%s %s", name, p.doc.stream(entries, pixels(pic.Image))))
	x, y := p.at(chart.Point{X: pic.Min.X, Y: pic.Max.Y})
	p.op("q")
	p.op("cm", points*(pic.Max.X-pic.Min.X), 0, 0, points*(pic.Max.Y-pic.Min.Y), x, y)
	p.WriteString("/" + name + " Do\n")
	p.op("Q")
}

// pixels returns red, green and blue, row by row.
func pixels(img image.Image) (rgb []byte) {
	bounds := img.Bounds()
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			r, g, b, _ := img.At(x, y).RGBA()
			rgb = append(rgb, byte(r>>8), byte(g>>8), byte(b>>8))
		}
	}
	return rgb
}

// resources names what the operators refer to.
func (p *page) resources() string {
	var b strings.Builder
	b.WriteString("<<")
	if len(p.faded) > 0 {
		b.WriteString(" /ExtGState <<")
		for i, opacity := range p.faded {
			fmt.Fprintf(&b, " /O%d << /ca %s /CA %s >>", i, opacity, opacity)
		}
		b.WriteString(" >>")
	}
	if len(p.forms) > 0 {
		b.WriteString(" /XObject << " + strings.Join(p.forms, " ") + " >>")
	}
	var fonts []string
	for _, f := range []*font{p.regular, p.bold} {
		if f != nil {
			fonts = append(fonts, f.write(p.doc)...)
		}
	}
	if len(fonts) > 0 {
		b.WriteString(" /Font << " + strings.Join(fonts, " ") + " >>")
	}
	b.WriteString(" >>")
	return b.String()
}
