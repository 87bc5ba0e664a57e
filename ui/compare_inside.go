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

// inside is what a network makes of the chosen picture: where it looks for an answer, and
// what each of its channels leaves.
func (s *CompareStation) inside() vecty.ComponentOrHTML {
	page := s.page()
	key, f := page.LookedInto(), page.Seen()
	head := [4]any{key, s.Inside.Turns, s.choices(page.Subjects()), s.Pictures.Chosen}
	return elem.Div(
		class("inside"),
		elem.Div(class("problem-slot"), s.analystProblem()),
		elem.Div(class("inside-bar-slot"), &Memo{Key: head, Body: func() *vecty.HTML { return s.insideBar(key) }}),
		elem.Div(class("inside-grid-slot"), &Memo{Key: [4]any{f, s.Inside, s.Turn, s.Pictures.Chosen}, Body: func() *vecty.HTML { return s.insideGrid(f) }}),
	)
}

// insideBar chooses the network, the picture and its turn.
func (s *CompareStation) insideBar(key string) *vecty.HTML {
	var options []option
	for _, subject := range s.page().Subjects() {
		title := subject.Title
		if subject.Working {
			title += ", at work"
		}
		options = append(options, option{subject.Key, title})
	}
	return elem.Div(
		class("inside-bar"),
		picker("inside-subject", "Network", key, options, s.setInside(state.InsideSubject)),
		chosenPicture(s.Turn, "", s.Do),
		s.insideChoice("Turn of the picture", "turns-choice", state.InsideTurns, strconv.Itoa(s.Inside.Turns), []option{{"0", "0°"}, {"1", "90°"}, {"2", "180°"}, {"3", "270°"}}),
	)
}

func (s *CompareStation) setInside(field state.InsideField) func(string) {
	return func(value string) { s.Do(state.SetInside{Field: field, Value: value}) }
}

// insideChoice is one of a few.
func (s *CompareStation) insideChoice(label, name string, field state.InsideField, value string, options []option) *vecty.HTML {
	var list vecty.List
	for _, o := range options {
		list = append(list, elem.Button(
			vecty.Markup(vecty.Class("segment"), attribute("type", "button"), attribute("aria-pressed", truth(o.value == value)),
				event.Click(func(*vecty.Event) { s.setInside(field)(o.value) })),
			vecty.Text(o.label),
		))
	}
	return elem.Div(vecty.Markup(vecty.Class("segments", name), attribute("role", "group"), attribute("aria-label", label)), list)
}

// insideGrid is what was found, or why nothing was.
func (s *CompareStation) insideGrid(f *state.Finding) *vecty.HTML {
	switch {
	case s.Turn.Picture == nil:
		return elem.Div(class("inside-wait"), paragraph("soft", "There is no picture to look at: choose one in the station Pictures."))
	case f != nil && f.Problem != "":
		return elem.Div(class("inside-wait"), notice(f.Problem, button(s.Do, state.LookAgain{}, false, "strong", "Try again")))
	case f == nil || f.Looked == nil:
		return elem.Div(class("inside-wait"), paragraph("soft", "The picture is shown to the network …"))
	}
	parts := vecty.List{}
	for i, part := range f.Looked.Parts {
		parts = append(parts, s.partFigure(f, i, part))
	}
	return elem.Div(
		class("inside-grid"),
		elem.Section(vecty.Markup(vecty.Class("inside-where"), attribute("aria-label", "Where it looks")), s.where(f)),
		elem.Section(vecty.Markup(vecty.Class("inside-parts"), attribute("aria-label", "What each channel leaves")), s.kernels(f), parts),
	)
}

// plane is a canvas that package web fills. Its label is empty where the text around it
// already says what it shows.
func plane(name, label string, extra ...vecty.Applyer) *vecty.HTML {
	markup := append([]vecty.Applyer{vecty.Data("plane", state.InsidePlanes+name)}, extra...)
	if label == "" {
		markup = append(markup, hidden())
	} else {
		markup = append(markup, attribute("role", "img"), attribute("aria-label", label))
	}
	return elem.Canvas(vecty.Markup(markup...))
}

