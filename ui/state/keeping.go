package state

import (
	"slices"

	"quarterturn/core/fault"
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
		again := keeping.asked // It was Elsewhere or Taken: what that tab kept since is read anew.
		keeping.Holder, keeping.asked = Here, false
		if !again {
			return p, nil
		}
		p, effects := p.restart() // Its worker was told to look on.
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

// recall asks for all records, once there is a worker to ask and somebody knows whose
// they are.
func (p Page) recall() (Page, []Effect) {
	if p.Keeping.asked || p.Keeping.Holder == Unknown {
		return p, nil
	}
	keeping := *p.Keeping
	keeping.asked, keeping.loose = true, map[string]*Run{}
	p.Keeping = &keeping
	return p, []Effect{Send{To: Lab, Command: run.Recall{}}}
}

// recalledOne takes a record that was kept.
func (p Page) recalledOne(e run.Recalled) (Page, []Effect) {
	keeping := *p.Keeping
	p.Keeping = &keeping
	if e.Name == record.Book {
		book, err := notebook.DecodeBook(e.Blob)
		if err != nil {
			return p.notice(fault.Reason(err)), nil
		}
		keeping.book = book
		return p, nil
	}
	if !record.IsRun(e.Name) {
		return p.arrived(e)
	}
	p.Runs = p.Runs.taken(e.Name)
	if len(e.Blob) == 0 {
		return p, nil
	}
	r, err := notebook.DecodeRun(e.Blob)
	if err != nil {
		return p.notice(fault.Reason(err)), nil
	}
	keeping.loose[r.Key] = &Run{Run: *r}
	return p, nil
}

// taken notes that a key is no new run's, whatever becomes of what is kept under it.
func (r Runs) taken(name string) *Runs {
	key, _ := record.KeyOf(name)
	r.keys = max(r.keys, order(key))
	return &r
}

func (p Page) notice(text string) Page {
	keeping := *p.Keeping
	keeping.Notices = append(slices.Clip(keeping.Notices), Sentence(text))
	p.Keeping = &keeping
	return p
}

// recalledAll takes the runs that were kept, and goes on with the ones that were at work. What the book does not name was deleted.
func (p Page) recalledAll() (Page, []Effect) {
	keeping := *p.Keeping
	keeping.recalled, keeping.kept = true, map[string]*Run{}
	p.Keeping = &keeping
	runs := *p.Runs
	var effects []Effect
	var earlier []*Run
	if keeping.book != nil {
		runs.Note, runs.Experiments = keeping.book.Note, keeping.book.Experiments
		for _, key := range keeping.book.Keys {
			if r := keeping.loose[key]; r != nil {
				delete(keeping.loose, key)
				earlier = append(earlier, r)
			}
		}
	}
	for key, r := range keeping.loose {
		if keeping.book != nil && keeping.MayWork() {
			effects = append(effects, Send{To: Lab, Command: run.Forget{Key: key}})
		} else {
			earlier = append(earlier, r) // There is no book: a damaged one, perhaps.
		}
	}
	keeping.loose = nil
	slices.SortStableFunc(earlier, func(a, b *Run) int { return order(a.Key) - order(b.Key) })
	runs.All = earlier
	for _, r := range earlier {
		keeping.kept[r.Key] = r
	}
	p.Runs = &runs
	compare := *p.Compare
	compare.Shown = runs.lastExperiment()
	p.Compare = &compare
	p, more := p.goOn()
	return p, append(effects, more...)
}

// unrecalled notes that what was kept cannot be read. Until it can nothing is written, over
// which it would be lost.
func (p Page) unrecalled(reason string) Page {
	keeping := *p.Keeping
	keeping.unread, keeping.loose = true, nil
	p.Keeping = &keeping
	return p.notice("What was kept cannot be read: " + reason)
}

// goOn has the runs that were at work when the page was left begin where they were.
func (p Page) goOn() (Page, []Effect) {
	if !p.Keeping.MayWork() {
		return p, nil
	}
	runs := *p.Runs
	var effects []Effect
	for _, r := range runs.All {
		if r.IsOver() || runs.queue.of(r.Key) != nil {
			continue
		}
		if r.Phase != run.Paused {
			runs = runs.with(r.Key, func(r *Run) { r.Phase = "" })
		}
		if r.needsNetwork() {
			effects = append(effects, Send{To: Lab, Command: run.Recall{Name: record.Network(r.From.SHA256)}})
		}
	}
	p.Runs = &runs
	p, more := p.scheduled()
	return p, append(effects, more...)
}

// needsNetwork reports whether a run cannot begin before the network that it starts from
// is there.
func (r *Run) needsNetwork() bool { return r.Config.Task == run.Transfer && r.from == nil }

// arrived takes a network or the weights of a run that were kept.
func (p Page) arrived(e run.Recalled) (Page, []Effect) {
	runs := *p.Runs
	for _, r := range runs.All {
		switch {
		case record.Network(r.From.SHA256) == e.Name && r.from == nil:
			runs = runs.with(r.Key, func(r *Run) { r.from = &run.LoadModel{Name: r.From.Name, Blob: e.Blob} })
		case record.Model(r.Key) == e.Name:
			runs = runs.with(r.Key, func(r *Run) {
				r.Model = &run.ModelSaved{Name: r.fileName(), SHA256: r.Weights, Blob: e.Blob}
			})
		}
	}
	runs.All = sharingNetworks(runs.All)
	p.Runs = &runs
	return p.scheduled()
}

// sharingNetworks gives runs that start from the same network the same file, so that
// a worker that has it is not sent it again.
func sharingNetworks(all []*Run) []*Run {
	bySum := map[string]*run.LoadModel{}
	all = slices.Clone(all)
	for i, r := range all {
		if r.from == nil {
			continue
		}
		if first := bySum[r.From.SHA256]; first != nil && first != r.from {
			with := *r
			with.from = first
			all[i] = &with
		}
		bySum[r.From.SHA256] = all[i].from
	}
	return all
}

// fileName suggests a name for the weights of a run.
func (r *Run) fileName() string {
	return "quarterturn-" + string(r.Arm) + "-run" + r.Key + ".safetensors"
}

// fetchWeights asks for the weights of a run that the page does not hold, for what a
// person wanted of them.
func (p Page) fetchWeights(key string, w wish) (Page, []Effect) {
	keeping := *p.Keeping
	wanted := map[string]wish{key: w}
	for k, v := range keeping.wanted {
		if k != key {
			wanted[k] = v
		}
	}
	keeping.wanted = wanted
	p.Keeping = &keeping
	return p, []Effect{Send{To: Lab, Command: run.Recall{Name: record.Model(key)}}}
}

// recallDone ends a Recall: of weights with what was wanted of them, of a network with
// the end of the runs that would start from it, if it is gone.
func (p Page) recallDone(c run.Recall) (Page, []Effect) {
	if c.Name == "" {
		return p.recalledAll()
	}
	for _, r := range p.Runs.All {
		switch {
		case record.Model(r.Key) == c.Name && p.Keeping.wanted[r.Key] != 0:
			return p.granted(r)
		case record.Network(r.From.SHA256) == c.Name && r.from == nil && !r.IsOver():
			runs := p.Runs.with(r.Key, func(r *Run) {
				r.Problem = "The network that it started from, " + r.From.Name + ", is not kept any more. Load it and start again."
			})
			p.Runs = &runs
		}
	}
	return p, nil
}

// granted does what a person wanted of a run's weights.
func (p Page) granted(r *Run) (Page, []Effect) {
	w := p.Keeping.wanted[r.Key]
	keeping := *p.Keeping
	keeping.wanted = nil
	p.Keeping = &keeping
	switch {
	case r.Model == nil && w == toLook:
		f := *p.Findings
		f.gone = append(slices.Clip(f.gone), r.Key)
		p.Findings = &f
		return p, nil
	case r.Model == nil:
		p.Alarm = "The weights of " + r.Title() + " are not kept any more."
		return p, nil
	case w == toLook:
		return p, nil
	case w == toSave:
		return p.apply(SaveModel{Key: r.Key})
	}
	return p.apply(UseModel{Key: r.Key})
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
