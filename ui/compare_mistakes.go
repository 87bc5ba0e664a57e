package ui

import (
	"strconv"

	"github.com/hexops/vecty"
	"github.com/hexops/vecty/elem"
	"github.com/hexops/vecty/event"
	"github.com/hexops/vecty/prop"

	"quarterturn/core/exam"
	"quarterturn/core/run"
	"quarterturn/ui/state"
)

// mistakes are what a network takes for what, and the pictures about which it disagrees.
func (s *CompareStation) mistakes() vecty.ComponentOrHTML {
	page := s.page()
	key := page.Examined()
	choices := s.choices(page.Subjects())
	content := s.matrixPart
	if s.Mistakes.Odd {
		content = s.oddPart
	}
	return elem.Div(
		class("mistakes"),
		elem.Div(class("problem-slot"), s.analystProblem()),
		elem.Div(class("mistakes-bar-slot"), &Memo{Key: [3]any{key, s.Mistakes.Odd, choices}, Body: func() *vecty.HTML { return s.mistakesBar(key) }}),
		content(key),
	)
}

// mistakesBar chooses the network, and what is shown of it.
func (s *CompareStation) mistakesBar(key string) *vecty.HTML {
	var options []option
	for _, subject := range s.page().Subjects() {
		if !subject.Untrained {
			options = append(options, option{subject.Key, subject.Title})
		}
	}
	view := func(odd bool, words string) *vecty.HTML {
		return elem.Button(
			vecty.Markup(vecty.Class("segment"), attribute("type", "button"), attribute("aria-pressed", truth(s.Mistakes.Odd == odd)),
				event.Click(func(*vecty.Event) { s.Do(state.ShowOdd{On: odd}) })),
			vecty.Text(words),
		)
	}
	return elem.Div(
		class("mistakes-bar"),
		elem.Div(vecty.Markup(vecty.Class("segments"), attribute("role", "group"), attribute("aria-label", "What to show of mistakes")), view(false, "What for what"), view(true, "Odd ones out")),
		picker("examined", "Network", key, options, func(key string) { s.Do(state.Examine{Key: key}) }),
	)
}

// awaited says that an answer is on its way, or why none comes; nil where it is there.
func (s *CompareStation) awaited(f *state.Finding, words string) *vecty.HTML {
	switch {
	case f != nil && f.Asked != nil:
		return nil
	case f != nil && f.Problem != "":
		return elem.Div(class("mistakes-wait"), notice(f.Problem, button(s.Do, state.LookAgain{}, false, "strong", "Try again")))
	case s.Turn.Model == nil:
		return elem.Div(class("mistakes-wait"), paragraph("soft", "There is no network yet."))
	}
	return elem.Div(class("mistakes-wait"), bar(float64(s.Findings.Doing.Done), float64(s.Findings.Doing.All), words), paragraph("soft", words))
}

// stale offers to ask again where pictures changed.
func (s *CompareStation) stale(f *state.Finding) vecty.ComponentOrHTML {
	if !f.IsStale(s.Pictures) {
		return nil
	}
	return elem.Div(class("row"), span("soft", "The pictures changed since the network was asked."), button(s.Do, state.LookAgain{}, false, "quiet", "Ask again"))
}

// matrixPart is the confusion matrix, with what it comes to.
func (s *CompareStation) matrixPart(key string) *vecty.HTML {
	a, f := s.page().Answers(key)
	if a == nil {
		return s.awaited(f, "It is shown the test pictures …")
	}
	if len(a.Labels) == 0 {
		return elem.Div(class("mistakes-wait"), paragraph("soft", "There are no test pictures with a class: add some in the station Pictures."))
	}
	var chosen *state.Cell
	if s.Mistakes.Open && s.Mistakes.Cell.Label < len(a.Classes) && s.Mistakes.Cell.Guess < len(a.Classes) {
		chosen = &s.Mistakes.Cell
	}
	return elem.Div(
		class("mistakes-grid"),
		elem.Section(
			vecty.Markup(vecty.Class("mistakes-matrix"), attribute("aria-label", "Confusion matrix")),
			elem.Div(class("mistakes-score-slot"), &Memo{Key: [2]any{a, s.Mistakes.Zoom}, Body: func() *vecty.HTML { return s.matrixTools(a) }}),
			elem.Div(class("problem-slot"), s.stale(f)),
			elem.Div(class("matrix-slot"), &MatrixView{Asked: a, Cell: chosen, Zoom: s.Mistakes.Zoom, Do: s.Do}),
			elem.Div(class("numbers-slot"), &Fold{Key: a, Title: "The numbers as a table", Body: func() *vecty.HTML { return confusionTable(a) }}),
		),
		elem.Section(
			vecty.Markup(vecty.Class("mistakes-side"), attribute("aria-label", "Pictures and classes")),
			elem.Div(class("cell-slot"), &Memo{Key: [4]any{a, s.Mistakes.Open, s.Mistakes.Cell, [2]any{s.Mistakes.Many, s.Pictures}}, Body: func() *vecty.HTML { return s.cellPictures(a, chosen) }}),
			elem.Div(class("by-class-slot"), &Memo{Key: a, Body: func() *vecty.HTML { return s.byClass(a) }}),
		),
	)
}

