//go:build js && wasm

// The page: it shows package ui's markup for package state's values, and carries
// out what the state asks for through package web. It decides nothing itself.
package main

import (
	"path"
	"runtime/debug"

	"github.com/hexops/vecty"

	"quarterturn/core/fault"
	"quarterturn/core/run"
	"quarterturn/ui"
	"quarterturn/ui/state"
	"quarterturn/wasm/web"
)

// How much garbage may lie beside what is used, in percent of it. With many pictures it is
// collected early: the thumbnails of ten thousand are 160 MB, which need not be there twice,
// and cost the collector nothing: it looks at no pixels. With few of them that would be a
// collection at every other frame.
const (
	gcPercent     = 300
	gcPercentMany = 25
	manyPictures  = 1000
)

func main() {
	debug.SetGCPercent(gcPercent)
	view := state.RecalledView(web.Recall(state.KeyTheme), web.Recall(state.KeyProjector))
	first, effects := state.New(view, state.Device{Cores: web.Cores(), Shares: web.CanShare()})
	p := &page{
		state:   first,
		inbox:   newInbox(),
		workers: make(map[state.WorkerID]group),
		files:   make(map[int]web.Unread),
		parcels: parcels{held: make(map[uint64]web.Frame)},
		manners: web.NewManners(),
	}
	p.painter = web.NewPainter(p.picture)
	p.planes = web.NewPlanes(p.plane)
	p.app = &ui.App{Page: first, Do: p.tell, Built: p.paint}
	if err := vecty.RenderInto("#app", p.app); err != nil {
		web.Fail("The page could not be built (" + fault.Reason(err) + "). Reload it to fetch it again.")
		return
	}
	p.listen()
	for _, effect := range effects {
		p.carryOut(effect)
	}
	for { // The page lives in this loop: nothing but its jobs touches p.
		job := p.inbox.take()
		job()
	}
}

// page is the state with what it takes to show it and to carry out its effects.
type page struct {
	state     state.Page
	inbox     *inbox
	workers   map[state.WorkerID]group
	files     map[int]web.Unread // What the person gave and only workers read, by key.
	parcels   parcels
	manners   *web.Manners
	offline   web.Offline
	painter   *web.Painter
	planes    *web.Planes
	scrolling *web.Scrolling
	app       *ui.App
	newsDue   bool          // The state has changed by news that are not yet shown.
	showing   state.Station // The state's, for callbacks of the browser: they must answer at once.
	duelling  bool          // As well.
}

// tell has a message applied in its turn. It may be called from anywhere and does
// not block.
func (p *page) tell(message state.Message) {
	p.inbox.put(func() { p.apply(message) })
}

func (p *page) apply(message state.Message) {
	next, effects := p.state.Apply(message)
	_, scrolled := message.(state.Viewed)
	scrolled = scrolled && next.Grid == p.state.Grid // To where everything is built.
	if many := next.Pictures.Count > manyPictures; many != (p.state.Pictures.Count > manyPictures) {
		debug.SetGCPercent(map[bool]int{false: gcPercent, true: gcPercentMany}[many])
	}
	p.state, p.showing, p.duelling = next, next.View.Station, next.Duel.On
	for _, effect := range effects {
		p.carryOut(effect)
	}
	if !scrolled {
		p.show(isNews(message))
	}
	switch message.(type) {
	case state.Step, state.Stride:
		web.FocusChosen(p.state.Pictures.Chosen)
	}
}

// isNews reports whether a message is one of many of its kind, which may wait a
// little to be shown together.
func isNews(message state.Message) bool {
	if _, ok := message.(state.Fetching); ok {
		return true
	}
	heard, ok := message.(state.Heard)
	if !ok {
		return false
	}
	if mapped, ok := heard.Answer.Event.(run.Mapped); ok {
		return !mapped.Final
	}
	changed, ok := heard.Answer.Event.(run.PicturesChanged)
	return ok && !changed.Replaced || run.LatestWins(heard.Answer.Event)
}

// newsEvery is how often the page shows what only counts something, in
// milliseconds. A quick network takes a hundred steps a second; showing each would
// cost more than the eye can follow.
const newsEvery = 125

// show renders the state in the next frame, or with the next news.
func (p *page) show(news bool) {
	switch {
	case !news:
		shown := p.app.Page
		p.app.Page = p.state
		vecty.Rerender(p.app)
		if p.state.Pictures != shown.Pictures || p.state.Grid != shown.Grid || p.state.Turn != shown.Turn || p.state.Duel != shown.Duel || p.state.Watch != shown.Watch || p.state.View != shown.View {
			p.painter.Paint() // After vecty in the same frame: callbacks are called in order.
			p.scrolling.Look()
			web.NextFrame(func() { web.KeepFocus(p.app.Page.Pictures.Chosen) })
		}
		if p.state.Compare != shown.Compare || p.state.Known != shown.Known || p.state.Inside != shown.Inside || p.state.Mistakes != shown.Mistakes || p.state.Findings != shown.Findings {
			p.paint()
		}
	case !p.newsDue:
		p.newsDue = true
		web.After(newsEvery, func() {
			p.inbox.put(func() {
				p.newsDue = false
				p.show(false)
			})
		})
	}
}

