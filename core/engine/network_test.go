package engine_test

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// A network is a small residual network and its optimizer, written out of plain
// graph ops so that the engine's tests need no other package. Weights, momenta
// and running statistics are graph parameters, in the order they are first used.
//
//	images  [N, S, S, 3] float32
//	labels  [N] int32
//	rate    [] float32
type network struct {
	blocks  []int // Per stage; the width doubles and the resolution halves from one to the next.
	width   int
	classes int
	size    int // S, a multiple of 2 for each stage after the first.
	batch   int
}

// A state is one tensor the step reads and writes back.
type state struct {
	name    string
	dims    []int
	fanIn   int // Initial standard deviation √(2/fanIn) where positive.
	initial float32
	trained bool // Weight or scale or offset: gets a gradient and a momentum.
	decayed bool
}

// A scope collects the states while a graph is built.
type scope struct {
	g        *graph.Graph
	training bool
	states   []state
	nodes    []*graph.Node
	updated  map[int]*graph.Node // Running statistics after this batch.
}

func (s *scope) state(v state) *graph.Node {
	node := graph.Parameter(s.g, v.name, shapes.Make(dtypes.Float32, v.dims...))
	s.states = append(s.states, v)
	s.nodes = append(s.nodes, node)
	return node
}

func (s *scope) conv(name string, x *graph.Node, channels, kernel, stride int) *graph.Node {
	in := x.Shape().Dim(-1)
	w := s.state(state{name: name, dims: []int{kernel, kernel, in, channels}, fanIn: kernel * kernel * in, trained: true, decayed: true})
	pad := (kernel - 1) / 2
	return graph.Convolve(x, w).Strides(stride).PaddingPerDim([][2]int{{pad, pad}, {pad, pad}}).Done()
}

func (s *scope) norm(name string, x *graph.Node) *graph.Node {
	c := x.Shape().Dim(-1)
	scale := s.state(state{name: name + ".scale", dims: []int{c}, initial: 1, trained: true})
	offset := s.state(state{name: name + ".offset", dims: []int{c}, trained: true})
	mean := s.state(state{name: name + ".mean", dims: []int{c}})
	variance := s.state(state{name: name + ".variance", dims: []int{c}, initial: 1})
	if !s.training {
		return graph.InternalBatchNormForInference(x, scale, offset, mean, variance, 1e-5, -1)
	}
	y, batchMean, batchVariance := graph.InternalBatchNormForTraining(x, scale, offset, 1e-5, -1)
	n := float64(x.Shape().Size() / c)
	s.updated[len(s.states)-2] = graph.Add(graph.MulScalar(mean, 0.9), graph.MulScalar(batchMean, 0.1))
	s.updated[len(s.states)-1] = graph.Add(graph.MulScalar(variance, 0.9), graph.MulScalar(batchVariance, 0.1*n/(n-1)))
	return y
}

func relu(x *graph.Node) *graph.Node { return graph.Max(x, graph.ScalarZero(x.Graph(), x.DType())) }

func (s *scope) block(name string, x *graph.Node, channels, stride int) *graph.Node {
	shortcut := x
	if stride != 1 || x.Shape().Dim(-1) != channels {
		shortcut = s.norm(name+".projection.norm", s.conv(name+".projection", x, channels, 1, stride))
	}
	y := relu(s.norm(name+".norm1", s.conv(name+".conv1", x, channels, 3, stride)))
	y = s.norm(name+".norm2", s.conv(name+".conv2", y, channels, 3, 1))
	return relu(graph.Add(y, shortcut))
}

func (n network) logits(s *scope, images *graph.Node) *graph.Node {
	x := relu(s.norm("stem.norm", s.conv("stem", images, n.width, 3, 1)))
	for stage, blocks := range n.blocks {
		for block := range blocks {
			stride := 1
			if stage > 0 && block == 0 {
				stride = 2
			}
			x = s.block(fmt.Sprintf("stage%d.%d", stage, block), x, n.width<<stage, stride)
		}
	}
	x = graph.ReduceMean(x, 1, 2)
	w := s.state(state{name: "head.weight", dims: []int{x.Shape().Dim(-1), n.classes}, fanIn: x.Shape().Dim(-1), trained: true, decayed: true})
	b := s.state(state{name: "head.bias", dims: []int{n.classes}, trained: true})
	return graph.Add(graph.Dot(x, w).Product(), graph.ExpandLeftToRank(b, 2))
}

// loss is the mean cross-entropy in nats.
func loss(logits, labels *graph.Node) *graph.Node {
	shifted := graph.Sub(logits, graph.StopGradient(graph.ReduceAndKeep(logits, graph.ReduceMax, -1)))
	logSum := graph.Log(graph.ReduceAndKeep(graph.Exp(shifted), graph.ReduceSum, -1))
	picked := graph.OneHot(labels, logits.Shape().Dim(-1), logits.DType())
	return graph.Neg(graph.ReduceAllMean(graph.ReduceSum(graph.Mul(graph.Sub(shifted, logSum), picked), -1)))
}

func correct(logits, labels *graph.Node) *graph.Node {
	guess := graph.ArgMax(logits, -1, labels.DType())
	return graph.ReduceAllSum(graph.ConvertDType(graph.Equal(guess, labels), dtypes.Float32))
}

