package state

import (
	"math"
	"slices"

	"quarterturn/core/run"
)

// A Grid is how the thumbnails lie on the page, and those of them that are built: ten
// thousand elements would take seconds, and the browser lays them all out again whenever
// one changes. The style sheet has the same measures.
type Grid struct {
	Columns int
	Pitch   float64 // From one row to the next, in CSS pixels, as all here.
	Height  float64 // Of all shelves.
	Strips  []Strip // The shelves of which something is built, from the top.
}

// A Strip is what is built of a shelf.
type Strip struct {
	Shelf       *Shelf
	Top, Height float64
	Rows        []int // Numbers within the shelf, ascending.
}

// Row returns the pictures of a row of a shelf and the place of the first.
func (g *Grid) Row(s *Shelf, row int) ([]run.Thumb, int) {
	from := row * g.Columns
	return s.Pictures[from:min(from+g.Columns, len(s.Pictures))], from
}

// Measures of the grid, in rem.
const (
	gap       = 0.25  // Between thumbnails.
	least     = 3.25  // Width of a thumbnail on narrow shelves,
	wideLeast = 4.0   // and on those that are at least
	wide      = 19.5  // so wide.
	head      = 1.75  // A shelf's title.
	apart     = 0.875 // Between two shelves.
)

// Built at once, and beyond what is seen: building a hundred thumbnails takes Chromium
// some 20 ms, and a person who scrolls shall not wait for each row.
const (
	builtAtOnce = 24
	builtBeyond = 0.5 // Of the height that is seen, above and below.
	snap        = 4   // Rows that come and go together.
)

// Viewed is a message: what the person sees of the shelves.
type Viewed struct {
	Top, Height float64 // The part that is seen, from the upper end of the shelves.
	Width       float64 // Of the shelves.
	Rem         float64 // The root element's font size.
}

// rows is a range of rows, counted over all shelves.
type rows struct{ from, to int }

// layout is where the shelves lie.
type layout struct {
	columns    int
	pitch, rem float64
	tops       []float64 // Of the shelves, and where the last one ends.
	first      []int     // The number of their first row, and of all rows.
}

// laidOut returns where shelves lie for a view.
func laidOut(shelves []*Shelf, v Viewed) layout {
	w := least
	if v.Width >= wide*v.Rem {
		w = wideLeast
	}
	columns := max(1, int((v.Width/v.Rem+gap)/(w+gap)))
	l := layout{columns: columns, pitch: (v.Width + gap*v.Rem) / float64(columns), rem: v.Rem, tops: []float64{0}, first: []int{0}}
	for i, s := range shelves {
		n := l.rowsOf(s)
		height := head*v.Rem + float64(n)*l.pitch - gap*v.Rem
		l.tops = append(l.tops, l.tops[i]+height+apart*v.Rem)
		l.first = append(l.first, l.first[i]+n)
	}
	return l
}

func (l layout) rowsOf(s *Shelf) int { return (len(s.Pictures) + l.columns - 1) / l.columns }

// between returns the rows that lie at least in part between two heights.
func (l layout) between(top, bottom float64) rows {
	return rows{l.above(top), min(l.above(bottom)+1, l.first[len(l.first)-1])}
}

// above returns the row that lies at a height, or the next.
func (l layout) above(y float64) int {
	shelf, found := slices.BinarySearch(l.tops[1:], y)
	if found {
		shelf++
	}
	if shelf >= len(l.tops)-1 {
		return max(0, l.first[len(l.first)-1]-1)
	}
	row := int(math.Floor((y - l.tops[shelf] - head*l.rem) / l.pitch))
	return l.first[shelf] + min(max(row, 0), l.first[shelf+1]-l.first[shelf]-1)
}

// rowOf returns the row of the chosen picture; false where none is.
func (l layout) rowOf(shelves []*Shelf) (int, bool) {
	for i, s := range shelves {
		if at := s.place(); at >= 0 {
			return l.first[i] + at/l.columns, true
		}
	}
	return 0, false
}

// A screen is what of the shelves is seen and built.
type screen struct {
	view      Viewed // Zero before it is known.
	built     rows
	revealing bool // Reveal is on its way.
}

// isOfGrid reports whether a message is about what is seen of the shelves and nothing
// else.
func isOfGrid(message Message) bool {
	switch message.(type) {
	case Viewed, Reveal:
		return true
	}
	return false
}

// viewed takes what the person sees.
func (s screen) viewed(v Viewed) screen {
	isShown := v.Width >= 1 && v.Width < 1<<16 && v.Rem >= 1 && v.Rem < 1<<10 && !math.IsNaN(v.Top+v.Height)
	if isShown {
		s.view = v
	}
	return s
}

