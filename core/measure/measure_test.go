package measure

import (
	"bytes"
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"quarterturn/assets"
	"quarterturn/core/checkpoint"
	"quarterturn/core/dataset"
	"quarterturn/core/embed"
	"quarterturn/core/internal/parity"
	"quarterturn/core/resnet"
	"quarterturn/core/run"
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
	return Subject{"small", m}
}

// untrained is a network for turns that has learnt nothing.
func untrained(blocks ...int) Subject {
	net := resnet.Config{Network: run.Network{Blocks: blocks, Width: 4}, Classes: 4}
	return Subject{"untrained", &checkpoint.Model{Config: net, Task: run.Pretext, Side: 32, Weights: checkpoint.Initial(net, 1)}}
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
	fresh := Subject{"fresh", &checkpoint.Model{Config: small.Model.Config, Side: 32, Weights: checkpoint.Initial(small.Model.Config, 1)}}
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

// TestMeanScore takes 0.5, 0.6 and 0.7: deviation 0.1, of the mean 0.1/√3, times
// Student's 4.303 for two degrees of freedom.
func TestMeanScore(t *testing.T) {
	got := MeanScore([]Score{{Accuracy: 0.5}, {Accuracy: 0.7}, {Accuracy: 0.6}})
	spread := 4.303 * 0.1 / math.Sqrt(3)
	if math.Abs(got.Accuracy-0.6) > 1e-12 || math.Abs(got.Low-(0.6-spread)) > 1e-4 || math.Abs(got.High-(0.6+spread)) > 1e-4 {
		t.Errorf("MeanScore = %+v, want 0.6 ± %v", got, spread)
	}
	if one := (Score{0.5, 0.4, 0.6}); MeanScore([]Score{one}) != one {
		t.Errorf("one score became %+v", MeanScore([]Score{one}))
	}
}

// TestEvaluate compares with guesses that are counted one by one.
func TestEvaluate(t *testing.T) {
	s, backend := builtIn(t), parity.Backend(t)
	test := photographs(t).Test.Subset([]int{0, 20, 40, 60, 80})
	e, err := Evaluate(context.Background(), backend, s, test, nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := train.NewPredictor(backend, s.Model, test.Side)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	right := 0
	for i := range test.Len() {
		turns, err := p.Turns(test.At(i))
		if err != nil {
			t.Fatal(err)
		}
		for k, guess := range turns {
			best := 0
			for j, probability := range guess {
				if probability > guess[best] {
					best = j
				}
			}
			if best == k {
				right++
			}
		}
	}
	if want := float64(right) / 20; e.Accuracy != want || e.Examples != 20 || e.Low >= want || e.High <= want {
		t.Errorf("%+v, counted one by one %v of 20", e, right)
	}
	if _, err := Evaluate(context.Background(), backend, s, test.Subset(nil), nil); err == nil {
		t.Error("no pictures were measured with")
	}
}

func TestEmbedder(t *testing.T) {
	pictures := Sample(photographs(t).Test, 60, 4)
	for _, method := range []Method{TSNE, PCA} {
		e := Embedder{Backend: parity.Backend(t), Stage: 1, Method: method, Iterations: 60, Theta: 0.5, Seed: 4}
		got, err := e.Run(context.Background(), []Subject{untrained(1, 1), untrained(1)}, pictures)
		if err != nil {
			t.Fatal(err)
		}
		checkEmbedding(t, got, method)
		again, err := e.Run(context.Background(), []Subject{untrained(1, 1), untrained(1)}, pictures)
		if err != nil {
			t.Fatal(err)
		}
		first, _ := got.Encode()
		if second, _ := again.Encode(); !bytes.Equal(first, second) {
			t.Errorf("%s: the second time is not as the first", method)
		}
		if back, err := DecodeEmbedding(first); err != nil || len(back.Models) != 2 || back.Models[1].Points[59] != got.Models[1].Points[59] {
			t.Errorf("%s: decoded as %+v, %v", method, back, err)
		}
	}
}

func checkEmbedding(t *testing.T, e *Embedding, method Method) {
	t.Helper()
	if e.Method != method || len(e.Labels) != 60 || len(e.Names) != 60 || len(e.Classes) != 10 || len(e.Models) != 2 || e.Neighbours != DefaultNeighbours {
		t.Fatalf("%s of %d pictures with %d names by %d models", e.Method, len(e.Labels), len(e.Names), len(e.Models))
	}
	for _, m := range e.Models {
		if len(m.Points) != 60 || m.Stage != 1 || m.Features != 4 {
			t.Errorf("%s: %d points of %d features of stage %d", m.Model, len(m.Points), m.Features, m.Stage)
		}
		for where, c := range map[string]*Clustering{"features": m.InFeatures, "layout": m.InLayout} {
			if c.Purity <= e.ChancePurity || c.Purity > 1 || c.Silhouette < -1 || c.Silhouette > 1 {
				t.Errorf("%s: %s: %+v, want more than chance, %v", m.Model, where, *c, e.ChancePurity)
			}
		}
		if (method == PCA) != (len(m.Explains) == 2) || (method == TSNE) != (m.Diverges != nil) || (method == TSNE) != (e.Perplexity > 0) {
			t.Errorf("%s: axes explain %v, divergence %v, perplexity %v", m.Model, m.Explains, m.Diverges, e.Perplexity)
		}
	}
}

// TestEmbedderWithoutClasses: nothing is claimed about pictures that have none.
func TestEmbedderWithoutClasses(t *testing.T) {
	pictures := Sample(photographs(t).Test, 12, 1)
	for i := range pictures.Labels {
		pictures.Labels[i] = dataset.Unlabelled
	}
	e, err := Embedder{Backend: parity.Backend(t), Stage: -1, Iterations: 20}.Run(context.Background(), []Subject{untrained(1)}, pictures)
	if err != nil {
		t.Fatal(err)
	}
	if m := e.Models[0]; len(m.Points) != 12 || m.InFeatures != nil || m.InLayout != nil || m.Stage != 1 {
		t.Errorf("%+v", m)
	}
	if _, err := (Embedder{Backend: parity.Backend(t)}).Run(context.Background(), []Subject{untrained(1)}, Sample(pictures, 3, 1)); err == nil {
		t.Error("three pictures were laid out")
	}
}

func FuzzDecodeEmbedding(f *testing.F) {
	for _, text := range []string{
		`{"method":"tsne","classes":["a","b"],"labels":[0,1],"models":[{"model":"m","points":[[0,1],[2,3]]}]}`,
		`{"classes":["a"],"labels":[1],"models":[{"points":[[0,1]]}]}`, `{"labels":[-1],"models":[{"points":[[1e30,1]]}]}`, `{"labels":[-1,-1],"models":[{"points":[[1,1]]}]}`,
		`{"labels":[],"models":[]}`, `{}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := DecodeEmbedding(b)
		if err != nil {
			return
		}
		for _, label := range e.Labels {
			if label != dataset.Unlabelled && int(label) >= len(e.Classes) {
				t.Errorf("a point of class %d of %d", label, len(e.Classes))
			}
		}
		encoded, err := e.Encode()
		if err != nil {
			t.Fatal(err)
		}
		again, err := DecodeEmbedding(encoded)
		if err != nil {
			t.Fatalf("what was read cannot be read again: %v", err)
		}
		if twice, _ := again.Encode(); !bytes.Equal(twice, encoded) {
			t.Errorf("%s became %s", encoded, twice)
		}
	})
}
