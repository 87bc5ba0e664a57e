package runs

import (
	"encoding/csv"
	"math"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"quarterturn/core/durable"
	"quarterturn/core/run"
)

// TestMetricsTellRateAndSpeed: each line but the first says at which rate and how fast
// the run came there, in both tables and in what a checkpoint remembers.
func TestMetricsTellRateAndSpeed(t *testing.T) {
	root := filepath.Join(t.TempDir(), "run")
	job := tinyJob(root)
	var rates []float64 // Of the last step before each evaluation.
	rate := 0.0
	job.Report = func(e run.Event) {
		switch e := e.(type) {
		case run.Progress:
			rate = e.LearningRate
		case run.Evaluated:
			rates = append(rates, rate)
		}
	}
	mustRun(t, job)
	history, err := readMetrics(read(t, filepath.Join(root, "metrics.jsonl")))
	if err != nil || len(history) != 4 {
		t.Fatalf("%d lines, %v", len(history), err)
	}
	if first := history[0]; first.LearningRate != 0 || first.Training != 0 || first.ImagesPerSecond != 0 {
		t.Errorf("before the first step: %+v", first)
	}
	for i, e := range history[1:] {
		examples := 8.0 * stepsPerEpoch
		if e.LearningRate != rates[i+1] || e.Training <= 0 || math.Abs(e.ImagesPerSecond*e.Training.Seconds()-examples) > 0.01*examples {
			t.Errorf("epoch %d: %+v, want rate %v and %v images in all", e.Epoch, e, rates[i+1], examples)
		}
	}
	_, s := newestOf(t, root)
	for i := range s.History {
		if got, want := s.History[i], history[i]; !reflect.DeepEqual(got, want) {
			t.Errorf("the checkpoint remembers %+v, the table has %+v", got, want)
		}
	}
	rows, err := csv.NewReader(strings.NewReader(string(read(t, filepath.Join(root, "metrics.csv"))))).ReadAll()
	if err != nil || len(rows) != 5 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	last := map[string]string{}
	for i, name := range rows[0] {
		last[name] = rows[4][i]
	}
	for name, want := range map[string]float64{
		"learning_rate": history[3].LearningRate, "training_seconds": history[3].Training.Seconds(), "images_per_second": history[3].ImagesPerSecond,
	} {
		if got, err := strconv.ParseFloat(last[name], 64); err != nil || math.Abs(got-want) > 1e-6*want {
			t.Errorf("metrics.csv has %s %q, want %v", name, last[name], want)
		}
	}
}

// TestOlderMetrics reads lines from before they told rate and speed, and refuses what
// cannot be.
func TestOlderMetrics(t *testing.T) {
	const older = `{"epoch":1,"step":9,"train_loss":1.5,"train_accuracy":0.5,"loss":1.25,"accuracy":0.5,"examples":10,"seconds":2}`
	want := []run.Evaluated{{Epoch: 1, Step: 9, TrainLoss: 1.5, TrainAccuracy: 0.5, Loss: 1.25, Accuracy: 0.5, Examples: 10, Elapsed: 2 * time.Second}}
	if got, err := readMetrics([]byte(older)); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v: read %+v, want %+v", err, got, want)
	}
	for _, more := range []string{`"learning_rate":-1`, `"training_seconds":-1`, `"images_per_second":1e300`} {
		if _, err := readMetrics([]byte(strings.Replace(older, `"seconds":2`, more, 1))); err == nil || !strings.Contains(err.Error(), "impossible") {
			t.Errorf("%s: %v", more, err)
		}
	}
}

// TestFailedToLearn: a loss far above that of guessing blindly is a failure, though a number.
func TestFailedToLearn(t *testing.T) {
	blind := math.Log(4)
	for _, tt := range []struct {
		last run.Evaluated
		want bool
	}{
		{run.Evaluated{Loss: 15_798_018_130, Examples: 40}, true},
		{run.Evaluated{Loss: 10.1 * blind, Examples: 40}, true},
		{run.Evaluated{Loss: 9.9 * blind, Examples: 40}, false}, // Confident and often wrong, which few labels make.
		{run.Evaluated{Loss: 0.3, Examples: 40}, false},
		{run.Evaluated{}, false}, // Nothing to validate with.
	} {
		if got := (Outcome{Last: tt.last, Blind: blind}).Failed(); got != tt.want {
			t.Errorf("a loss of %v over %d examples: failed is %v", tt.last.Loss, tt.last.Examples, got)
		}
	}
}

// TestVacant: a folder of other things is refused by what is in it, and an empty one,
// or one that is not there, is not.
func TestVacant(t *testing.T) {
	root := t.TempDir()
	missing := filepath.Join(root, "missing")
	if err := Vacant(durable.Disk{}, missing); err != nil {
		t.Error(err)
	}
	if err := Vacant(durable.Disk{}, root); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		if err := durable.Replace(durable.Disk{}, filepath.Join(root, name), []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	if err := Vacant(durable.Disk{}, root); err == nil || !strings.Contains(err.Error(), "it has a, b, c and 2 more") {
		t.Errorf("%v", err)
	}
}