// revealed builds the thumbnails that are seen and lack, some at a time, and asks to go
// on while there are others. What is no longer seen it takes away.
func (p Page) revealed(effects []Effect) (Page, []Effect) {
	v := p.screen.view
	if v.Width == 0 {
		return p, effects
	}
	l := laidOut(p.Pictures.Shelves, v)
	seen, beyond := l.between(v.Top, v.Top+v.Height), builtBeyond*v.Height
	wanted := l.between(v.Top-beyond, v.Top+v.Height+beyond).snapped(l.first[len(l.first)-1])
	more := max(1, builtAtOnce/l.columns)
	if p.screen.revealing {
		more = 0 // Not before the browser has shown the last ones.
	}
	p.screen.built = p.screen.built.grown(seen, wanted, more)
	if grid := p.Pictures.grid(l, p.screen.built); p.Grid == nil || !grid.same(p.Grid) {
		p.Grid = grid
	}
	if p.screen.built != wanted && !p.screen.revealing {
		p.screen.revealing = true
		effects = append(effects, Soon{Reveal{}})
	}
	return p, effects
}

// snapped widens a range so that a few rows come and go together, within all.
func (b rows) snapped(all int) rows {
	return rows{b.from / snap * snap, min((b.to+snap-1)/snap*snap, all)}
}

// grown returns what is to be built after b: what of it is still wanted, and a few rows
// more, those that are seen first.
func (b rows) grown(seen, wanted rows, more int) rows {
	b = rows{max(b.from, wanted.from), min(b.to, wanted.to)}
	if b.from >= b.to {
		b = rows{seen.from, seen.from}
	}
	for range more {
		switch {
		case b.to < seen.to:
			b.to++
		case b.from > seen.from:
			b.from--
		case b.to < wanted.to:
			b.to++
		case b.from > wanted.from:
			b.from--
		}
	}
	return b
}

// grid returns the built part. The row of the chosen picture is always in it, so that
// the Tab key finds it, and the focus stays where it is.
func (p *Pictures) grid(l layout, built rows) *Grid {
	g := &Grid{Columns: l.columns, Pitch: l.pitch, Height: max(0, l.tops[len(l.tops)-1]-apart*l.rem)}
	chosen, ok := l.rowOf(p.Shelves)
	if !ok {
		chosen = -1
	}
	for i, s := range p.Shelves {
		from, to := max(built.from, l.first[i]), min(built.to, l.first[i+1])
		strip := Strip{Shelf: s, Top: l.tops[i], Height: l.tops[i+1] - l.tops[i] - apart*l.rem}
		isHere := chosen >= l.first[i] && chosen < l.first[i+1]
		if isHere && chosen < from {
			strip.Rows = append(strip.Rows, chosen-l.first[i])
		}
		for row := from; row < to; row++ {
			strip.Rows = append(strip.Rows, row-l.first[i])
		}
		if isHere && chosen >= max(from, to) {
			strip.Rows = append(strip.Rows, chosen-l.first[i])
		}
		if len(strip.Rows) > 0 {
			g.Strips = append(g.Strips, strip)
		}
	}
	return g
}

func (g *Grid) same(h *Grid) bool {
	return g.Columns == h.Columns && g.Pitch == h.Pitch && g.Height == h.Height &&
		slices.EqualFunc(g.Strips, h.Strips, func(a, b Strip) bool {
			return a.Shelf == b.Shelf && a.Top == b.Top && a.Height == b.Height && slices.Equal(a.Rows, b.Rows)
		})
}

// A Unit is how far the keyboard moves among the pictures.
type Unit int

// The units.
const (
	OneRow Unit = iota
	OneScreen
	ToTheEnd
)

// stride chooses a picture some rows or screens away, or the first or last one.
func (p Pictures) stride(m Stride, v Viewed) Pictures {
	if len(p.Shelves) == 0 || v.Width == 0 {
		return p
	}
	l := laidOut(p.Shelves, v)
	all := l.first[len(l.first)-1]
	row, _ := l.rowOf(p.Shelves)
	column := p.column(l.columns)
	switch m.Of {
	case OneRow:
		row += m.By
	case OneScreen:
		row += m.By * max(1, int(v.Height/l.pitch)-1)
	case ToTheEnd:
		row, column = 0, 0
		if m.By > 0 {
			row, column = all-1, l.columns-1
		}
	}
	row = min(max(row, 0), all-1)
	shelf, _ := slices.BinarySearch(l.first, row+1) // The first that begins behind it.
	s := p.Shelves[shelf-1]
	at := (row-l.first[shelf-1])*l.columns + column
	return p.choose(s.Pictures[min(at, len(s.Pictures)-1)].ID)
}

// column returns in which column the chosen picture lies.
func (p *Pictures) column(columns int) int {
	for _, s := range p.Shelves {
		if at := s.place(); at >= 0 {
			return at % columns
		}
	}
	return 0
}
