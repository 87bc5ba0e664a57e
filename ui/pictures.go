package ui

import (
	"strconv"

	"github.com/hexops/vecty"
	"github.com/hexops/vecty/elem"
	"github.com/hexops/vecty/event"
	"github.com/hexops/vecty/prop"

	"quarterturn/core/run"
	"quarterturn/ui/state"
)

// PicturesStation is the collection and the ways to fill it.
type PicturesStation struct {
	picturesProps
	Do Do
}

// picturesProps are what PicturesStation shows.
type picturesProps struct {
	Pictures *state.Pictures
	Grid     *state.Grid
}

// part is the view as a part of the page.
func (s *PicturesStation) part() *Memo { return &Memo{Key: s.picturesProps, Body: s.render} }

func (s *PicturesStation) render() *vecty.HTML {
	p := s.Pictures
	return elem.Div(
		class("pictures"),
		elem.Div(&Memo{Key: [2]state.Asset{p.BuiltIn, p.Opening}, Body: s.sets}),
		elem.Div(&Memo{Key: p.Join, Body: s.ways}),
		elem.Div(class("progress-slot"), s.progress()),
		elem.Div(class("problem-slot"), s.problems()),
		elem.Div(&Memo{Key: toolsKey{p.Count, classCount(p), p.UndoWords(), p.Chosen == state.NoPicture}, Body: s.tools}),
		elem.Div(class("shelves-slot"), &Memo{Key: shelvesKey{s.Grid, p.Importing != nil}, Body: s.shelves}),
		elem.Div(class("credit-slot"), &Memo{Key: p.BuiltIn, Body: s.credit}),
	)
}

// toolsKey is what the tools show.
type toolsKey struct {
	count      int
	classes    string
	undo       string
	chosenNone bool
}

// shelvesKey is what the shelves show. Scrolling makes another grid, and nothing else of
// the station is rendered then.
type shelvesKey struct {
	grid    *state.Grid
	growing bool // How many there will be is not known yet.
}

// sets chooses among the built-in collections.
func (s *PicturesStation) sets() *vecty.HTML {
	var buttons vecty.List
	for _, set := range state.Sets() {
		pressed := s.Pictures.BuiltIn == set
		buttons = append(buttons, elem.Button(
			vecty.Markup(
				vecty.Class("segment"), attribute("type", "button"), attribute("aria-pressed", truth(pressed)),
				prop.Disabled(s.Pictures.Opening == set),
				event.Click(func(*vecty.Event) { s.Do(state.OpenSet{Asset: set}) }),
			),
			vecty.Text(set.Title()),
		))
	}
	return elem.Div(
		vecty.Markup(vecty.Class("segments"), attribute("role", "group"), attribute("aria-label", "Built-in pictures")),
		buttons,
	)
}

const pictureTypes = "image/*,.zip,.gz,.tgz,.tar,.bin"

// ways are the ways to bring one's own pictures.
func (s *PicturesStation) ways() *vecty.HTML {
	return elem.Div(
		class("ways"),
		paragraph("ways-words", "Or your own: drop or paste them anywhere on this page. A folder’s name becomes the class of its pictures. They never leave this computer."),
		elem.Div(
			class("row"),
			chooser("choose-files", "pictures", pictureTypes, "Choose files", true, false),
			chooser("choose-folder", "pictures", "", "Choose a folder", true, true),
		),
		elem.Label(
			class("check"),
			elem.Input(vecty.Markup(
				prop.Type(prop.TypeCheckbox), prop.ID("join"), prop.Checked(s.Pictures.Join),
				event.Change(func(e *vecty.Event) {
					s.Do(state.SetJoin{Join: e.Target.Get("checked").Bool()})
				}),
			)),
			vecty.Text("Add them to the pictures below"),
		),
	)
}

// progress shows how far an import has come.
func (s *PicturesStation) progress() vecty.ComponentOrHTML {
	p := s.Pictures
	switch {
	case p.Opening != "":
		return elem.Div(class("progress"), bar(0, 0, "Opening"), paragraph("soft", "Opening "+p.Opening.Title()+" …"))
	case p.Importing != nil:
		words := "Looking at " + state.Count(p.Importing.All, "file") + " …"
		if p.Importing.Done > 0 {
			words = state.Grouped(p.Importing.Done) + " of " + state.Count(p.Importing.All, "file")
		}
		return elem.Div(class("progress"),
			bar(float64(p.Importing.Done), float64(p.Importing.All), "Files looked at"), paragraph("soft", words))
	case p.Reading != nil:
		return elem.Div(class("progress"),
			bar(float64(p.Reading.Done), float64(p.Reading.All), "Files read"),
			paragraph("soft", "Reading "+state.Count(p.Reading.All, "file")+" …"))
	}
	return nil
}

