package ui

import (
	"github.com/hexops/vecty"
	"github.com/hexops/vecty/elem"
	"github.com/hexops/vecty/event"
	"github.com/hexops/vecty/prop"

	"quarterturn/ui/state"
)

// App is the whole page.
type App struct {
	vecty.Core

	Page  state.Page `vecty:"prop"`
	Do    Do         `vecty:"prop"`
	Built func()     `vecty:"prop"` // Called when a part is there that may have canvases, see Later.
}

// Render implements vecty.Component.
func (a *App) Render() vecty.ComponentOrHTML {
	p := a.Page
	looks := string(p.View.Station) + string(p.View.Theme) + truth(p.View.Projector)
	return elem.Div(
		vecty.Markup(prop.ID("app"), vecty.Class("app"), vecty.MarkupIf(p.View.Station.IsWide(), vecty.Class("wide")), attribute("data-station", string(p.View.Station))),
		elem.Header(class("top"), &Memo{Key: looks, Body: a.header}),
		elem.Div(class("alarms"), a.alarm()),
		elem.Div(class("strip-slot"), (&Strip{stripProps{p.Runs, p.View.StripOpen}, a.Do}).part()),
		elem.Main(
			vecty.Markup(vecty.Class("stations"), vecty.MarkupIf(p.Duel.On, attribute("inert", "true"))),
			a.stations(),
		),
		elem.Div(class("duel-slot"), a.duel()),
		elem.Paragraph(
			vecty.Markup(vecty.Class("unseen"), attribute("role", "status"), attribute("aria-live", "polite")),
			vecty.Text(p.Said),
		),
		elem.Div(vecty.Markup(vecty.Class("dropping"), hidden()), span("dropping-words", "Drop pictures, folders or a zip")),
	)
}

// duel is the game that lies over the stations.
func (a *App) duel() *Memo {
	shown := duelProps{Duel: a.Page.Duel, Set: a.Page.Pictures.Set}
	if m := a.Page.Turn.Model; m != nil {
		shown.Name = m.Name
	}
	return (&DuelView{shown, a.Do}).part()
}

// stations are all of them, in the frames that index.html has too.
func (a *App) stations() (list vecty.List) {
	for _, place := range state.Places() {
		list = append(list, station(place, a.part(place.Station)))
	}
	return list
}

// part is what is in a station. What nobody sees stays as it is until somebody does.
func (a *App) part(of state.Station) *Memo {
	content := a.content(of)
	content.Hold = !a.seen(of)
	return content
}

// seen reports whether a person may see a station: a wide one alone, or the others beside
// each other.
func (a *App) seen(of state.Station) bool {
	at := a.Page.View.Station
	return of == at || !of.IsWide() && !at.IsWide()
}

func (a *App) content(of state.Station) *Memo {
	p := a.Page
	switch of {
	case state.AtPictures:
		return (&PicturesStation{picturesProps{p.Pictures, p.Grid}, a.Do}).part()
	case state.AtTurn:
		return (&TurnStation{turnProps{p.Turn, p.Lab}, a.Do}).part()
	case state.AtTrain:
		return (&TrainStation{trainProps{p.Train, p.Runs, p.Pictures, p.Turn, p.Compare.Curves}, a.Do}).part()
	case state.AtCompare:
		shown := compareProps{p.Compare, p.Runs, p.Train, p.Turn, p.Pictures, p.Known, p.Inside, p.Mistakes, p.Findings, p.Writeup, p.Lab, p.Paper, p.Keeping, a.seen(of)}
		return (&CompareStation{shown, a.Do, a.Built}).part()
	}
	return (&WatchStation{watchProps{p.Watch, p.Turn, p.Pictures, a.seen(of)}, a.Do, a.Built}).part()
}

// station is the frame of a station. index.html has the same markup.
func station(place state.Place, content *Memo) *vecty.HTML {
	id := place.Station
	heading := "heading-" + string(id)
	wide := vecty.MarkupIf(id.IsWide(), vecty.Class("station-wide"))
	return elem.Section(
		vecty.Markup(
			prop.ID(string(id)), vecty.Class("station", "station-"+string(id)), wide, attribute("aria-labelledby", heading),
		),
		elem.Div(
			class("station-head"),
			elem.Heading2(
				vecty.Markup(prop.ID(heading)),
				elem.Span(vecty.Markup(vecty.Class("number"), hidden()), vecty.Text(place.Number)),
				vecty.Text(place.Title),
			),
			paragraph("question", place.Question),
		),
		elem.Div(class("station-body"), content),
	)
}

