package notebook

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"

	"quarterturn/core/chart"
	"quarterturn/core/exam"
	"quarterturn/core/run"
)

// whole returns a run of which no field is zero.
func whole(t testing.TB) *Run {
	t.Helper()
	c := run.Default(run.Transfer)
	c.Seed, c.LabelSmoothing, c.CarryOver = 7, 0.125, false
	var loss chart.Series
	for i := range 900 {
		loss = loss.With(float64(i)/10, 1/float64(i+1))
	}
	r := &Run{
		Key: "12", Name: "mine", Note: "with\nlines", Pinned: true, Hidden: true, Experiment: 3, Arm: Frozen(2), Config: c,
		From: Source{"small", "ab"}, Pictures: Source{"photographs", "cd"}, Classes: 8,
		Began: time.UnixMilli(1_700_000_000_123), Backend: "SIMD", Phase: run.Finished, Problem: "none", Of: "11",
		Newest:    run.Progress{Step: 5, Epoch: 0.5, Loss: 1, Accuracy: 0.25, LearningRate: 0.1, ImagesPerSecond: 100, Remaining: time.Second},
		Started:   run.Started{Config: c, StepsPerEpoch: 2, Steps: 20, TrainExamples: 64, TestExamples: 16, Parameters: 1000},
		History:   []run.Evaluated{{Epoch: 1, Step: 2, TrainLoss: 1, TrainAccuracy: 0.5, Loss: 1.5, Accuracy: 0.25, Examples: 16, Elapsed: time.Second, StandardError: 0.1, LearningRate: 0.2, Training: time.Minute, ImagesPerSecond: 90}},
		TrainLoss: loss, TrainAccuracy: loss, Weights: "ef", Bytes: 9, Workers: 2,
		Answers: &exam.Answers{Classes: []string{"a", "b"}, Turns: 1, Labels: []int32{0, 1}, Guesses: []int32{1, 1}},
	}
	r.Started.Config.BatchSize = 8
	v := reflect.ValueOf(*r)
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			t.Fatalf("the test's run has no %s", v.Type().Field(i).Name)
		}
	}
	return r
}

func TestRunComesBack(t *testing.T) {
	want := whole(t)
	got, err := DecodeRun(want.Encode())
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("came back as\n%+v, want\n%+v (%v)", got, want, err)
	}
	empty := &Run{Config: run.Default(run.Pretext)}
	if got, err := DecodeRun(empty.Encode()); err != nil || got.Answers != nil || !got.Began.IsZero() {
		t.Errorf("a run that has not begun came back as %+v, %v", got, err)
	}
}

func TestBookComesBack(t *testing.T) {
	want := &Book{Note: "n", Keys: []string{"1", "3"}, Experiments: []Experiment{{ID: 2, Arms: []Arm{Transfer, Probe(1)}, Labels: []int{5, 0}, Seeds: 3, Early: true, Ended: true}}}
	if got, err := DecodeBook(want.Encode()); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("came back as %+v, want %+v (%v)", got, want, err)
	}
}

func TestKeptIsRefused(t *testing.T) {
	good := whole(t).Encode()
	newer := bytes.Clone(good)
	newer[0] = 2
	for want, b := range map[string][]byte{"empty": nil, "newer Quarterturn": newer, "cut short": good[:len(good)/2], "behind its end": append(bytes.Clone(good), 0)} {
		if _, err := DecodeRun(b); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func FuzzDecodeRun(f *testing.F) {
	f.Add(whole(f).Encode())
	f.Add((&Book{Keys: []string{"1"}}).Encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := DecodeRun(b); err == nil {
			again, err := DecodeRun(r.Encode())
			if err != nil || !bytes.Equal(again.Encode(), r.Encode()) {
				t.Errorf("a run that was read cannot be read again: %v", err)
			}
		}
		if book, err := DecodeBook(b); err == nil && !bytes.Equal(book.Encode(), b) {
			t.Errorf("%x became %x", b, book.Encode())
		}
	})
}

// TestSettingsDoNotHangOnDefaults: what is kept says all settings, so that other defaults
// of a later version do not change runs of this one.
func TestSettingsDoNotHangOnDefaults(t *testing.T) {
	r := &Run{Config: run.Default(run.Scratch)}
	kept := string(r.Encode())
	for _, s := range run.Settings() {
		if s.Field != "" && !strings.Contains(kept, s.Name) {
			t.Errorf("what is kept does not say %s", s.Name)
		}
	}
}
