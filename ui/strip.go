package ui

import (
	"strconv"
	"strings"

	"github.com/hexops/vecty"
	"github.com/hexops/vecty/elem"
	"github.com/hexops/vecty/event"

	"quarterturn/core/chart"
	"quarterturn/core/run"
	"quarterturn/ui/state"
)

// Strip shows on every station how the runs are doing.
type Strip struct {
	stripProps
	Do Do
}

// stripProps are what Strip shows.
type stripProps struct {
	Runs *state.Runs
	Open bool // All runs at work are seen.
}

// part is the view as a part of the page.
func (s *Strip) part() *Memo { return &Memo{Key: s.stripProps, Body: s.render} }

func (s *Strip) render() *vecty.HTML {
	shown := s.Runs.Strip(s.Open)
	if len(shown) == 0 {
		return elem.Section(
			vecty.Markup(vecty.Class("strip"), attribute("aria-label", "Runs")),
			paragraph("strip-none", "No runs yet. Those that you start are followed here, at every station."))
	}
	var lines vecty.List
	for _, r := range shown {
		lines = append(lines, elem.ListItem(class("strip-item"), (&StripLine{stripLineProps{r, strings.Join(s.Runs.Changes(r.Key), ", ")}, s.Do}).part()))
	}
	return elem.Section(
		vecty.Markup(vecty.Class("strip", "shown"), vecty.MarkupIf(s.Open, vecty.Class("open")), attribute("aria-label", "Runs")),
		elem.UnorderedList(class("strip-lines"), lines),
		elem.Div(class("strip-more"), s.more(len(shown))),
	)
}

// more opens the strip where not all runs at work are seen, and leads to all runs.
func (s *Strip) more(shown int) vecty.List {
	words, working := "All runs ("+strconv.Itoa(len(s.Runs.All))+")", len(s.Runs.AtWork())
	if waiting := s.Runs.Waiting(); waiting > 0 {
		words = strconv.Itoa(waiting) + " waiting"
	}
	list := vecty.List{button(s.Do, state.ShowCompare{Part: state.OfRuns}, false, "link", words)}
	switch {
	case s.Open:
		list = append(list, s.fold("▾", "Show fewer runs", ""))
	case working > 1:
		list = append(list, s.fold("▴", "Show all runs at work", strconv.Itoa(working)))
	case shown > 1:
		list = append(list, s.fold("▴", "Show more runs", ""))
	}
	return list
}

// fold opens and closes the strip.
func (s *Strip) fold(mark, words, count string) *vecty.HTML {
	return elem.Button(
		vecty.Markup(vecty.Class("sign", "strip-fold"), attribute("type", "button"), attribute("aria-label", words), attribute("title", words), attribute("aria-expanded", truth(s.Open)),
			event.Click(func(*vecty.Event) { s.Do(state.ToggleStrip{}) })),
		elem.Span(vecty.Markup(hidden()), vecty.Text(count+mark)),
	)
}

// StripLine is one run in a line.
type StripLine struct {
	stripLineProps
	Do Do
}

// stripLineProps are what StripLine shows.
type stripLineProps struct {
	Run     *state.Run
	Changed string // Against the run before.
}

// part is the view as a part of the page.
func (v *StripLine) part() *Memo { return &Memo{Key: v.stripLineProps, Body: v.render} }

func (v *StripLine) render() *vecty.HTML {
	r := v.Run
	about := v.Changed
	if about == "" {
		about = r.Config.Network.String()
	}
	return elem.Article(
		vecty.Markup(vecty.Class("strip-line", "curve-"+string(r.Config.Task)), attribute("aria-label", r.Title())),
		swatch(tasked(r.Config.Task)),
		elem.Span(class("strip-name"), elem.Strong(vecty.Text(r.Title())), span("soft", about)),
		sparkline(r),
		span("strip-value", best(r)),
		span("strip-phase", shortly(r)),
		elem.Span(class("strip-tools"), v.tools()),
	)
}

// tools hold, let go on and end the run.
func (v *StripLine) tools() vecty.List {
	r := v.Run
	if r.IsOver() {
		return nil
	}
	var list vecty.List
	switch r.Phase {
	case run.Training:
		list = append(list, sign(v.Do, state.PauseRun{Key: r.Key}, "❚❚", "Pause "+r.Title()))
	case run.Paused:
		list = append(list, sign(v.Do, state.ResumeRun{Key: r.Key}, "▶", "Go on with "+r.Title()))
	}
	return append(list, sign(v.Do, state.StopRun{Key: r.Key}, "■", "Stop "+r.Title()))
}

// sign is a button that is a sign, with words for those who do not see it.
func sign(do Do, message state.Message, mark, words string) *vecty.HTML {
	return elem.Button(
		vecty.Markup(
			vecty.Class("sign"), attribute("type", "button"), attribute("aria-label", words), attribute("title", words),
			event.Click(func(*vecty.Event) { do(message) }),
		),
		elem.Span(vecty.Markup(hidden()), vecty.Text(mark)),
	)
}

// shortly is how a run is doing, in a word or two.
func shortly(r *state.Run) string {
	switch {
	case r.IsOver() || r.Stopping || r.Saving || r.Phase == run.Paused:
		return phaseInWords(r)
	case r.Started.Steps > 0:
		words := state.Percent(float64(r.Newest.Step)/float64(r.Started.Steps), 0)
		if r.Newest.Remaining > 0 {
			words += ", " + state.Span(r.Newest.Remaining) + " left"
		}
		return words
	case r.Phase == "":
		return "waiting"
	}
	return string(r.Phase)
}

// sparkline is the validation accuracy so far, without axes.
func sparkline(r *state.Run) *vecty.HTML {
	plot := chart.Plot{Left: 1, Top: 2, Right: 63, Bottom: 18, X: chart.Scale{High: float64(max(r.Config.Epochs, 1))}, Y: chart.Scale{High: 1}}
	return inked("svg", vecty.Markup(vecty.Class("spark"), attribute("viewBox", "0 0 64 20"), hidden()), trace("line", plot.Path(r.TestAccuracy())))
}