// matrixTools say how much was right, and change the size.
func (s *CompareStation) matrixTools(a *run.Asked) *vecty.HTML {
	score, c := state.ScoreOf(a), state.Confusion(a)
	right, all := c.Right()
	what := "test picture"
	if a.Turns > 1 {
		what = "turned test picture"
	}
	return elem.Div(
		class("mistakes-score"),
		elem.Paragraph(
			elem.Strong(vecty.Text(state.Percent(score.Value, 1)+" right")),
			span("soft", " ("+state.Decimal(100*score.Low, 0)+" to "+state.Percent(score.High, 0)+" on others like them): "+state.Grouped(right)+" of "+state.Count(all, what)+"."),
		),
		elem.Div(class("row"),
			elem.Span(vecty.Markup(vecty.Class("shades"), hidden()), elem.Span(class("shade-key", "hit-key")), vecty.Text(" right "), elem.Span(class("shade-key", "miss-key")), vecty.Text(" mistakes; the stronger, the more of the row")),
			numbersExport(s.Do, "quarterturn-confusion", func() [][]string { return confusionRows(c) }),
			button(s.Do, state.ZoomMatrix{By: -1}, s.Mistakes.Zoom == 0, "quiet", "Smaller"),
			button(s.Do, state.ZoomMatrix{By: 1}, s.Mistakes.Zoom == state.MostZoom, "quiet", "Larger"),
		),
	)
}

// cellPictures are the pictures of the chosen cell, or else the commonest mistakes.
func (s *CompareStation) cellPictures(a *run.Asked, cell *state.Cell) *vecty.HTML {
	if cell == nil {
		return s.mixUps(a)
	}
	all := state.Examples(a, *cell)
	var tiles vecty.List
	for _, e := range all[:min(len(all), s.Mistakes.Many)] {
		tiles = append(tiles, s.tile(a, e))
	}
	order := "the most confident first"
	if len(all) == 0 {
		order = "none"
	}
	return elem.Div(
		class("cell-pictures"),
		elem.Div(class("row"), elem.Heading3(vecty.Text(titleOfCell(a, *cell)), span("soft", " "+strconv.Itoa(len(all))+", "+order)), button(s.Do, state.CloseCell{}, false, "link", "Close")),
		elem.UnorderedList(class("tiles"), tiles),
		vecty.If(len(all) > s.Mistakes.Many, button(s.Do, state.ListMore{}, false, "link", "Show more ("+strconv.Itoa(len(all)-s.Mistakes.Many)+")")),
	)
}

func titleOfCell(a *run.Asked, c state.Cell) string {
	label, guess := state.Readable(a.Classes[c.Label]), state.Readable(a.Classes[c.Guess])
	if c.Label == c.Guess {
		return state.Capital(label) + ", recognised:"
	}
	return state.Capital(label) + " taken for " + guess + ":"
}

// tile is a picture with what it was taken for.
func (s *CompareStation) tile(a *run.Asked, e state.Example) *vecty.HTML {
	turn := 0
	if a.Turns > 1 {
		turn = e.Label
	}
	t, ok := s.Pictures.Find(e.ID)
	name := t.Name
	if !ok {
		name = "no longer there"
	}
	return elem.ListItem(
		vecty.Markup(attribute("title", name)),
		canvas(strconv.Itoa(e.ID), name, vecty.Class(turnedClass(turn))),
		span("tile-words", state.Readable(a.Classes[e.Guess])),
		span("tile-sure", state.Percent(e.Sure, 0)+" sure"),
	)
}

// mostMixUps are listed.
const mostMixUps = 6

// mixUps are the commonest mistakes, which lead to their pictures.
func (s *CompareStation) mixUps(a *run.Asked) *vecty.HTML {
	var items vecty.List
	for _, mix := range state.MixUps(state.Confusion(a), mostMixUps) {
		items = append(items, elem.ListItem(button(s.Do, state.ChooseCell{Cell: mix.Cell}, false, "link", state.Capital(cellInWords(a, mix.Cell, mix.Count, mix.All)))))
	}
	if len(items) == 0 {
		return elem.Div(class("mix-ups"), elem.Heading3(vecty.Text("No mistakes on these pictures")))
	}
	return elem.Div(class("mix-ups"), elem.Heading3(vecty.Text("The commonest mistakes")), elem.OrderedList(items))
}