// header has the name, the way from station to station, and the page's looks.
func (a *App) header() *vecty.HTML {
	view := a.Page.View
	return elem.Div(
		class("top-row"),
		elem.Div(
			class("brand"),
			elem.Span(vecty.Markup(vecty.Class("logo"), hidden())),
			elem.Heading1(vecty.Text("Quarterturn")),
			paragraph("tagline", "A network learns to see by guessing turns, here in this tab"),
		),
		elem.Navigation(
			vecty.Markup(vecty.Class("tabs"), attribute("aria-label", "Stations")),
			a.tabs(),
		),
		elem.Div(
			class("looks"),
			elem.Button(
				vecty.Markup(
					vecty.Class("button", "quiet", "projector"), attribute("type", "button"),
					attribute("aria-pressed", truth(view.Projector)),
					event.Click(func(*vecty.Event) { a.Do(state.ToggleProjector{}) }),
				),
				vecty.Text("Projector"),
			),
			elem.Button(
				vecty.Markup(
					vecty.Class("button", "quiet", "theme"), attribute("type", "button"),
					attribute("aria-label", "Colours: "+string(view.Theme)+". Change"),
					event.Click(func(*vecty.Event) { a.Do(state.NextTheme{}) }),
				),
				elem.Span(vecty.Markup(vecty.Class("theme-mark"), hidden())),
				vecty.Text(themeName(view.Theme)),
			),
		),
	)
}

func (a *App) tabs() (list vecty.List) {
	for _, place := range state.Places() {
		list = append(list, a.tab(place))
	}
	return list
}

func (a *App) tab(to state.Place) *vecty.HTML {
	current := "false"
	if a.Page.View.Station == to.Station {
		current = "page"
	}
	return elem.Button(
		vecty.Markup(
			vecty.Class("tab"), vecty.MarkupIf(to.Station.IsWide(), vecty.Class("tab-wide")), attribute("type", "button"), attribute("aria-current", current),
			event.Click(func(*vecty.Event) { a.Do(state.GoTo{Station: to.Station}) }),
		),
		elem.Span(vecty.Markup(vecty.Class("number"), hidden()), vecty.Text(to.Number)),
		vecty.Text(to.Title),
	)
}

// alarm is what concerns the page as a whole: the lab's worker died, or a problem
// that belongs to no station.
func (a *App) alarm() vecty.ComponentOrHTML {
	if problem := a.Page.Lab.Problem; problem != "" {
		return notice("The laboratory stopped. "+problem,
			button(a.Do, state.RestartLab{}, false, "strong", "Restart"))
	}
	switch a.Page.Keeping.Holder {
	case state.Elsewhere:
		return notice("Another tab holds the lab: its runs are to be seen here as they were kept. Only one tab trains and keeps.",
			button(a.Do, state.TakeOver{}, false, "strong", "Take the lab over"))
	case state.Taken:
		return notice("Another tab took the lab over, and goes on with its runs.",
			button(a.Do, state.TakeOver{}, false, "strong", "Take it back"))
	}
	if a.Page.Newer {
		return notice("A new version of this page is ready. What trains goes on after it is loaded.",
			button(a.Do, state.TakeVersion{}, false, "strong", "Load it now"), button(a.Do, state.NewVersion{}, false, "quiet", "Later"))
	}
	if a.Page.Alarm != "" {
		return notice(a.Page.Alarm, button(a.Do, state.DismissProblems{}, false, "quiet", "Close"))
	}
	return nil
}

// notice says what went wrong, with a way out.
func notice(text string, actions ...vecty.MarkupOrChild) *vecty.HTML {
	children := []vecty.MarkupOrChild{
		vecty.Markup(vecty.Class("notice"), attribute("role", "alert")),
		elem.Paragraph(vecty.Text(text)),
	}
	return elem.Div(append(children, actions...)...)
}

func truth(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

func themeName(t state.Theme) string {
	switch t {
	case state.Light:
		return "Light"
	case state.Dark:
		return "Dark"
	}
	return "Auto"
}
