package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"time"

	"quarterturn/core/run"
)

// A metricsLine is a line of metrics.jsonl. Losses are in nats, accuracies
// fractions; seconds are the evaluation's.
type metricsLine struct {
	Epoch         int     `json:"epoch"`
	Step          int     `json:"step"`
	TrainLoss     float64 `json:"train_loss"`
	TrainAccuracy float64 `json:"train_accuracy"`
	Loss          float64 `json:"loss"`
	Accuracy      float64 `json:"accuracy"`
	Examples      int     `json:"examples"`
	Seconds       float64 `json:"seconds"`
}

// writeMetrics writes both tables whole, a line for each evaluation so far, so
// that after going back to a checkpoint they hold what it knew and no more.
func (d *runDir) writeMetrics() error {
	var lines, table bytes.Buffer
	w := csv.NewWriter(&table)
	err := w.Write([]string{"epoch", "step", "train_loss", "train_accuracy", "loss", "accuracy", "examples", "seconds"})
	encoder := json.NewEncoder(&lines)
	for _, e := range d.history {
		err = errors.Join(err, encoder.Encode(lineOf(e)), w.Write(rowOf(e)))
	}
	w.Flush()
	if err := errors.Join(err, w.Error()); err != nil {
		return err
	}
	return errors.Join(d.files.Write("metrics.jsonl", lines.Bytes()), d.files.Write("metrics.csv", table.Bytes()))
}

func lineOf(e run.Evaluated) metricsLine {
	return metricsLine{
		Epoch: e.Epoch, Step: e.Step, TrainLoss: e.TrainLoss, TrainAccuracy: e.TrainAccuracy,
		Loss: e.Loss, Accuracy: e.Accuracy, Examples: e.Examples, Seconds: e.Elapsed.Seconds(),
	}
}

func rowOf(e run.Evaluated) []string {
	return []string{
		strconv.Itoa(e.Epoch), strconv.Itoa(e.Step), number(e.TrainLoss), number(e.TrainAccuracy),
		number(e.Loss), number(e.Accuracy), strconv.Itoa(e.Examples), number(e.Elapsed.Seconds()),
	}
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', 8, 64) }

// evaluated is the inverse of lineOf.
func (m metricsLine) evaluated() run.Evaluated {
	return run.Evaluated{
		Epoch: m.Epoch, Step: m.Step, TrainLoss: m.TrainLoss, TrainAccuracy: m.TrainAccuracy,
		Loss: m.Loss, Accuracy: m.Accuracy, Examples: m.Examples, Elapsed: time.Duration(m.Seconds * float64(time.Second)),
	}
}

// decodeLine reads one line of metrics.jsonl.
func decodeLine(line []byte, m *metricsLine) error {
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(m); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is something behind its end")
	}
	return nil
}
