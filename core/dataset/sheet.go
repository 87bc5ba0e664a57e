package dataset

import (
	"fmt"
	"image"
	"slices"
	"strconv"
	"strings"

	"quarterturn/core/fault"
)

// SheetColumns is the number of tiles in a row of a picture sheet.
const SheetColumns = 32

// Sheets is a data set kept as picture sheets: few files, lossless, that any
// image viewer opens.
type Sheets struct {
	Set      *Set
	Previews *Pictures // Larger versions of some training pictures, to be looked at; may be empty.
	Preview  []int     // [Set.Train.Len()], the index in Previews, or -1.
}

// The files of a sheet set. Whoever serves one needs these; the preview may be
// left out.
//
// SheetIndex is tab-separated: split (train or test), class, source, and the tile
// of the preview or "-". Its first line names the columns. The n-th line of a
// split describes the n-th tile of its sheet, from the left, row by row. A sheet
// is a WebP or PNG of SheetColumns square tiles in a row, without gaps, and as
// many rows as it needs.
const (
	SheetIndex   = "index.tsv"
	SheetTrain   = "train.webp"
	SheetTest    = "test.webp"
	SheetPreview = "preview.webp"
)

// sheetHeader is the first line of a SheetIndex.
const sheetHeader = "split\tclass\tsource\tpreview"

// ReadSheets reads a sheet set. file returns the bytes of one of its files, from
// wherever they are; for SheetPreview it may return nil.
func ReadSheets(file func(name string) ([]byte, error)) (*Sheets, error) {
	index, err := file(SheetIndex)
	if err != nil {
		return nil, fault.Errorf("dataset", "sheets: %w", err)
	}
	rows, err := readSheetIndex(index)
	if err != nil {
		return nil, fault.Errorf("dataset", "sheets: %w", err)
	}
	s := &Sheets{Set: &Set{}}
	if s.Set.Train, err = readSheet(file, SheetTrain, rows.of("train")); err != nil {
		return nil, err
	}
	if s.Set.Test, err = readSheet(file, SheetTest, rows.of("test")); err != nil {
		return nil, err
	}
	if s.Set.Train.Side != s.Set.Test.Side {
		return nil, fault.Errorf("dataset", "sheets: tiles of %d and %d pixels", s.Set.Train.Side, s.Set.Test.Side)
	}
	return s, s.readPreviews(file, rows)
}

// sheetRows are the lines of an index and the classes they name.
type sheetRows struct {
	rows    []sheetRow
	classes []string // Ascending.
}

type sheetRow struct {
	split, class, source string
	preview              int // -1 for none.
}

// readSheetIndex reads a SheetIndex.
func readSheetIndex(data []byte) (sheetRows, error) {
	var rows sheetRows
	for n, line := range strings.Split(strings.TrimRight(string(data), "\n"), "\n") {
		if n == 0 {
			if line != sheetHeader {
				return rows, fmt.Errorf("%s: the first line is %.40q, want the names of the columns", SheetIndex, line)
			}
			continue
		}
		row, err := readSheetRow(line)
		if err != nil {
			return rows, fmt.Errorf("%s: line %d: %w", SheetIndex, n+1, err)
		}
		rows.rows = append(rows.rows, row)
		if !slices.Contains(rows.classes, row.class) {
			rows.classes = append(rows.classes, row.class)
		}
	}
	slices.Sort(rows.classes)
	return rows, nil
}

func readSheetRow(line string) (sheetRow, error) {
	fields := strings.Split(line, "\t")
	if len(fields) != 4 {
		return sheetRow{}, fmt.Errorf("%d columns, want 4", len(fields))
	}
	row := sheetRow{split: fields[0], class: fields[1], source: fields[2], preview: -1}
	if row.split != "train" && row.split != "test" || row.class == "" {
		return row, fmt.Errorf("split %.20q, class %.20q: want train or test, and a name", row.split, row.class)
	}
	if fields[3] == "-" {
		return row, nil
	}
	tile, err := strconv.Atoi(fields[3])
	if err != nil || tile < 0 || row.split != "train" {
		return row, fmt.Errorf("preview %.20q, want a tile, and a training picture", fields[3])
	}
	row.preview = tile
	return row, nil
}

// of returns the rows of a split as pictures without pixels.
func (s sheetRows) of(split string) *Pictures {
	p := &Pictures{Classes: slices.Clone(s.classes)}
	for _, row := range s.rows {
		if row.split == split {
			p.Labels = append(p.Labels, int32(slices.Index(s.classes, row.class)))
			p.Names = append(p.Names, row.source)
		}
	}
	return p
}

