package state

import (
	"slices"

	"quarterturn/core/run"
)

// A QuestionKind is what a network is asked.
type QuestionKind string

// The kinds.
const (
	Asks   QuestionKind = "asks"   // What it takes pictures for.
	Probes QuestionKind = "probes" // What its stages know.
	Maps   QuestionKind = "maps"   // Where it lays pictures out.

	Looks QuestionKind = "looks" // What it makes of one picture.

	weighs QuestionKind = "weighs" // The weights of a run at work, which its own worker tells.
)

// A Question has an answer for each state of its subject's weights.
type Question struct {
	Kind      QuestionKind
	Subject   string    // Key of a Subject.
	Untrained bool      // Asked of random weights in the place of the subject's.
	Of        run.Split // Of what it is asked.
	Pictures  int       // Of a map.
	Stage     int       // Of a map; 0 is the last.
	Picture   int       // ID of that of a look,
	Turns     int       // quarters by which it is turned,
	Answer    int       // and the answer that is explained.
}

// A Finding is the newest answer to a Question, which may still grow. It is not changed
// in place.
type Finding struct {
	Question
	Asked     *run.Asked
	Probed    *run.Probed
	Layout    *Layout
	Looked    *run.Looked
	Explained *run.Explained // For earlier weights until these are explained too.
	Problem   string         // Why there is none.
	Complete  bool

	weights   string // SHA-256 of the network that it is about,
	explained string // and of that of which Explained is.
	stamp     int    // Of the pictures.
}

// Findings is what networks were asked, and answered.
type Findings struct {
	Problem string        // Why the worker that asks them is gone; empty while it is not.
	Doing   run.Examining // How far it is with what takes long.

	all      []*Finding
	live     []liveWeights
	busy     []*inquiry // In the order in which they were asked.
	started  bool       // There is a worker.
	packing  bool       // It waits for pictures.
	gone     []string   // Keys of runs whose weights are not to be had any more.
	attended bool       // Somebody looks.
	visits   int        // Times that somebody came or left.
	stamp    int        // Of the pictures that the worker holds; 0 for none.
}

// liveWeights are those of a run at work after so many evaluations.
type liveWeights struct {
	key         string
	evaluations int
	saved       *run.ModelSaved
}

// An inquiry is a question on its way. Its pointer tells it from the same question asked
// before.
type inquiry struct {
	Question
	weights     string
	stamp       int
	evaluations int // Of a run whose weights are asked for.
}

// IsBusy reports whether a question is being answered.
func (f *Findings) IsBusy(q Question) bool {
	return slices.ContainsFunc(f.busy, func(one *inquiry) bool { return one.Question == q })
}

// done returns f without an inquiry that ended.
func (f Findings) done(about *inquiry) Findings {
	f.busy = slices.DeleteFunc(slices.Clone(f.busy), func(one *inquiry) bool { return one == about })
	return f
}

// Find returns what is known of a question, or nil.
func (f *Findings) Find(q Question) *Finding {
	if i := slices.IndexFunc(f.all, func(one *Finding) bool { return one.Question == q }); i >= 0 {
		return f.all[i]
	}
	return nil
}

// IsStale reports whether a finding is about pictures that changed since.
func (f *Finding) IsStale(p *Pictures) bool { return f != nil && f.stamp != p.version }

// with returns f with a finding in the place of the one to the same question.
func (f Findings) with(one *Finding) Findings {
	i := slices.IndexFunc(f.all, func(other *Finding) bool { return other.Question == one.Question })
	f.all = slices.Clone(f.all)
	if i >= 0 {
		f.all[i] = one
	} else {
		f.all = append(f.all, one)
	}
	return f.lighter()
}

// without returns f without the findings that match.
func (f Findings) without(match func(*Finding) bool) Findings {
	f.all = slices.DeleteFunc(slices.Clone(f.all), match)
	return f
}

// heard returns f with an answer in what is known.
func (f Findings) heard(about *inquiry, event run.Event) Findings {
	one := Finding{Question: about.Question}
	if before := f.Find(about.Question); before != nil && before.weights == about.weights && before.stamp == about.stamp {
		one = *before
	} else if before != nil {
		one.Explained, one.explained = before.Explained, before.explained
	}
	one.weights, one.stamp = about.weights, about.stamp
	switch e := event.(type) {
	case run.Asked:
		one.Asked = &e
	case run.Probed:
		one.Probed = &e
	case run.Mapped:
		one.Layout = newLayout(e)
	case run.Looked:
		one.Looked = &e
	case run.Explained:
		one.Explained, one.explained = &e, about.weights
	case run.Failed:
		one.Problem, one.Complete = Sentence(e.Reason), true
	case run.Done:
		one.Complete = true
	}
	return f.with(&one)
}

// weighed returns f with the newest weights of a run at work.
func (f Findings) weighed(w liveWeights) Findings {
	f.live = slices.DeleteFunc(slices.Clone(f.live), func(l liveWeights) bool { return l.key == w.key })
	f.live = append(f.live, w)
	return f
}

// ofRun returns the weights that are known of a run at work.
func (f *Findings) ofRun(key string) liveWeights {
	if i := slices.IndexFunc(f.live, func(l liveWeights) bool { return l.key == key }); i >= 0 {
		return f.live[i]
	}
	return liveWeights{key: key}
}
