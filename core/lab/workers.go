package lab

import "quarterturn/core/run"

// Several labs, each in a worker of its own, may compute one run together
// (Options.Group). All are given the same pictures, model and orders, and rank 0
// speaks for all: the others answer Start with Done or Failed alone. Pause holds rank
// 0, and the others with it, as they wait for it. Stop ends all, whichever gets it
// first.

// leads reports whether this lab speaks for a run.
func (l *Lab) leads() bool { return l.options.Group == nil || l.options.Group.Rank() == 0 }

// tell reports an event of a run.
func (l *Lab) tell(e run.Event) {
	if l.leads() {
		l.report(e)
	}
}
