package state

import (
	"slices"

	"quarterturn/core/run"
)

// A ledger numbers the commands that go to workers and keeps those whose last answer
// has not come, so that each answer finds what it answers. It is not changed in
// place.
type ledger struct {
	given run.Number // The newest number.
	open  []asked    // In the order of their numbers.
}

// An asked command is one whose last answer has not come.
type asked struct {
	run.Order
	worker WorkerID
	batch  int      // Of AddPictures: the import that it is a part of, see Send.
	about  *inquiry // As of Send.
}

// enter numbers what effects send. What a worker was asked before it started or ended
// is forgotten: nobody will answer, or somebody who is gone.
func (l ledger) enter(effects []Effect) ledger {
	for i, effect := range effects {
		switch e := effect.(type) {
		case StartWorker:
			l = l.forget(func(a asked) bool { return a.worker == e.Worker })
		case StartGroup:
			l = l.forget(func(a asked) bool { return a.worker == e.Worker })
		case EndWorker:
			l = l.forget(func(a asked) bool { return a.worker == e.Worker })
		case Send:
			l.given++
			e.Number = l.given
			effects[i] = e
			if isAnswered(e.Command) {
				l.open = append(slices.Clip(l.open), asked{run.Order{Number: e.Number, Command: e.Command}, e.To, e.batch, e.about})
			}
		}
	}
	return l
}

// isAnswered reports whether a command has answers of its own, see run.Answer.
func isAnswered(c run.Command) bool {
	switch c.(type) {
	case run.Pause, run.Resume, run.Stop, run.Cancel, run.Flush:
		return false
	}
	return true
}

// forget returns l without the commands that match: their answers find nothing.
func (l ledger) forget(match func(asked) bool) ledger {
	if slices.ContainsFunc(l.open, match) {
		l.open = slices.DeleteFunc(slices.Clone(l.open), match)
	}
	return l
}

// find returns the command of a worker that an answer names. One to 0 answers none,
// which the zero command stands for; false says that nobody waits for it any more.
func (l ledger) find(worker WorkerID, to run.Number) (asked, bool) {
	if to == 0 {
		return asked{worker: worker}, true
	}
	i := slices.IndexFunc(l.open, func(a asked) bool { return a.worker == worker && a.Number == to })
	if i < 0 {
		return asked{}, false
	}
	return l.open[i], true
}

// closed returns l once an answer was taken: the last one closes its command.
func (l ledger) closed(a run.Answer) ledger {
	switch a.Event.(type) {
	case run.Done, run.Failed:
		return l.forget(func(open asked) bool { return open.Number == a.To })
	}
	return l
}

// count returns how many commands match whose last answer has not come.
func (l ledger) count(match func(asked) bool) int {
	n := 0
	for _, a := range l.open {
		if match(a) {
			n++
		}
	}
	return n
}

// changesAfter reports whether the lab has yet to change pictures by a command that came
// after another.
func (l ledger) changesAfter(n run.Number) bool {
	return slices.ContainsFunc(l.open, func(a asked) bool {
		return a.Number > n && (isTo[run.RemovePictures](a) || isTo[run.MovePictures](a) || isTo[run.TurnPictures](a))
	})

}

// awaits reports whether the lab has yet to answer a command of a type.
func awaits[C run.Command](l ledger) bool { return slices.ContainsFunc(l.open, isTo[C]) }

// isTo reports whether a command is one to the lab of a type.
func isTo[C run.Command](a asked) bool {
	_, ok := a.Command.(C)
	return ok && a.worker == Lab
}
