package measure

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"quarterturn/assets"
	"quarterturn/core/checkpoint"
	"quarterturn/core/dataset"
	"quarterturn/core/embed"
	"quarterturn/core/internal/parity"
	"quarterturn/core/resnet"
	"quarterturn/core/run"
	"quarterturn/core/stats"
	"quarterturn/core/train"
)

// photographs are the built-in ones, of ten classes.
func photographs(t testing.TB) *dataset.Set {
	t.Helper()
	sheets, err := assets.Pictures("photographs")
	if err != nil {
		t.Fatal(err)
	}
	return sheets.Set
}

// builtIn is the small built-in network, which guesses turns.
func builtIn(t testing.TB) Subject {
	t.Helper()
	b, err := assets.Model()
	if err != nil {
		t.Fatal(err)
	}
	m, err := checkpoint.Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	return Subject{Name: "small", Model: m}
}

// untrained is a network for turns that has learnt nothing.
func untrained(blocks ...int) Subject {
	net := resnet.Config{Network: run.Network{Blocks: blocks, Width: 4}, Classes: 4}
	return Subject{Name: "untrained", Model: &checkpoint.Model{Config: net, Task: run.Pretext, Side: 32, Weights: checkpoint.Initial(net, 1)}}
}

// TestProbe measures a network that has learnt nothing on photographs. Even its
// features know more than chance, the colours.
func TestProbe(t *testing.T) {
	heard := map[string]bool{}
	p := Probe{Backend: parity.Backend(t), LabelsPerClass: 20, Neighbours: 20, Seed: 1, Progress: func(subject string, r embed.Report) {
		heard[subject] = true
		if r.Done > r.Total {
			t.Errorf("%s: %s: %d of %d", subject, r.Phase, r.Done, r.Total)
		}
	}}
	r, err := p.Run(context.Background(), untrained(1, 1), photographs(t))
	if err != nil {
		t.Fatal(err)
	}
	if r.Train != 200 || r.Test != 158 || r.Classes != 10 || len(r.Stages) != 3 || r.Chance < 0.09 || r.Chance > 0.11 || r.Draws != 1 || r.Cells != 1 {
		t.Errorf("%+v", r)
	}
	for i, s := range r.Stages {
		if s.Stage != i || s.Features != []int{4, 4, 8}[i] {
			t.Errorf("stage %d is %+v", i, s)
		}
		for name, got := range map[string]Score{"neighbours": s.Neighbour, "linear": s.Linear} {
			if got.Low > got.Accuracy || got.Accuracy > got.High || got.Low < r.Chance {
				t.Errorf("stage %d, %s: %+v, want an interval around the accuracy and above chance, %v", i, name, got, r.Chance)
			}
		}
	}
	for _, want := range []string{"untrained", "untrained, stem", "untrained, stage 2"} {
		if !heard[want] {
			t.Errorf("nothing was heard of %q", want)
		}
	}
	checkCard(t, r)
}

func checkCard(t *testing.T, r *Probed) {
	t.Helper()
	c := r.Card("photographs")
	if c.Pictures != "photographs" || c.Train != r.Train || c.Chance != r.Chance || len(c.Stages) != 3 || c.Stages[0].Stage != "stem" ||
		c.Stages[2].Linear != run.Share(r.Stages[2].Linear) || c.Stages[1].Neighbours != run.Share(r.Stages[1].Neighbour) {
		t.Errorf("the card has %+v, the result is %+v", c, r)
	}
}

// TestTrainingShows: the built-in network's second stage knows more of classes than
// that of a network like it which has learnt nothing, by more than both intervals.
func TestTrainingShows(t *testing.T) {
	small := builtIn(t)
	fresh := Subject{Name: "fresh", Model: &checkpoint.Model{Config: small.Model.Config, Side: 32, Weights: checkpoint.Initial(small.Model.Config, 1)}}
	p := Probe{Backend: parity.Backend(t), LabelsPerClass: 20, Neighbours: 20, Seed: 1}
	knows := map[string]Score{}
	for _, s := range []Subject{small, fresh} {
		r, err := p.Run(context.Background(), s, photographs(t))
		if err != nil {
			t.Fatal(err)
		}
		knows[s.Name] = r.Stages[2].Neighbour
	}
	if knows["small"].Low <= knows["fresh"].Accuracy {
		t.Errorf("trained %v, untrained %v", knows["small"], knows["fresh"])
	}
}

