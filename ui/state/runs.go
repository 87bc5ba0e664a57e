package state

import (
	"slices"
	"strconv"

	"quarterturn/core/notebook"
	"quarterturn/core/run"
)

// Runs is all that was tried, with the workers that are at it.
type Runs struct {
	All         []*Run // In the order in which they were planned.
	Experiments []notebook.Experiment
	Note        string // The person's text about the whole.
	Trash       []*Run // Deleted, the newest last: Undo brings it back.

	queue queue
	keys  int // Of the newest run.
}

// Find returns the run of a key, or nil.
func (r *Runs) Find(key string) *Run {
	if i := r.index(key); i >= 0 {
		return r.All[i]
	}
	return nil
}

func (r *Runs) index(key string) int {
	return slices.IndexFunc(r.All, func(one *Run) bool { return one.Key == key })
}

// Before returns the run that stands above one in the order planned, or nil.
func (r *Runs) Before(key string) *Run {
	if i := r.index(key); i > 0 {
		return r.All[i-1]
	}
	return nil
}

// Experiment returns that of an ID, or nil.
func (r *Runs) Experiment(id int) *notebook.Experiment {
	for i := range r.Experiments {
		if r.Experiments[i].ID == id {
			return &r.Experiments[i]
		}
	}
	return nil
}

// Of returns the runs of an experiment.
func (r *Runs) Of(experiment int) (all []*Run) {
	for _, one := range r.All {
		if one.Experiment == experiment {
			all = append(all, one)
		}
	}
	return all
}

// AtWork returns the runs that have a worker, in order: what the strip shows in full.
func (r *Runs) AtWork() (all []*Run) {
	for _, one := range r.All {
		if r.queue.of(one.Key) != nil {
			all = append(all, one)
		}
	}
	return all
}

// Waiting counts the runs whose turn has not come.
func (r *Runs) Waiting() (n int) {
	for _, one := range r.All {
		if one.IsWaiting() && r.queue.of(one.Key) == nil {
			n++
		}
	}
	return n
}

// IsBusy reports whether a run is not over: at work, waiting, or pausing.
func (r *Runs) IsBusy() bool {
	return slices.ContainsFunc(r.All, func(one *Run) bool { return !one.IsOver() })
}

// IsPaused reports whether every run at work pauses.
func (r *Runs) IsPaused() bool {
	paused := false
	for _, one := range r.AtWork() {
		if one.IsOver() {
			continue
		}
		if one.Phase != run.Paused {
			return false
		}
		paused = true
	}
	return paused
}

// with returns r with the run of a key changed by fn, which gets a copy.
func (r Runs) with(key string, fn func(*Run)) Runs {
	i := r.index(key)
	if i < 0 {
		return r
	}
	changed := *r.All[i]
	fn(&changed)
	r.All = slices.Clone(r.All)
	r.All[i] = &changed
	return r
}

// planned adds runs, which get keys.
func (r Runs) planned(fresh ...*Run) Runs {
	r.All = slices.Clip(r.All)
	for _, one := range fresh {
		r.keys++
		one.Key = strconv.Itoa(r.keys)
		r.All = append(r.All, one)
	}
	return r
}

// without takes a run out.
func (r Runs) without(key string) Runs {
	r.All = slices.DeleteFunc(slices.Clone(r.All), func(one *Run) bool { return one.Key == key })
	return r
}

// deleted takes a run out so that Undo brings it back.
func (r Runs) deleted(key string) Runs {
	one := r.Find(key)
	if one == nil {
		return r
	}
	r = r.without(key)
	r.Trash = append(slices.Clip(r.Trash), one)
	return r
}

// restored brings the newest deleted run back to where it was in the order.
func (r Runs) restored() Runs {
	if len(r.Trash) == 0 {
		return r
	}
	one := r.Trash[len(r.Trash)-1]
	r.Trash = slices.Clone(r.Trash[:len(r.Trash)-1])
	at := slices.IndexFunc(r.All, func(other *Run) bool { return order(other.Key) > order(one.Key) })
	if at < 0 {
		at = len(r.All)
	}
	r.All = slices.Insert(slices.Clone(r.All), at, one)
	return r
}

// order is a key as a number: keys are given in order.
func order(key string) int {
	n, _ := strconv.Atoi(key)
	return n
}

// mostLines bounds what the strip shows.
const mostLines = 4

// Strip returns the runs that every station shows: those at work, all of them if it is
// open, and else the newest ones that are over.
func (r *Runs) Strip(open bool) (lines []*Run) {
	for _, one := range r.AtWork() {
		if open || len(lines) < mostLines {
			lines = append(lines, one)
		}
	}
	for i := len(r.All) - 1; i >= 0 && len(lines) < mostLines/2; i-- {
		if one := r.All[i]; one.IsOver() && !slices.Contains(lines, one) {
			lines = append(lines, one)
		}
	}
	return lines
}
