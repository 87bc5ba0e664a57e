package state

import (
	"slices"

	"quarterturn/core/keep/record"
	"quarterturn/core/notebook"
	"quarterturn/core/run"
)

// Keeping is how the page remembers: by records that the lab's worker keeps.
type Keeping struct {
	Storing *run.Storing // Where, and how much room there is; nil before it is known.
	Holder  Holder
	Notices []string // What people should know of it, such as a damaged copy.
	Problem string   // Why something could not be kept, last; empty while all is.

	asked    bool // The records were asked for.
	recalled bool // They have all come: before that nothing may be written over them.
	unread   bool // They did not come.
	due      bool // A KeepNow is on its way.
	kept     map[string]*Run
	book     *notebook.Book  // As it was kept last.
	loose    map[string]*Run // Recalled runs, until the book says where they belong.
	wanted   map[string]wish // What is to happen once a run's weights are there.
	models   map[string]bool // Sums of the networks that are kept for transfers to go on from.
}

// A Holder says who has the lab: one tab at a time writes.
type Holder int

// The holders. Before it is known nobody writes.
const (
	Unknown Holder = iota
	Here
	Elsewhere // Another tab: this one may look on.
	Taken     // This tab had it, until another took it over.
)

// A wish is what a person wanted of weights that had to be fetched first.
type wish int

const (
	toUse wish = iota + 1
	toSave
	toLook // At what it knows.
)

// keepEvery is how long changes gather before they are written, in milliseconds.
const keepEvery = 1500

// MayWork reports whether this tab may train and keep.
func (k *Keeping) MayWork() bool { return k.Holder == Here }

// noted returns what has to be kept after a change, which is written a little later, with
// what changes meanwhile.
func (p Page) noted() (Page, []Effect) {
	if p.Keeping.due || !p.Keeping.recalled || !p.Keeping.MayWork() || !p.isStale() {
		return p, nil
	}
	keeping := *p.Keeping
	keeping.due = true
	p.Keeping = &keeping
	return p, []Effect{After{keepEvery, KeepNow{}}}
}

// isStale reports whether something is not kept as it is.
func (p *Page) isStale() bool {
	return slices.ContainsFunc(p.Runs.All, func(r *Run) bool { return p.Keeping.kept[r.Key] != r }) || !sameBook(p.book(), p.Keeping.book)
}

// book is the part of the notebook that is no run.
func (p *Page) book() *notebook.Book {
	b := &notebook.Book{Note: p.Runs.Note, Experiments: p.Runs.Experiments}
	for _, r := range p.Runs.All {
		b.Keys = append(b.Keys, r.Key)
	}
	return b
}

func sameBook(a, b *notebook.Book) bool {
	return b != nil && a.Note == b.Note && slices.Equal(a.Keys, b.Keys) && slices.EqualFunc(a.Experiments, b.Experiments, func(x, y notebook.Experiment) bool {
		return x.ID == y.ID && x.Ended == y.Ended
	})
}

// keepNow writes what is not kept as it is.
func (p Page) keepNow() (Page, []Effect) {
	keeping := *p.Keeping
	keeping.due = false
	p.Keeping = &keeping
	if !keeping.recalled || !keeping.MayWork() || p.Lab.Problem != "" {
		return p, nil
	}
	var effects []Effect
	kept := map[string]*Run{}
	for _, r := range p.Runs.All {
		if keeping.kept[r.Key] != r {
			effects = append(effects, Send{To: Lab, Command: run.Keep{Name: record.Run(r.Key), Blob: r.Run.Encode()}})
		}
		kept[r.Key] = r
	}
	keeping.kept = kept
	if book := p.book(); !sameBook(book, keeping.book) {
		keeping.book = book
		effects = append(effects, Send{To: Lab, Command: run.Keep{Name: record.Book, Blob: book.Encode()}})
	}
	return p, effects
}

// hidden writes at once what has changed, and has the runs do so too: the page may be
// about to go.
func (p Page) hidden() (Page, []Effect) {
	p, effects := p.keepNow()
	for _, r := range p.Runs.AtWork() {
		if !r.IsOver() {
			effects = append(effects, Send{To: p.Runs.queue.of(r.Key).worker, Command: run.Flush{}})
		}
	}
	return p, effects
}

// held applies who has the lab.
func (p Page) held(m Held) (Page, []Effect) {
	keeping := *p.Keeping
	p.Keeping = &keeping
	if m.Mine {
		train := *p.Train
		train.Problem = "" // That another tab had it.
		p.Train = &train
		first := keeping.Holder == Unknown
		keeping.Holder, keeping.asked = Here, false
		if first {
			return p, nil
		}
		p, effects := p.restart() // Its worker was told to look on, and what another tab kept since is read anew.
		p, more := p.recall()
		return p, append(effects, more...)
	}
	if keeping.Holder == Here {
		keeping.Holder = Taken
		return p.dropped()
	}
	keeping.Holder = Elsewhere
	p.Said = "Another tab holds the lab."
	return p, []Effect{Send{To: Lab, Command: run.LookOn{}}}
}

// dropped ends all that is at work, which another tab goes on with.
func (p Page) dropped() (Page, []Effect) {
	runs := *p.Runs
	var effects []Effect
	for _, s := range runs.queue.slots {
		effects = append(effects, EndWorker{s.worker})
	}
	effects = append(effects, Send{To: Lab, Command: run.LookOn{}})
	runs.queue.slots, runs.queue.packs = nil, nil
	for _, r := range runs.All {
		if !r.IsOver() {
			runs = runs.with(r.Key, func(r *Run) { r.Phase, r.Stopping, r.Saving = run.Paused, false, false })
		}
	}
	p.Runs, p.Said = &runs, "Another tab took the lab over."
	return p, effects
}

// heldBytes bounds the weights that the page holds itself: the others can be fetched.
const heldBytes = 32 << 20

// lightened drops the weights of the oldest runs beyond what the page holds, where they
// are kept elsewhere.
func (p Page) lightened() Page {
	if p.Keeping.Storing == nil || p.Keeping.Storing.Forgets || p.Keeping.Problem != "" {
		return p
	}
	runs := *p.Runs
	held := 0
	for _, r := range slices.Backward(runs.All) {
		if r.Model == nil {
			continue
		}
		if held += len(r.Model.Blob); held > heldBytes {
			runs = runs.with(r.Key, func(r *Run) { r.Model = nil })
		}
	}
	p.Runs = &runs
	return p
}

// keepNetwork keeps what runs start from, so that they can go on after a reload.
func (p Page) keepNetwork(fresh []*Run) (Page, []Effect) {
	var effects []Effect
	for _, r := range fresh {
		sum := r.From.SHA256
		if r.from == nil || sum == "" || p.Keeping.models[sum] {
			continue
		}
		keeping := *p.Keeping
		models := map[string]bool{sum: true}
		for k := range keeping.models {
			models[k] = true
		}
		keeping.models = models
		p.Keeping = &keeping
		effects = append(effects, Send{To: Lab, Command: run.Keep{Name: record.Network(sum), Blob: r.from.Blob}})
	}
	return p, effects
}
