package ui

import (
	"slices"
	"strconv"

	"github.com/hexops/vecty"
	"github.com/hexops/vecty/elem"
	"github.com/hexops/vecty/event"
	"github.com/hexops/vecty/prop"

	"quarterturn/core/chart"
	"quarterturn/core/run"
	"quarterturn/ui/state"
)

// known is what networks know without having been told: maps of pictures side by side,
// and probes of their stages.
func (s *CompareStation) known() vecty.ComponentOrHTML {
	page := s.page()
	keys := page.Looked()
	columns := vecty.List{}
	for i, key := range keys {
		if subject, ok := page.Subject(key); ok {
			columns = append(columns, s.column(i, subject, len(keys)))
		}
	}
	choices := s.choices(page.Subjects())
	return elem.Div(
		class("known"),
		elem.Div(class("problem-slot"), s.analystProblem()),
		elem.Div(class("known-bar-slot"), &Memo{Key: [3]any{*knownLooks(s.Known), page.NextSubject(), choices}, Body: s.knownBar}),
		elem.Div(class("known-columns", "of-"+strconv.Itoa(len(columns))), columns),
		elem.Div(class("legend-slot"), &Memo{Key: s.Pictures, Body: s.classLegend}),
		elem.Div(class("pointed-slot"), &Memo{Key: [2]any{s.Known.Near, s.Pictures}, Body: s.pointed}),
		elem.Div(class("chosen-slot"), &Memo{Key: [2]any{s.Known, s.Pictures}, Body: s.chosen}),
	)
}

// looksOfKnown are the settings of the part, as a comparable value.
type looksOfKnown struct {
	pictures, stage int
	live, thumbs    bool
}

func knownLooks(k *state.Known) *looksOfKnown {
	return &looksOfKnown{k.Pictures, k.Stage, k.Live, k.Thumbs}
}

// analystProblem says why there are no answers.
func (s *CompareStation) analystProblem() vecty.ComponentOrHTML {
	if s.Findings.Problem == "" {
		return nil
	}
	return notice("The worker that looks at networks stopped. "+s.Findings.Problem, button(s.Do, state.LookAgain{}, false, "strong", "Try again"))
}

// choices are the subjects as a comparable value.
func (s *CompareStation) choices(subjects []state.Subject) string {
	text := ""
	for _, subject := range subjects {
		text += subject.Key + ":" + subject.Title + truth(subject.Working) + "\n"
	}
	return text
}

// knownBar has what all maps have in common.
func (s *CompareStation) knownBar() *vecty.HTML {
	k, next := s.Known, s.page().NextSubject()
	set := func(field state.MapField) func(string) {
		return func(value string) { s.Do(state.SetMap{Field: field, Value: value}) }
	}
	var sizes []option
	for _, n := range state.MapSizes() {
		sizes = append(sizes, option{strconv.Itoa(n), state.Count(n, "picture")})
	}
	stages := []option{{"0", "the last stage"}}
	for n := 1; n <= s.mostStages(); n++ {
		stages = append(stages, option{strconv.Itoa(n), "stage " + strconv.Itoa(n)})
	}
	return elem.Div(
		class("known-bar"),
		picker("map-pictures", "Map of", strconv.Itoa(k.Pictures), sizes, set(state.MapPictures)),
		picker("map-stage", "by", strconv.Itoa(k.Stage), stages, set(state.MapStage)),
		tick("map-thumbs", k.Thumbs, "Pictures instead of dots", set(state.MapThumbs)),
		tick("map-live", k.Live, "Follow runs at work", set(state.MapLive)),
		button(s.Do, state.SetSubject{At: state.MostSubjects, Key: next}, next == "", "quiet", "Compare with another"),
	)
}

func (s *CompareStation) mostStages() int {
	most, page := 0, s.page()
	for _, key := range page.Looked() {
		if subject, ok := page.Subject(key); ok {
			most = max(most, len(subject.Network.Blocks))
		}
	}
	return most
}

