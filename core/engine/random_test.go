package engine_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
)

// TestRandomGraphs compares whole graphs, so that loops are fused, shared,
// split and laid out in every way: elementwise chains, broadcasts, sums, moves,
// products and convolutions in random order on random shapes, with several
// outputs, some of them also read by others.
//
// The graphs keep values near 1, by halving sums and averaging reductions, so
// that one absolute bound fits: float32 sums of up to 1,000 terms in another
// order, 1e-7·√1000 each, over a chain of up to 25 ops.
func TestRandomGraphs(t *testing.T) {
	ours, theirs := newEngine(t, 2), newStock(t)
	graphs := 300
	if testing.Short() {
		graphs = 60
	}
	for seed := range uint64(graphs) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 7))
			g := newRandomGraph(rng)
			checkEqual(t, ours, theirs, g.inputs, bound{1e-4, 1e-4}, g.build)
		})
	}
}

// A randomGraph adds ops by chance. Its seed makes each build the same.
type randomGraph struct {
	inputs []tensor
	dims   []int // [N, H, W, C], which most values have.
	seed   uint64
	ops    int
}

func newRandomGraph(rng *rand.Rand) *randomGraph {
	g := &randomGraph{seed: rng.Uint64(), ops: 5 + rng.IntN(20)}
	g.dims = []int{1 + rng.IntN(3), 1 + rng.IntN(6), 1 + rng.IntN(6), 1 + rng.IntN(9)}
	if rng.IntN(4) == 0 { // Several chunks.
		g.dims = []int{5, 17, 13, []int{16, 24, 33}[rng.IntN(3)]}
	}
	for range 3 {
		g.inputs = append(g.inputs, random(rng, dtypes.Float32, g.dims...))
	}
	g.inputs = append(g.inputs,
		random(rng, dtypes.Float32, g.dims[3]), random(rng, dtypes.Float32, g.dims[3]),
		random(rng, dtypes.Float32), random(rng, dtypes.Float32, 3, 3, g.dims[3], g.dims[3]))
	return g
}

// A growth is a graph while it is built. Its methods panic on errors.
type growth struct {
	f    compute.Function
	rng  *rand.Rand
	dims []int
	full []compute.Value // Values of dims.
	row  []compute.Value // [C]
	unit []compute.Value // Scalars.
	w    compute.Value
}

func (r *randomGraph) build(f compute.Function, in []compute.Value) (out []compute.Value, err error) {
	defer func() {
		if e, ok := recover().(error); ok {
			err = e
		}
	}()
	g := &growth{f: f, rng: rand.New(rand.NewPCG(r.seed, 3)), dims: r.dims}
	g.full = slices.Clone(in[:3])
	g.row = slices.Clone(in[3:5])
	g.unit = slices.Clone(in[5:6])
	g.w = in[6]
	for range r.ops {
		g.grow()
	}
	out = []compute.Value{g.full[len(g.full)-1], g.row[len(g.row)-1], g.unit[len(g.unit)-1]}
	for range g.rng.IntN(4) {
		out = append(out, g.pick(g.full))
	}
	return out, nil
}

func must(v compute.Value, err error) compute.Value {
	if err != nil {
		panic(err)
	}
	return v
}

func (g *growth) pick(from []compute.Value) compute.Value { return from[g.rng.IntN(len(from))] }

func (g *growth) scalar(x float32) compute.Value { return must(g.f.Constant([]float32{x})) }

// scaled multiplies by a constant.
func (g *growth) scaled(x compute.Value, by float64) compute.Value {
	return must(g.f.Mul(x, g.scalar(float32(by))))
}

func (g *growth) spread(x compute.Value, axes ...int) compute.Value {
	return must(g.f.BroadcastInDim(x, shapes.Make(dtypes.Float32, g.dims...), axes))
}

// grow adds one op or two.
func (g *growth) grow() {
	f := g.f
	switch g.rng.IntN(17) {
	case 0, 1, 2:
		g.full = append(g.full, g.joined(g.pick(g.full), g.pick(g.full)))
	case 3, 4:
		g.full = append(g.full, g.joined(g.pick(g.full), g.spread(g.pick(g.row), 3)))
	case 5:
		g.full = append(g.full, g.joined(g.pick(g.full), g.pick(g.unit)))
	case 6:
		g.full = append(g.full, must(f.Max(g.pick(g.full), g.scalar(0))))
	case 7: // The gradient of ReLU as GoMLX writes it.
		sign := must(f.Sign(must(f.Sub(g.pick(g.full), g.scalar(0)))))
		g.full = append(g.full, must(f.Mul(must(f.Sign(must(f.Add(sign, g.scalar(1))))), g.pick(g.full))))
	case 8:
		rows := g.dims[0] * g.dims[1] * g.dims[2]
		g.row = append(g.row, g.scaled(must(f.ReduceSum(g.pick(g.full), 0, 1, 2)), 1/float64(rows)))
	case 9:
		size := g.dims[0] * g.dims[1] * g.dims[2] * g.dims[3]
		g.unit = append(g.unit, g.scaled(must(f.ReduceSum(g.pick(g.full))), 1/float64(size)))
	case 10:
		g.row = append(g.row, g.joined(g.pick(g.row), g.pick(g.row)))
	case 11:
		g.unit = append(g.unit, g.joined(g.pick(g.unit), g.pick(g.unit)))
	case 12:
		pooled := g.scaled(must(f.ReduceSum(g.pick(g.full), 1, 2)), 1/float64(g.dims[1]*g.dims[2]))
		g.full = append(g.full, must(f.Add(g.pick(g.full), g.spread(pooled, 0, 3))))
	case 13:
		g.full = append(g.full, must(f.Reverse(g.pick(g.full), 1, 3)))
	case 14:
		c := must(f.ConvGeneral(g.pick(g.full), g.w, nhwc, nil, [][2]int{{1, 1}, {1, 1}}, nil, nil, 1, 1))
		g.full = append(g.full, g.scaled(c, 0.3/float64(g.dims[3])))
	case 15:
		y, mean, variance, err := f.BatchNormForTraining(g.pick(g.full), g.pick(g.row), g.pick(g.row), 0.1, 3)
		g.full = append(g.full, must(y, err))
		g.row = append(g.row, mean, variance)
	case 16: // Another name for the same memory.
		bits := must(f.Bitcast(g.pick(g.full), dtypes.Uint32))
		g.full = append(g.full, must(f.Bitcast(bits, dtypes.Float32)))
	}
}

// joined is one of the binary ops, kept small.
func (g *growth) joined(a, b compute.Value) compute.Value {
	switch g.rng.IntN(5) {
	case 0:
		return g.scaled(must(g.f.Add(a, b)), 0.5)
	case 1:
		return g.scaled(must(g.f.Sub(a, b)), 0.5)
	case 2:
		return must(g.f.Max(a, b))
	case 3:
		return must(g.f.Min(a, b))
	}
	return g.scaled(must(g.f.Mul(a, b)), 0.5)
}

var nhwc = compute.ConvolveAxesConfig{
	InputBatch: 0, InputSpatial: []int{1, 2}, InputChannels: 3,
	KernelSpatial: []int{0, 1}, KernelInputChannels: 2, KernelOutputChannels: 3,
	OutputBatch: 0, OutputSpatial: []int{1, 2}, OutputChannels: 3,
}
