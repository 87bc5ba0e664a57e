package state

import (
	"fmt"
	"slices"

	"quarterturn/core/chart"
	"quarterturn/core/fault"
	"quarterturn/core/run"
)

// Train is the station Train: the form for the next run, and the runs.
type Train struct {
	Form    Form
	Lanes   []*Lane // In the order in which they were started.
	Packing bool    // The pictures are being packed for runs that will start.
	Problem string  // Why no run could start.
	Speed   Speed

	pending []run.Config // Of the runs that start when the pictures are packed.
	waiting []WorkerID   // Lanes that begin again then.
	classes int          // Of the pictures that are being packed.
	next    WorkerID     // Of the next run.
}

// A Lane is one run, from the click to what it learnt. Lanes that did not change
// stay the same pointer.
type Lane struct {
	ID       WorkerID
	Config   run.Config
	Classes  int       // Of the pictures it may learn from.
	Phase    run.Phase // Empty before the worker's first word.
	Backend  string
	Started  run.Started
	Progress run.Progress
	Stopping bool // Stop was asked for and is not yet answered.

	// Loss in nats and accuracy as a fraction, over epochs.
	TrainLoss, TrainAccuracy chart.Series // Of steps.
	TestLoss, TestAccuracy   chart.Series // Of the validation set, at each evaluation.
	Evaluations              []run.Evaluated

	Problem string          // Why the run broke off.
	Model   *run.ModelSaved // What it learnt, once it ended.
	Saving  bool            // The weights are being written.
	Used    bool            // Model was given to the lab.

	from *run.LoadModel // What a transfer starts from, to begin again.
}

// Title names what the lane learns.
func Title(task run.Task) string {
	switch task {
	case run.Pretext:
		return "Pretext"
	case run.Transfer:
		return "Transfer"
	}
	return "From scratch"
}

// IsOver reports whether the lane will not move any more by itself.
func (l *Lane) IsOver() bool {
	return l.Problem != "" || l.Phase == run.Finished || l.Phase == run.Stopped
}

// IsRunning reports whether the lane has a worker at work, also while it pauses.
func (t *Train) IsRunning() bool {
	return t.Packing || slices.ContainsFunc(t.Lanes, func(l *Lane) bool { return !l.IsOver() })
}

// IsPaused reports whether every lane that is not over pauses.
func (t *Train) IsPaused() bool {
	paused := false
	for _, l := range t.Lanes {
		if l.IsOver() {
			continue
		}
		if l.Phase != run.Paused {
			return false
		}
		paused = true
	}
	return paused
}

// start asks the lab for the pictures of new runs, or says why it cannot.
func (t Train) start(p *Pictures, m *run.ModelChanged) (Train, []Effect) {
	configs, err := t.Form.Configs(m)
	if err == nil {
		err = enough(p, configs)
	}
	if err != nil {
		t.Problem = Sentence(fault.Reason(err))
		return t, nil
	}
	var effects []Effect
	for _, l := range t.Lanes {
		effects = append(effects, EndWorker{l.ID})
	}
	t.Lanes, t.Problem, t.Packing, t.pending, t.classes = nil, "", true, configs, p.teaching()
	return t, append(effects, Send{To: Lab, Command: run.PackPictures{}})
}

// enough returns an error if the collection cannot teach what the runs learn.
func enough(p *Pictures, configs []run.Config) error {
	for _, c := range configs {
		train, _ := p.Examples(c)
		if c.Task == run.Pretext {
			if train < 4*2 {
				return fmt.Errorf("a run needs at least 2 pictures to learn from: add some in the station Pictures")
			}
			continue
		}
		if p.teaching() < 2 {
			return fmt.Errorf("naming pictures needs at least 2 classes: add a folder for each class, or learn to guess turns (Pretext), which needs no classes")
		}
	}
	return nil
}

// packed starts the runs that waited for the pictures. The page keeps no copy of them.
func (t Train) packed(blob []byte, model *run.LoadModel) (Train, []Effect) {
	var effects []Effect
	for _, c := range t.pending {
		t.next++
		lane := &Lane{ID: t.next, Config: c, Classes: t.classes}
		if c.Task == run.Transfer {
			lane.from = model
		}
		t.Lanes = append(slices.Clone(t.Lanes), lane)
		effects = append(effects, lane.launch(blob)...)
	}
	for _, id := range t.waiting {
		if lane := t.lane(id); lane != nil && !lane.IsOver() {
			effects = append(effects, lane.launch(blob)...)
		}
	}
	t.Packing, t.pending, t.waiting = false, nil, nil
	return t, effects
}

// unpacked ends the wait for pictures that do not come.
func (t Train) unpacked(reason string) Train {
	if len(t.pending) > 0 {
		t.Problem = reason
	}
	for _, id := range t.waiting {
		t, _ = t.replace(id, func(l *Lane) []Effect { l.Problem = reason; return nil })
	}
	t.Packing, t.pending, t.waiting = false, nil, nil
	return t
}