// picker is a list to choose from, with words before it.
func picker(id, words, value string, options []option, choose func(string)) *vecty.HTML {
	var list vecty.List
	for _, o := range options {
		list = append(list, elem.Option(vecty.Markup(prop.Value(o.value), vecty.Property("selected", o.value == value)), vecty.Text(o.label)))
	}
	return elem.Label(
		vecty.Markup(vecty.Class("picker"), prop.For(id)),
		span("picker-words", words+" "),
		elem.Select(vecty.Markup(prop.ID(id), event.Change(func(e *vecty.Event) { choose(e.Target.Get("value").String()) })), list),
	)
}

// tick is a choice of yes or no.
func tick(id string, on bool, words string, choose func(string)) *vecty.HTML {
	return elem.Label(
		class("check"),
		elem.Input(vecty.Markup(
			prop.Type(prop.TypeCheckbox), prop.ID(id), prop.Checked(on),
			event.Change(func(e *vecty.Event) { choose(truth(e.Target.Get("checked").Bool())) }),
		)),
		vecty.Text(words),
	)
}

// column is what is known of one network.
func (s *CompareStation) column(at int, subject state.Subject, all int) *vecty.HTML {
	q := s.Known.MapOf(subject)
	found, probed, blank := s.Findings.Find(q), s.Findings.Find(state.ProbeOf(subject, false)), s.Findings.Find(state.ProbeOf(subject, true))
	busy := s.Findings.IsBusy(q)
	view := &MapView{Subject: subject.Key, Title: subject.Title, Finding: found, Pictures: s.Pictures, Known: s.Known, Do: s.Do}
	head := [5]any{at, all, subject.Key, subject.Title, s.choices(s.page().Subjects())}
	return elem.Article(
		vecty.Markup(vecty.Class("known-column"), attribute("aria-label", subject.Title)),
		elem.Div(class("known-head-slot"), &Memo{Key: head, Body: func() *vecty.HTML { return s.subjectHead(at, subject, all) }}),
		elem.Div(class("map-slot"), view),
		elem.Div(class("map-words-slot"), &Memo{Key: [4]any{found, busy, s.Pictures, subject.Working}, Body: func() *vecty.HTML { return s.mapWords(found, busy, subject) }}),
		elem.Div(class("probe-slot"), &Memo{Key: [2]any{probed, blank}, Body: func() *vecty.HTML {
			return probeFigure(s.Do, probed, blank, subject)
		}}),
	)
}

// subjectHead chooses the network of a column.
func (s *CompareStation) subjectHead(at int, subject state.Subject, all int) *vecty.HTML {
	var options []option
	for _, other := range s.page().Subjects() {
		title := other.Title
		if other.Working {
			title += ", at work"
		}
		options = append(options, option{other.Key, title})
	}
	var away vecty.ComponentOrHTML
	if all > 1 {
		away = sign(s.Do, state.SetSubject{At: at}, "✕", "Take "+subject.Title+" away")
	}
	return elem.Div(
		class("known-head"),
		picker("subject-"+strconv.Itoa(at), "Network", subject.Key, options, func(key string) { s.Do(state.SetSubject{At: at, Key: key}) }),
		away,
	)
}

// mapWords says how the map is coming along, and what it shows.
func (s *CompareStation) mapWords(f *state.Finding, busy bool, subject state.Subject) *vecty.HTML {
	if f == nil || f.Layout == nil {
		words := "The map comes next …"
		if f != nil && f.Problem != "" {
			words = f.Problem
		}
		return elem.Div(class("map-words"), paragraph("soft", words), vecty.If(f != nil && f.Problem != "", button(s.Do, state.LookAgain{}, false, "quiet", "Try again")))
	}
	l := f.Layout
	return elem.Div(
		class("map-words"),
		elem.Div(class("map-progress"), bar(float64(l.Iteration), float64(l.Iterations), "t-SNE"), span("soft", progressOfMap(l, busy, subject))),
		vecty.If(l.ChancePurity > 0,
			elem.Paragraph(class("purity"), elem.Strong(vecty.Text(l.NeighboursInWords()))),
			paragraph("soft", l.FeaturesInWords()+" "+l.SilhouetteInWords()),
		),
		vecty.If(l.ChancePurity == 0, paragraph("soft", "These pictures have no classes to be near to.")),
		vecty.If(f.IsStale(s.Pictures), elem.Div(class("row"), span("soft", "The pictures changed since."), button(s.Do, state.LookAgain{}, false, "link", "Look again"))),
	)
}

