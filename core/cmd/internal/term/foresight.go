package term

import "time"

// A foresight tells how long steps will take that are still to come, supposing that they
// go on as they did since the first. What is before that is left out: a compiler may take
// longer for the first step of a network than all others together take.
type foresight struct {
	first time.Time
	from  int // Steps that were done then.
}

// An estimate of less is none: a few steps of one run say little of many runs'.
const (
	foreseenAfter = 5 * time.Second
	foreseenSteps = 5
)

// left returns how long the steps to do will take, after so many were done; false as long
// as that is not known. Later runs of a comparison may evaluate less often, so that it
// errs on the long side.
func (f *foresight) left(now time.Time, done, toDo int) (d time.Duration, ok bool) {
	if f.first.IsZero() {
		f.first, f.from = now, done
	}
	took, steps := now.Sub(f.first), done-f.from
	if took < foreseenAfter || steps < foreseenSteps {
		return 0, false
	}
	return time.Duration(float64(took) / float64(steps) * float64(toDo)), true
}
