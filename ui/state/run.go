package state

import (
	"slices"

	"quarterturn/core/chart"
	"quarterturn/core/exam"
	"quarterturn/core/notebook"
	"quarterturn/core/run"
)

// A Run is one run, from the click to what it learnt. Runs that did not change stay the
// same pointer.
type Run struct {
	notebook.Run
	Stopping bool            // Stop was asked for and is not yet answered.
	Saving   bool            // The weights are being written.
	Model    *run.ModelSaved // What it learnt, once it ended and while the page holds it.
	Used     bool            // Model was given to the lab.
	Asked    *run.Asked      // Its answers to the test pictures with how sure it was; nil where only notebook.Run has them.

	from    *run.LoadModel // What a transfer starts from; From says which it is.
	stamp   int            // Of the pictures that it learns from; 0 before they are packed.
	ended   bool           // Its worker has said all of it.
	crashes int            // Times that its worker broke off.
}

// IsWaiting reports whether a run waits for its turn.
func (r *Run) IsWaiting() bool { return r.Phase == "" && r.Problem == "" }

// TestLoss and TestAccuracy are the validation set's at each evaluation, over epochs.
func (r *Run) TestLoss() []chart.Point {
	return r.evaluations(func(e run.Evaluated) float64 { return e.Loss })
}

// TestAccuracy is as TestLoss.
func (r *Run) TestAccuracy() []chart.Point {
	return r.evaluations(func(e run.Evaluated) float64 { return e.Accuracy })
}

func (r *Run) evaluations(of func(run.Evaluated) float64) []chart.Point {
	points := make([]chart.Point, len(r.History))
	for i, e := range r.History {
		points[i] = chart.Point{X: float64(e.Epoch), Y: of(e)}
	}
	return points
}

// Accuracy returns the newest validation accuracy; false before the first.
func (r *Run) Accuracy() (float64, bool) {
	e, ok := r.Last()
	return e.Accuracy, ok
}

// hear changes the run by an event that answers a command, and returns what its worker
// is to be sent. It is the only code that does.
func (r *Run) hear(command run.Command, event run.Event) []run.Command {
	switch e := event.(type) {
	case run.Ready:
		r.Backend = e.Backend
	case run.Started:
		r.Started, r.ended = e, false
		r.Pictures.SHA256 = e.Pictures
	case run.Resumed:
		r.goOn(e)
	case run.PhaseChanged:
		return r.enter(e.Phase)
	case run.Progress:
		r.Newest = e
		r.TrainLoss = r.TrainLoss.With(e.Epoch, e.Loss)
		r.TrainAccuracy = r.TrainAccuracy.With(e.Epoch, e.Accuracy)
	case run.Evaluated:
		r.History = append(slices.Clip(r.History), e)
	case run.Asked:
		r.Asked = &e
		r.Answers = &exam.Answers{Classes: e.Classes, Turns: e.Turns, Labels: e.Labels, Guesses: e.Guesses}
	case run.ModelSaved:
		r.Model, r.Saving, r.Bytes = &e, false, len(e.Blob)
		r.Weights = e.SHA256
	case run.Done:
		if _, ok := command.(run.Start); ok {
			r.ended = true
		}
	case run.Failed:
		r.fail(command, e.Reason)
	}
	return nil
}

// goOn takes the run to where it was kept. What came behind that comes again.
func (r *Run) goOn(e run.Resumed) {
	r.History = e.History
	epoch := float64(e.Step) / float64(max(r.Started.StepsPerEpoch, 1))
	r.TrainLoss, r.TrainAccuracy = r.TrainLoss.Before(epoch), r.TrainAccuracy.Before(epoch)
}

// enter has a run that ended write its weights, so that they can be used and kept
// when its worker is gone.
func (r *Run) enter(phase run.Phase) []run.Command {
	r.Phase = phase
	if phase != run.Finished && phase != run.Stopped {
		return nil
	}
	r.Stopping, r.Saving = false, true
	return []run.Command{run.Save{}}
}

// fail ends the run. One that had ended and has nothing to save is no problem.
func (r *Run) fail(command run.Command, reason string) {
	_, saving := command.(run.Save)
	r.Saving, r.Stopping = false, false
	if !saving || r.Newest.Step > 0 {
		r.Problem = Sentence(reason)
	}
}

// again returns a run that is to do the same.
func (r *Run) again() *Run {
	return &Run{Run: notebook.Run{
		Arm: r.Arm, Config: r.Config, From: r.From, Classes: r.Classes, Of: r.Key, Workers: r.Workers,
	}, from: r.from}
}

// IsSameAs says of a run that repeats another whether it came to the same weights, bit
// for bit; false for ok while one of them has none.
func (r *Run) IsSameAs(first *Run) (same, ok bool) {
	if first == nil || r.Weights == "" || first.Weights == "" {
		return false, false
	}
	return r.Weights == first.Weights, true
}
