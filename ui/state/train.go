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

	setup []run.Command // What the worker was told at its start, to tell a new one.
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
	return t, append(effects, Send{Lab, run.PackPictures{}})
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

// packed starts the runs that waited for the pictures.
func (t Train) packed(blob []byte, model run.LoadModel) (Train, []Effect) {
	var effects []Effect
	for _, c := range t.pending {
		t.next++
		lane := &Lane{ID: t.next, Config: c, Classes: t.classes, setup: []run.Command{run.UnpackPictures{Blob: blob}}}
		if c.Task == run.Transfer {
			lane.setup = append(lane.setup, model)
		}
		lane.setup = append(lane.setup, run.Start{Config: c})
		t.Lanes = append(slices.Clone(t.Lanes), lane)
		effects = append(effects, lane.launch()...)
	}
	t.Packing, t.pending = false, nil
	return t, effects
}

// launch returns the effects that start the lane's worker.
func (l *Lane) launch() []Effect {
	effects := []Effect{StartWorker{l.ID}}
	for _, command := range l.setup {
		effects = append(effects, Send{l.ID, command})
	}
	return effects
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
			effects = append(effects, Send{l.ID, command})
		}
	}
	return t, effects
}

// stop ends the runs. One that has not begun is ended with its worker, which may
// be too busy building to listen.
func (t Train) stop() (Train, []Effect) {
	t.Packing, t.pending = false, nil
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
			return []Effect{Send{l.ID, run.Stop{}}}
		})
		effects = append(effects, more...)
	}
	return t, effects
}

// heard takes an event of a lane's worker.
func (t Train) heard(from WorkerID, event run.Event) (Train, []Effect) {
	t, effects := t.replace(from, func(l *Lane) []Effect { return l.hear(event) })
	if e, ok := event.(run.Progress); ok {
		if i := slices.IndexFunc(t.Lanes, func(l *Lane) bool { return l.ID == from }); i >= 0 {
			t.Speed = t.Speed.trained(t.Lanes[i].Config, e.ImagesPerSecond)
		}
	}
	return t, effects
}

// hear changes the lane by an event. It is the only code that does.
func (l *Lane) hear(event run.Event) []Effect {
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
		return l.fail(e.Reason)
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
	return []Effect{Send{l.ID, run.Save{}}}
}

// fail ends the lane. A run that had ended and has nothing to save is no problem.
func (l *Lane) fail(reason string) []Effect {
	if l.Saving && l.Progress.Step == 0 {
		l.Saving = false
		return []Effect{EndWorker{l.ID}}
	}
	l.Saving, l.Stopping, l.Problem = false, false, Sentence(reason)
	return []Effect{EndWorker{l.ID}}
}

// restart starts a lane that broke off from its beginning.
func (l *Lane) restart() []Effect {
	*l = Lane{ID: l.ID, Config: l.Config, Classes: l.Classes, setup: l.setup}
	return l.launch()
}
