package lab

import (
	"quarterturn/core/fault"
	"quarterturn/core/run"
	"quarterturn/core/train"
)

// Several labs, each in a worker of its own, may compute one run together
// (Options.Group). All are given the same pictures, model, Start and Stop, and rank 0
// speaks for all: it is paused, keeps the run and goes on from what was kept, and the
// others, which wait for it, answer Start with Done or Failed alone. Stop ends all,
// whichever gets it first. After a Failed the workers are of no more use together.

// leads reports whether this lab speaks for a run.
func (l *Lab) leads() bool { return l.options.Group == nil || l.options.Group.Rank() == 0 }

// tell reports an event of a run.
func (l *Lab) tell(e run.Event) {
	if l.leads() {
		l.report(e)
	}
}

// leave tells the other workers that this one failed.
func (l *Lab) leave() {
	if l.options.Group != nil {
		l.options.Group.Leave()
	}
}

// align takes the run's trainer to where rank 0 went on from what was kept.
func (r *running) align(c run.Start, trainer *train.Trainer) error {
	g := r.lab.options.Group
	if c.Key == "" || g == nil || g.Size() == 1 {
		return nil
	}
	var state []byte
	if r.keeper != nil && r.keeper.resumed {
		m, s, err := trainer.Checkpoint()
		if err != nil {
			return err
		}
		if state, err = encodeState(m, s); err != nil {
			return err
		}
	}
	state, err := g.Spread(state)
	if err != nil || len(state) == 0 || r.lab.leads() {
		return err
	}
	m, s, err := decodeState(state)
	if err != nil {
		return fault.Errorf("lab", "what the first worker went on from: %w", err)
	}
	return trainer.Restore(m, s)
}
