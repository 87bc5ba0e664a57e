package report

import (
	"strings"
	"testing"

	"quarterturn/core/exam"
	"quarterturn/core/run"
	"quarterturn/core/runs"
	"quarterturn/core/study"
)

// TestWhatAStudyChose: an arm whose rates trials chose says which for which budget, and
// one that begins with several pretext networks how many; all runs are listed with
// their test accuracy.
func TestWhatAStudyChose(t *testing.T) {
	record := func(labels int, rate float64, pretext uint64) *runs.Record {
		c := run.Default(run.Transfer)
		c.LabelsPerClass, c.LearningRate = labels, rate
		return &runs.Record{
			Folder: "runs/a", Finished: true, History: []run.Evaluated{{Epoch: 1, Accuracy: 0.9, Examples: 10}},
			Spec:    runs.Spec{Config: c, From: "x", Start: "y", Rates: []float64{0.01, 0.1}, PretextSeed: pretext, Validation: 0.1},
			Answers: &exam.Answers{Classes: []string{"a", "b"}, Turns: 1, Labels: []int32{0, 0, 1, 1}, Guesses: []int32{0, 1, 1, 1}},
		}
	}
	a := &study.Group{Name: "transfer", Records: []*runs.Record{record(5, 0.1, 1), record(5, 0.1, 2), record(0, 0.01, 1)}}
	facts := map[string]string{}
	for _, f := range factsOf(a, nil).List {
		facts[f.Name] = f.Value
	}
	if got, want := facts["learning rate"], "0.1 with 5 labels a class, 0.01 with all labels; of 0.01, 0.1, chosen by the pictures held out for validation"; got != want {
		t.Errorf("the rate is %q, want %q", got, want)
	}
	if got, want := facts["starts from"], "2 pretext networks of its own, dealt out among the seeds"; got != want {
		t.Errorf("it starts from %q, want %q", got, want)
	}
	if row := strings.Join(runRow(a.Records[0], "transfer", "5"), " "); !strings.Contains(row, "75.00 % of 4") {
		t.Errorf("a run's row is %q, want its 3 of 4 test pictures", row)
	}
}
