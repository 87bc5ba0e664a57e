package ui

import (
	"strconv"

	"github.com/hexops/vecty"
	"github.com/hexops/vecty/elem"
	"github.com/hexops/vecty/event"
	"github.com/hexops/vecty/prop"

	"quarterturn/core/recording"
	"quarterturn/ui/state"
)

// WatchStation goes through a recorded run, epoch by epoch: what the network
// believed of the chosen picture, where it laid pictures out, what its stages knew,
// and the curves.
type WatchStation struct {
	watchProps
	Do    Do
	Built func()
}

// watchProps are what WatchStation shows.
type watchProps struct {
	Watch    *state.Watch
	Turn     *state.Turn
	Pictures *state.Pictures
	Shown    bool // Nothing is rendered while it is not.
}

// part is the view as a part of the page.
func (s *WatchStation) part() *Memo { return &Memo{Key: s.watchProps, Body: s.render} }

func (s *WatchStation) render() *vecty.HTML {
	w := s.Watch
	switch {
	case !s.Shown:
		return elem.Div()
	case w.Problem != "":
		return elem.Div(class("watch-wait"),
			notice(w.Problem, button(s.Do, state.GoTo{Station: state.AtWatch}, false, "strong", "Try again")))
	case w.Recording == nil && w.Fetching != nil:
		return elem.Div(class("watch-wait"), arriving(*w.Fetching, "Fetching the recording"))
	case w.Recording == nil:
		return elem.Div()
	}
	return elem.Div(
		class("watch"),
		s.controls(),
		elem.Div(
			class("watch-grid"),
			s.place("The picture", s.picture),
			s.place("The map of pictures", s.layout),
			s.place("The curves", s.curves),
		),
		elem.Div(class("numbers-slot"), &Fold{Key: w.Recording, Title: "The numbers behind the curves and bars", Body: func() *vecty.HTML { return recordedTable(w.Recording) }}),
		elem.Div(class("numbers-slot"), &Fold{Key: placesProps{w.Recording, w.At}, Title: "The places of the pictures on the map", Body: func() *vecty.HTML { return placesTable(w) }}),
		elem.Div(class("about-slot"), &Memo{Key: "recorded", Body: s.about}),
	)
}

// place is a column of the station.
func (s *WatchStation) place(name string, content func() vecty.List) *vecty.HTML {
	return elem.Section(
		vecty.Markup(vecty.Class("watch-part"), attribute("aria-label", name)),
		&Later{Key: s.watchProps, Built: s.Built, Body: func() *vecty.HTML { return elem.Div(class("watch-column"), content()) }},
	)
}

// controls go through the epochs, and say what the network could do at this one.
func (s *WatchStation) controls() *vecty.HTML {
	w := s.Watch
	play := "Play"
	if w.Playing {
		play = "Pause"
	}
	return elem.Div(
		class("watch-bar"),
		button(s.Do, state.Play{}, false, "strong", play),
		elem.Label(
			vecty.Markup(vecty.Class("watch-place"), prop.For("epoch")),
			vecty.Text(w.Place()),
		),
		elem.Input(vecty.Markup(
			prop.Type(prop.TypeRange), prop.ID("epoch"),
			attribute("min", "0"), attribute("max", strconv.Itoa(len(w.Recording.Epochs)-1)), attribute("step", "1"),
			prop.Value(strconv.Itoa(w.At)), attribute("aria-valuetext", w.InWords()),
			event.Input(func(e *vecty.Event) {
				if to, err := strconv.Atoi(e.Target.Get("value").String()); err == nil {
					s.Do(state.Seek{To: to})
				}
			}),
		)),
		elem.Output(vecty.Markup(vecty.Class("watch-facts"), prop.For("epoch")), vecty.Text(s.facts())),
	)
}

// facts are the numbers of the epoch in a line.
func (s *WatchStation) facts() string {
	e := s.Watch.Epoch()
	facts := state.Percent(e.Accuracy, 1) + " of turns right on pictures it did not learn from"
	if e.Step == 0 {
		return facts + ", before the first step"
	}
	return facts + ", " + state.Percent(e.TrainAccuracy, 1) + " on those it learnt from, learning rate " + strconv.FormatFloat(e.LearningRate, 'g', 2, 64)
}

// picture is the chosen picture in its four turns, as the network saw it then.
func (s *WatchStation) picture() vecty.List {
	w := s.Watch
	view := panelView{}
	if s.Turn.Picture != nil {
		view.id = strconv.Itoa(s.Turn.Picture.ID)
	}
	panels := w.Panels()
	right, all := w.Right()
	return vecty.List{
		chosenPicture(s.Turn, s.seen(), s.Do),
		elem.Div(class("problem-slot"), s.elsewhere()),
		view.all(panels[:], w.Item == recording.NoPicture),
		paragraph("legend-line", "Over all "+state.Grouped(len(w.Recording.Pictures.Items))+" recorded pictures it is right in "+
			state.Percent(float64(right)/float64(all), 1)+" of the turns here. Guessing blindly: 25 %."),
	}
}

// seen says whether the network learnt from the picture.
func (s *WatchStation) seen() string {
	w := s.Watch
	switch {
	case w.Item == recording.NoPicture:
		return ""
	case w.Recording.Pictures.Learnt && !w.Recording.Pictures.Items[w.Item].Test:
		return ", it learns from this one"
	}
	return ", it never learns from this one"
}

// elsewhere says what to do where the chosen picture is not in the recording.
func (s *WatchStation) elsewhere() vecty.ComponentOrHTML {
	w := s.Watch
	if w.Item != recording.NoPicture {
		return nil
	}
	set := state.Asset(w.Recording.Pictures.Set)
	text := "The recording is about the built-in " + w.Recording.Pictures.Set + ", and this picture is none of them."
	switch {
	case s.Pictures.Opening != "":
		return notice(text + " They are being opened …")
	case s.Pictures.BuiltIn == set:
		return notice(text + " Go on to another one.")
	}
	return notice(text, button(s.Do, state.OpenSet{Asset: set}, false, "strong", "Open the "+string(set)))
}

// about says whose run it is.
func (s *WatchStation) about() *vecty.HTML {
	r := s.Watch.Recording
	return elem.Div(
		class("about"),
		elem.Paragraph(vecty.Text(r.Config.Network.String()+", learning to guess turns from "+r.Data+
			". Nothing is computed here: this run was recorded, and its pictures are those of the recording.")),
		paragraph("soft", r.Command),
		paragraph("soft", "Seed "+strconv.FormatUint(r.Config.Seed, 10)+". "+r.Made+"."),
	)
}