func progressOfMap(l *state.Layout, busy bool, subject state.Subject) string {
	words := state.Count(len(l.IDs), "picture") + ", "
	switch {
	case !l.TSNE:
		words += "first two principal components"
	case busy:
		words += "t-SNE, step " + strconv.Itoa(l.Iteration) + " of " + strconv.Itoa(l.Iterations)
	default:
		words += "t-SNE"
	}
	if subject.Working {
		words += ", the run goes on"
	}
	return words
}

// classLegend names the marks.
func (s *CompareStation) classLegend() *vecty.HTML {
	var items vecty.List
	for i, name := range s.Pictures.Classes {
		items = append(items, elem.ListItem(classSwatch(i), vecty.Text(state.Readable(name))))
	}
	return elem.Div(
		elem.UnorderedList(class("legend", "classes"), items),
		paragraph("legend-line", "Near means alike to the network; how far apart groups are means nothing. Point at a picture to see where the others have it, drag a rectangle or click to list pictures; by keyboard: arrows, Enter, Escape."),
	)
}

// pointed is the picture that is pointed at. Its place is kept, so that nothing jumps.
func (s *CompareStation) pointed() *vecty.HTML {
	t, ok := s.Pictures.Find(s.Known.Near)
	if !ok {
		return elem.Div(class("pointed"), span("soft", "Point at a picture."))
	}
	id := strconv.Itoa(t.ID)
	return elem.Div(
		class("pointed"),
		canvas(id, "", vecty.Class("pointed-picture"), first()),
		elem.Span(elem.Strong(vecty.Text(s.Pictures.ClassName(t.ID))), span("soft", " "+t.Name)),
	)
}

// mostListed bounds the pictures that are listed at once.
const mostListed = 96

// chosen lists the pictures that were chosen on a map.
func (s *CompareStation) chosen() *vecty.HTML {
	ids := s.Known.Chosen
	if len(ids) == 0 {
		return elem.Div()
	}
	var items vecty.List
	counts := make([]int, len(s.Pictures.Classes))
	for _, id := range ids {
		if t, ok := s.Pictures.Find(id); ok && t.Class >= 0 && t.Class < len(counts) {
			counts[t.Class]++
		}
	}
	for _, id := range ids[:min(len(ids), mostListed)] {
		t, ok := s.Pictures.Find(id)
		if ok {
			text := strconv.Itoa(id)
			items = append(items, elem.ListItem(canvas(text, t.Name+", "+s.Pictures.ClassName(id)), span("tile-words", s.Pictures.ClassName(id))))
		}
	}
	words := state.Count(len(ids), "picture") + " chosen"
	if most := slices.Max(append(counts, 0)); most > 0 {
		words += ", most of them " + state.Readable(s.Pictures.Classes[slices.Index(counts, most)]) + " (" + strconv.Itoa(most) + ")"
	}
	if len(ids) > mostListed {
		words += "; the first " + strconv.Itoa(mostListed) + " are shown"
	}
	return elem.Section(
		vecty.Markup(vecty.Class("chosen-pictures"), attribute("aria-label", "Chosen pictures")),
		elem.Div(class("row"), elem.Heading3(vecty.Text(words)), button(s.Do, state.PickPictures{}, false, "link", "Clear")),
		elem.UnorderedList(class("tiles"), items),
	)
}

// Places in the chart of probes, in its own units.
const (
	probeLeft  = 112
	probeRight = chartWidth - 44
	probeBar   = 11
	probeRow   = 4*probeBar + 16
)

