package main

import (
	"bytes"
	"fmt"
	"math"
	"path/filepath"

	"quarterturn/core/durable"
	"quarterturn/core/measure"
	"quarterturn/core/run"
)

// A runRecord is what a run's folder tells without its pictures and weights.
type runRecord struct {
	folder    string
	settings  settings
	history   []run.Evaluated
	finished  bool               // The last epoch was evaluated.
	confusion *measure.Confusion // Nil without one.
	embedding *measure.Embedding // Nil without one.
	notes     []string           // About what could not be used.
}

// Bounds of files that are read whole.
const (
	maxMetricsBytes = 16 << 20
)

// readRunRecord reads a run's folder. Only what tells nothing at all is an error.
func readRunRecord(disk durable.Files, folder string) (*runRecord, error) {
	b, err := disk.Read(filepath.Join(folder, configFile), maxSettingsBytes)
	if isMissing(err) {
		return nil, fmt.Errorf("%s has no run in it: there is no %s", folder, configFile)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", folder, err)
	}
	r := &runRecord{folder: folder}
	if r.settings, err = decodeSettings(b); err != nil {
		return nil, fmt.Errorf("%s: %s does not hold the settings of a run: %w", folder, configFile, err)
	}
	b, err = disk.Read(filepath.Join(folder, "metrics.jsonl"), maxMetricsBytes)
	if isMissing(err) {
		return r, nil // Not begun.
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", folder, err)
	}
	if r.history, err = readMetrics(b); err != nil {
		return nil, fmt.Errorf("%s: %w", folder, err)
	}
	if n := len(r.history); n > 0 {
		r.finished = r.history[n-1].Epoch >= r.settings.Config.Epochs
	}
	r.readConfusion(disk)
	r.readEmbedding(disk)
	return r, nil
}

// last returns the newest evaluation.
func (r *runRecord) last() run.Evaluated {
	if len(r.history) == 0 {
		return run.Evaluated{}
	}
	return r.history[len(r.history)-1]
}

// readMetrics reads metrics.jsonl, which is not trusted.
func readMetrics(b []byte) (history []run.Evaluated, err error) {
	for line := range bytes.Lines(b) {
		var m metricsLine
		if err := decodeLine(line, &m); err != nil {
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
	loss := func(v float64) bool { return v >= 0 && v <= math.MaxFloat32 }
	return e.Epoch >= 0 && e.Epoch <= run.MaxEpochs && e.Step >= 0 && e.Examples >= 0 && e.Examples <= math.MaxInt32 &&
		share(e.Accuracy) && share(e.TrainAccuracy) && loss(e.Loss) && loss(e.TrainLoss)
}

// mayDiffer are so many of 100 pictures that the confusion matrix and the last
// evaluation may count differently: each is a pass over the pictures of its own, which
// some devices round in another order.
const mayDiffer = 1

// readConfusion reads the confusion matrix, which must be of the last evaluation.
func (r *runRecord) readConfusion(disk durable.Files) {
	b, err := disk.Read(filepath.Join(r.folder, confusionFile), measure.MaxConfusionBytes)
	if isMissing(err) {
		return
	}
	var c *measure.Confusion
	if err == nil {
		c, err = measure.DecodeConfusion(b)
	}
	if err == nil {
		right, examples := c.Right()
		last := r.last()
		if differ := max(right-rightOf(last), rightOf(last)-right); examples != last.Examples || 100*differ > mayDiffer*examples {
			err = fmt.Errorf("it counts %d of %d as right, the last evaluation %d of %d", right, examples, rightOf(last), last.Examples)
		}
	}
	if err != nil {
		r.notes = append(r.notes, fmt.Sprintf("%s of %s is left out: %v", confusionFile, r.folder, err))
		return
	}
	r.confusion = c
}

// rightOf returns how many examples an evaluation found right.
func rightOf(e run.Evaluated) int { return int(math.Round(e.Accuracy * float64(e.Examples))) }

// readEmbedding reads how the run's network lays pictures out.
func (r *runRecord) readEmbedding(disk durable.Files) {
	e, err := readEmbeddingFile(disk, r.folder)
	if isMissing(err) {
		return
	}
	if err != nil {
		r.notes = append(r.notes, fmt.Sprintf("%s of %s is left out: %v", embeddingFile, r.folder, err))
		return
	}
	r.embedding = e
}
