package main

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"quarterturn/core/checkpoint"
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

// TestProbe measures a network that has learnt nothing on photographs. Even its
// features know more than chance, the colours; and with the seed given, the same
// network made by --untrained must give the same numbers.
func TestProbe(t *testing.T) {
	model := untrainedFile(t, "m.safetensors", 1, 1)
	out := mustCall(t, "probe", "--model", model, "--labels-per-class", "20", "--untrained", "--json")
	var results [2]probeResult
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != 2 {
		t.Fatalf("probe printed %d lines, want one for each network:\n%s", len(lines), out)
	}
	for i, line := range lines {
		if err := json.Unmarshal([]byte(line), &results[i]); err != nil {
			t.Fatal(err)
		}
		results[i].check(t)
	}
	for i, s := range results[0].Stages {
		if s != results[1].Stages[i] {
			t.Errorf("the same network was measured as %+v and %+v", s, results[1].Stages[i])
		}
	}
	table := mustCall(t, "probe", "--model", model, "--labels-per-class", "20")
	for _, want := range []string{"stem", "stage 2", "chance", "200 pictures", "tested on 158"} {
		if !strings.Contains(table, want) {
			t.Errorf("the table has no %q:\n%s", want, table)
		}
	}
}

// check looks for what must be so of ten classes with 20 labels each.
func (r probeResult) check(t *testing.T) {
	t.Helper()
	if r.Train != 200 || r.Test != 158 || r.Classes != 10 || len(r.Stages) != 3 || r.Chance < 0.09 || r.Chance > 0.11 {
		t.Errorf("%+v", r)
	}
	for i, s := range r.Stages {
		if s.Stage != i || s.Features != []int{4, 4, 8}[i] {
			t.Errorf("stage %d is %+v", i, s)
		}
		for name, got := range map[string]score{"neighbours": s.Neighbour, "linear": s.Linear} {
			if got.Low > got.Accuracy || got.Accuracy > got.High || got.Low < r.Chance {
				t.Errorf("stage %d, %s: %+v, want an interval around the accuracy and above chance, %v", i, name, got, r.Chance)
			}
		}
	}
}

func TestCommonest(t *testing.T) {
	if got := commonest([]int32{2, 1, 1, 2, 0}, []int32{1, 2, 2, 1}); got != 0.5 {
		t.Errorf("commonest is %v, want 0.5", got)
	}
	if got := commonest([]int32{-1, -1, -1, 1, 1, 0}, []int32{1, 0}); got != 0.5 {
		t.Errorf("commonest is %v, want 0.5: pictures without a class do not count", got)
	}
	if got := commonest([]int32{2, 2, 0}, []int32{0, 0, 0}); got != 0 {
		t.Errorf("commonest is %v, want 0", got)
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
		{"no classes", []string{"--model", model, "--data", "../../dataset/testdata"}, 1, "folder of its own"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, _, said := call(t, append([]string{"probe"}, tt.args...)...)
			if code != tt.code || !strings.Contains(said, tt.want) {
				t.Errorf("exit code %d and %q, want %d and %q", code, said, tt.code, tt.want)
			}
		})
	}
}

// TestProbeDraws: of three draws, the mean has to be that of the three alone.
func TestProbeDraws(t *testing.T) {
	model := untrainedFile(t, "m.safetensors", 1)
	probed := func(more ...string) (r probeResult) {
		out := mustCall(t, append([]string{"probe", "--model", model, "--labels-per-class", "6", "--json"}, more...)...)
		if err := json.Unmarshal([]byte(out), &r); err != nil {
			t.Fatal(err)
		}
		return r
	}
	together := probed("--draws", "3", "--seed", "5")
	var alone []float64
	for _, seed := range []string{"5", "6", "7"} {
		alone = append(alone, probed("--seed", seed).Stages[1].Linear.Accuracy)
	}
	got := together.Stages[1].Linear
	if want := (alone[0] + alone[1] + alone[2]) / 3; math.Abs(got.Accuracy-want) > 1e-9 || together.Draws != 3 || together.Train != 60 {
		t.Errorf("the mean is %v of %d draws of %d, one by one they are %v", got.Accuracy, together.Draws, together.Train, alone)
	}
	if got.Low >= got.Accuracy || got.High <= got.Accuracy {
		t.Errorf("the interval is %v to %v around %v", got.Low, got.High, got.Accuracy)
	}
}

// TestMeanScore takes 0.5, 0.6 and 0.7: deviation 0.1, of the mean 0.1/√3, times
// Student's 4.303 for two degrees of freedom.
func TestMeanScore(t *testing.T) {
	got := meanScore([]score{{Accuracy: 0.5}, {Accuracy: 0.7}, {Accuracy: 0.6}})
	spread := 4.303 * 0.1 / math.Sqrt(3)
	if math.Abs(got.Accuracy-0.6) > 1e-12 || math.Abs(got.Low-(0.6-spread)) > 1e-4 || math.Abs(got.High-(0.6+spread)) > 1e-4 {
		t.Errorf("meanScore = %+v, want 0.6 ± %v", got, spread)
	}
	if one := (score{0.5, 0.4, 0.6}); meanScore([]score{one}) != one {
		t.Errorf("one score became %+v", meanScore([]score{one}))
	}
}
