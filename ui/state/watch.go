package state

import (
	"strconv"

	"quarterturn/core/fault"
	"quarterturn/core/recording"
	"quarterturn/core/run"
)

// Watch is the station Watch: a recorded run that one goes through epoch by epoch.
type Watch struct {
	Recording *recording.Recording // nil until it was fetched, for which one has to come here.
	Fetching  *Fetching            // nil while it is not under way.
	Problem   string               // Why there is no recording.
	At        int                  // Index into Recording.Epochs.
	Playing   bool
	Item      int // The chosen picture's index into Recording.Pictures.Items, or recording.NoPicture.

	items map[string]int // By name.
	ticks int            // Counts plays, so that a tick of an earlier one is known for what it is.
}

// playEvery is how long an epoch stays, in milliseconds: time to look at one thing.
const playEvery = 800

// Epoch returns what is shown of the recording, which must be there.
func (w *Watch) Epoch() *recording.Epoch { return &w.Recording.Epochs[w.At] }

// First returns the recording's first epoch, as a rule that before any training.
func (w *Watch) First() *recording.Epoch { return &w.Recording.Epochs[0] }

// Panels returns the chosen picture's four turns with what the network believed of
// them. Without such a picture they have no beliefs.
func (w *Watch) Panels() [recording.Turns]Panel {
	var panels [recording.Turns]Panel
	for k := range panels {
		panels[k] = Panel{Turns: k, Back: k}
		if w.Recording != nil && w.Item != recording.NoPicture {
			panels[k] = turnPanel(k, w.Epoch().Beliefs[w.Item][k].Probabilities())
		}
	}
	return panels
}

// Right counts the turns of all recorded pictures that the network guessed at the
// epoch, and all that it was asked about.
func (w *Watch) Right() (right, all int) {
	for _, beliefs := range w.Epoch().Beliefs {
		for k, belief := range beliefs {
			if belief.Guess() == k {
				right++
			}
			all++
		}
	}
	return right, all
}

// Place names the epoch for people: "Epoch 3 of 30".
func (w *Watch) Place() string {
	epochs := w.Recording.Epochs
	return "Epoch " + strconv.Itoa(w.Epoch().Number) + " of " + strconv.Itoa(epochs[len(epochs)-1].Number)
}

// InWords says where the recording stands and what the network could do there.
func (w *Watch) InWords() string {
	return w.Place() + ": " + Percent(w.Epoch().Accuracy, 0) + " of turns right."
}

// watched applies what the person does with the recording, and the passing of time.
func (p Page) watched(message Message) (Page, []Effect) {
	w := *p.Watch
	if w.Recording == nil {
		return p, nil
	}
	var effects []Effect
	last := len(w.Recording.Epochs) - 1
	switch m := message.(type) {
	case Seek:
		w.At, w.Playing = min(max(m.To, 0), last), false
	case SeekBy:
		w.At, w.Playing = min(max(w.At+m.By, 0), last), false
		p.Said = w.InWords()
	case Play:
		w, effects = w.play(last)
		p.Said = w.spoken()
	case Tick:
		if m.of != w.ticks || !w.Playing {
			return p, nil
		}
		w, effects = w.tick(last)
		if !w.Playing {
			p.Said = w.spoken()
		}
	case ChoosePoint:
		return p.choosePoint(m.Index)
	}
	p.Watch = &w
	return p, effects
}

// spoken says how it goes on. While it plays, epochs are not read out: each would
// cut the one before short.
func (w *Watch) spoken() string {
	if w.Playing {
		return "Playing."
	}
	return "Stopped at " + w.InWords()
}

// play starts, from the beginning if it is at the end, or stops.
func (w Watch) play(last int) (Watch, []Effect) {
	w.ticks++
	if w.Playing = !w.Playing; !w.Playing {
		return w, nil
	}
	if w.At == last {
		w.At = 0
	}
	return w, []Effect{After{playEvery, Tick{w.ticks}}}
}

// tick goes on by an epoch.
func (w Watch) tick(last int) (Watch, []Effect) {
	w.At = min(w.At+1, last)
	if w.At == last {
		w.Playing = false
		return w, nil
	}
	return w, []Effect{After{playEvery, Tick{w.ticks}}}
}

// choosePoint makes the picture of a point the chosen one, if it is one of the
// collection.
func (p Page) choosePoint(index int) (Page, []Effect) {
	r := p.Watch.Recording
	if index < 0 || index >= len(r.Map.Points) || r.Map.Points[index].Picture == recording.NoPicture {
		return p, nil
	}
	name := r.Pictures.Items[r.Map.Points[index].Picture].Name
	for _, t := range p.Pictures.thumbs {
		if t.Name == name {
			pictures := p.Pictures.choose(t.ID)
			p.Pictures = &pictures
			return p.settled(nil)
		}
	}
	return p, nil
}

// goTo shows a station. The recording is fetched when somebody comes to watch it,
// and again when it could not be.
func (p Page) goTo(to Station) (Page, []Effect) {
	p.View.Station = to
	w := *p.Watch
	w.Playing = w.Playing && to == AtWatch
	var effects []Effect
	if to == AtWatch && w.Recording == nil && w.Fetching == nil {
		w.Fetching, w.Problem = &Fetching{What: Recording}, ""
		effects = []Effect{Fetch{Recording}}
	}
	if w.Playing != p.Watch.Playing || effects != nil { // Else it is shown as it was, without being rendered.
		p.Watch = &w
	}
	return p, effects
}

// recorded takes the recording.
func (p Page) recorded(m Fetched) (Page, []Effect) {
	w := *p.Watch
	w.Fetching = nil
	problem := Sentence(m.Problem)
	if problem == "" && len(m.Files) == 0 {
		problem = "It is empty."
	}
	if problem != "" {
		w.Problem = m.What.Title() + " could not be fetched. " + problem
		p.Watch, p.Said = &w, w.Problem
		return p, nil
	}
	r, err := recording.Decode(m.Files[0].Bytes)
	if err != nil {
		w.Problem = m.What.Title() + " cannot be read. " + Sentence(fault.Reason(err)) + " Reload the page to fetch it again."
		p.Watch, p.Said = &w, w.Problem
		return p, nil
	}
	w.Recording, w.items = r, make(map[string]int, len(r.Pictures.Items))
	for i, item := range r.Pictures.Items {
		w.items[item.Name] = i
	}
	w.At = len(r.Epochs) - 1 // What came of it; Play begins at the beginning.
	p.Watch, p.Said = w.showing(p.Turn.Picture), "Recording of "+Count(r.Epochs[w.At].Number, "epoch")+" loaded."
	return p, nil
}

// showing makes w about the chosen picture. One that is already is the same pointer.
func (w *Watch) showing(picture *run.Thumb) *Watch {
	item := recording.NoPicture
	if picture != nil {
		if i, ok := w.items[picture.Name]; ok {
			item = i
		}
	}
	if item == w.Item {
		return w
	}
	changed := *w
	changed.Item = item
	return &changed
}