// readSheet adds the pixels of p.Len() tiles to p.
func readSheet(file func(string) ([]byte, error), name string, p *Pictures) (*Pictures, error) {
	data, err := file(name)
	if err != nil {
		return nil, fault.Errorf("dataset", "sheets: %w", err)
	}
	if err := p.addTiles(data); err != nil {
		return nil, Problem{File: name, Reason: fault.Reason(err)}
	}
	return p, nil
}

// addTiles cuts a sheet into the tiles that p has labels for.
func (p *Pictures) addTiles(data []byte) error {
	return guard(func() error {
		sheet, _, err := open(data, Limits{}.orDefault(DefaultSide))
		if err != nil {
			return err
		}
		return p.cut(sheet)
	})
}

// cut copies the tiles of a sheet, left to right and row by row.
func (p *Pictures) cut(sheet image.Image) error {
	width, height := sheet.Bounds().Dx(), sheet.Bounds().Dy()
	p.Side = width / SheetColumns
	switch {
	case width%SheetColumns != 0 || p.Side < 1 || p.Side > MaxSide:
		return fmt.Errorf("a sheet %d pixels wide, want a multiple of %d", width, SheetColumns)
	case height/p.Side*SheetColumns < p.Len():
		return fmt.Errorf("%d×%d pixels for %d tiles of %d", width, height, p.Len(), p.Side)
	}
	read := rowReader(sheet)
	p.Pixels = make([]byte, p.Len()*p.Size())
	for i := range p.Len() {
		x := sheet.Bounds().Min.X + i%SheetColumns*p.Side
		y := sheet.Bounds().Min.Y + i/SheetColumns*p.Side
		for row := range p.Side {
			read(p.At(i)[row*p.Side*Channels:][:p.Side*Channels], x, y+row)
		}
	}
	return nil
}

// readPreviews reads the preview sheet, if there is one.
func (s *Sheets) readPreviews(file func(string) ([]byte, error), rows sheetRows) error {
	if err := s.matchPreviews(rows); err != nil {
		return err
	}
	data, err := file(SheetPreview)
	if err != nil {
		return fault.Errorf("dataset", "sheets: %w", err)
	}
	if data == nil || s.Previews.Len() == 0 {
		s.dropPreviews()
		return nil
	}
	if err := s.Previews.addTiles(data); err != nil {
		return Problem{File: SheetPreview, Reason: fault.Reason(err)}
	}
	return nil
}

// matchPreviews says which preview belongs to which training picture. Tiles come
// in the order of the pictures.
func (s *Sheets) matchPreviews(rows sheetRows) error {
	s.Previews = &Pictures{Side: 1, Classes: slices.Clone(rows.classes)}
	for _, row := range rows.rows {
		if row.split != "train" {
			continue
		}
		s.Preview = append(s.Preview, row.preview)
		if row.preview < 0 {
			continue
		}
		if row.preview != s.Previews.Len() {
			return fault.Errorf("dataset", "sheets: preview %d where %d is next", row.preview, s.Previews.Len())
		}
		s.Previews.Labels = append(s.Previews.Labels, int32(slices.Index(rows.classes, row.class)))
		s.Previews.Names = append(s.Previews.Names, row.source)
	}
	return nil
}

// dropPreviews makes the set one without previews.
func (s *Sheets) dropPreviews() {
	s.Previews.Labels, s.Previews.Names = nil, nil
	for i := range s.Preview {
		s.Preview[i] = -1
	}
}

// Tiles returns the sheet of pictures, as ReadSheets takes it once it is
// encoded without loss. An empty set is an error: no format has empty pictures.
func Tiles(p *Pictures) (*image.RGBA, error) {
	if p.Len() == 0 {
		return nil, fault.New("dataset", "sheets: no pictures")
	}
	rows := (p.Len() + SheetColumns - 1) / SheetColumns
	sheet := image.NewRGBA(image.Rect(0, 0, SheetColumns*p.Side, rows*p.Side))
	for i := range sheet.Pix {
		sheet.Pix[i] = 0xff
	}
	for i := range p.Len() {
		pixels := p.At(i)
		for n := range p.Side * p.Side {
			x, y := i%SheetColumns*p.Side+n%p.Side, i/SheetColumns*p.Side+n/p.Side
			copy(sheet.Pix[sheet.PixOffset(x, y):], pixels[n*Channels:][:Channels])
		}
	}
	return sheet, nil
}
