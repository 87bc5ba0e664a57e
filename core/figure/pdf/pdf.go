// Package pdf makes PDF files of figures, for papers: one page each, in light colours
// on white, whose text can be selected and searched.
//
// It writes the few parts of PDF 1.4 that a figure.Scene needs (ISO 32000-1, whose
// sections are named where they matter). Fonts are within, as the glyphs that are
// used: journals take no others. The same scene gives the same bytes.
package pdf

import (
	"bytes"
	"compress/zlib"
	"fmt"

	"quarterturn/core/fault"
	"quarterturn/core/figure"
)

// points is how many of PDF's units, 1/72 inch, a unit of a scene is: it is about a
// pixel, and of these an inch has 96.
const points = 0.75

// maxSide is the most that readers take, in PDF's units (annex C).
const maxSide = 14400

// Bytes returns a scene as a PDF file.
func Bytes(s *figure.Scene) ([]byte, error) {
	width, height := s.Width*points, s.Height*points
	if !(width >= 1 && height >= 1 && width <= maxSide && height <= maxSide) {
		return nil, fault.Errorf("pdf", "a page of %.0f × %.0f units, want 1 to %d", s.Width, s.Height, int(maxSide/points))
	}
	var d document
	catalog, pages, page := d.reserve(), d.reserve(), d.reserve()
	p := newPage(&d, s)
	p.draw()
	contents := d.stream("", p.Bytes())
	d.set(catalog, fmt.Sprintf("<< /Type /Catalog /Pages %s >>", pages))
	d.set(pages, fmt.Sprintf("<< /Type /Pages /Kids [%s] /Count 1 >>", page))
	d.set(page, fmt.Sprintf("<< /Type /Page /Parent %s /MediaBox [0 0 %s %s] /Contents %s /Resources %s >>",
		pages, number(width), number(height), contents, p.resources()))
	return d.bytes(catalog), nil
}

// A document is the objects of a file, from number 1 up.
type document struct {
	objects []string
	packer  *zlib.Writer // Making one takes longer than packing a glyph.
}

// A reference names an object.
type reference int

func (r reference) String() string { return fmt.Sprintf("%d 0 R", int(r)) }

// reserve returns the number of an object that is set later.
func (d *document) reserve() reference {
	d.objects = append(d.objects, "null")
	return reference(len(d.objects))
}

func (d *document) set(r reference, object string) { d.objects[r-1] = object }

func (d *document) add(object string) reference {
	r := d.reserve()
	d.set(r, object)
	return r
}

// stream adds bytes, compressed, with the entries of their dictionary.
func (d *document) stream(entries string, data []byte) reference {
	var packed bytes.Buffer
	if d.packer == nil {
		d.packer = zlib.NewWriter(&packed)
	}
	d.packer.Reset(&packed)
	_, _ = d.packer.Write(data) // Memory takes all.
	_ = d.packer.Close()
	return d.add(fmt.Sprintf("<< %s /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream", entries, packed.Len(), packed.Bytes()))
}

// bytes writes the file: the objects, the table of where each begins, whose entries
// have 20 bytes, and where the table is (section 7.5).
func (d *document) bytes(catalog reference) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n") // The second line says that it is not text.
	var table bytes.Buffer
	for i, object := range d.objects {
		fmt.Fprintf(&table, "%010d 00000 n \n", b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	at := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n%s", len(d.objects)+1, table.Bytes())
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root %s >>\nstartxref\n%d\n%%%%EOF\n", len(d.objects)+1, catalog, at)
	return b.Bytes()
}