// TestProbeDraws: of three draws, the mean has to be that of the three alone.
func TestProbeDraws(t *testing.T) {
	set := photographs(t)
	probed := func(draws int, seed uint64) *Probed {
		r, err := Probe{Backend: parity.Backend(t), LabelsPerClass: 6, Draws: draws, Neighbours: 20, Seed: seed}.Run(context.Background(), untrained(1), set)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	together := probed(3, 5)
	var sum float64
	for seed := range uint64(3) {
		sum += probed(1, 5+seed).Stages[1].Linear.Accuracy
	}
	got := together.Stages[1].Linear
	if math.Abs(got.Accuracy-sum/3) > 1e-9 || together.Draws != 3 || together.Train != 60 {
		t.Errorf("the mean is %v of %d draws of %d, one by one it is %v", got.Accuracy, together.Draws, together.Train, sum/3)
	}
	if got.Low >= got.Accuracy || got.High <= got.Accuracy {
		t.Errorf("the interval is %v to %v around %v", got.Low, got.High, got.Accuracy)
	}
}

func TestProbeRefuses(t *testing.T) {
	set := photographs(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := (Probe{Backend: parity.Backend(t), Neighbours: 5, Seed: 1}).Run(ctx, untrained(1), set); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped, it returned %v", err)
	}
	if _, err := (Probe{Backend: parity.Backend(t), Neighbours: 5, Cells: 7, LabelsPerClass: 1}).Run(context.Background(), untrained(1), set); err == nil || !strings.Contains(err.Error(), "7 cells") {
		t.Errorf("cells that do not divide: %v", err)
	}
	unlabelled := &dataset.Set{Train: set.Train.Subset(nil), Test: set.Test}
	if _, err := (Probe{Backend: parity.Backend(t), Neighbours: 5}).Run(context.Background(), untrained(1), unlabelled); err == nil || !strings.Contains(err.Error(), "folder of its own") {
		t.Errorf("without training pictures: %v", err)
	}
}

func TestCommonest(t *testing.T) {
	for _, tt := range []struct {
		learnt, tested []int32
		want           float64
	}{
		{[]int32{2, 1, 1, 2, 0}, []int32{1, 2, 2, 1}, 0.5},
		{[]int32{-1, -1, -1, 1, 1, 0}, []int32{1, 0}, 0.5}, // Pictures without a class do not count.
		{[]int32{2, 2, 0}, []int32{0, 0, 0}, 0},
	} {
		if got := commonest(tt.learnt, tt.tested); got != tt.want {
			t.Errorf("commonest(%v, %v) = %v, want %v", tt.learnt, tt.tested, got, tt.want)
		}
	}
}

// TestNewScore: one draw has Wilson's interval, of 2 of 4; three have one that knows of
// draws and of pictures, wider than either.
func TestNewScore(t *testing.T) {
	labels := []int32{0, 1, 2, 3}
	one := []int32{0, 1, 0, 0}
	if got, want := NewScore(labels, one), stats.Wilson(2, 4); got != ScoreOf(want) {
		t.Errorf("one draw: %+v, want %+v", got, want)
	}
	got := NewScore(labels, one, []int32{0, 1, 2, 0}, []int32{0, 0, 0, 0})
	want := stats.Crossed([][]float64{{1, 1, 0, 0}, {1, 1, 1, 0}, {1, 0, 0, 0}}).Share()
	if got != ScoreOf(want) || got.Accuracy != 0.5 {
		t.Errorf("three draws: %+v, want %+v", got, want)
	}
}

// TestEvaluatedScore: 1,000 pictures in four turns at 85.2 %, whose standard error is
// 0.98 points by picture and would be 0.56 if turns were independent.
func TestEvaluatedScore(t *testing.T) {
	e := run.Evaluated{Accuracy: 0.852, Examples: 4000, StandardError: 0.0098}
	if got := fmt.Sprintf("%.3f %.3f", EvaluatedScore(run.Pretext, e).Low, EvaluatedScore(run.Pretext, e).High); got != "0.832 0.870" {
		t.Errorf("the interval is %s", got)
	}
	e.StandardError = 0
	if got, want := EvaluatedScore(run.Pretext, e), stats.Wilson(852, 1000); got != ScoreOf(want) {
		t.Errorf("without a standard error it is %+v, want that of 1,000 pictures", got)
	}
	if got, want := EvaluatedScore(run.Scratch, e), stats.Wilson(3408, 4000); got != ScoreOf(want) {
		t.Errorf("of 4,000 pictures named once it is %+v, want %+v", got, want)
	}
}

// TestTurnsGoTogether: the built-in network guesses 158 photographs in four turns, and
// the interval is that of pictures, as a bootstrap that draws pictures again makes it:
// 12.5 points wide, where 632 independent turns would make it 7.3. The bootstrap's own
// error is 2 % of 2,000 draws; Wilson's shape moves the bounds by half a point.
func TestTurnsGoTogether(t *testing.T) {
	b, err := assets.Model()
	if err != nil {
		t.Fatal(err)
	}
	m, err := checkpoint.Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	pictures := photographs(t).Test
	got, err := Evaluate(context.Background(), parity.Backend(t), Subject{Name: "small", Model: m}, pictures, nil)
	if err != nil {
		t.Fatal(err)
	}
	e, err := train.Evaluate(parity.Backend(t), m, pictures, func(int, int) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	draws := make([]float64, 2000)
	for i := range draws {
		for range e.Shares {
			draws[i] += e.Shares[random.IntN(len(e.Shares))] / float64(len(e.Shares))
		}
	}
	slices.Sort(draws)
	low, high := draws[len(draws)/40], draws[len(draws)-1-len(draws)/40]
	if math.Abs(got.Low-low) > 0.01 || math.Abs(got.High-high) > 0.01 || got.High-got.Low < 0.12 || got.Pictures != 158 {
		t.Errorf("%+v, the bootstrap has %.4f to %.4f", got, low, high)
	}
}
