package chart

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// A Document is a chart as a file of its own, in light colours: with its title and its
// legend, so that it can stand in a text without the page around it.
type Document struct {
	Title  string
	More   string // What is behind the title: units and what it is over.
	Body   Extract
	Legend []Entry
}

// An Extract is a piece of SVG whose styles are all in its attributes.
type Extract struct {
	Markup                   string  // What is in the svg element.
	Left, Top, Width, Height float64 // Its viewBox.
}

// An Entry is a line of a legend.
type Entry struct {
	Sample Extract
	Text   string
}

// Sizes of a document, in units of the chart: pixels, if nothing scales it.
const (
	documentMargin = 16
	documentHead   = 46  // Of title and subtitle.
	documentLine   = 18  // From line to line of the legend.
	sampleRoom     = 42  // For a sample before its text.
	letterWidth    = 6.4 // Of a letter in the legend, on the safe side.
)

// Size returns a document's width and height.
func (d Document) Size() (width, height float64) {
	rows := (len(d.Legend) + d.columns() - 1) / d.columns()
	width = max(d.Body.Width, sampleRoom+letterWidth*float64(d.longest()), 1.3*letterWidth*float64(utf8.RuneCountInString(d.Title)))
	height = documentHead + d.Body.Height + float64(rows)*documentLine
	if rows > 0 {
		height += documentMargin / 2
	}
	return width + 2*documentMargin, height + 2*documentMargin
}

// longest returns how many letters the longest text of the legend or the subtitle has.
func (d Document) longest() int {
	n := utf8.RuneCountInString(d.More)
	for _, e := range d.Legend {
		n = max(n, utf8.RuneCountInString(e.Text))
	}
	return n
}

// columns is how many entries of the legend stand side by side.
func (d Document) columns() int {
	each := sampleRoom + letterWidth*float64(d.longest())
	return max(1, min(int(d.Body.Width/each), len(d.Legend)))
}

// SVG returns the file.
func (d Document) SVG() string {
	width, height := d.Size()
	var b strings.Builder
	b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" width="` + short(width) + `" height="` + short(height) +
		`" viewBox="0 0 ` + short(width) + " " + short(height) + `" font-family="system-ui, 'Segoe UI', 'Noto Sans', Helvetica, Arial, sans-serif">`)
	b.WriteString("\n<title>" + escaped(d.Title+d.More) + "</title>\n")
	b.WriteString(`<rect width="100%" height="100%" fill="` + Sheet.Light().Hex() + "\"/>\n")
	writeText(&b, documentMargin, documentMargin+16, 16, Ink, "600", d.Title)
	writeText(&b, documentMargin, documentMargin+34, 12, Soft, "400", strings.TrimLeft(d.More, " ,"))
	d.Body.write(&b, documentMargin, documentMargin+documentHead, d.Body.Width, d.Body.Height)
	columns := d.columns()
	for i, e := range d.Legend {
		x := documentMargin + float64(i%columns)*(width-2*documentMargin)/float64(columns)
		y := documentMargin*1.5 + documentHead + d.Body.Height + float64(i/columns)*documentLine
		e.Sample.write(&b, x, y, min(e.Sample.Width, sampleRoom-8), 12)
		writeText(&b, x+sampleRoom, y+10, 12, Soft, "400", e.Text)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// write puts a piece at a place of the document.
func (e Extract) write(b *strings.Builder, x, y, width, height float64) {
	if e.Width <= 0 || e.Height <= 0 {
		return
	}
	b.WriteString(`<svg x="` + short(x) + `" y="` + short(y) + `" width="` + short(width) + `" height="` + short(height) +
		`" viewBox="` + short(e.Left) + " " + short(e.Top) + " " + short(e.Width) + " " + short(e.Height) + `" overflow="visible">` + e.Markup + "</svg>\n")
}

func writeText(b *strings.Builder, x, y, size float64, tone Tone, weight, text string) {
	b.WriteString(`<text x="` + short(x) + `" y="` + short(y) + `" font-size="` + short(size) + `" font-weight="` + weight +
		`" fill="` + tone.Light().Hex() + `">` + escaped(text) + "</text>\n")
}

// escaped is text as XML has it. Characters that no XML may have are left out.
func escaped(text string) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' || r == 0xfffe || r == 0xffff {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace(text)
}

func short(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
