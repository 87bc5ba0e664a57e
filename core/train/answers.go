package train

import (
	"context"
	"math"

	"quarterturn/core/dataset"
	"quarterturn/core/fault"
	"quarterturn/core/run"
)

// Answers are what a network took examples for, in their order. Where it guesses turns,
// each picture is four examples, one after the other.
type Answers struct {
	Labels, Guesses []int32   // [N], indices of the network's classes.
	Sure, True      []float32 // [N], belief in the guess, and in the label, 0 to 1.
}

var errNotNumbers = fault.New("train", "the network's answer is not a number: its weights cannot be right")

// take reads the logits [N, Classes] of examples.
func (a *Answers) take(logits []float32, labels []int32, classes int) error {
	for i, label := range labels {
		row := logits[i*classes : (i+1)*classes]
		belief, guess := softmax(row), argMax(row)
		if sure := float64(belief[guess]); math.IsNaN(sure) {
			return errNotNumbers
		}
		a.Labels, a.Guesses = append(a.Labels, label), append(a.Guesses, int32(guess))
		a.Sure, a.True = append(a.Sure, belief[guess]), append(a.True, belief[label])
	}
	return nil
}

// answers shows a network all pictures of a batcher.
func (f *forward) answers(b *batcher, between func(seen int) error) (*Answers, error) {
	a := new(Answers)
	var broken error
	err := f.each(b, nil, func() error {
		if broken != nil {
			return broken
		}
		return between(len(a.Labels))
	}, func(logits []float32, labels []int32) {
		broken = a.take(logits, labels, f.classes)
	})
	if err == nil {
		err = broken
	}
	return a, err
}

// Answers shows the network of the last finished step the test pictures.
func (t *Trainer) Answers(ctx context.Context) (*Answers, error) {
	if err := t.publishAverage(); err != nil {
		return nil, err
	}
	return t.forward.answers(t.exam, func(int) error { return t.pauseOrStop(ctx) })
}

// Answers shows the model pictures, as Evaluate does. It calls between before each batch
// with the examples seen, and stops with its error.
func (p *Predictor) Answers(task run.Task, pictures *dataset.Pictures, between func(seen int) error) (*Answers, error) {
	b, err := p.examples(task, pictures)
	if err != nil {
		return nil, err
	}
	return p.forward.answers(b, between)
}
