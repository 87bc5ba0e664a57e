package state

import (
	"slices"

	"quarterturn/core/run"
)

// Analyst is the worker that looks at networks, so that neither the lab nor a run waits
// for that. It lives while somebody looks at what it found, and a minute longer. The
// helpers of imports are below Lab, and no page has that many runs.
const Analyst WorkerID = 1 << 20

const stayMilliseconds = 60_000

// attends reports whether somebody looks at what the analyst finds.
func (p *Page) attends() bool {
	return p.View.Station == AtCompare && (p.Compare.Part == OfKnown || p.Compare.Part == OfInside || p.Compare.Part == OfMistakes)
}

// attending brings the analyst in line with what is looked at; effects are what is done
// already.
func (p Page) attending(effects []Effect) (Page, []Effect) {
	p, more := p.attended()
	p.ledger = p.ledger.enter(more)
	return p, append(effects, more...)
}

// attended asks for what is to be seen and is not known, the most wanted first, and gives
// up what is not to be seen any more.
func (p Page) attended() (Page, []Effect) {
	if attends := p.attends(); attends != p.Findings.attended {
		return p.visited(attends)
	}
	if !p.Findings.attended {
		return p, nil
	}
	effects := p.weigh()
	wanted := p.wanted()
	p, more := p.spared(wanted)
	effects = append(effects, more...)
	for _, q := range wanted {
		if p.Findings.Problem == "" && p.isOpen(q) && !p.Findings.IsBusy(q) {
			p, more = p.ask(q)
			effects = append(effects, more...)
		}
	}
	return p, effects
}

// spared gives up the questions that are not wanted.
func (p Page) spared(wanted []Question) (Page, []Effect) {
	var effects []Effect
	var busy []*inquiry
	for _, one := range p.Findings.busy {
		if slices.Contains(wanted, one.Question) && !p.isOvertaken(one) {
			busy = append(busy, one)
			continue
		}
		effects = append(effects, p.ledger.cancel(one)...)
	}
	if len(busy) < len(p.Findings.busy) {
		f := *p.Findings
		f.busy = busy
		p.Findings = &f
	}
	return p, effects
}

// cancel ends an inquiry.
func (l ledger) cancel(about *inquiry) []Effect {
	i := slices.IndexFunc(l.open, func(a asked) bool { return a.about == about })
	if i < 0 {
		return nil
	}
	return []Effect{Send{To: Analyst, Command: run.Cancel{Order: l.open[i].Number}}}
}

// isOvertaken reports whether a map or a look is of a run's earlier weights. It is shown before it
// is given up for that of newer ones, or a quick run's would never be.
func (p *Page) isOvertaken(one *inquiry) bool {
	s, ok := p.Subject(one.Subject)
	if !ok || s.sum == one.weights {
		return !ok
	}
	f := p.Findings.Find(one.Question)
	switch {
	case one.Kind != Maps && one.Kind != Looks:
		return true
	case f == nil || f.weights != one.weights:
		return false
	}
	return f.Layout.IsGrown() || one.Kind == Looks && f.Looked != nil
}

// visited notes that somebody came to look, or left.
func (p Page) visited(attends bool) (Page, []Effect) {
	f := *p.Findings
	f.attended = attends
	f.visits++
	p.Findings = &f
	if attends { // What is looked at first stays, whatever ends meanwhile.
		known, inside, mistakes := *p.Known, *p.Inside, *p.Mistakes
		known.Subjects, inside.Subject, mistakes.Subject = p.Looked(), p.LookedInto(), p.Examined()
		p.Known, p.Inside, p.Mistakes = &known, &inside, &mistakes
		return p.attended()
	}
	return p, []Effect{After{stayMilliseconds, dismissAnalyst{f.visits}}}
}

// dismissed ends the analyst, unless somebody came since.
func (p Page) dismissed(visit int) (Page, []Effect) {
	if p.Findings.visits != visit || !p.Findings.started {
		return p, nil
	}
	f := p.Findings.ended()
	p.Findings = &f
	return p, []Effect{EndWorker{Analyst}}
}

// ended returns f without a worker.
func (f Findings) ended() Findings {
	f.started, f.packing, f.stamp, f.busy, f.Doing = false, false, 0, nil, run.Examining{}
	return f
}

// isOpen reports whether a wanted question has no answer about its subject as it is.
// Pictures that changed since are no reason to ask again by itself: what is looked at
// would jump.
func (p *Page) isOpen(q Question) bool {
	s, ok := p.Subject(q.Subject)
	if !ok || s.sum == "" {
		return false
	}
	f := p.Findings.Find(q)
	return f == nil || f.weights != s.sum || !f.Complete
}

// ask sends the analyst a question, and before it what it lacks.
func (p Page) ask(q Question) (Page, []Effect) {
	if p.Pictures.version == 0 || p.Pictures.Opening != "" || p.Pictures.Importing != nil || p.Lab.Problem != "" {
		return p, nil // The pictures are not all there.
	}
	f := *p.Findings
	var effects []Effect
	if !f.started {
		f.started = true
		effects = append(effects, StartWorker{Analyst})
	}
	s, _ := p.Subject(q.Subject)
	switch {
	case f.stamp != p.Pictures.version && !f.packing:
		f.packing = true
		if !awaits[run.PackPictures](p.ledger) {
			effects = append(effects, Send{To: Lab, Command: run.PackPictures{}})
		}
	case f.stamp != p.Pictures.version:
	case s.blob == nil:
		var more []Effect
		p, more = p.fetchToLook(s.Key)
		effects = append(effects, more...)
	default:
		about := &inquiry{Question: q, weights: s.sum, stamp: f.stamp}
		f.busy = append(slices.Clip(f.busy), about)
		effects = append(effects, Send{To: Analyst, Command: p.command(q, s), about: about})
	}
	p.Findings = &f
	return p, effects
}