// mostProblems is how many broken files are listed by name.
const mostProblems = 50

// problems lists the files that could not be used.
func (s *PicturesStation) problems() vecty.ComponentOrHTML {
	p := s.Pictures
	if p.Failure != "" {
		return notice(p.Failure, button(s.Do, state.DismissProblems{}, false, "quiet", "Close"))
	}
	if len(p.Problems) == 0 {
		return nil
	}
	var items vecty.List
	for _, problem := range p.Problems[:min(len(p.Problems), mostProblems)] {
		items = append(items, elem.ListItem(
			elem.Strong(vecty.Text(problem.File)), vecty.Text(": "+problem.Reason),
		))
	}
	if more := len(p.Problems) - mostProblems; more > 0 {
		items = append(items, elem.ListItem(vecty.Text("and "+state.Count(more, "more file")+".")))
	}
	return elem.Div(
		vecty.Markup(vecty.Class("notice", "broken"), attribute("role", "alert")),
		elem.Paragraph(vecty.Text(state.Count(len(p.Problems), "file")+" could not be used. The others were added.")),
		elem.UnorderedList(items),
		button(s.Do, state.DismissProblems{}, false, "quiet", "Close"),
	)
}

// tools are the count and what one can do with the chosen picture.
func (s *PicturesStation) tools() *vecty.HTML {
	p := s.Pictures
	undo := p.UndoWords()
	undoText := "Undo"
	if undo != "" {
		undoText = "Undo: " + undo
	}
	return elem.Div(
		class("tools"),
		elem.Paragraph(class("count"), elem.Strong(vecty.Text(state.Count(p.Count, "picture"))), vecty.Text(classCount(p))),
		elem.Div(
			class("row"),
			button(s.Do, state.RemoveChosen{}, p.Chosen == state.NoPicture, "quiet", "Remove chosen"),
			button(s.Do, state.Undo{}, undo == "", "quiet", undoText),
		),
	)
}

func classCount(p *state.Pictures) string {
	classes := 0
	for _, shelf := range p.Shelves {
		if shelf.Class >= 0 {
			classes++
		}
	}
	switch classes {
	case 0:
		return ""
	case 1:
		return " in 1 class"
	}
	return " in " + strconv.Itoa(classes) + " classes"
}

// shelves are the thumbnails, class by class, as far as they are built: each shelf and
// each row lies where the grid says, so that none moves when others come.
func (s *PicturesStation) shelves() *vecty.HTML {
	var list vecty.List
	grid := s.Grid
	if grid == nil { // Package web has yet to say what is seen.
		grid = &state.Grid{}
	}
	for _, strip := range grid.Strips {
		list = append(list, stripView{grid, strip, s.Pictures.Importing != nil}.shelf())
	}
	return elem.Div(
		vecty.Markup(
			vecty.Class("shelves"), vecty.Data("window", "shelves"),
			vecty.Style("height", pixels(grid.Height)), vecty.Style("--columns", strconv.Itoa(max(1, grid.Columns))),
			event.Click(func(e *vecty.Event) {
				// One listener for all thumbnails: hundreds would have to be
				// made and released at each render.
				if id := e.Target.Get("dataset").Get("id"); id.Truthy() {
					if n, err := strconv.Atoi(id.String()); err == nil {
						s.Do(state.Choose{ID: n})
					}
				}
			}),
		),
		list,
	)
}

// credit thanks the makers of a built-in set.
func (s *PicturesStation) credit() *vecty.HTML {
	source, ok := s.Pictures.BuiltIn.Source()
	if !ok {
		return elem.Div()
	}
	// Links are not fetched from: they open another page when the person asks.
	link := func(url, text string) *vecty.HTML {
		return elem.Anchor(vecty.Markup(
			prop.Href(url), attribute("rel", "noreferrer"), attribute("target", "_blank"),
		), vecty.Text(text))
	}
	return elem.Paragraph(
		class("credit"),
		vecty.Text("Pictures: "+source.Credit+" "),
		link(source.SourceURL, "Source"), vecty.Text(", "), link(source.LicenceURL, source.Licence),
	)
}

