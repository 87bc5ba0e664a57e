// Package notebook is what a person has tried: runs with what became of them, the
// experiments they belong to, and what they say together. The page keeps one, and project
// files carry it. It links nothing that computes or draws.
package notebook

import (
	"time"

	"quarterturn/core/chart"
	"quarterturn/core/exam"
	"quarterturn/core/run"
)

// A Run is a run as it is kept.
type Run struct {
	Key    string // Names it among all of a notebook, and its weights in the store.
	Name   string // That the person gave it; empty for none.
	Note   string // The person's text.
	Pinned bool
	Hidden bool // From charts.

	Experiment int // That it is a part of; 0 for a run by itself.
	Arm        Arm
	Config     run.Config
	From       Source // What it started from; zero for random weights.
	Pictures   Source
	Classes    int // Of the pictures it may learn from.

	Workers int // That compute it together; 0 before it begins. Another number rounds sums otherwise.
	Began   time.Time
	Backend string
	Started run.Started
	Phase   run.Phase // Empty while it waits for its turn.
	Problem string    // Why it broke off.
	Of      string    // Key of the run that it repeats; empty for none.
	Newest  run.Progress
	History []run.Evaluated
	// Of steps, over epochs; loss in nats and accuracy as a fraction.
	TrainLoss, TrainAccuracy chart.Series

	Answers *exam.Answers // To the test pictures, at the end; nil before.
	Weights string        // SHA-256 of the network that it ended with, in hexadecimal.
	Bytes   int           // Of that network's file.
}

// A Source is a thing outside a run by its name and the SHA-256 of its content.
type Source struct{ Name, SHA256 string }

// An Experiment is runs that were planned together: each arm with each budget of labels
// and each seed.
type Experiment struct {
	ID     int
	Arms   []Arm
	Labels []int // Budgets, labelled pictures a class, ascending; 0 for all is the last.
	Seeds  int   // Seeds 1 to so many.
	Early  bool  // It ends as soon as chance is ruled out.
	Ended  bool  // Early, or by the person.
}

// A Notebook is all of it.
type Notebook struct {
	Note        string // The person's text about the whole.
	Runs        []Run  // In the order in which they were planned.
	Experiments []Experiment
}

// Title is what a run is called.
func (r *Run) Title() string {
	if r.Name != "" {
		return r.Name
	}
	return r.Arm.Title()
}

// IsOver reports whether a run will not move any more by itself.
func (r *Run) IsOver() bool {
	return r.Problem != "" || r.Phase == run.Finished || r.Phase == run.Stopped
}

// Last returns the newest evaluation; false before the first.
func (r *Run) Last() (run.Evaluated, bool) {
	if len(r.History) == 0 {
		return run.Evaluated{}, false
	}
	return r.History[len(r.History)-1], true
}

// Took returns how long it trained and evaluated.
func (r *Run) Took() (sum time.Duration) {
	for _, e := range r.History {
		sum += e.Elapsed + e.Training
	}
	return sum
}
