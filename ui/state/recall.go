package state

import (
	"slices"

	"quarterturn/core/fault"
	"quarterturn/core/keep/record"
	"quarterturn/core/notebook"
	"quarterturn/core/run"
)

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

// recalledAll takes the runs that were kept, and goes on with the ones that were at work.
// What the book does not name was deleted.
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
