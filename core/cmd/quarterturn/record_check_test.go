package main

import (
	"path/filepath"
	"strings"
	"testing"

	"quarterturn/core/recording"
)

// TestRecordLooksAheadOfItsWork checks that what cannot become a file is refused
// before any network is looked at.
func TestRecordLooksAheadOfItsWork(t *testing.T) {
	root, folder := recordable(t, "0"), t.TempDir()
	file := filepath.Join(folder, "file")
	writeFiles(t, folder, map[string]string{"file": "x"})
	for _, tt := range []struct {
		want string
		code int
		out  string
		more []string
	}{
		{"is a folder", 2, folder, nil},
		{"--out " + filepath.Join(file, "a.qtr"), 2, filepath.Join(file, "a.qtr"), nil},
		{"--stage is 3", 2, filepath.Join(folder, "a.qtr"), []string{"--stage", "3"}},
		{"--stage is -2", 2, filepath.Join(folder, "a.qtr"), []string{"--stage", "-2"}},
		{"description of the pictures has 5000 bytes", 1, filepath.Join(folder, "a.qtr"), []string{"--learnt-from", strings.Repeat("x", 5000)}},
	} {
		code, _, message := call(t, append(recordArgs(root, tt.out), tt.more...)...)
		if code != tt.code || !strings.Contains(message, tt.want) || strings.Contains(message, "epoch 0 of") {
			t.Errorf("exit code %d, %.300q, want %d, %q, and no epoch that was measured", code, message, tt.code, tt.want)
		}
	}
}

// TestDraftIsAsLongAsTheRecording checks the draft against what a recording may
// be, and that it takes no more for it than the recording itself.
func TestDraftIsAsLongAsTheRecording(t *testing.T) {
	root := recordable(t, "0")
	file := filepath.Join(t.TempDir(), "a.qtr")
	mustCall(t, recordArgs(root, file)...)
	whole := mustDecode(t, file)
	for name, tt := range map[string]struct {
		want  string
		spoil func(*recorder)
	}{
		"as it is": {"", func(*recorder) {}},
		"command":  {"command of the run has 5000 bytes", func(r *recorder) { r.result.Command = strings.Repeat("x", 5000) }},
		"classes":  {"300 classes of points", func(r *recorder) { r.result.Map.Classes = make([]string, 300) }},
		"loss":     {"training loss is 1e+07", func(r *recorder) { r.recorded.epochs[1].TrainLoss = 1e7 }},
		"size":     {"more than a page should fetch", func(r *recorder) { r.recorded.epochs = manyEpochs(900) }},
		"epochs":   {"1001 epochs", func(r *recorder) { r.recorded.epochs = manyEpochs(recording.MaxEpochs + 1) }},
	} {
		r := &recorder{result: *whole, recorded: &recordedRun{epochs: manyEpochs(len(whole.Epochs))}}
		tt.spoil(r)
		b, err := r.draft()
		if tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: error %v, want one with %q", name, err, tt.want)
		}
		if size := len(mustRead(t, file)); tt.want == "" && (err != nil || len(b) != size) {
			t.Errorf("%s: %d bytes, error %v, want %d as the recording", name, len(b), err, size)
		}
	}
}

// manyEpochs are so many epochs of which little is known.
func manyEpochs(n int) []recordedEpoch {
	epochs := make([]recordedEpoch, n)
	for i := range epochs {
		epochs[i].Epoch, epochs[i].Step = i, i
	}
	return epochs
}
