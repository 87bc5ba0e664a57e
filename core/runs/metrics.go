package runs

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"quarterturn/core/durable"
	"quarterturn/core/internal/strict"
	"quarterturn/core/run"
)

// A metricsLine is a line of metrics.jsonl. Losses are in nats, accuracies
// fractions. The seconds are the evaluation's; what the clock measures comes last. Lines
// of older runs have neither rate nor training.
type metricsLine struct {
	Epoch         int     `json:"epoch"`
	Step          int     `json:"step"`
	TrainLoss     float64 `json:"train_loss"`
	TrainAccuracy float64 `json:"train_accuracy"`
	Loss          float64 `json:"loss"`
	Accuracy      float64 `json:"accuracy"`
	Examples      int     `json:"examples"`
	StandardError float64 `json:"standard_error,omitempty"` // Of the accuracy, over pictures.
	LearningRate  float64 `json:"learning_rate,omitempty"`  // Of the last step.
	Seconds       float64 `json:"seconds"`

	TrainingSeconds float64 `json:"training_seconds,omitempty"` // Of the steps since the line before.
	ImagesPerSecond float64 `json:"images_per_second,omitempty"`
}

// writeMetrics writes both tables whole, a line for each evaluation so far, so
// that after going back to a checkpoint they hold what it knew and no more.
func (k *Keeper) writeMetrics() error { return writeMetrics(k.dir, k.history) }

func writeMetrics(dir *durable.Dir, history []run.Evaluated) error {
	var lines, table bytes.Buffer
	w := csv.NewWriter(&table)
	err := w.Write([]string{"epoch", "step", "train_loss", "train_accuracy", "loss", "accuracy", "examples", "standard_error", "learning_rate", "seconds", "training_seconds", "images_per_second"})
	encoder := json.NewEncoder(&lines)
	for _, e := range history {
		err = errors.Join(err, encoder.Encode(lineOf(e)), w.Write(rowOf(e)))
	}
	w.Flush()
	if err := errors.Join(err, w.Error()); err != nil {
		return err
	}
	return errors.Join(dir.Write("metrics.jsonl", lines.Bytes()), dir.Write("metrics.csv", table.Bytes()))
}

func lineOf(e run.Evaluated) metricsLine {
	return metricsLine{
		Epoch: e.Epoch, Step: e.Step, TrainLoss: e.TrainLoss, TrainAccuracy: e.TrainAccuracy,
		Loss: e.Loss, Accuracy: e.Accuracy, Examples: e.Examples, Seconds: e.Elapsed.Seconds(),
		StandardError: e.StandardError, LearningRate: e.LearningRate,
		TrainingSeconds: e.Training.Seconds(), ImagesPerSecond: e.ImagesPerSecond,
	}
}

func rowOf(e run.Evaluated) []string {
	return []string{
		strconv.Itoa(e.Epoch), strconv.Itoa(e.Step), number(e.TrainLoss), number(e.TrainAccuracy),
		number(e.Loss), number(e.Accuracy), strconv.Itoa(e.Examples), number(e.StandardError), number(e.LearningRate),
		number(e.Elapsed.Seconds()), number(e.Training.Seconds()), number(e.ImagesPerSecond),
	}
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', 8, 64) }

// evaluated is the inverse of lineOf.
func (m metricsLine) evaluated() run.Evaluated {
	return run.Evaluated{
		Epoch: m.Epoch, Step: m.Step, TrainLoss: m.TrainLoss, TrainAccuracy: m.TrainAccuracy,
		Loss: m.Loss, Accuracy: m.Accuracy, Examples: m.Examples, Elapsed: seconds(m.Seconds),
		StandardError: m.StandardError, LearningRate: m.LearningRate,
		Training: seconds(m.TrainingSeconds), ImagesPerSecond: m.ImagesPerSecond,
	}
}

func seconds(s float64) time.Duration { return time.Duration(math.Round(s * float64(time.Second))) }

// readMetrics reads metrics.jsonl, which is not trusted.
func readMetrics(b []byte) (history []run.Evaluated, err error) {
	for line := range bytes.Lines(b) {
		var m metricsLine
		if err := strict.JSON(line, &m); err != nil {
			return nil, fmt.Errorf("metrics.jsonl, line %d: %w", len(history)+1, err)
		}
		e := m.evaluated()
		if !plausible(e) || len(history) > 0 && e.Epoch <= history[len(history)-1].Epoch {
			return nil, fmt.Errorf("metrics.jsonl, line %d: %s is impossible", len(history)+1, bytes.TrimSpace(line))
		}
		history = append(history, e)
	}
	return history, nil
}

// plausible reports whether an evaluation can be one: shares are shares, and
// numbers are finite.
func plausible(e run.Evaluated) bool {
	share := func(v float64) bool { return v >= 0 && v <= 1 }
	loss := func(v float64) bool { return v >= 0 && v <= math.MaxFloat32 } // A rate too.
	return e.Epoch >= 0 && e.Epoch <= run.MaxEpochs && e.Step >= 0 && e.Examples >= 0 && e.Examples <= math.MaxInt32 &&
		share(e.Accuracy) && share(e.TrainAccuracy) && share(e.StandardError) && loss(e.Loss) && loss(e.TrainLoss) &&
		loss(e.LearningRate) && loss(e.ImagesPerSecond) && e.Training >= 0
}
