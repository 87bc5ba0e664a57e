package ui

import (
	"strconv"
	"unicode/utf8"

	"github.com/hexops/vecty"
	"github.com/hexops/vecty/elem"

	"quarterturn/core/exam"
	"quarterturn/core/run"
	"quarterturn/ui/state"
)

// MatrixView is a confusion matrix: rows are what pictures are, columns what they were
// taken for. Its heads stay in sight where it is larger than its place, and a hundred
// classes are a few dozen elements: cells of a shade are one path, numbers of a colour one
// text.
type MatrixView struct {
	vecty.Core

	Asked *run.Asked  `vecty:"prop"`
	Cell  *state.Cell `vecty:"prop"` // The chosen one, or nil.
	Zoom  int         `vecty:"prop"`
	Do    Do          `vecty:"prop"`

	over    bool // The pointer is on a cell,
	hovered state.Cell
	of      *run.Asked // That counts are of.
	counts  *exam.Confusion
}

// Sizes in pixels, or sixteenths of the root's type size.
const (
	matrixRoom  = 500 // That all cells take together, if they can.
	leastCell   = 15
	largestCell = 68
	numberCell  = 18 // From here on there is room for numbers.
	letterWidth = 7.2
	shades      = 8
)

// confusion counts the answers, once.
func (m *MatrixView) confusion() *exam.Confusion {
	if m.of != m.Asked {
		m.of, m.counts = m.Asked, state.Confusion(m.Asked)
	}
	return m.counts
}

// cell is the side of a cell.
func (m *MatrixView) cell() float64 {
	side := min(max(matrixRoom/float64(len(m.Asked.Classes)), leastCell), largestCell)
	for range m.Zoom {
		side *= 1.5
	}
	return side
}

func (m *MatrixView) side() float64 { return m.cell() * float64(len(m.Asked.Classes)) }

// Render implements vecty.Component.
func (m *MatrixView) Render() vecty.ComponentOrHTML {
	c := m.confusion()
	key := [2]any{m.Asked, m.Zoom}
	columns := rem(m.heads()) + " " + rem(m.side())
	return elem.Div(
		class("matrix-view"),
		elem.Div(
			class("matrix"),
			elem.Div(
				vecty.Markup(vecty.Class("matrix-grid"), vecty.Style("grid-template-columns", columns)),
				elem.Div(class("matrix-corner"), span("soft", "is ↓ taken for →")),
				elem.Div(class("matrix-top"), &Memo{Key: key, Body: m.columnHeads}),
				elem.Div(class("matrix-left"), &Memo{Key: key, Body: m.rowHeads}),
				elem.Div(class("matrix-body"),
					elem.Div(class("matrix-cells"), &Memo{Key: key, Body: m.cells}),
					elem.Div(class("matrix-over"), m.overlay())),
			),
		),
		elem.Output(vecty.Markup(vecty.Class("matrix-words"), attribute("aria-live", "polite")), vecty.Text(m.words(c))),
	)
}

func rem(pixels float64) string { return state.Decimal(pixels/16, 4) + "rem" }

// heads is the room that names take.
func (m *MatrixView) heads() float64 {
	longest := 0
	for _, name := range m.Asked.Classes {
		longest = max(longest, utf8.RuneCountInString(name))
	}
	return min(max(float64(longest)*letterWidth+14, 84), 150)
}

// columnHeads are the names of columns, slanted where they are longer than a cell is wide.
func (m *MatrixView) columnHeads() *vecty.HTML {
	slanted := m.heads() > 84 || float64(4)*letterWidth > m.cell()
	height := 26.0
	if slanted {
		height = m.heads() * 0.82
	}
	var parts []ink
	for i, name := range m.Asked.Classes {
		x := (float64(i) + 0.5) * m.cell()
		if slanted {
			parts = append(parts, stroke("text", with{"transform", "translate(" + coordinate(x+4) + "," + coordinate(height-5) + ") rotate(-58)"}, lettered(shortName(name))))
		} else {
			parts = append(parts, label(x, height-8, "middle", shortName(name)))
		}
	}
	return m.drawing(m.side()+60, height, "matrix-head", parts)
}