// probeFigure is what each stage knows, beside the same stage of an untrained network.
func probeFigure(do Do, known, blank *state.Finding, subject state.Subject) *vecty.HTML {
	switch {
	case known != nil && known.Problem != "":
		return elem.Div(paragraph("soft", "The stages could not be probed. "+known.Problem))
	case known == nil || known.Probed == nil || len(known.Probed.Stages) == 0:
		return elem.Div(paragraph("soft", "The stages are probed after the maps …"))
	}
	var parts []ink
	p := known.Probed
	for i, stage := range p.Stages {
		y := float64(8 + i*probeRow)
		parts = append(parts, label(0, y+probeBar+10, "start", stage.Name), label(probeLeft-6, y+probeBar+3, "end", "linear"), label(probeLeft-6, y+3*probeBar+7, "end", "neighbours"))
		parts = append(parts, probeBars(y, stage.Linear, "linear"))
		parts = append(parts, probeBars(y+2*probeBar+4, stage.Neighbours, "near"))
		if blank != nil && blank.Probed != nil && i < len(blank.Probed.Stages) && !subject.Untrained {
			was := blank.Probed.Stages[i]
			parts = append(parts, probeBars(y+probeBar, was.Linear, "linear blank"))
			parts = append(parts, probeBars(y+3*probeBar+4, was.Neighbours, "near blank"))
		}
	}
	height := 8 + len(p.Stages)*probeRow + 18
	at := probeAt(p.Chance)
	parts = append(parts, group("chance", rule(at, 2, at, float64(height-16), "chance-line"), label(at, float64(height-3), "middle", "chance "+state.Percent(p.Chance, 0))))
	return elem.Div(
		saved(caption{"What the stages know", " of classes, in % right", exports(do, "quarterturn-probe-"+subject.Key, func() [][]string { return probeRows(known, blank) })}, inked("svg", pictured("What each stage knows of classes; the numbers are in the table below", chartWidth, float64(height)), parts...)),
		paragraph("legend-line", "Full bars: this network. Pale ones: the same with random weights. Lines: 95 % intervals over "+state.Count(p.Test, "test picture")+"; learnt from "+state.Count(p.Train, "label")+"."),
		elem.Div(class("numbers-slot"), &Fold{Key: [2]any{known, blank}, Title: "The numbers behind the bars", Body: func() *vecty.HTML { return probeTable(known, blank) }}),
	)
}

func probeAt(share float64) float64 { return probeLeft + share*(probeRight-probeLeft) }

// probeBars is a bar with its interval and its number.
func probeBars(y float64, s run.Share, kind string) ink {
	middle := y + probeBar/2.
	return group("probe-bar "+kind,
		box("probe-fill", probeLeft, y+1, probeAt(s.Accuracy)-probeLeft, probeBar-2),
		trace("whisker", "M"+coordinate(probeAt(s.Low))+" "+coordinate(middle)+"H"+coordinate(probeAt(s.High))),
		label(chartWidth, y+probeBar-1, "end", state.Percent(s.Accuracy, 0)))
}

// probeRows are the numbers, with headings.
func probeRows(known, blank *state.Finding) [][]string {
	rows := [][]string{{"Stage", "Features", "Linear", "Neighbours", "Linear, untrained", "Neighbours, untrained"}}
	for i, s := range known.Probed.Stages {
		row := []string{s.Name, strconv.Itoa(s.Features), share(s.Linear), share(s.Neighbours), "–", "–"}
		if blank != nil && blank.Probed != nil && i < len(blank.Probed.Stages) {
			b := blank.Probed.Stages[i]
			row[4], row[5] = share(b.Linear), share(b.Neighbours)
		}
		rows = append(rows, row)
	}
	return rows
}

func probeTable(known, blank *state.Finding) *vecty.HTML {
	rows := probeRows(known, blank)
	return plainTable("Right on test pictures, with 95 % intervals; chance "+state.Percent(known.Probed.Chance, 1), rows[0], rows[1:])
}

// marksOf are the paths of a map's marks, one for each class, so that a thousand of them
// are ten elements.
func marksOf(l *state.Layout, p *state.Pictures) []string {
	paths := make([][]byte, len(p.Classes)+1)
	for i, id := range l.IDs {
		t, ok := p.Find(id)
		if !ok {
			continue
		}
		kind, outline := t.Class+1, chart.Circle.Outline()
		if t.Class >= 0 {
			outline = chart.KindOf(t.Class).Mark.Outline()
		}
		if kind < 0 || kind >= len(paths) {
			continue
		}
		x, y := l.At(i)
		b := append(paths[kind], 'M')
		b = strconv.AppendFloat(b, onPlane(x), 'f', 1, 64)
		b = append(b, ' ')
		b = strconv.AppendFloat(b, onPlane(y), 'f', 1, 64)
		paths[kind] = append(b, outline...)
	}
	texts := make([]string, len(paths))
	for i, b := range paths {
		texts[i] = string(b)
	}
	return texts
}