// step builds a training step: outputs are the loss, the number of correct
// guesses, and then every state's new value followed by every momentum's.
func (n network) step(g *graph.Graph) (states []state, outputs []*graph.Node) {
	s := &scope{g: g, training: true, updated: map[int]*graph.Node{}}
	images := graph.Parameter(g, "images", shapes.Make(dtypes.Float32, n.batch, n.size, n.size, 3))
	labels := graph.Parameter(g, "labels", shapes.Make(dtypes.Int32, n.batch))
	rate := graph.Parameter(g, "rate", shapes.Make(dtypes.Float32))
	logits := n.logits(s, images)
	cost := loss(logits, labels)
	var trained []*graph.Node
	for i, v := range s.states {
		if v.trained {
			trained = append(trained, s.nodes[i])
		}
	}
	gradients := graph.Gradient(cost, trained...)
	outputs = []*graph.Node{cost, correct(logits, labels)}
	var momenta []*graph.Node
	k := 0
	for i, v := range s.states {
		if !v.trained {
			outputs = append(outputs, s.updated[i])
			continue
		}
		w, d := s.nodes[i], gradients[k]
		k++
		if v.decayed {
			d = graph.Add(d, graph.MulScalar(w, 5e-4))
		}
		m := graph.Parameter(g, v.name+".momentum", shapes.Make(dtypes.Float32, v.dims...))
		m = graph.Add(graph.MulScalar(m, 0.9), d)
		momenta = append(momenta, m)
		outputs = append(outputs, graph.Sub(w, graph.Mul(rate, graph.Add(d, graph.MulScalar(m, 0.9)))))
	}
	return s.states, append(outputs, momenta...)
}

// predict builds the evaluation: logits and the number of correct guesses.
func (n network) predict(g *graph.Graph) (states []state, outputs []*graph.Node) {
	s := &scope{g: g}
	images := graph.Parameter(g, "images", shapes.Make(dtypes.Float32, n.batch, n.size, n.size, 3))
	labels := graph.Parameter(g, "labels", shapes.Make(dtypes.Int32, n.batch))
	logits := n.logits(s, images)
	return s.states, []*graph.Node{logits, correct(logits, labels)}
}

// A trainer runs steps of a network and holds its state on the backend.
type trainer struct {
	network
	backend compute.Backend
	exec    compute.Executable
	graph   *graph.Graph
	states  []compute.Buffer // Values, then momenta.
	images  []float32
	labels  []int32
	inputs  []compute.Buffer
	donate  []bool
}

func compile(backend compute.Backend, name string, build func(*graph.Graph) ([]state, []*graph.Node)) (*graph.Graph, []state) {
	g := graph.NewGraph(backend, name)
	states, outputs := build(g)
	if err := g.Compile(outputs...); err != nil {
		panic(err)
	}
	return g, states
}

func newTrainer(backend compute.Backend, n network, seed uint64) *trainer {
	t := &trainer{network: n, backend: backend}
	var states []state
	t.graph, states = compile(backend, "step", n.step)
	t.exec = t.graph.Executable()
	rng := rand.New(rand.NewPCG(seed, 1))
	var momenta []compute.Buffer
	for _, v := range states {
		t.states = append(t.states, t.buffer(initial(rng, v), v.dims...))
		if v.trained {
			momenta = append(momenta, t.buffer(make([]float32, shapes.Make(dtypes.Float32, v.dims...).Size()), v.dims...))
		}
	}
	t.states = append(t.states, momenta...)
	t.images, t.labels = examples(rng, n)
	t.inputs = make([]compute.Buffer, 3+len(t.states))
	t.donate = make([]bool, len(t.inputs))
	for i := range t.inputs {
		t.donate[i] = true
	}
	return t
}

func initial(rng *rand.Rand, v state) []float32 {
	values := make([]float32, shapes.Make(dtypes.Float32, v.dims...).Size())
	for i := range values {
		values[i] = v.initial
		if v.fanIn > 0 {
			values[i] = float32(rng.NormFloat64() * math.Sqrt(2/float64(v.fanIn)))
		}
	}
	return values
}

// examples are noise with a class-dependent stripe, so that they can be learnt.
func examples(rng *rand.Rand, n network) ([]float32, []int32) {
	images := make([]float32, n.batch*n.size*n.size*3)
	labels := make([]int32, n.batch)
	for i := range labels {
		labels[i] = int32(i % n.classes)
	}
	for i := range images {
		pixel := i / 3
		row, example := pixel/n.size%n.size, pixel/(n.size*n.size)
		images[i] = float32(rng.NormFloat64())
		if row%n.classes == int(labels[example]) {
			images[i] += 1
		}
	}
	return images, labels
}

func (t *trainer) buffer(flat any, dims ...int) compute.Buffer {
	dtype := dtypes.Float32
	if _, ok := flat.([]int32); ok {
		dtype = dtypes.Int32
	}
	b, err := t.backend.BufferFromFlatData(0, flat, shapes.Make(dtype, dims...))
	if err != nil {
		panic(err)
	}
	return b
}

// step returns the loss before the update.
func (t *trainer) step(rate float32) (float32, error) {
	t.inputs[0] = t.buffer(t.images, t.batch, t.size, t.size, 3)
	t.inputs[1] = t.buffer(t.labels, t.batch)
	t.inputs[2] = t.buffer([]float32{rate})
	// Parameters come in the order of creation: states first, then momenta.
	copy(t.inputs[3:], t.states)
	outputs, err := t.exec.Execute(t.inputs, t.donate, 0)
	if err != nil {
		return 0, err
	}
	copy(t.states, outputs[2:])
	var value [1]float32
	if err := outputs[0].ToFlatData(value[:]); err != nil {
		return 0, err
	}
	return value[0], nil
}

func values(b compute.Buffer) []float32 {
	shape, err := b.Shape()
	if err != nil {
		panic(err)
	}
	flat := make([]float32, shape.Size())
	if err := b.ToFlatData(flat); err != nil {
		panic(err)
	}
	return flat
}
