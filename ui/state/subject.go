package state

import (
	"slices"

	"quarterturn/core/run"
)

// Keys of subjects that are no runs.
const (
	Loaded    = "loaded"    // The network of the station Turn.
	Untrained = "untrained" // The same with random weights.
)

// A Subject is a network that can be looked at.
type Subject struct {
	Key, Title string
	Network    run.Network
	Task       run.Task
	Untrained  bool // Its weights are drawn at random, whatever the file says.
	Working    bool // Of a run at work: its weights change.

	blob []byte
	sum  string // SHA-256 of its file; empty while it is not there.
}

// Subjects are the networks that can be looked at: the loaded one, what runs learnt and
// learn, and one that learnt nothing.
func (p *Page) Subjects() (all []Subject) {
	keys := []string{Loaded}
	for i := len(p.Runs.All) - 1; i >= 0; i-- {
		keys = append(keys, p.Runs.All[i].Key)
	}
	for _, key := range append(keys, Untrained) {
		if s, ok := p.Subject(key); ok {
			all = append(all, s)
		}
	}
	return all
}

// Subject returns that of a key; false if there is none, or none yet.
func (p *Page) Subject(key string) (Subject, bool) {
	if key == Loaded || key == Untrained {
		return p.Turn.subject(key)
	}
	r := p.Runs.Find(key)
	if r == nil {
		return Subject{}, false
	}
	s := Subject{Key: key, Title: r.Title(), Network: r.Config.Network, Task: r.Config.Task, Working: p.Runs.queue.of(key) != nil && !r.IsOver()}
	if len(p.Runs.All) > 1 {
		s.Title += " (run " + key + ")"
	}
	if live := p.Findings.ofRun(key).saved; live != nil {
		s.blob, s.sum = live.Blob, live.SHA256
	}
	switch {
	case r.Model != nil:
		s.blob, s.sum = r.Model.Blob, r.Model.SHA256
	case r.Weights != "" && r.IsOver() && !r.Saving && !slices.Contains(p.Findings.gone, key): // Only the store has them.
		s.blob, s.sum = nil, r.Weights
	}
	return s, s.sum != "" || s.Working && len(r.History) > 0
}

func (t *Turn) subject(key string) (Subject, bool) {
	if t.Model == nil || t.loaded == nil {
		return Subject{}, false
	}
	s := Subject{Key: key, Title: t.Model.Name, Network: t.Model.Network, Task: t.Model.Task, blob: t.loaded.Blob, sum: t.Model.SHA256}
	if key == Untrained {
		s.Title, s.Untrained = "Untrained, random weights", true
	}
	return s, true
}

// newest returns the key of the subject that a person most likely means: the run that
// ended last, or else the loaded network.
func (p *Page) newest() string {
	for i := len(p.Runs.All) - 1; i >= 0; i-- {
		if r := p.Runs.All[i]; r.IsOver() && r.Weights != "" {
			return r.Key
		}
	}
	return Loaded
}