// byClass is how much of each class was right.
func (s *CompareStation) byClass(a *run.Asked) *vecty.HTML {
	var rows vecty.List
	for _, one := range state.ByClass(state.Confusion(a)) {
		rows = append(rows, elem.ListItem(
			class("class-score"),
			span("class-name", state.Readable(a.Classes[one.Class])),
			elem.Span(
				vecty.Markup(vecty.Class("track"), hidden()),
				elem.Span(vecty.Markup(vecty.Class("fill"), vecty.Style("width", state.Decimal(100*one.Share.Value, 1)+"%"))),
				elem.Span(vecty.Markup(vecty.Class("whisker"), vecty.Style("left", state.Decimal(100*one.Share.Low, 1)+"%"), vecty.Style("width", state.Decimal(100*(one.Share.High-one.Share.Low), 1)+"%"))),
			),
			span("class-value", state.Percent(one.Share.Value, 0)),
			span("class-count", strconv.Itoa(one.Right)+" of "+strconv.Itoa(one.All)+", "+state.Decimal(100*one.Share.Low, 0)+" to "+state.Percent(one.Share.High, 0)),
		))
	}
	return elem.Div(class("by-class"), elem.Heading3(vecty.Text("Right by class "), span("soft", "with 95 % intervals")), elem.OrderedList(rows))
}

// mostTableClasses bounds the table of numbers.
const mostTableClasses = 30

func confusionTable(a *run.Asked) *vecty.HTML {
	c := state.Confusion(a)
	if len(c.Classes) > mostTableClasses {
		return mixTable(a, c)
	}
	rows := confusionRows(c)
	return plainTable("Rows: what pictures are. Columns: what they were taken for.", rows[0], rows[1:])
}

// confusionRows are all counts, with headings.
func confusionRows(c *exam.Confusion) [][]string {
	rows := [][]string{{"Is"}}
	for i, row := range c.Counts {
		rows[0] = append(rows[0], state.Readable(c.Classes[i]))
		cells := []string{state.Readable(c.Classes[i])}
		for _, n := range row {
			cells = append(cells, strconv.Itoa(n))
		}
		rows = append(rows, cells)
	}
	return rows
}

// mixTable lists the mistakes of many classes, of which most cells are empty.
func mixTable(a *run.Asked, c *exam.Confusion) *vecty.HTML {
	var rows [][]string
	for _, mix := range state.MixUps(c, mostPlaces) {
		rows = append(rows, []string{state.Readable(a.Classes[mix.Label]), state.Readable(a.Classes[mix.Guess]), strconv.Itoa(mix.Count), strconv.Itoa(mix.All)})
	}
	return plainTable("Mistakes, the commonest first", []string{"Is", "Taken for", "Pictures", "Of"}, rows)
}

// oddPart are the odd ones out.
func (s *CompareStation) oddPart(key string) *vecty.HTML {
	f := s.Findings.Find(state.AskOf(key, run.OfAll))
	if wait := s.awaited(f, "It is shown all pictures …"); wait != nil {
		return wait
	}
	return elem.Div(
		class("odd-part"),
		elem.Div(class("problem-slot"), s.stale(f)),
		elem.Div(class("odd-slot"), &Memo{Key: [3]any{f.Asked, s.Pictures, s.Mistakes.Many}, Body: func() *vecty.HTML { return s.oddOnes(f.Asked) }}),
	)
}

// oddOnes are the pictures about which the network and the collection disagree.
func (s *CompareStation) oddOnes(a *run.Asked) *vecty.HTML {
	all := state.OddOnes(a)
	var cards vecty.List
	for _, odd := range all[:min(len(all), s.Mistakes.Many)] {
		cards = append(cards, s.oddCard(a, odd))
	}
	words := "Wrongly named? All pictures of the collection, where the network is surest that another name is right."
	if a.Turns > 1 {
		words = "Lying on its side, or upside down? All pictures of the collection, where the network is surest that another way is up: it is asked in all four turns."
	}
	undo, undoText := s.Pictures.UndoWords(), "Undo"
	if undo != "" {
		undoText = "Undo: " + undo
	}
	return elem.Div(
		class("odd-ones"),
		elem.Div(class("row"), paragraph("odd-words", words+" It may be wrong: you decide, and what you decide is what the next run learns from."),
			button(s.Do, state.Undo{}, undo == "", "quiet", undoText)),
		elem.OrderedList(class("odd-cards"), cards),
		vecty.If(len(all) == 0, paragraph("soft", "It agrees with the collection about every picture.")),
		vecty.If(len(all) > s.Mistakes.Many, button(s.Do, state.ListMore{}, false, "link", "Show more ("+state.Grouped(len(all)-s.Mistakes.Many)+")")),
	)
}

