package main

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"quarterturn/assets"
	"quarterturn/core/checkpoint"
	"quarterturn/core/cmd/internal/backends"
	"quarterturn/core/recording"
	"quarterturn/core/train"
)

// recordings are the runs that recordable has made, by what they keep.
var recordings = map[string]string{}

// recordable returns a run of three evaluations that kept so many checkpoints. Tests
// share it and only read it.
func recordable(t *testing.T, keep string) string {
	t.Helper()
	if root, ok := recordings[keep]; ok {
		return root
	}
	folder, err := os.MkdirTemp("", "recordable")
	if err != nil {
		t.Fatal(err)
	}
	recordings[keep] = filepath.Join(folder, "run")
	mustCall(t, append([]string{"pretrain"}, with(small, "--batch", "32", "--save-every", "1", "--keep", keep, "--out", recordings[keep])...)...)
	return recordings[keep]
}

// recordArgs are those of a recording that takes no time.
func recordArgs(root, out string) []string {
	return []string{"record", "--run", root, "--out", out, "--pictures", "test", "--limit", "100", "--points", "60", "--iterations", "40"}
}

func mustDecode(t *testing.T, path string) *recording.Recording {
	t.Helper()
	r, err := recording.Decode(mustRead(t, path))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRecord(t *testing.T) {
	root := recordable(t, "0")
	file := filepath.Join(t.TempDir(), "new", "a.qtr")
	out := mustCall(t, recordArgs(root, file)...)
	if !strings.Contains(out, "rotation accuracy") || !strings.Contains(out, file) {
		t.Errorf("record printed %q, want what came out and where it is", out)
	}
	r := mustDecode(t, file)
	checkRecordedRun(t, root, r)
	checkRecordedBeliefs(t, root, r)
	if !r.Pictures.Learnt || !r.Pictures.Items[0].Test {
		t.Errorf("the pictures are %+v, ..., want test pictures of the set that the run learnt from", r.Pictures.Items[0])
	}
	for _, point := range r.Map.Points[:20] {
		if point.Picture < 0 || r.Pictures.Items[point.Picture].Class != point.Class {
			t.Errorf("point %+v is not of the picture's class", point)
		}
	}
	if n := len(r.Probe.Stages); n != 3 || r.Probe.Stages[0] != "stem" || r.Map.Stage != "stage 2" {
		t.Errorf("stages %q, laid out by %q, want the stem and two stages, and the last", r.Probe.Stages, r.Map.Stage)
	}
	again := filepath.Join(t.TempDir(), "b.qtr")
	mustCall(t, recordArgs(root, again)...)
	if string(mustRead(t, again)) != string(mustRead(t, file)) {
		t.Error("the same run gave another recording")
	}
}

// checkRecordedRun compares a recording with the run's own files.
func checkRecordedRun(t *testing.T, root string, r *recording.Recording) {
	t.Helper()
	_, state := newestOf(t, root)
	if len(r.Epochs) != len(state.History) {
		t.Fatalf("%d epochs were recorded, want %d", len(r.Epochs), len(state.History))
	}
	for i, e := range r.Epochs {
		want := state.History[i]
		if e.Number != want.Epoch || e.Step != want.Step || e.TrainLoss != want.TrainLoss || e.TrainAccuracy != want.TrainAccuracy ||
			e.Loss != want.Loss || e.Accuracy != want.Accuracy || e.Examples != want.Examples {
			t.Errorf("epoch %d was recorded as %+v, want %+v", want.Epoch, e, want)
		}
	}
	// A cosine from 0.05 after half an epoch of warm-up: three quarters of the way
	// down after the first of two epochs, about.
	if rate := r.Epochs[1].LearningRate; r.Epochs[0].LearningRate != 0 || rate < 0.03 || rate > 0.045 || r.Epochs[2].LearningRate > rate/2 {
		t.Errorf("learning rates %v, %v, %v", r.Epochs[0].LearningRate, rate, r.Epochs[2].LearningRate)
	}
}

// checkRecordedBeliefs asks the run's last network about a picture.
func checkRecordedBeliefs(t *testing.T, root string, r *recording.Recording) {
	t.Helper()
	m, err := checkpoint.Decode(mustRead(t, filepath.Join(root, "last.safetensors")))
	if err != nil {
		t.Fatal(err)
	}
	sheets, err := assets.Pictures(r.Pictures.Set)
	if err != nil {
		t.Fatal(err)
	}
	backend, err := backends.Open("engine")
	if err != nil {
		t.Fatal(err)
	}
	predictor, err := train.NewPredictor(backend, m, sheets.Set.Test.Side)
	if err != nil {
		t.Fatal(err)
	}
	defer predictor.Close()
	const picture = 7
	if got := r.Pictures.Items[picture].Name; got != sheets.Set.Test.Name(picture) {
		t.Fatalf("picture %d is %q, want %q", picture, got, sheets.Set.Test.Name(picture))
	}
	turns, err := predictor.Turns(sheets.Set.Test.At(picture))
	if err != nil {
		t.Fatal(err)
	}
	for k, guess := range turns {
		for j, p := range r.Epochs[2].Beliefs[picture][k].Probabilities() {
			if off := math.Abs(float64(p - guess[j])); off > 0.007 { // A 255th and three quarters.
				t.Errorf("turned by %d: %v was recorded, the network believes %v", k, r.Epochs[2].Beliefs[picture][k], guess)
			}
		}
	}
}

func TestRecordSaysWhatIsMissing(t *testing.T) {
	root := recordable(t, "1")
	code, _, message := call(t, recordArgs(root, filepath.Join(t.TempDir(), "a.qtr"))...)
	if code != 1 || !strings.Contains(message, "--keep 0") || !strings.Contains(message, "after the epochs 0") {
		t.Errorf("exit code %d, %q, want which epochs have no checkpoint and what to do", code, message)
	}
	for name, args := range map[string][]string{
		"no run":      {"--out", "x"},
		"no out":      {"--run", root},
		"no folder":   {"--run", t.TempDir(), "--out", "x"},
		"no such set": {"--run", root, "--out", "x", "--set", "cats"},
		"pictures":    {"--run", root, "--out", "x", "--pictures", "most"},
		"points":      {"--run", root, "--out", "x", "--points", "3"},
	} {
		if code, _, message := call(t, append([]string{"record"}, args...)...); code != 2 {
			t.Errorf("%s: exit code %d, want 2: %s", name, code, message)
		}
	}
}

func TestRecordRefusesARunThatNames(t *testing.T) {
	root := filepath.Join(t.TempDir(), "run")
	mustCall(t, append([]string{"finetune", "--from", "scratch"}, with(small, "--batch", "32", "--keep", "0", "--out", root)...)...)
	out := filepath.Join(t.TempDir(), "a.qtr")
	code, _, message := call(t, recordArgs(root, out)...)
	if code != 2 || !strings.Contains(message, "pretrain") {
		t.Errorf("exit code %d, %q, want 2 and that only a run of pretrain can be recorded", code, message)
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("a file was written")
	}
}
