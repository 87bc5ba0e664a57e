package runs

import (
	"context"
	"errors"
	"math"

	"quarterturn/core/dataset"
	"quarterturn/core/exam"
	"quarterturn/core/fault"
	"quarterturn/core/measure"
	"quarterturn/core/run"
	"quarterturn/core/train"
)

// Read does a run that trains nothing: what j.Spec.Reading makes of the features of
// j.From, with the labels that a training of the same budget and seed has. The run has
// one epoch and leaves its evaluation and its answers, but no model: the classifier
// reads several stages, which no network does, and is there again in a second.
//
// What ends it before leaves nothing to go on from, and it begins anew to the same bits.
// It ends with ctx's error.
func (j *Job) Read(ctx context.Context, by measure.Reader, set *dataset.Set, pictures string) (Outcome, error) {
	if j.Spec.Reading == nil || j.From == nil {
		return Outcome{}, fault.New("runs", "a run without a network and a way to read it")
	}
	if !j.IsResumed() {
		j.Spec.Start, j.Spec.Pictures, j.Spec.TestPictures = j.Start, pictures, train.FingerprintOf(set.Test)
		if err := j.create(); err != nil {
			return Outcome{}, err
		}
	}
	j.note(0, "started", "")
	outcome, err := j.read(ctx, by, set)
	switch {
	case errors.Is(err, context.Canceled):
		j.note(0, "stopped", "")
	case err != nil:
		j.note(0, "failed", fault.Reason(err))
	default:
		j.note(0, "finished", "")
	}
	return outcome, err
}

// read fits, asks and writes.
func (j *Job) read(ctx context.Context, by measure.Reader, set *dataset.Set) (Outcome, error) {
	began := j.now()
	learnt := set.Train.Subset(dataset.Budget(set.Train.Labels, j.Spec.Config.LabelsPerClass, j.Spec.Config.Seed))
	test := set.Test.Subset(set.Test.Labelled())
	asked := []*dataset.Pictures{test}
	if set.Validation != nil {
		asked = append(asked, set.Validation.Subset(set.Validation.Labelled()))
	}
	subject := measure.Subject{Name: j.Spec.Arm, Model: j.From, Sum: j.Start}
	answered, err := j.Spec.Reading.Read(ctx, by, subject, learnt, asked...)
	if err != nil {
		return Outcome{}, err
	}
	e := evaluation(answered[0], answered[len(answered)-1])
	e.Epoch, e.Elapsed = j.Spec.Config.Epochs, j.now().Sub(began)
	if j.Report != nil {
		j.Report(e)
	}
	answers := &exam.Answers{Classes: set.Test.Classes, Turns: 1, Labels: test.Labels, Guesses: answered[1].Guesses}
	if err := writeMetrics(j.dir, []run.Evaluated{e}); err != nil {
		return Outcome{}, err
	}
	blind := math.Log(float64(len(set.Train.Classes)))
	return Outcome{Last: e, Test: answers, Apart: set.Validation != nil, Blind: blind}, writeAnswers(j.dir, run.Transfer, answers)
}

// evaluation is what a reading knows of what it was fitted to and of other pictures.
func evaluation(fitted, others measure.Answered) run.Evaluated {
	share := func(a measure.Answered) float64 { return float64(a.Right) / float64(max(len(a.Guesses), 1)) }
	return run.Evaluated{
		TrainLoss: fitted.Loss, TrainAccuracy: share(fitted),
		Loss: others.Loss, Accuracy: share(others), Examples: len(others.Guesses),
	}
}
