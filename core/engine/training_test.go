package engine_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

var tiny = network{blocks: []int{1, 1}, width: 4, classes: 4, size: 8, batch: 8}

func bitsOf(values []float32) []uint32 {
	bits := make([]uint32, len(values))
	for i, v := range values {
		bits[i] = math.Float32bits(v)
	}
	return bits
}

// TestTrainingMatchesStock follows the loss and all weights for ten steps.
// Rounding differences grow from step to step; the bound is ten times what was
// seen.
func TestTrainingMatchesStock(t *testing.T) {
	ours := newTrainer(newEngine(t, 2), tiny, 1)
	theirs := newTrainer(newStock(t), tiny, 1)
	for step := range 10 {
		got, err := ours.step(0.1)
		if err != nil {
			t.Fatal(err)
		}
		want, err := theirs.step(0.1)
		if err != nil {
			t.Fatal(err)
		}
		if diff := math.Abs(float64(got - want)); !(diff < 1e-4) {
			t.Fatalf("loss of step %d is %v, the stock backend has %v", step, got, want)
		}
	}
	for i := range ours.states {
		if at, a, b, ok := worst(values(ours.states[i]), values(theirs.states[i]), bound{1e-4, 1e-3}); !ok {
			t.Errorf("state %d at %d is %v, the stock backend has %v", i, at, a, b)
		}
	}
}

// TestPredictionMatchesStock compares the graph of evaluation.
func TestPredictionMatchesStock(t *testing.T) {
	var logits [][]float32
	ours, theirs := newEngine(t, 2), newStock(t)
	for range 2 {
		b := theirs
		if len(logits) > 0 {
			b = ours
		}
		rng := rand.New(rand.NewPCG(4, 1))
		g, states := compile(b, "predict", tiny.predict)
		trainer := &trainer{network: tiny, backend: b}
		images, labels := examples(rng, tiny)
		inputs := append(trainer.inputs, trainer.buffer(images, tiny.batch, tiny.size, tiny.size, 3), trainer.buffer(labels, tiny.batch))
		for _, s := range states {
			inputs = append(inputs, trainer.buffer(initial(rng, s), s.dims...))
		}
		outputs, err := g.Executable().Execute(inputs, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		logits = append(logits, values(outputs[0]))
	}
	if at, a, b, ok := worst(logits[1], logits[0], bound{1e-5, 1e-5}); !ok {
		t.Errorf("logit %d is %v, the stock backend has %v", at, a, b)
	}
}

// TestLearns overfits a batch.
func TestLearns(t *testing.T) {
	trainer := newTrainer(newEngine(t, 2), tiny, 5)
	var loss float32
	for range 60 {
		var err error
		if loss, err = trainer.step(0.05); err != nil {
			t.Fatal(err)
		}
	}
	if !(loss < 0.05) {
		t.Errorf("after 60 steps on one batch the loss is %v, want below 0.05", loss)
	}
}

// TestGradientAgainstDifferences compares the gradient of the loss with central
// differences along random directions: for a small h,
// loss(w + h·d) - loss(w - h·d) ≈ 2h · gradient·d.
//
// The bound is 2 % of the gradient: the kinks of ReLU that lie between the two
// points, and float32 losses, of which about 1e-7/h is lost.
func TestGradientAgainstDifferences(t *testing.T) {
	const h = 2e-3
	b := newEngine(t, 2)
	net := network{blocks: []int{1, 1}, width: 4, classes: 4, size: 8, batch: 16}
	var parameters []state
	g := graph.NewGraph(b, "gradient")
	s := &scope{g: g, training: true, updated: map[int]*graph.Node{}}
	images := graph.Parameter(g, "images", shapes.Make(dtypes.Float32, net.batch, net.size, net.size, 3))
	labels := graph.Parameter(g, "labels", shapes.Make(dtypes.Int32, net.batch))
	cost := loss(net.logits(s, images), labels)
	parameters = s.states
	if err := g.Compile(append([]*graph.Node{cost}, graph.Gradient(cost, s.nodes...)...)...); err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(6, 1))
	w := &trainer{network: net, backend: b}
	pixels, classes := examples(rng, net)
	at := make([][]float32, len(parameters))
	for i, p := range parameters {
		at[i] = initial(rng, p)
	}
	evaluate := func(point [][]float32) (float64, [][]float32) {
		inputs := append(w.inputs[:0:0], w.buffer(pixels, net.batch, net.size, net.size, 3), w.buffer(classes, net.batch))
		for i, p := range parameters {
			inputs = append(inputs, w.buffer(point[i], p.dims...))
		}
		outputs, err := g.Executable().Execute(inputs, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		gradients := make([][]float32, len(parameters))
		for i := range gradients {
			gradients[i] = values(outputs[1+i])
		}
		return float64(values(outputs[0])[0]), gradients
	}
	_, gradient := evaluate(at)
	for i, p := range parameters {
		if !p.trained {
			continue
		}
		direction := unit(rng, len(at[i]), gradient[i])
		moved := func(by float32) float64 {
			point := append([][]float32(nil), at...)
			point[i] = make([]float32, len(at[i]))
			for k := range point[i] {
				point[i][k] = at[i][k] + by*direction[k]
			}
			l, _ := evaluate(point)
			return l
		}
		var along float64
		for k := range direction {
			along += float64(gradient[i][k]) * float64(direction[k])
		}
		difference := (moved(h) - moved(-h)) / (2 * h)
		if !(math.Abs(difference-along) < 0.02*math.Abs(along)+2e-4) {
			t.Errorf("%s: differences give a slope of %v, the gradient %v", p.name, difference, along)
		}
	}
}

// unit returns a random direction of length 1, turned towards the gradient so
// that the slope along it is not near 0.
func unit(rng *rand.Rand, n int, gradient []float32) []float32 {
	var length, slope float64
	for _, g := range gradient {
		slope += float64(g) * float64(g)
	}
	d := make([]float64, n)
	for i := range d {
		d[i] = rng.NormFloat64()/math.Sqrt(float64(n)) + 2*float64(gradient[i])/math.Sqrt(slope+1e-30)
		length += d[i] * d[i]
	}
	out := make([]float32, n)
	for i := range d {
		out[i] = float32(d[i] / math.Sqrt(length))
	}
	return out
}