// restart has a lane that broke off begin again.
func (t Train) restart(id WorkerID) (Train, []Effect) {
	t, effects := t.replace(id, func(l *Lane) []Effect {
		*l = Lane{ID: l.ID, Config: l.Config, Classes: l.Classes, from: l.from}
		return []Effect{Send{To: Lab, Command: run.PackPictures{}}}
	})
	if len(effects) > 0 {
		t.waiting = append(slices.Clip(t.waiting), id)
	}
	return t, effects
}

// launch returns the effects that start the lane's worker on packed pictures.
func (l *Lane) launch(pictures []byte) []Effect {
	effects := []Effect{StartWorker{l.ID}, Send{To: l.ID, Command: run.UnpackPictures{Blob: pictures}}}
	if l.from != nil {
		effects = append(effects, Send{To: l.ID, Command: *l.from})
	}
	return append(effects, Send{To: l.ID, Command: run.Start{Config: l.Config}})
}

// replace returns t with the lane of that ID changed by fn, which gets a copy.
func (t Train) replace(id WorkerID, fn func(*Lane) []Effect) (Train, []Effect) {
	i := slices.IndexFunc(t.Lanes, func(l *Lane) bool { return l.ID == id })
	if i < 0 {
		return t, nil
	}
	lane := *t.Lanes[i]
	effects := fn(&lane)
	t.Lanes = slices.Clone(t.Lanes)
	t.Lanes[i] = &lane
	return t, effects
}

// ask sends a command to every lane that is not over and for which it makes sense.
func (t Train) ask(command run.Command, sensible func(*Lane) bool) (Train, []Effect) {
	var effects []Effect
	for _, l := range t.Lanes {
		if !l.IsOver() && sensible(l) {
			effects = append(effects, Send{To: l.ID, Command: command})
		}
	}
	return t, effects
}

// stop ends the runs. One that has not begun is ended with its worker, which may
// be too busy building to listen.
func (t Train) stop() (Train, []Effect) {
	t.Packing, t.pending, t.waiting = false, nil, nil
	var effects []Effect
	for _, l := range t.Lanes {
		if l.IsOver() {
			continue
		}
		var more []Effect
		t, more = t.replace(l.ID, func(l *Lane) []Effect {
			if l.Phase == "" || l.Phase == run.Preparing {
				l.Phase = run.Stopped
				return []Effect{EndWorker{l.ID}}
			}
			l.Stopping = true
			return []Effect{Send{To: l.ID, Command: run.Stop{}}}
		})
		effects = append(effects, more...)
	}
	return t, effects
}

// heard takes an event of a lane's worker.
func (t Train) heard(order asked, event run.Event) (Train, []Effect) {
	from := order.worker
	t, effects := t.replace(from, func(l *Lane) []Effect { return l.hear(order.Command, event) })
	if e, ok := event.(run.Progress); ok {
		if i := slices.IndexFunc(t.Lanes, func(l *Lane) bool { return l.ID == from }); i >= 0 {
			t.Speed = t.Speed.trained(t.Lanes[i].Config, e.ImagesPerSecond)
		}
	}
	return t, effects
}

// hear changes the lane by an event that answers a command. It is the only code that
// does.
func (l *Lane) hear(command run.Command, event run.Event) []Effect {
	switch e := event.(type) {
	case run.Ready:
		l.Backend = e.Backend
	case run.Started:
		l.Started = e
	case run.PhaseChanged:
		return l.enter(e.Phase)
	case run.Progress:
		l.Progress = e
		l.TrainLoss = l.TrainLoss.With(e.Epoch, e.Loss)
		l.TrainAccuracy = l.TrainAccuracy.With(e.Epoch, e.Accuracy)
	case run.Evaluated:
		l.Evaluations = append(slices.Clip(l.Evaluations), e)
		l.TestLoss = l.TestLoss.With(float64(e.Epoch), e.Loss)
		l.TestAccuracy = l.TestAccuracy.With(float64(e.Epoch), e.Accuracy)
	case run.ModelSaved:
		l.Model, l.Saving = &e, false
		return []Effect{EndWorker{l.ID}}
	case run.Failed:
		return l.fail(command, e.Reason)
	}
	return nil
}

// enter has a run that ended write its weights, so that they can be used and kept
// when its worker is gone.
func (l *Lane) enter(phase run.Phase) []Effect {
	l.Phase = phase
	if phase != run.Finished && phase != run.Stopped {
		return nil
	}
	l.Stopping, l.Saving = false, true
	return []Effect{Send{To: l.ID, Command: run.Save{}}}
}

// fail ends the lane. A run that had ended and has nothing to save is no problem.
func (l *Lane) fail(command run.Command, reason string) []Effect {
	if _, saving := command.(run.Save); saving && l.Progress.Step == 0 {
		l.Saving = false
		return []Effect{EndWorker{l.ID}}
	}
	l.Saving, l.Stopping, l.Problem = false, false, Sentence(reason)
	return []Effect{EndWorker{l.ID}}
}