// A stripView is what is built of a shelf.
type stripView struct {
	grid    *state.Grid
	strip   state.Strip
	growing bool
}

// shelf is the title of a class and its rows.
func (v stripView) shelf() *vecty.HTML {
	shelf := v.strip.Shelf
	var list vecty.List
	for _, row := range v.strip.Rows {
		list = append(list, v.row(row))
	}
	return elem.Div(
		vecty.Markup(
			vecty.Class("shelf"), vecty.Key(shelf.Class),
			vecty.Style("top", pixels(v.strip.Top)), vecty.Style("height", pixels(v.strip.Height)),
		),
		elem.Heading3(
			vecty.Text(shelf.Title+" "),
			span("soft", shelfCount(shelf)),
		),
		elem.Div(
			vecty.Markup(vecty.Class("thumbs"), attribute("role", "listbox"), attribute("aria-label", shelf.Title)),
			list,
		),
	)
}

// rowKey is what a row shows. The pictures of a shelf are in the order of their IDs, so
// the first and the last say which lie between.
type rowKey struct {
	title              string
	first, last, count int // IDs, and how many.
	place, all         int // Of the first on the shelf, and of the shelf's.
	chosen, reachable  int // IDs, or NoPicture.
}

func (v stripView) row(row int) *vecty.HTML {
	shelf := v.strip.Shelf
	pictures, place := v.grid.Row(shelf, row)
	key := rowKey{
		title: shelf.Title, first: pictures[0].ID, last: pictures[len(pictures)-1].ID, count: len(pictures),
		place: place, all: len(shelf.Pictures), chosen: state.NoPicture, reachable: state.NoPicture,
	}
	if v.growing {
		key.all = -1 // As ARIA says that it is not known; else each part of an import would render all rows.
	}
	if shelf.Chosen >= key.first && shelf.Chosen <= key.last {
		key.chosen, key.reachable = shelf.Chosen, shelf.Chosen
	}
	if shelf.Chosen == state.NoPicture && row == v.strip.Rows[0] {
		key.reachable = key.first // One thumbnail of a shelf takes the Tab key; arrow keys go to the others.
	}
	return elem.Div(
		vecty.Markup(
			vecty.Class("thumb-row"), attribute("role", "presentation"), vecty.Key(row),
			vecty.Style("top", pixels(float64(row)*v.grid.Pitch)),
		),
		&Memo{Key: key, Body: func() *vecty.HTML { return thumbs(pictures, key) }},
	)
}

// pixels writes a length of the style sheet.
func pixels(length float64) string { return state.Decimal(length, 3) + "px" }

func shelfCount(s *state.Shelf) string {
	n := len(s.Pictures)
	if check := n - s.Train; check > 0 && s.Train > 0 {
		return strconv.Itoa(n) + ", of which " + strconv.Itoa(check) + " to check"
	}
	return strconv.Itoa(n)
}

// thumbs are the thumbnails of a row.
func thumbs(pictures []run.Thumb, key rowKey) *vecty.HTML {
	var list vecty.List
	for i, t := range pictures {
		list = append(list, thumb(t, key, i))
	}
	return elem.Div(vecty.Markup(vecty.Class("thumb-cells"), attribute("role", "presentation")), list)
}

func thumb(t run.Thumb, key rowKey, i int) *vecty.HTML {
	index := -1
	if t.ID == key.reachable {
		index = 0
	}
	id := strconv.Itoa(t.ID)
	return elem.Button(
		vecty.Markup(
			vecty.Class("thumb"), attribute("type", "button"), vecty.Data("id", id), vecty.Key(t.ID),
			attribute("role", "option"), attribute("aria-label", t.Name+", "+key.title), attribute("aria-selected", truth(t.ID == key.chosen)),
			attribute("aria-posinset", strconv.Itoa(key.place+i+1)), attribute("aria-setsize", strconv.Itoa(key.all)),
			vecty.Property("tabIndex", index),
		),
		canvas(id, ""),
	)
}