func (m *MatrixView) rowHeads() *vecty.HTML {
	var parts []ink
	for i, name := range m.Asked.Classes {
		parts = append(parts, label(m.heads()-8, (float64(i)+0.5)*m.cell()+4, "end", shortName(name)))
	}
	return m.drawing(m.heads(), m.side(), "matrix-head", parts)
}

// longestName is how much of a class's name there is room for.
const longestName = 18

func shortName(name string) string {
	runes := []rune(state.Readable(name))
	if len(runes) > longestName {
		return string(runes[:longestName-1]) + "…"
	}
	return string(runes)
}

// drawing is an SVG of a size in pixels.
func (m *MatrixView) drawing(width, height float64, name string, parts []ink) *vecty.HTML {
	return inked("svg", vecty.Markup(
		vecty.Class(name), hidden(), attribute("viewBox", "0 0 "+coordinate(width)+" "+coordinate(height)),
		vecty.Style("width", rem(width)), vecty.Style("height", rem(height)),
	), parts...)
}

// shadeOf returns the shade of a cell, 1 to shades, by its share of the row; 0 for none.
func shadeOf(count, all int) int {
	if count == 0 {
		return 0
	}
	return min(1+count*shades/all, shades)
}

// cells are the squares and their numbers.
func (m *MatrixView) cells() *vecty.HTML {
	c, side := m.confusion(), m.cell()
	var squares [2][shades + 1][]byte
	numbers := map[bool]*digits{true: {size: min(side*0.42, 15)}, false: {size: min(side*0.42, 15)}}
	for i, row := range c.Counts {
		all := 0
		for _, n := range row {
			all += n
		}
		for j, n := range row {
			shade, kind := shadeOf(n, all), 0
			if shade == 0 {
				continue
			}
			if i != j {
				kind = 1
			}
			x, y := float64(j)*side, float64(i)*side
			squares[kind][shade] = append(squares[kind][shade], "M"+coordinate(x+0.5)+" "+coordinate(y+0.5)+"h"+coordinate(side-1)+"v"+coordinate(side-1)+"h-"+coordinate(side-1)+"Z"...)
			numbers[shade > shades/2].add(strconv.Itoa(n), x+side/2, y+side/2)
		}
	}
	parts := []ink{m.lines()}
	for kind, name := range []string{"hit", "miss"} {
		for shade, outline := range squares[kind] {
			if len(outline) > 0 {
				parts = append(parts, trace("cell-"+name+" shade-"+strconv.Itoa(shade), string(outline)))
			}
		}
	}
	if side >= numberCell {
		parts = append(parts, numbers[false].text("on-light"), numbers[true].text("on-dark"))
	}
	return m.drawing(m.side(), m.side(), "matrix-squares", parts)
}

// lines part every fifth class, so that the eye keeps its row.
func (m *MatrixView) lines() ink {
	var outline []byte
	step := 1
	if m.cell() < numberCell {
		step = 5
	}
	for i := 0; i <= len(m.Asked.Classes); i += step {
		at, end := coordinate(float64(i)*m.cell()), coordinate(m.side())
		outline = append(outline, "M"+at+" 0V"+end+"M0 "+at+"H"+end...)
	}
	return trace("grid", string(outline))
}

// digits are numbers in one text: each digit has its own place.
type digits struct {
	size  float64
	x, y  []byte
	glyph []byte
}

func (d *digits) add(number string, x, y float64) {
	const width = 0.62 // Of a digit, as a share of the type's size.
	for i := range len(number) {
		d.x = append(d.x, coordinate(x+(float64(i)-float64(len(number)-1)/2)*width*d.size)+" "...)
		d.y = append(d.y, coordinate(y+0.36*d.size)+" "...)
	}
	d.glyph = append(d.glyph, number...)
}

func (d *digits) text(name string) ink {
	return stroke("text", with{"class", "cell-numbers " + name, "x", string(d.x), "y", string(d.y), "text-anchor", "middle", "font-size", coordinate(d.size)},
		lettered(string(d.glyph)))
}

