package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"quarterturn/core/checkpoint"
	"quarterturn/core/cmd/internal/files"
	"quarterturn/core/durable"
	"quarterturn/core/measure"
)

// TestShrink writes a model for the page and measures the file again by other
// commands: the card must say the same.
func TestShrink(t *testing.T) {
	root := recordable(t, "1")
	model, file := filepath.Join(root, "last.safetensors"), filepath.Join(t.TempDir(), "new", "a.safetensors")
	out := mustCall(t, "shrink", "--model", model, "--out", file, "--data", "emoji", "--command", "quarterturn pretrain", "--tested-on", "drawings")
	before, after := mustRead(t, model), mustRead(t, file)
	if len(after) > len(before)*6/10+4000 { // The header and the card do not shrink.
		t.Errorf("%d bytes became %d, want about half", len(before), len(after))
	}
	m, err := checkpoint.Decode(after)
	if err != nil {
		t.Fatal(err)
	}
	c := m.Card
	if c.Data != "Photographs (built in)" || c.Seed != 1 || c.Parameters == 0 || len(c.Scores) != 2 || c.Scores[0].Pictures != "drawings" || len(c.Probe.Stages) != 3 {
		t.Errorf("the card is %+v", c)
	}
	for i, set := range []string{"emoji", "photographs"} {
		want := mustCall(t, "eval", "--model", file, "--data", set)
		if got := fmt.Sprintf("accuracy %.2f %%", 100*c.Scores[i].Right.Accuracy); !strings.Contains(want, got) {
			t.Errorf("the card says %s of %s, eval says %s", got, set, want)
		}
	}
	if m.Accuracy != c.Scores[0].Right.Accuracy {
		t.Errorf("the file says %v, its card %v of the same weights", m.Accuracy, c.Scores[0].Right.Accuracy)
	}
	want := mustCall(t, "probe", "--model", file)
	for _, s := range c.Probe.Stages {
		if got := measure.Score(s.Linear).String(); !strings.Contains(want, got) {
			t.Errorf("the card says %s of %s, probe says\n%s", got, s.Stage, want)
		}
	}
	again := filepath.Join(t.TempDir(), "b.safetensors") // Beside no config.json: the card tells.
	mustCall(t, "shrink", "--model", file, "--out", again, "--data", "emoji", "--tested-on", "drawings")
	if !bytes.Equal(mustRead(t, again), after) {
		t.Error("a shrunk model that is shrunk again is another")
	}
	if !strings.Contains(out, "trained numbers") || !strings.Contains(out, file) {
		t.Errorf("shrink printed %q", out)
	}
}

func TestShrinkRefuses(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "a.safetensors")
	moved := filepath.Join(dir, "moved.safetensors")
	if err := files.Write(durable.Disk{}, moved, mustRead(t, filepath.Join(recordable(t, "1"), "last.safetensors"))); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		code int
		want string
		args []string
	}{
		"nothing named":    {2, "--model", []string{"--out", out}},
		"no such file":     {1, "no such file", []string{"--model", "nothing.safetensors", "--out", out}},
		"no config beside": {2, "--learnt-from", []string{"--model", moved, "--out", out}},
	} {
		code, _, message := call(t, append([]string{"shrink"}, tt.args...)...)
		if code != tt.code || !strings.Contains(message, tt.want) {
			t.Errorf("%s: exit code %d, %q, want %d and %q", name, code, message, tt.code, tt.want)
		}
	}
}