// where is the picture with what spoke for the answer over it.
func (s *CompareStation) where(f *state.Finding) *vecty.HTML {
	k, over, stage := s.Inside, s.Inside.OverPainting(f), ""
	if f.Explained != nil {
		stage = " of " + f.Explained.Stage
	}
	options := []option{{string(state.ByOcclusion), "Patches"}, {string(state.ByGradCAM), "Grad-CAM" + stage}, {string(state.ByChannel), "One channel"}}
	mix := k.Mix
	if over == "" {
		mix = 0 // It is on its way: nothing of another picture lies over this one.
	}
	return elem.Div(
		elem.Heading3(vecty.Text("Where it looks")),
		elem.Div(class("inside-picture"),
			plane("picture/"+f.Painting(), "The picture as the network is shown it", vecty.Style("filter", "saturate("+strconv.Itoa(100-mix)+"%)")),
			plane("over/"+over, "", vecty.Class("inside-over"), vecty.Style("opacity", state.Decimal(float64(mix)/100, 2)))),
		elem.Label(vecty.Markup(vecty.Class("inside-mix"), prop.For("inside-mix")), span("soft", "Picture"),
			elem.Input(vecty.Markup(prop.Type(prop.TypeRange), prop.ID("inside-mix"), attribute("min", "0"), attribute("max", "100"), attribute("step", "5"),
				prop.Value(strconv.Itoa(k.Mix)), attribute("aria-label", "How much of the map lies over the picture, in percent"),
				event.Input(func(e *vecty.Event) { s.setInside(state.InsideMix)(e.Target.Get("value").String()) }))),
			span("soft", "Map")),
		s.insideChoice("What lies over the picture", "over-choice", state.InsideOver, string(k.Over), options),
		paragraph("inside-says", s.overInWords(f)),
		s.insideBeliefs(f),
		elem.Div(class("numbers-slot"), &Fold{Key: "", Title: "What such maps can say, and what not", Body: onMaps}),
	)
}

// overInWords says what lies over the picture.
func (s *CompareStation) overInWords(f *state.Finding) string {
	k := s.Inside
	switch {
	case k.Over == state.ByChannel && k.Part < len(f.Looked.Parts):
		p := f.Looked.Parts[k.Part]
		return "Channel " + strconv.Itoa(min(k.Channel, p.Channels-1)+1) + " of " + strconv.Itoa(p.Channels) + " of the " + p.Name + ": coloured where it answers."
	case f.Explained == nil:
		return "Patches are laid over the picture …"
	case k.Over == state.ByGradCAM:
		return "Coloured is what " + f.Explained.Stage + " found that raises the answer."
	}
	return state.ExplainedInWords(f.Looked, f.Explained)
}

// insideBeliefs are the answers, each of which can be explained.
func (s *CompareStation) insideBeliefs(f *state.Finding) *vecty.HTML {
	var rows vecty.List
	for _, b := range state.InsideBeliefs(f.Looked, 6) {
		explained := f.Explained != nil && f.Explained.Answer == b.Answer
		note := ""
		if b.True {
			note = " (true)"
		}
		rows = append(rows, elem.ListItem(elem.Button(
			vecty.Markup(
				vecty.Class("belief"), vecty.MarkupIf(b.Guessed, vecty.Class("guessed")), vecty.MarkupIf(b.True, vecty.Class("true")),
				attribute("type", "button"), attribute("aria-pressed", truth(explained)),
				event.Click(func(*vecty.Event) { s.setInside(state.InsideAnswer)(strconv.Itoa(b.Answer)) }),
			),
			elem.Span(class("belief-label"), vecty.Text(b.Label), span("unseen", note)),
			elem.Span(vecty.Markup(vecty.Class("track"), hidden()), elem.Span(vecty.Markup(vecty.Class("fill"), vecty.Style("width", state.Decimal(100*b.Probability, 1)+"%")))),
			span("belief-value", state.Percent(b.Probability, 0)),
		)))
	}
	return elem.Div(paragraph("soft", "What speaks for which answer? Choose one."), elem.OrderedList(class("beliefs", "inside-beliefs"), rows))
}

func onMaps() *vecty.HTML {
	return elem.Div(
		paragraph("soft", "Patches: a grey square is laid over each place, and the network is asked again. Orange is where that lowers its belief in the answer, so that it needed what was there; blue is where it raises it."),
		paragraph("soft", "Grad-CAM: the places where a stage found something, counted by how much more of it would raise the answer. It is as coarse as the stage’s maps."),
		paragraph("soft", "Both say where, not what and not why. Where two places say the same, covering one of them changes little. And a network may be right for a wrong reason: look whether the map is on the thing, or on its surroundings and the border."),
	)
}

