package lab

import (
	"context"
	"fmt"
	"strings"

	"quarterturn/core/checkpoint"
	"quarterturn/core/fault"
	"quarterturn/core/rotation"
	"quarterturn/core/run"
	"quarterturn/core/stats"
	"quarterturn/core/train"
)

var errNoModel = fault.New("lab", "there is no model yet: load one or train one")

// loadModel replaces the model by a file's.
func (l *Lab) loadModel(c run.LoadModel) error {
	m, err := checkpoint.Decode(c.Blob)
	if err != nil {
		return err
	}
	predictor, err := train.NewPredictor(l.options.Backend, m, Side)
	if err != nil {
		return err
	}
	if l.predictor != nil {
		l.predictor.Close()
	}
	l.model, l.modelSum, l.predictor = m, checkpoint.Sum(c.Blob), predictor
	l.report(run.ModelChanged{
		Name:     c.Name,
		Task:     m.Task,
		Network:  m.Config.Network,
		Side:     m.Side,
		Classes:  m.Classes,
		Accuracy: m.Accuracy,
		Note:     m.Note,
		SHA256:   l.modelSum,
		Card:     m.Card,
	})
	return nil
}

// predict answers with the model's belief about a picture in its four turns.
func (l *Lab) predict(c run.Predict) error {
	if l.predictor == nil {
		return errNoModel
	}
	it := l.collection.find(c.ID)
	if it == nil {
		return nil // Removed in the meantime: the page no longer shows it.
	}
	before := l.options.Now()
	turns, err := l.predictor.Turns(it.pixels)
	if err != nil {
		return err
	}
	l.report(run.Predicted{ID: c.ID, Turns: turns, Took: l.options.Now().Sub(before)})
	return nil
}

// score reports how many turned pictures of the collection the model guesses.
// Predictions asked for meanwhile are answered between two batches.
func (l *Lab) score(ctx context.Context) error {
	if l.predictor == nil {
		return errNoModel
	}
	if l.model.Task != run.Pretext {
		return fault.New("lab", "the score counts turns, and this model names classes")
	}
	all := len(l.collection.items) * rotation.Turns
	known := 0.0
	report := func(seen, right int) error {
		l.report(run.Scored{Seen: seen, Right: right, All: all, StandardError: known})
		l.options.Yield()
		l.answerWaiting(ctx, func(c run.Command) bool { _, ok := c.(run.Predict); return ok || isOfRecords(c) })
		return ctx.Err()
	}
	e, err := l.predictor.Evaluate(run.Pretext, l.collection.all(), report)
	if err != nil {
		if ctx.Err() != nil {
			return nil // Stopped: what was counted stands.
		}
		return err
	}
	known = stats.Clusters(e.Shares).Error
	return report(e.Examples, e.Right)
}

// answerWaiting carries out the next orders while they are of a kind that can be,
// although another is being carried out.
func (l *Lab) answerWaiting(ctx context.Context, can func(run.Command) bool) {
	for {
		o, ok := l.queue.pop(func(o queued) bool { return can(o.Command) })
		if !ok {
			return
		}
		l.answer(ctx, o)
	}
}

// save answers with the weights of the last run, or of the loaded model.
func (l *Lab) save() error {
	m := l.model
	if l.trainer != nil {
		var err error
		if m, err = l.trainer.Model(); err != nil {
			return err
		}
	}
	if m == nil {
		return errNoModel
	}
	blob, err := checkpoint.Encode(m)
	if err != nil {
		return err
	}
	l.report(run.ModelSaved{Name: fileName(m), SHA256: checkpoint.Sum(blob), Blob: blob})
	return nil
}

// fileName suggests a name that tells models apart in a folder of downloads.
func fileName(m *checkpoint.Model) string {
	n := m.Config.Network
	return strings.ToLower(fmt.Sprintf("quarterturn-%s-resnet%d-w%d-%d.safetensors", m.Task, n.Depth(), n.Width, m.Steps))
}

// bench measures the backend with made-up pictures.
func (l *Lab) bench(c run.Bench) error {
	results, err := train.Measure(l.options.Backend, c, train.Options{Now: l.options.Now, Group: l.options.Group})
	for _, r := range results {
		l.report(r)
	}
	return err
}
