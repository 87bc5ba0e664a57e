package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"quarterturn/core/checkpoint"
	"quarterturn/core/measure"
	"quarterturn/core/resnet"
	"quarterturn/core/run"
)

// untrainedFile writes a network for photographs that has learnt nothing.
func untrainedFile(t *testing.T, name string, blocks ...int) string {
	t.Helper()
	return untrainedOfSide(t, 32, name, blocks...)
}

func untrainedOfSide(t *testing.T, side int, name string, blocks ...int) string {
	t.Helper()
	net := resnet.Config{Network: run.Network{Blocks: blocks, Width: 4}, Classes: 4}
	b, err := checkpoint.Encode(&checkpoint.Model{Config: net, Task: run.Pretext, Side: side, Weights: checkpoint.Initial(net, 1)})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestProbe: with the seed given, the same network made by --untrained must give
// the same numbers; and the table has what the objects have.
func TestProbe(t *testing.T) {
	model := untrainedFile(t, "m.safetensors", 1)
	out := mustCall(t, "probe", "--model", model, "--labels-per-class", "5", "--untrained", "--json")
	var results [2]measure.Probed
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != 2 {
		t.Fatalf("probe printed %d lines, want one for each network:\n%s", len(lines), out)
	}
	for i, line := range lines {
		if err := json.Unmarshal([]byte(line), &results[i]); err != nil {
			t.Fatal(err)
		}
	}
	if r := results[0]; r.Train != 50 || r.Data != "photographs" || len(r.Stages) != 2 || !slices.Equal(r.Stages, results[1].Stages) {
		t.Errorf("the same network was measured as %+v and %+v", results[0], results[1])
	}
	table := mustCall(t, "probe", "--model", model, "--labels-per-class", "5", "--draws", "2")
	for _, want := range []string{"stem", "stage 1", "chance", "50 pictures", "drawn 2 times", "tested on 158"} {
		if !strings.Contains(table, want) {
			t.Errorf("the table has no %q:\n%s", want, table)
		}
	}
}

func TestProbeMistakes(t *testing.T) {
	model := untrainedFile(t, "m.safetensors", 1)
	for _, tt := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"no model", nil, 2, "name a --model"},
		{"nothing to draw", []string{"--model", model, "--draws", "3"}, 2, "nothing to draw"},
		{"no neighbours", []string{"--model", model, "--neighbours", "0"}, 2, "at least 1"},
		{"cells that do not divide", []string{"--model", model, "--cells", "7"}, 1, "7 cells"},
		{"no classes", []string{"--model", model, "--data", "../../dataset/testdata", "--damaged", "1"}, 1, "folder of its own"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, _, said := call(t, append([]string{"probe"}, tt.args...)...)
			if code != tt.code || !strings.Contains(said, tt.want) {
				t.Errorf("exit code %d and %q, want %d and %q", code, said, tt.code, tt.want)
			}
		})
	}
}