// paint has all canvases show what they say, in the next frame.
func (p *page) paint() {
	p.painter.Paint()
	p.planes.Paint()
}

// picture gives the painter what a canvas shows.
func (p *page) picture(id int) ([]byte, int) {
	t, ok := p.state.Pictures.Find(id)
	if !ok {
		return nil, 0
	}
	return t.Pixels, t.Side
}

// plane gives the painter of planes what one shows.
func (p *page) plane(name string) ([]byte, int) { return p.state.Plane(name) }

// listen turns what the browser reports into messages.
func (p *page) listen() {
	web.OnFiles(func(h web.Handed) {
		if len(h.Unread) > 0 {
			p.inbox.put(func() { p.apply(p.gathered(h)) })
			return
		}
		m := state.Handed{Model: h.Purpose == "model", Failed: h.Failed, Done: h.Done, All: h.All}
		for _, file := range h.Files {
			m.Files = append(m.Files, run.File{Path: file.Path, Bytes: file.Bytes})
		}
		p.tell(m)
	})
	p.manners.Watch()
	web.OnHidden(func() { p.tell(state.Hidden{}) })
	p.scrolling = web.WatchScrolling("[data-window]", func(s web.Scrolled) {
		p.tell(state.Viewed{Top: s.Top, Height: s.Height, Width: s.Width, Rem: s.Rem})
	})
	web.OnKey(func(k web.Key) bool {
		message := onKey(k, p.showing)
		if p.duelling {
			message = onDuelKey(k)
		}
		if message == nil {
			return false
		}
		p.tell(message)
		return true
	})
}

// gathered gives keys to files that workers are to read.
func (p *page) gathered(h web.Handed) state.Gathered {
	m := state.Gathered{Failed: h.Failed}
	for _, file := range h.Unread {
		key := len(p.files) + 1
		p.files[key] = file
		m.Sources = append(m.Sources, run.Source{Path: file.Path, Bytes: file.Bytes, Key: key})
	}
	return m
}

// onKey returns what a key means where the person is: arrows go through the
// pictures, and through the epochs of a recording, which the space bar plays,
// unless they have a meaning of their own.
func onKey(k web.Key, at state.Station) state.Message {
	if at == state.AtWatch {
		return onWatchKey(k)
	}
	if !k.OnPicture && k.Element != "body" {
		return nil
	}
	switch k.Name {
	case "ArrowLeft":
		return state.Step{By: -1}
	case "ArrowRight":
		return state.Step{By: 1}
	}
	if k.OnPicture {
		return onPictureKey(k)
	}
	return nil
}

// onDuelKey is onKey in a duel: the digits, and the arrows to the side that is up.
func onDuelKey(k web.Key) state.Message {
	if k.Name == "Escape" {
		return state.EndDuel{}
	}
	if k.Element == "input" {
		return nil
	}
	guesses := map[string]int{"1": 0, "2": 1, "3": 2, "4": 3, "ArrowUp": 0, "ArrowLeft": 1, "ArrowDown": 2, "ArrowRight": 3}
	if turns, ok := guesses[k.Name]; ok {
		return state.GuessTurn{Turns: turns}
	}
	if k.Name == "Enter" && k.Element != "button" {
		return state.NextRound{}
	}
	return nil
}

// onPictureKey is onKey for the keys that otherwise scroll the page.
func onPictureKey(k web.Key) state.Message {
	switch k.Name {
	case "ArrowUp":
		return state.Stride{By: -1, Of: state.OneRow}
	case "ArrowDown":
		return state.Stride{By: 1, Of: state.OneRow}
	case "PageUp":
		return state.Stride{By: -1, Of: state.OneScreen}
	case "PageDown":
		return state.Stride{By: 1, Of: state.OneScreen}
	case "Home":
		return state.Stride{By: -1, Of: state.ToTheEnd}
	case "End":
		return state.Stride{By: 1, Of: state.ToTheEnd}
	case "Delete", "Backspace":
		return state.RemoveChosen{}
	}
	return nil
}

// onWatchKey is onKey while a recording is watched. Its slider takes arrows by
// itself, and has no use for the space bar.
func onWatchKey(k web.Key) state.Message {
	switch {
	case k.Name == " " && (k.Element == "body" || k.Element == "input"):
		return state.Play{}
	case k.Element != "body":
		return nil
	case k.Name == "ArrowLeft":
		return state.SeekBy{By: -1}
	case k.Name == "ArrowRight":
		return state.SeekBy{By: 1}
	}
	return nil
}

// fetch gets the files of an asset. The worker knows them by their base names.
func (p *page) fetch(what state.Asset) state.Message {
	var files []run.File
	for _, name := range what.Paths() {
		content, err := p.fetchFile(what, "assets/"+name)
		if err != nil {
			return state.Fetched{What: what, Problem: fault.Reason(err)}
		}
		files = append(files, run.File{Path: path.Base(name), Bytes: content})
	}
	return state.Fetched{What: what, Files: files}
}

// fetchFile gets a file. Of large ones it tells how far that is.
func (p *page) fetchFile(what state.Asset, path string) ([]byte, error) {
	if what.Bytes() == 0 || what == state.Model {
		return web.Fetch(path)
	}
	return web.FetchCounted(path, what.Bytes(), func(done int) { p.tell(state.Fetching{What: what, Done: done}) })
}
