//go:build !js

package runs

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"quarterturn/core/durable"
	"quarterturn/core/run"
	"quarterturn/core/train"
)

// TestResumeAfterDamage damages checkpoints of a run that has ended. Going on says
// so, takes an earlier one, and ends with the bytes that were there.
func TestResumeAfterDamage(t *testing.T) {
	straight := filepath.Join(t.TempDir(), "run")
	mustRun(t, keenJob(straight))
	want := resultOf(t, straight)
	flip := func(path string) {
		b := read(t, path)
		b[len(b)/2] ^= 4
		replace(t, path, b)
	}
	cut := func(path string) {
		b := read(t, path)
		replace(t, path, b[:len(b)/2])
	}
	tests := []struct {
		name   string
		damage func(root string)
		said   []string
	}{
		{"nothing", func(string) {}, []string{"going on from step 48"}},
		{"a bit of the weights", func(root string) { flip(root + "/checkpoints/step-00000048/model.safetensors") },
			[]string{"step-00000048 cannot be used", "model.safetensors is not what its manifest says", "going on from step 47"}},
		{"half a state", func(root string) { cut(root + "/checkpoints/step-00000048/state.safetensors") },
			[]string{"state.safetensors has", "going on from step 47"}},
		{"half a manifest", func(root string) { cut(root + "/checkpoints/step-00000048/manifest.json") },
			[]string{"manifest does not parse", "going on from step 47"}},
		{"two checkpoints", func(root string) {
			_ = os.Remove(root + "/checkpoints/step-00000048/model.safetensors")
			flip(root + "/checkpoints/step-00000047/state.safetensors")
		}, []string{"model.safetensors is missing", "step-00000047 cannot be used", "going on from step 46"}},
		{"all checkpoints", func(root string) {
			found, _ := filepath.Glob(root + "/checkpoints/*/manifest.json")
			for _, path := range found {
				cut(path)
			}
		}, []string{"starting from the beginning"}},
		{"all files but the checkpoints", func(root string) {
			for _, name := range []string{"last.safetensors", "best.safetensors", "metrics.csv", "metrics.jsonl", "events.jsonl"} {
				_ = os.Remove(filepath.Join(root, name))
			}
		}, []string{"going on from step 48"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root := filepath.Join(t.TempDir(), "run")
			if err := os.CopyFS(root, os.DirFS(straight)); err != nil {
				t.Fatal(err)
			}
			tt.damage(root)
			said := mustResume(t, root)
			for _, part := range tt.said {
				if !strings.Contains(said, part) {
					t.Errorf("it did not say %q but\n%s", part, said)
				}
			}
			if got := resultOf(t, root); got != want {
				t.Errorf("it ended with\n%swant\n%s", got, want)
			}
		})
	}
}

// replace writes a new file under the name of an old one, as links to it share
// its bytes.
func replace(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// A fullDisk has no room while full says so.
type fullDisk struct {
	durable.Disk
	full func() bool
}

func (d fullDisk) Create(path string) (durable.File, error) {
	f, err := d.Disk.Create(path)
	return fullFile{f, d}, err
}

type fullFile struct {
	durable.File
	disk fullDisk
}

func (f fullFile) Write(b []byte) (int, error) {
	if f.disk.full() {
		return 0, syscall.ENOSPC
	}
	return f.File.Write(b)
}

// TestFullDisk fills the disk for a while, and for good. A run says so, keeps the
// checkpoint that it has, and in the first case ends as if nothing had been.
func TestFullDisk(t *testing.T) {
	straight := filepath.Join(t.TempDir(), "run")
	mustRun(t, keenJob(straight))
	want := resultOf(t, straight)

	writes := 0
	forAWhile := fullDisk{full: func() bool { writes++; return writes > 50 && writes <= 55 }}
	root := filepath.Join(t.TempDir(), "run")
	job := keenJob(root)
	job.Disk = forAWhile
	said, err := runJob(t, context.Background(), job)
	if err != nil || strings.Count(said, "no space left on device; the newest checkpoint is that of step") == 0 || !strings.Contains(said, "after all") {
		t.Errorf("%v; it said %s", err, said)
	}
	if got := resultOf(t, root); got != want {
		t.Errorf("it ended with\n%swant\n%s", got, want)
	}

	writes = 0
	forGood := fullDisk{full: func() bool { writes++; return writes > 50 }}
	root = filepath.Join(t.TempDir(), "run")
	job = keenJob(root)
	job.Disk = forGood
	if said, err = runJob(t, context.Background(), job); !errors.Is(err, syscall.ENOSPC) || strings.Count(said, "no space left") != 1 || !strings.Contains(err.Error(), "five minutes") {
		t.Errorf("%v; it said %s", err, said)
	}
	if m, _ := newestOf(t, root); m.Steps < 5 || m.Steps > 47 {
		t.Errorf("the newest checkpoint is of step %d, want one from before the disk was full", m.Steps)
	}
	mustResume(t, root)
	if got := resultOf(t, root); got != want {
		t.Errorf("after making room it ended with\n%swant\n%s", got, want)
	}
}

// TestFolderIsGone removes a run's folder while it trains. The run ends at its next
// save, and does not make a folder without settings.
func TestFolderIsGone(t *testing.T) {
	root := filepath.Join(t.TempDir(), "run")
	job := keenJob(root)
	job.Report = func(e run.Event) {
		if p, ok := e.(run.Progress); ok && p.Step == 20 {
			if err := os.RemoveAll(root); err != nil {
				t.Error(err)
			}
		}
	}
	if said, err := runJob(t, context.Background(), job); !errors.Is(err, errGone) || strings.Contains(said, "waits") {
		t.Errorf("%v; it said %s", err, said)
	}
	if _, err := os.Stat(root); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder was made again: %v", err)
	}
}

// TestRollBackGoesOn takes a learning rate that makes the weights grow at each
// step until it was halved.
func TestRollBackGoesOn(t *testing.T) {
	root := filepath.Join(t.TempDir(), "run")
	job := keenJob(root)
	c := &job.Spec.Config
	c.Epochs, c.LearningRate, c.WeightDecay, c.Momentum, c.Schedule, c.WarmupEpochs = 12, 6, 1, 0, run.Constant, 0
	if _, err := runJob(t, context.Background(), job); !errors.Is(err, train.ErrDiverged) {
		t.Fatalf("it ended with %v, want to diverge", err)
	}
	job = keenJob(root)
	if err := job.Resume(); err != nil {
		t.Fatal(err)
	}
	job.Spec.OnNaN = RollBackOnNaN
	said, err := runJob(t, context.Background(), job)
	if err != nil || !strings.Contains(said, "at half the learning rate") {
		t.Fatalf("%v; it said %s", err, said)
	}
	_, s := newestOf(t, root)
	events := string(read(t, filepath.Join(root, "events.jsonl")))
	if n := strings.Count(events, "rolled back"); n == 0 || n != s.Position.Rollbacks || s.Position.Step != 12*stepsPerEpoch {
		t.Errorf("%d rollbacks are noted, the state is %+v; want some, as many, at step %d", n, s.Position, 12*stepsPerEpoch)
	}
	if rows := strings.Count(string(read(t, filepath.Join(root, "metrics.csv"))), "\n"); rows != 14 {
		t.Errorf("metrics.csv has %d rows, want a header and 13", rows)
	}
}
