package lab

import (
	"context"
	"errors"

	"quarterturn/core/checkpoint"
	"quarterturn/core/run"
	"quarterturn/core/train"
)

// A running is the run in progress.
type running struct {
	lab     *Lab
	ctx     context.Context // Done when the run was stopped.
	gate    *gate
	trainer *train.Trainer // Nil while it is being made.
	keeper  *keeper        // Nil where the run is not kept.

	pictures string // SHA-256 of what it takes from them; empty where another worker leads.
}

// start runs a training, or goes on with one, and reports its phases.
func (l *Lab) start(parent context.Context, c run.Start, g *gate) error {
	fine := false
	defer func() {
		if !fine {
			l.leave()
		}
	}()
	r := &running{lab: l, ctx: g.context(parent), gate: g}
	l.phase(run.Preparing)
	if err := r.prepare(c); err != nil {
		return err
	}
	l.phase(run.Training)
	err := r.train()
	if err != nil && r.ctx.Err() == nil && !errors.Is(err, train.ErrStopped) {
		r.keeper.wait()
		return err
	}
	if err == nil {
		l.phase(run.Finished)
	} else {
		l.phase(run.Stopped)
	}
	r.keeper.end()
	fine = true
	return r.answerTests(parent, c.Config)
}

// prepare makes the trainer and takes it to where the run was kept.
func (r *running) prepare(c run.Start) error {
	var from *checkpoint.Model
	start := ""
	if c.Config.Task == run.Transfer {
		if r.lab.model == nil {
			return errNoModel
		}
		from, start = r.lab.model, r.lab.modelSum
	}
	set := r.lab.collection.set()
	trainer, err := train.New(r.lab.options.Backend, c.Config, set, from, train.Options{Yield: r.yield, Now: r.lab.options.Now, Group: r.lab.options.Group})
	if err != nil {
		return err
	}
	if r.lab.leads() {
		r.pictures = train.Fingerprint(set)
		if err := r.keep(c, trainer, start); err != nil {
			return err
		}
	}
	if err := r.align(c, trainer); err != nil {
		return err
	}
	r.trainer, r.lab.trainer = trainer, trainer
	return nil
}

// keep goes on from what was kept of the run, if it is to be kept.
func (r *running) keep(c run.Start, trainer *train.Trainer, start string) error {
	if c.Key == "" || r.lab.options.Store == nil {
		return nil
	}
	told := checkpoint.Told{Backend: r.lab.options.BackendKind, Config: c.Config}
	origin, err := told.Origin(r.pictures, start)
	if err != nil {
		return err
	}
	r.keeper = &keeper{lab: r.lab, store: r.lab.options.Store, key: c.Key, origin: origin, trainer: trainer}
	return r.keeper.restore()
}

// train takes all steps. A Flush breaks off the one in progress, which is taken again,
// unless others compute it too.
func (r *running) train() error {
	alone := r.lab.options.Group == nil
	r.gate.listen(r.keeper != nil, alone)
	defer r.gate.listen(false, false)
	see := func(e run.Event) {
		if s, ok := e.(run.Started); ok {
			s.Pictures = r.pictures
			e = s
		}
		r.lab.tell(e)
		r.keeper.see(e)
	}
	if !alone {
		return r.trainer.Run(r.ctx, see)
	}
	for {
		err := r.trainer.Run(breaking{r.ctx, r.gate}, see)
		if err == nil || r.ctx.Err() != nil || !r.gate.flushed() {
			return err
		}
		r.keeper.flush()
	}
}

// yield is called between steps and between the batches of an evaluation. It lets
// messages in, does what they ask for, and blocks while the run is paused.
func (r *running) yield() {
	r.lab.options.Yield()
	if !r.lab.leads() {
		return
	}
	r.attend()
	r.gate.wait(r.ctx, r.pause, r.hold)
}

// pause reports that the run is held, or goes on.
func (r *running) pause(held bool) {
	if !held {
		r.lab.phase(run.Training)
		return
	}
	r.lab.phase(run.Paused)
	if r.trainer != nil {
		r.keeper.flush()
	}
}

// hold waits until there is something to attend to.
func (r *running) hold(changed <-chan struct{}) {
	select {
	case <-changed:
	case <-r.gate.stop:
	case <-r.ctx.Done():
	case <-r.lab.queue.filled:
	case w := <-r.keeper.underWay():
		r.keeper.wrote(w)
	}
	r.attend()
}

// attend does what cannot wait for the end of the run.
func (r *running) attend() {
	if r.trainer == nil {
		return
	}
	if r.gate.flushed() {
		r.keeper.flush()
	}
	r.keeper.attend()
	r.lab.answerWaiting(r.ctx, func(c run.Command) bool { _, ok := c.(run.Save); return ok })
}

func (l *Lab) phase(p run.Phase) { l.tell(run.PhaseChanged{Phase: p}) }