// overlay takes the pointer and the keys, and frames the cells that they are at.
func (m *MatrixView) overlay() *vecty.HTML {
	var parts []ink
	if m.over {
		parts = append(parts, m.framed(m.hovered, "cell-hovered"))
	}
	if m.Cell != nil {
		parts = append(parts, m.framed(*m.Cell, "cell-chosen"))
	}
	return inked("svg", vecty.Markup(
		vecty.Class("matrix-hits"), attribute("viewBox", "0 0 "+coordinate(m.side())+" "+coordinate(m.side())),
		attribute("tabindex", "0"), attribute("role", "application"),
		attribute("aria-label", "Confusion matrix of "+state.Count(len(m.Asked.Classes), "class")+". Arrows go from cell to cell and list its pictures."),
		&vecty.EventListener{Name: "pointermove", Listener: func(e *vecty.Event) { m.hover(m.at(e)) }},
		&vecty.EventListener{Name: "pointerleave", Listener: func(*vecty.Event) { m.over = false; vecty.Rerender(m) }},
		&vecty.EventListener{Name: "click", Listener: func(e *vecty.Event) { m.Do(state.ChooseCell{Cell: m.at(e)}) }},
		&vecty.EventListener{Name: "keydown", Listener: m.key},
	), parts...)
}

func (m *MatrixView) framed(c state.Cell, name string) ink {
	side := m.cell()
	return box(name, float64(c.Guess)*side, float64(c.Label)*side, side, side)
}

// at is the cell that an event is at.
func (m *MatrixView) at(e *vecty.Event) state.Cell {
	r, n := e.Value.Get("currentTarget").Call("getBoundingClientRect"), len(m.Asked.Classes)
	index := func(client, low, size string) int {
		return min(max(int(float64(n)*(e.Value.Get(client).Float()-r.Get(low).Float())/r.Get(size).Float()), 0), n-1)
	}
	return state.Cell{Label: index("clientY", "top", "height"), Guess: index("clientX", "left", "width")}
}

func (m *MatrixView) hover(c state.Cell) {
	if !m.over || c != m.hovered {
		m.over, m.hovered = true, c
		vecty.Rerender(m)
	}
}

// key goes from cell to cell.
func (m *MatrixView) key(e *vecty.Event) {
	var to state.Cell
	if m.Cell != nil {
		to = *m.Cell
	}
	switch e.Value.Get("key").String() {
	case "ArrowLeft":
		to.Guess--
	case "ArrowRight":
		to.Guess++
	case "ArrowUp":
		to.Label--
	case "ArrowDown":
		to.Label++
	case "Enter", " ":
	case "Escape":
		m.Do(state.CloseCell{})
		return
	default:
		return
	}
	e.Value.Call("preventDefault")
	n := len(m.Asked.Classes)
	m.Do(state.ChooseCell{Cell: state.Cell{Label: min(max(to.Label, 0), n-1), Guess: min(max(to.Guess, 0), n-1)}})
}

// words say what the cell is that the pointer, or else the choice, is at.
func (m *MatrixView) words(c *exam.Confusion) string {
	at := m.Cell
	if m.over {
		at = &m.hovered
	}
	if at == nil || at.Label >= len(c.Counts) || at.Guess >= len(c.Counts) {
		return "Point at a cell, or choose one to see its pictures."
	}
	all := 0
	for _, n := range c.Counts[at.Label] {
		all += n
	}
	return cellInWords(m.Asked, *at, c.Counts[at.Label][at.Guess], all)
}

// cellInWords says what a cell counts.
func cellInWords(a *run.Asked, c state.Cell, count, all int) string {
	label, guess := state.Readable(a.Classes[c.Label]), state.Readable(a.Classes[c.Guess])
	of := " of " + state.Grouped(all)
	switch {
	case a.Turns > 1 && c.Label == c.Guess:
		return "Turned by " + label + " and recognised: " + state.Grouped(count) + of + "."
	case a.Turns > 1:
		return "Turned by " + label + ", taken to be turned by " + guess + ": " + state.Grouped(count) + of + "."
	case c.Label == c.Guess:
		return label + ", recognised: " + state.Grouped(count) + of + "."
	}
	return label + ", taken for " + guess + ": " + state.Grouped(count) + of + "."
}
