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
}

// part is the view as a part of the page.
func (s *PicturesStation) part() *Memo { return &Memo{Key: s.picturesProps, Body: s.render} }

func (s *PicturesStation) render() *vecty.HTML {
	return elem.Div(
		class("pictures"),
		s.sets(),
		s.ways(),
		elem.Div(class("progress-slot"), s.progress()),
		elem.Div(class("problem-slot"), s.problems()),
		s.tools(),
		s.shelves(),
		elem.Div(class("credit-slot"), s.credit()),
	)
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

// shelves are the thumbnails, class by class.
func (s *PicturesStation) shelves() *vecty.HTML {
	var list vecty.List
	for _, shelf := range s.Pictures.Shelves {
		list = append(list, elem.Div(class("shelf"), (&ShelfView{shelfProps{shelf}, s.Do}).part()))
	}
	return elem.Div(
		vecty.Markup(
			vecty.Class("shelves"),
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
func (s *PicturesStation) credit() vecty.ComponentOrHTML {
	source, ok := s.Pictures.BuiltIn.Source()
	if !ok {
		return nil
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

// ShelfView is the thumbnails of one class.
type ShelfView struct {
	shelfProps
	Do Do
}

// shelfProps are what ShelfView shows.
type shelfProps struct {
	Shelf *state.Shelf
}

// part is the view as a part of the page.
func (s *ShelfView) part() *Memo { return &Memo{Key: s.shelfProps, Body: s.render} }

func (s *ShelfView) render() *vecty.HTML {
	var thumbs vecty.List
	visible := s.Shelf.Visible()
	for i, t := range visible {
		// One thumbnail of a shelf takes the Tab key; arrow keys go to the others.
		reachable := t.ID == s.Shelf.Chosen || (i == 0 && s.Shelf.Chosen == state.NoPicture)
		thumbs = append(thumbs, thumb(t, s.Shelf.Title, t.ID == s.Shelf.Chosen, reachable))
	}
	more := len(s.Shelf.Pictures) - len(visible)
	return elem.Div(
		elem.Heading3(
			vecty.Text(s.Shelf.Title+" "),
			span("soft", shelfCount(s.Shelf)),
		),
		elem.Div(class("thumbs"), thumbs),
		elem.Div(class("more"), vecty.If(more > 0 && len(visible) > 0,
			button(s.Do, state.ShowMore{Class: s.Shelf.Class}, false, "link", "Show more ("+state.Grouped(more)+")"))),
	)
}

func shelfCount(s *state.Shelf) string {
	n := len(s.Pictures)
	if check := n - s.Train; check > 0 && s.Train > 0 {
		return strconv.Itoa(n) + ", of which " + strconv.Itoa(check) + " to check"
	}
	return strconv.Itoa(n)
}

func thumb(t run.Thumb, title string, chosen, reachable bool) *vecty.HTML {
	index := -1
	if reachable {
		index = 0
	}
	id := strconv.Itoa(t.ID)
	return elem.Button(
		vecty.Markup(
			vecty.Class("thumb"), attribute("type", "button"), vecty.Data("id", id),
			attribute("aria-label", t.Name+", "+title), attribute("aria-pressed", truth(chosen)),
			vecty.Property("tabIndex", index),
		),
		canvas(id, ""),
	)
}
