//go:build !js

// The command is not run under Node, where this would take a minute.

package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"quarterturn/core/checkpoint"
	"quarterturn/core/cmd/internal/term"
	"quarterturn/core/durable"
	"quarterturn/core/runs"
)

// tinyPictures makes a folder of two classes of 8×8 pixels of noise.
func tinyPictures(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	source := rand.New(rand.NewPCG(7, 7))
	for i := range 40 {
		picture := image.NewNRGBA(image.Rect(0, 0, 8, 8))
		for at := range picture.Pix {
			picture.Pix[at] = byte(source.Uint32() | 255*uint32(at%4/3)) // Opaque.
		}
		var b bytes.Buffer
		if err := png.Encode(&b, picture); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(root, fmt.Sprintf("class%d", i%2), fmt.Sprintf("%d.png", i))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// tinyRun returns the arguments of a run of 48 steps that saves after each.
func tinyRun(pictures, out string) []string {
	return []string{
		"pretrain", "--data", pictures, "--side", "8", "--blocks", "1", "--width", "1", "--batch", "8",
		"--epochs", "3", "--scaled-crop", "0", "--pad-crop", "1", "--save-every", "1", "--out", out,
	}
}

// resultOf returns what must not depend on whether a run was interrupted: the
// SHA-256 of its weights, its position and velocities, and its metrics but for
// the time they took.
func resultOf(t *testing.T, root string) string {
	t.Helper()
	var result strings.Builder
	for _, name := range []string{"last.safetensors", "best.safetensors"} {
		fmt.Fprintln(&result, name, runs.Sum(mustRead(t, filepath.Join(root, name))))
	}
	m, s := newestOf(t, root)
	for i := range s.History {
		s.History[i] = s.History[i].Timeless()
	}
	state, err := checkpoint.EncodeState(s, m.Config)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(&result, "state %s %+v\n", runs.Sum(state), s.Position)
	for _, row := range strings.Split(strings.TrimSpace(string(mustRead(t, filepath.Join(root, "metrics.csv")))), "\n") {
		fields := strings.Split(row, ",")
		fmt.Fprintln(&result, fields[:len(fields)-3]) // Times come last.
	}
	for _, line := range bytes.Split(bytes.TrimSpace(mustRead(t, filepath.Join(root, "metrics.jsonl"))), []byte("\n")) {
		before, _, found := bytes.Cut(line, []byte(`,"seconds":`))
		if !found {
			t.Fatalf("metrics.jsonl has the line %s", line)
		}
		fmt.Fprintf(&result, "%s\n", before)
	}
	return result.String()
}

// newestOf reads the newest checkpoint of a run.
func newestOf(t *testing.T, root string) (*checkpoint.Model, *checkpoint.State) {
	t.Helper()
	files, err := durable.Open(root, durable.Disk{})
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	found, err := files.Checkpoints()
	if err != nil || len(found) == 0 {
		t.Fatalf("%s has no checkpoint (%v)", root, err)
	}
	m, s, err := runs.Load(files, found[0])
	if err != nil {
		t.Fatal(err)
	}
	return m, s
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

// TestResumeRefuses changes what a run's numbers come from.
func TestResumeRefuses(t *testing.T) {
	pictures, dir := tinyPictures(t), t.TempDir()
	pretext, transfer := filepath.Join(dir, "pretext"), filepath.Join(dir, "transfer")
	mustCall(t, tinyRun(pictures, pretext)...)
	start := filepath.Join(dir, "start.safetensors")
	if err := os.WriteFile(start, mustRead(t, filepath.Join(pretext, "best.safetensors")), 0o600); err != nil {
		t.Fatal(err)
	}
	mustCall(t, "finetune", "--from", start, "--data", pictures, "--side", "8", "--batch", "8", "--epochs", "1", "--scaled-crop", "0", "--out", transfer)
	edit := func(path, old, new string) func(*testing.T) {
		return func(t *testing.T) {
			b := mustRead(t, path)
			changed := bytes.Replace(b, []byte(old), []byte(new), 1)
			if bytes.Equal(b, changed) {
				t.Fatalf("%s does not hold %q", path, old)
			}
			replace(t, path, changed)
			t.Cleanup(func() { replace(t, path, b) })
		}
	}
	tests := []struct {
		name   string
		change func(*testing.T)
		args   []string
		code   int
		want   string
	}{
		{"no run", nil, []string{"pretrain", "--resume", filepath.Join(dir, "none")}, 2, "has no run in it"},
		{"another flag", nil, []string{"pretrain", "--resume", pretext, "--epochs", "9"}, 2, "leave out --epochs"},
		{"another command", nil, []string{"finetune", "--resume", pretext}, 2, "quarterturn pretrain --resume"},
		{"another configuration", edit(pretext+"/config.json", `"Momentum": 0.9`, `"Momentum": 0.8`),
			[]string{"pretrain", "--resume", pretext}, 1, "the configuration is not the one"},
		{"another backend", edit(pretext+"/config.json", `"Backend": "engine"`, `"Backend": "go"`),
			[]string{"pretrain", "--resume", pretext}, 1, "the configuration is not the one"},
		{"a setting from elsewhere", edit(pretext+"/config.json", `"Momentum"`, `"Impetus"`),
			[]string{"pretrain", "--resume", pretext}, 1, `unknown field "Impetus"`},
		{"damaged settings", func(t *testing.T) {
			path := filepath.Join(pretext, "config.json")
			whole := mustRead(t, path)
			replace(t, path, whole[:100])
			t.Cleanup(func() { replace(t, path, whole) })
		}, []string{"pretrain", "--resume", pretext}, 1, filepath.Join(pretext, "config.json") + " does not hold the settings of a run: unexpected EOF; put a copy of it back"},
		{"fewer pictures", edit(pretext+"/config.json", `"Limit": 0`, `"Limit": 20`),
			[]string{"pretrain", "--resume", pretext}, 1, "the pictures are not those"},
		{"another start", func(t *testing.T) {
			old := mustRead(t, start)
			replace(t, start, mustRead(t, filepath.Join(transfer, "checkpoints/step-00000000/model.safetensors")))
			t.Cleanup(func() { replace(t, start, old) })
		}, []string{"finetune", "--resume", transfer}, 1, "the checkpoint to start from is not the one"},
		{"no start", func(t *testing.T) {
			old := mustRead(t, start)
			_ = os.Remove(start)
			t.Cleanup(func() { _ = os.WriteFile(start, old, 0o600) })
		}, []string{"finetune", "--resume", transfer}, 1, "start.safetensors"},
		{"unknown --on-nan", nil, []string{"pretrain", "--on-nan", "hope"}, 2, "want stop or rollback"},
		{"unknown --save-every", nil, []string{"pretrain", "--save-every", "often"}, 2, "want a time such as 10m"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.change != nil {
				tt.change(t)
			}
			code, _, said := call(t, tt.args...)
			if code != tt.code || !strings.Contains(said, tt.want) {
				t.Errorf("exit code %d and %q, want %d and %q", code, said, tt.code, tt.want)
			}
		})
	}
	if code, _, said := call(t, "finetune", "--resume", transfer, "--keep", "1", "--save-every", "5m"); code != 0 {
		t.Errorf("nothing was changed and it does not go on: exit code %d, %s", code, said)
	}
}

// TestOutIsNotFilled: a folder with something in it is left as it is.
func TestOutIsNotFilled(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "thesis.txt"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"pretrain", "compare"} {
		args := []string{command, "--out", dir, "--blocks", "1", "--width", "2", "--epochs", "1"}
		if code, _, said := call(t, args...); code == 0 || !strings.Contains(said, "is not empty: it has thesis.txt") {
			t.Errorf("%s: exit code %d, %s", command, code, said)
		}
	}
	if names, _ := filepath.Glob(filepath.Join(dir, "[^.]*")); len(names) != 1 {
		t.Errorf("the folder has %v", names)
	}
}

// A fullDisk has no room.
type fullDisk struct{ durable.Disk }

func (d fullDisk) Create(path string) (durable.File, error) {
	f, err := d.Disk.Create(path)
	return fullFile{f}, err
}

type fullFile struct{ durable.File }

func (fullFile) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

// callOn runs the program with its files on a disk.
func callOn(disk durable.Files, args ...string) (code int, said string) {
	var out, errors bytes.Buffer
	term := &term.Terminal{Out: &out, Err: &errors, Disk: disk}
	code = exitCode(term, dispatch(context.Background(), term, args))
	return code, errors.String()
}
