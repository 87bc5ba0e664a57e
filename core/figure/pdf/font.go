package pdf

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf16"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"

	"quarterturn/core/figure"
	"quarterturn/core/figure/typeface"
)

// A font is the glyphs of one of the typefaces that a page uses, as fonts of Type 3,
// whose glyphs are drawings (section 9.6.5). Each holds as many as a byte can count.
type font struct {
	name   string
	face   *sfnt.Font
	glyphs []glyph
	buffer sfnt.Buffer
}

// A glyph is a letter as a drawing.
type glyph struct {
	letter   rune
	advance  float64 // In thousandths of the em.
	operator string
}

const (
	em      = 1000
	perFont = 256
)

func newFont(name string, bold bool) *font { return &font{name: name, face: typeface.Of(bold)} }

// index returns the place of a letter among the glyphs, which it draws when it is met
// first. What the typeface lacks is a box.
func (f *font) index(letter rune) int {
	if at := slices.IndexFunc(f.glyphs, func(g glyph) bool { return g.letter == letter }); at >= 0 {
		return at
	}
	f.glyphs = append(f.glyphs, f.glyph(letter))
	return len(f.glyphs) - 1
}

func (f *font) glyph(letter rune) glyph {
	g := glyph{letter: letter}
	index, err := f.face.GlyphIndex(&f.buffer, letter)
	if err != nil {
		return g
	}
	if advance, err := f.face.GlyphAdvance(&f.buffer, index, fixed.I(em), 0); err == nil {
		g.advance = float64(advance) / 64
	}
	segments, err := f.face.LoadGlyph(&f.buffer, index, fixed.I(em), nil)
	if err == nil {
		g.operator = outline(segments)
	}
	return g
}

// outline writes a glyph's outline, with Y upwards. PDF knows cubic curves alone.
func outline(segments sfnt.Segments) string {
	var p page
	var x, y float64 // Where the pen is.
	at := func(q fixed.Point26_6) (float64, float64) { return float64(q.X) / 64, -float64(q.Y) / 64 }
	for _, s := range segments {
		toX, toY := at(s.Args[0])
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			p.op("m", toX, toY)
		case sfnt.SegmentOpLineTo:
			p.op("l", toX, toY)
		case sfnt.SegmentOpQuadTo:
			cx, cy := toX, toY
			toX, toY = at(s.Args[1])
			p.op("c", x+2*(cx-x)/3, y+2*(cy-y)/3, toX+2*(cx-toX)/3, toY+2*(cy-toY)/3, toX, toY)
		case sfnt.SegmentOpCubeTo:
			x2, y2 := at(s.Args[1])
			x3, y3 := at(s.Args[2])
			p.op("c", toX, toY, x2, y2, x3, y3)
			toX, toY = x3, y3
		}
		x, y = toX, toY
	}
	p.op("f")
	return p.String()
}

// write adds the fonts to a document and returns their entries, none where no glyph
// is used.
func (f *font) write(d *document) (entries []string) {
	for i := 0; i*perFont < len(f.glyphs); i++ {
		part := f.glyphs[i*perFont : min((i+1)*perFont, len(f.glyphs))]
		entries = append(entries, fmt.Sprintf("/%s%d %s", f.name, i, writePart(d, part)))
	}
	return entries
}

func writePart(d *document, glyphs []glyph) reference {
	var procedures, names, widths strings.Builder
	for i, g := range glyphs {
		// d1: the colour is that of the text.
		drawing := fmt.Sprintf("%s 0 0 -300 1500 1100 d1\n%s", number(g.advance), g.operator)
		fmt.Fprintf(&procedures, " /g%d %s", i, d.stream("", []byte(drawing)))
		fmt.Fprintf(&names, " /g%d", i)
		fmt.Fprintf(&widths, " %s", number(g.advance))
	}
	return d.add(fmt.Sprintf("<< /Type /Font /Subtype /Type3 /FontBBox [0 -300 1500 1100] /FontMatrix [0.001 0 0 0.001 0 0] "+
		"/FirstChar 0 /LastChar %d /Widths [%s ] /Encoding << /Type /Encoding /Differences [0%s] >> /CharProcs <<%s >> /Resources << >> /ToUnicode %s >>",
		len(glyphs)-1, widths.String(), names.String(), procedures.String(), d.stream("", toUnicode(glyphs))))
}

// toUnicode tells which letters the bytes of a text stand for (section 9.10.3).
func toUnicode(glyphs []glyph) []byte {
	var b bytes.Buffer
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n" +
		"/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n" +
		"1 begincodespacerange\n<00> <FF>\nendcodespacerange\n")
	const most = 100 // In a block.
	for first := 0; first < len(glyphs); first += most {
		block := glyphs[first:min(first+most, len(glyphs))]
		fmt.Fprintf(&b, "%d beginbfchar\n", len(block))
		for i, g := range block {
			fmt.Fprintf(&b, "<%02X> <", first+i)
			for _, unit := range utf16.Encode([]rune{g.letter}) {
				fmt.Fprintf(&b, "%04X", unit)
			}
			b.WriteString(">\n")
		}
		b.WriteString("endbfchar\n")
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	return b.Bytes()
}

// text writes a line of text: runs of letters that are in the same font.
func (p *page) text(t figure.Text) {
	f := p.regular
	if t.Bold {
		f = p.bold
	}
	size := points * t.Size
	var advance float64
	var codes []int
	for _, letter := range t.Text {
		at := f.index(letter)
		codes, advance = append(codes, at), advance+f.glyphs[at].advance*size/em
	}
	if len(codes) == 0 {
		return
	}
	aside := map[figure.Anchor]float64{figure.Middle: advance / 2, figure.End: advance}[t.Anchor]
	sin, cos := math.Sincos(t.Turn * math.Pi / 180)
	x, y := p.at(t.At)
	p.op("BT")
	p.colour(t.Tone, "rg")
	p.op("Tm", cos, sin, -sin, cos, x-aside*cos, y-aside*sin)
	for len(codes) > 0 {
		part := codes[0] / perFont
		n := slices.IndexFunc(codes, func(c int) bool { return c/perFont != part })
		if n < 0 {
			n = len(codes)
		}
		fmt.Fprintf(p, "/%s%d %s Tf\n<", f.name, part, number(size))
		for _, c := range codes[:n] {
			fmt.Fprintf(p, "%02X", c%perFont)
		}
		p.WriteString("> Tj\n")
		codes = codes[n:]
	}
	p.op("ET")
}