// fetchToLook asks for the weights of a run that only the store has, once.
func (p Page) fetchToLook(key string) (Page, []Effect) {
	if p.Keeping.wanted[key] != 0 {
		return p, nil
	}
	return p.fetchWeights(key, toLook)
}

// command is a question as the analyst takes it.
func (p *Page) command(q Question, s Subject) run.Command {
	untrained := q.Untrained || s.Untrained
	switch q.Kind {
	case Probes:
		return run.Probe{Model: s.blob, Untrained: untrained, Neighbours: neighbours, Seed: lookSeed}
	case Looks:
		return run.Look{Model: s.blob, Untrained: untrained, Seed: lookSeed, ID: q.Picture, Quarters: q.Turns, Answer: q.Answer}
	case Maps:
		m := run.Map{Model: s.blob, Untrained: untrained, Pictures: q.Pictures, Stage: q.Stage, Seed: lookSeed}
		if f := p.Findings.Find(q); f != nil && f.stamp == p.Findings.stamp && f.Layout.IsGrown() {
			m.Warm, m.WarmIDs = f.Layout.Points, f.Layout.IDs
		}
		return m
	}
	return run.Ask{Model: s.blob, Of: q.Of}
}

// What all networks are asked alike.
const (
	neighbours = 10 // That vote, and that purity is of.
	lookSeed   = 1
)

// given hands the analyst packed pictures, if it waits for them. What it is at is of the
// earlier ones.
func (p Page) given(blob []byte) (Page, []Effect) {
	f := *p.Findings
	f.packing = false
	p.Findings = &f
	if !f.started || f.stamp == p.Pictures.version {
		return p, nil
	}
	p, effects := p.spared(nil)
	f = *p.Findings
	f.stamp = p.Pictures.version
	p.Findings = &f
	return p, append(effects, Send{To: Analyst, Command: run.UnpackPictures{Blob: blob}})
}

// heardAnalyst takes an answer of the analyst. What it still says of a question that was
// given up is passed over.
func (p Page) heardAnalyst(order asked, event run.Event) (Page, []Effect) {
	f := *p.Findings
	isBusy := order.about != nil && slices.Contains(f.busy, order.about)
	switch e := event.(type) {
	case run.Ready:
	case run.Examining:
		f.Doing = e
	case run.Failed:
		if order.about == nil {
			f.Problem = Sentence(e.Reason)
		} else if isBusy {
			f = f.heard(order.about, event).done(order.about)
		}
	case run.Done:
		if isBusy {
			f = f.heard(order.about, event).done(order.about)
		}
	default:
		if isBusy {
			f = f.heard(order.about, event)
		}
	}
	p.Findings = &f
	return p, nil
}

// analystDied says so; the person has it start again.
func (p Page) analystDied(reason string) Page {
	f := p.Findings.ended()
	f.Problem = reason
	p.Findings = &f
	return p
}

// lookAgain forgets what is about other pictures than there are, and what failed.
func (p Page) lookAgain() Page {
	f := p.Findings.without(func(one *Finding) bool { return one.Problem != "" || one.IsStale(p.Pictures) })
	f.Problem = ""
	p.Findings = &f
	return p
}

// forgotten forgets all answers: the pictures are others.
func (p Page) forgotten() (Page, []Effect) {
	p, effects := p.spared(nil)
	f := *p.Findings
	f.all, f.stamp = nil, 0
	p.Findings = &f
	known, mistakes := *p.Known, *p.Mistakes
	known.Near, known.Chosen, mistakes.Open = NoPicture, nil, false
	p.Known, p.Mistakes = &known, &mistakes
	return p, effects
}

// weigh asks runs at work for their present weights, once after each evaluation.
func (p *Page) weigh() (effects []Effect) {
	for _, key := range p.lookedAt() {
		r := p.Runs.Find(key)
		s := p.Runs.queue.of(key)
		if r == nil || s == nil || r.IsOver() || len(r.History) == 0 || p.ledger.weighs(key) {
			continue
		}
		known := p.Findings.ofRun(key)
		if known.evaluations != len(r.History) && (known.saved == nil || p.isLive()) {
			about := &inquiry{Question: Question{Kind: weighs, Subject: key}, evaluations: len(r.History)}
			effects = append(effects, Send{To: s.worker, Command: run.Save{}, about: about})
		}
	}
	return effects
}

// weighs reports whether the weights of a run were asked for.
func (l ledger) weighs(key string) bool {
	return slices.ContainsFunc(l.open, func(a asked) bool { return a.about != nil && a.about.Kind == weighs && a.about.Subject == key })
}

// weighed takes the weights of a run at work.
func (p Page) weighed(about *inquiry, event run.Event) (Page, []Effect) {
	live := p.Findings.ofRun(about.Subject)
	live.evaluations = about.evaluations // Whatever became of it: it is not asked for again.
	if e, ok := event.(run.ModelSaved); ok {
		live.saved = &e
	}
	f := p.Findings.weighed(live)
	p.Findings = &f
	return p, nil
}
