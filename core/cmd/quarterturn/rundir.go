package main

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"quarterturn/core/checkpoint"
	"quarterturn/core/run"
	"quarterturn/core/train"
)

// A runDir is the folder of a run:
//
//	config.json              what the run was told
//	metrics.jsonl, .csv      one line for each evaluation
//	curves.svg, curves.png   loss and accuracy over epochs
//	checkpoints/             epoch-0001.safetensors and so on
//	last.safetensors         the newest weights
//	best.safetensors         those with the best validation accuracy
type runDir struct {
	root    string
	metrics *os.File
	table   *os.File
	history []run.Evaluated
	best    float64
}

// createRunDir makes a run's folder. One that has a run in it already is left
// alone.
func createRunDir(root string, config run.Config, args []string) (*runDir, error) {
	d := &runDir{root: root, best: -1}
	if _, err := os.Stat(d.path("config.json")); err == nil {
		return nil, usageError{fmt.Errorf("%s has a run in it already; choose another --out", root)}
	}
	if err := os.MkdirAll(d.path("checkpoints"), 0o755); err != nil {
		return nil, err
	}
	description, err := json.MarshalIndent(struct {
		Command []string
		Config  run.Config
	}{args, config}, "", "  ")
	if err != nil {
		return nil, err
	}
	if err := writeFile(d.path("config.json"), append(description, '\n')); err != nil {
		return nil, err
	}
	if d.metrics, err = os.Create(d.path("metrics.jsonl")); err != nil {
		return nil, err
	}
	if d.table, err = os.Create(d.path("metrics.csv")); err != nil {
		return nil, err
	}
	_, err = d.table.WriteString("epoch,step,train_loss,train_accuracy,loss,accuracy,examples,seconds\n")
	return d, err
}

func (d *runDir) path(name string) string { return filepath.Join(d.root, name) }

// record keeps an evaluation: its metrics, the curves so far and the weights.
func (d *runDir) record(e run.Evaluated, trainer *train.Trainer) error {
	d.history = append(d.history, e)
	if err := errors.Join(d.writeMetrics(e), d.drawCurves()); err != nil {
		return err
	}
	if e.Step == 0 {
		return nil
	}
	m, err := trainer.Model()
	if err != nil {
		return err
	}
	if err := d.save(fmt.Sprintf("checkpoints/epoch-%04d.safetensors", e.Epoch), m); err != nil {
		return err
	}
	if e.Accuracy > d.best {
		d.best = e.Accuracy
		if err := d.save("best.safetensors", m); err != nil {
			return err
		}
	}
	return d.save("last.safetensors", m)
}

func (d *runDir) saveLast(trainer *train.Trainer) error {
	m, err := trainer.Model()
	if err != nil {
		return err
	}
	return d.save("last.safetensors", m)
}

func (d *runDir) save(name string, m *checkpoint.Model) error {
	b, err := checkpoint.Encode(m)
	if err != nil {
		return err
	}
	return writeFile(d.path(name), b)
}

// writeMetrics appends one evaluation to both tables.
func (d *runDir) writeMetrics(e run.Evaluated) error {
	line, err := json.Marshal(metricsLine{
		Epoch: e.Epoch, Step: e.Step, TrainLoss: e.TrainLoss, TrainAccuracy: e.TrainAccuracy,
		Loss: e.Loss, Accuracy: e.Accuracy, Examples: e.Examples, Seconds: e.Elapsed.Seconds(),
	})
	if err != nil {
		return err
	}
	if _, err := d.metrics.Write(append(line, '\n')); err != nil {
		return err
	}
	w := csv.NewWriter(d.table)
	err = w.Write([]string{
		strconv.Itoa(e.Epoch), strconv.Itoa(e.Step), number(e.TrainLoss), number(e.TrainAccuracy),
		number(e.Loss), number(e.Accuracy), strconv.Itoa(e.Examples), number(e.Elapsed.Seconds()),
	})
	w.Flush()
	return errors.Join(err, w.Error())
}

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

func number(v float64) string { return strconv.FormatFloat(v, 'g', 8, 64) }

func (d *runDir) close() error { return errors.Join(d.metrics.Close(), d.table.Close()) }

// writeFile replaces a file in one go: whatever happens, it holds either the old
// bytes or the new ones.
func writeFile(path string, b []byte) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), ".writing-*")
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name()) // No longer there once it was renamed.
	_, err = temporary.Write(b)
	if err == nil {
		err = temporary.Sync()
	}
	if err := errors.Join(err, temporary.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err := os.Chmod(temporary.Name(), 0o644); err != nil { // CreateTemp makes it private.
		return err
	}
	if err := os.Rename(temporary.Name(), path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// syncDir makes a rename last through a power cut.
func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