// kernels are the stem's, at the places of their maps below.
func (s *CompareStation) kernels(f *state.Finding) *vecty.HTML {
	m := state.KernelMosaic(f.Looked)
	side := strconv.Itoa(f.Looked.KernelSide)
	return elem.Figure(
		class("inside-part"),
		elem.FigureCaption(elem.Strong(vecty.Text("The stem’s kernels")), span("soft", " "+side+"×"+side+" weights of red, green and blue. A convolution lays a kernel over each place of the picture and adds up; its map in the stem is bright where the picture is like the kernel.")),
		s.mosaic("kernels/"+f.Painting(), 0, "The stem’s kernels", m),
	)
}

// partFigure is what all channels of a part leave.
func (s *CompareStation) partFigure(f *state.Finding, at int, p run.PartMaps) *vecty.HTML {
	side := strconv.Itoa(p.Side)
	return elem.Figure(
		class("inside-part"),
		elem.FigureCaption(elem.Strong(vecty.Text(state.Capital(p.Name))), span("soft", " "+state.Count(p.Channels, "channel")+" of "+side+"×"+side+" places")),
		s.mosaic(p.Name+"/"+f.Painting(), at, "The channels of the "+p.Name, state.PartMosaic(p)),
	)
}

// mosaic is a painting of channels, of which one can be chosen by a click or by arrows.
func (s *CompareStation) mosaic(name string, part int, label string, m state.Mosaic) *vecty.HTML {
	chosen, k := -1, s.Inside
	if k.Over == state.ByChannel && k.Part == part {
		chosen = min(k.Channel, m.Tiles-1)
	}
	choose := func(channel int) {
		if channel >= 0 && channel < m.Tiles {
			s.Do(state.ChooseChannel{Part: part, Channel: channel})
		}
	}
	words := "none chosen"
	if chosen >= 0 {
		words = "channel " + strconv.Itoa(chosen+1) + " of " + strconv.Itoa(m.Tiles)
	}
	return elem.Div(
		vecty.Markup(
			vecty.Class("mosaic"), vecty.Style("aspect-ratio", strconv.Itoa(m.Width())+" / "+strconv.Itoa(m.Height())),
			attribute("role", "slider"), attribute("tabindex", "0"), attribute("aria-label", label), attribute("aria-valuemin", "1"),
			attribute("aria-valuemax", strconv.Itoa(m.Tiles)), attribute("aria-valuenow", strconv.Itoa(max(chosen, 0)+1)), attribute("aria-valuetext", words),
			event.Click(func(e *vecty.Event) {
				r := e.Value.Get("currentTarget").Call("getBoundingClientRect")
				choose(m.At((e.Value.Get("clientX").Float()-r.Get("left").Float())/r.Get("width").Float(), (e.Value.Get("clientY").Float()-r.Get("top").Float())/r.Get("height").Float()))
			}),
			event.KeyDown(func(e *vecty.Event) {
				by, ok := map[string]int{"ArrowLeft": -1, "ArrowRight": 1, "ArrowUp": -m.Columns, "ArrowDown": m.Columns}[e.Value.Get("key").String()]
				if ok {
					e.Value.Call("preventDefault")
					choose(max(chosen, 0) + by)
				}
			}),
		),
		plane(name, ""),
		vecty.If(chosen >= 0, s.tileRing(chosen, m)),
	)
}

// tileRing marks a tile.
func (s *CompareStation) tileRing(tile int, m state.Mosaic) *vecty.HTML {
	share := func(pixels, all int) string { return state.Decimal(100*float64(pixels)/float64(all), 3) + "%" }
	return elem.Span(vecty.Markup(vecty.Class("tile-ring"), hidden(),
		vecty.Style("left", share(tile%m.Columns*(m.Side+1), m.Width())), vecty.Style("top", share(tile/m.Columns*(m.Side+1), m.Height())),
		vecty.Style("width", share(m.Side, m.Width())), vecty.Style("height", share(m.Side, m.Height()))))
}