// oddCard is one of them, with what one can do about it.
func (s *CompareStation) oddCard(a *run.Asked, odd state.Odd) *vecty.HTML {
	t, there := s.Pictures.Find(odd.ID)
	id := strconv.Itoa(odd.ID)
	decided := s.decided(a, odd)
	return elem.ListItem(
		vecty.Markup(vecty.Class("odd-card"), vecty.MarkupIf(decided != "", vecty.Class("decided"))),
		canvas(id, t.Name, vecty.Class("odd-picture")),
		elem.Div(
			class("odd-facts"),
			elem.Paragraph(elem.Strong(vecty.Text(s.oddInWords(a, odd))), vecty.Text(" "+state.Percent(odd.Sure, 0)+" sure")),
			paragraph("soft", s.filedInWords(odd.ID, t)),
			paragraph("odd-decided", decided),
		),
		vecty.If(there, s.oddTools(a, odd, t)),
	)
}

// oddInWords is the network's opinion.
func (s *CompareStation) oddInWords(a *run.Asked, odd state.Odd) string {
	if a.Turns > 1 {
		return [4]string{"", "Looks turned to the left by 90°,", "Looks upside down,", "Looks turned to the right by 90°,"}[odd.Turned]
	}
	return "Looks like " + state.Readable(a.Classes[odd.Guess]) + ","
}

// filedInWords is the collection's.
func (s *CompareStation) filedInWords(id int, t run.Thumb) string {
	words := "in no class"
	if name := s.Pictures.ClassName(id); name != "" {
		words = "in class " + name
	}
	if !t.Test {
		words += ", one to learn from"
	}
	return words + "; " + t.Name
}

// decided says what the person did about it.
func (s *CompareStation) decided(a *run.Asked, odd state.Odd) string {
	t, _ := s.Pictures.Find(odd.ID)
	switch turned := s.Pictures.Turned(odd.ID); {
	case !s.Pictures.Holds(odd.ID):
		return "Left out."
	case turned != 0:
		return "Turned by " + state.Degrees(turned) + "."
	case a.Turns == 1 && t.Class >= 0 && t.Class < len(s.Pictures.Classes) && s.Pictures.Classes[t.Class] != a.Classes[odd.Label]:
		return "Moved to " + state.Readable(s.Pictures.Classes[t.Class]) + "."
	}
	return ""
}

// oddTools move, turn and take out a picture.
func (s *CompareStation) oddTools(a *run.Asked, odd state.Odd, t run.Thumb) *vecty.HTML {
	back, words := 1, "Turn it by 90°"
	if a.Turns > 1 {
		back, words = 4-odd.Turned, "Turn it upright"
	}
	options := vecty.List{elem.Option(vecty.Markup(prop.Value(""), vecty.Property("selected", true)), vecty.Text("Move to class …"))}
	for i, name := range s.Pictures.Classes {
		if i != t.Class {
			options = append(options, elem.Option(vecty.Markup(prop.Value(strconv.Itoa(i))), vecty.Text(state.Readable(name))))
		}
	}
	return elem.Div(
		class("odd-tools"),
		vecty.If(a.Turns == 1, button(s.Do, s.moving(a, odd), s.moving(a, odd).Class < 0 || s.moving(a, odd).Class == t.Class, "quiet", "Move to "+state.Readable(a.Classes[odd.Guess]))),
		button(s.Do, state.TurnPicture{ID: odd.ID, Turns: back}, false, "quiet", words),
		button(s.Do, state.LeaveOut{ID: odd.ID}, !s.Pictures.Holds(odd.ID), "quiet", "Leave it out"),
		elem.Select(vecty.Markup(attribute("aria-label", "Move "+t.Name+" to a class"), event.Change(func(e *vecty.Event) {
			if class, err := strconv.Atoi(e.Target.Get("value").String()); err == nil {
				s.Do(state.MovePicture{ID: odd.ID, Class: class})
			}
		})), options),
	)
}

// moving moves a picture to where the network would have it; class -1 where the
// collection does not have that.
func (s *CompareStation) moving(a *run.Asked, odd state.Odd) state.MovePicture {
	for i, name := range s.Pictures.Classes {
		if a.Turns == 1 && name == a.Classes[odd.Guess] {
			return state.MovePicture{ID: odd.ID, Class: i}
		}
	}
	return state.MovePicture{ID: odd.ID, Class: -1}
}
