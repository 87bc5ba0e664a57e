package state

import (
	"slices"

	"quarterturn/core/run"
)

// Analyst is the worker that looks at networks, so that neither the lab nor a run waits
// for that. It lives while somebody looks at what it found, and a minute longer.
const Analyst WorkerID = -1

const stayMilliseconds = 60_000

// attends reports whether somebody looks at what the analyst finds.
func (p *Page) attends() bool {
	return p.View.Station == AtCompare && (p.Compare.Part == OfKnown || p.Compare.Part == OfMistakes)
}

// attending brings the analyst in line with what is looked at; effects are what is done
// already.
func (p Page) attending(effects []Effect) (Page, []Effect) {
	p, more := p.attended()
	p.ledger = p.ledger.enter(more)
	return p, append(effects, more...)
}

// attended asks for what is to be seen and is not known: of the analyst one thing at a
// time, the most wanted first.
func (p Page) attended() (Page, []Effect) {
	if attends := p.attends(); attends != p.Findings.attended {
		return p.visited(attends)
	}
	if !p.Findings.attended {
		return p, nil
	}
	effects := p.weigh()
	wanted := p.wanted()
	i := slices.IndexFunc(wanted, p.isOpen)
	if i < 0 || p.Findings.Problem != "" || p.isBusyWith(wanted) {
		return p, effects
	}
	p, more := p.ask(wanted[i])
	return p, append(effects, more...)
}

// visited notes that somebody came to look, or left.
func (p Page) visited(attends bool) (Page, []Effect) {
	f := *p.Findings
	f.attended = attends
	f.visits++
	p.Findings = &f
	if attends { // What is looked at first stays, whatever ends meanwhile.
		known, mistakes := *p.Known, *p.Mistakes
		known.Subjects, mistakes.Subject = p.Looked(), p.Examined()
		p.Known, p.Mistakes = &known, &mistakes
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
	f.started, f.stamp, f.busy, f.Busy = false, 0, nil, Question{}
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

// isBusyWith reports whether the analyst is at a question that is still wanted. The map of
// a run's earlier weights is given up for that of its newer ones once it was seen.
func (p *Page) isBusyWith(wanted []Question) bool {
	busy := p.Findings.busy
	if busy == nil || !slices.Contains(wanted, busy.Question) {
		return false
	}
	s, ok := p.Subject(busy.Subject)
	if !ok || s.sum == busy.weights || busy.Kind != Maps {
		return ok
	}
	f := p.Findings.Find(busy.Question)
	return f == nil || f.weights != busy.weights || !f.Layout.IsGrown()
}

// ask sends the analyst a question, and before it what it lacks.
func (p Page) ask(q Question) (Page, []Effect) {
	if p.Pictures.version == 0 || p.Pictures.Opening != "" || p.Pictures.Importing != nil || p.Lab.Problem != "" {
		return p, nil // The pictures are not all there.
	}
	f := *p.Findings
	p.Findings = &f
	var effects []Effect
	if !f.started {
		f.started = true
		effects = append(effects, StartWorker{Analyst})
	}
	if f.stamp != p.Pictures.version {
		if !awaits[run.PackPictures](p.ledger) {
			effects = append(effects, Send{To: Lab, Command: run.PackPictures{}})
		}
		return p, effects
	}
	if f.busy != nil {
		effects = append(effects, Send{To: Analyst, Command: run.Stop{}})
	}
	s, _ := p.Subject(q.Subject)
	f.busy, f.Busy = &inquiry{Question: q, weights: s.sum, stamp: f.stamp}, q
	return p, append(effects, Send{To: Analyst, Command: p.command(q, s), about: f.busy})
}

// command is a question as the analyst takes it.
func (p *Page) command(q Question, s Subject) run.Command {
	untrained := q.Untrained || s.Untrained
	switch q.Kind {
	case Probes:
		return run.Probe{Model: s.blob, Untrained: untrained, Neighbours: neighbours, Seed: lookSeed}
	case Maps:
		m := run.Map{Model: s.blob, Untrained: untrained, Pictures: q.Pictures, Stage: q.Stage, Seed: lookSeed}
		if f := p.Findings.Find(q); f != nil && f.stamp == p.Findings.stamp && f.Layout.IsGrown() {
			m.Warm = f.Layout.Points
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

// given hands the analyst packed pictures, if it waits for them.
func (p Page) given(blob []byte) (Page, []Effect) {
	if !p.Findings.started || p.Findings.stamp == p.Pictures.version {
		return p, nil
	}
	f := *p.Findings
	f.stamp = p.Pictures.version
	var effects []Effect
	if f.busy != nil {
		effects = append(effects, Send{To: Analyst, Command: run.Stop{}})
		f.busy, f.Busy = nil, Question{}
	}
	p.Findings = &f
	return p, append(effects, Send{To: Analyst, Command: run.UnpackPictures{Blob: blob}})
}

// heardAnalyst takes an answer of the analyst. What it still says of a question that was
// given up is as good.
func (p Page) heardAnalyst(order asked, event run.Event) (Page, []Effect) {
	f := *p.Findings
	failed, isFailure := event.(run.Failed)
	switch {
	case order.about == nil && isFailure:
		f.Problem = Sentence(failed.Reason)
	case order.about != nil && (order.about == f.busy || !isLast(event)):
		f = f.heard(order.about, event)
		if isLast(event) {
			f.busy, f.Busy = nil, Question{}
		}
	}
	p.Findings = &f
	return p, nil
}

// isLast reports whether an event is the last answer to its command.
func isLast(e run.Event) bool {
	switch e.(type) {
	case run.Done, run.Failed:
		return true
	}
	return false
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

// forgotten forgets everything: the pictures are others.
func (f Findings) forgotten() *Findings {
	f.all, f.stamp, f.busy, f.Busy = nil, 0, nil, Question{}
	return &f
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
