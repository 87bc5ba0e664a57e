package stock_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"quarterturn/core/engine/stock"
)

const epsilon = 1e-5

// tolerance covers sums of up to 90 float32 products of values near 1: 90 roundings
// of 6e-8 each, times the 1/√variance that a channel of few values can have.
const tolerance = 5e-5

func newBackend(t *testing.T) compute.Backend {
	t.Helper()
	backend, err := stock.New("")
	if err != nil {
		t.Fatal(err)
	}
	return backend
}

// A problem is one batch normalization in float64, the plain way.
//
//	x, dy, y, dx  [outer, C, inner]
//	the rest      [C]
type problem struct {
	dims                   []int
	axis                   int
	x, dy, y, dx           []float64
	scale, offset          []float64
	mean, variance         []float64
	gradScale, gradOffset  []float64
	outer, channels, inner int
}

func newProblem(rng *rand.Rand, dims []int, axis int) *problem {
	p := &problem{dims: dims, axis: axis, outer: 1, inner: 1, channels: dims[axis]}
	for i, dim := range dims {
		if i < axis {
			p.outer *= dim
		}
		if i > axis {
			p.inner *= dim
		}
	}
	size := p.outer * p.channels * p.inner
	p.x, p.dy = normals(rng, size), normals(rng, size)
	p.scale, p.offset = normals(rng, p.channels), normals(rng, p.channels)
	p.y, p.dx = make([]float64, size), make([]float64, size)
	p.mean, p.variance = make([]float64, p.channels), make([]float64, p.channels)
	p.gradScale, p.gradOffset = make([]float64, p.channels), make([]float64, p.channels)
	for c := range p.channels {
		p.solve(c)
	}
	return p
}

// normals rounds to float32, so that both sides start from the same numbers.
func normals(rng *rand.Rand, n int) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[i] = float64(float32(rng.NormFloat64()))
	}
	return values
}

func (p *problem) solve(c int) {
	n := float64(p.outer * p.inner)
	p.each(c, func(i int) { p.mean[c] += p.x[i] / n })
	p.each(c, func(i int) { d := p.x[i] - p.mean[c]; p.variance[c] += d * d / n })
	inverse := 1 / math.Sqrt(p.variance[c]+epsilon)
	p.each(c, func(i int) {
		unit := (p.x[i] - p.mean[c]) * inverse
		p.y[i] = unit*p.scale[c] + p.offset[c]
		p.gradScale[c] += p.dy[i] * unit
		p.gradOffset[c] += p.dy[i]
	})
	p.each(c, func(i int) {
		unit := (p.x[i] - p.mean[c]) * inverse
		p.dx[i] = p.scale[c] * inverse * (p.dy[i] - (p.gradOffset[c]+unit*p.gradScale[c])/n)
	})
}

func (p *problem) each(c int, visit func(i int)) {
	for o := range p.outer {
		for k := range p.inner {
			visit((o*p.channels+c)*p.inner + k)
		}
	}
}

func tensor(values []float64, dims ...int) *tensors.Tensor {
	flat := make([]float32, len(values))
	for i, v := range values {
		flat[i] = float32(v)
	}
	return tensors.FromFlatDataAndDimensions(flat, dims...)
}

func compare(t *testing.T, what string, got *tensors.Tensor, want []float64) {
	t.Helper()
	flat := tensors.MustCopyFlatData[float32](got)
	if len(flat) != len(want) {
		t.Fatalf("%s has %d values, want %d", what, len(flat), len(want))
	}
	for i := range flat {
		if diff := math.Abs(float64(flat[i]) - want[i]); !(diff <= tolerance*(1+math.Abs(want[i]))) {
			t.Errorf("%s[%d] = %v, want %v (tolerance %g)", what, i, flat[i], want[i], tolerance)
			return
		}
	}
}

func TestBatchNorm(t *testing.T) {
	backend := newBackend(t)
	rng := rand.New(rand.NewPCG(1, 2))
	tests := []struct {
		dims []int
		axis int
	}{
		{[]int{6, 4, 3, 5}, 3},
		{[]int{5, 3, 4, 2}, 1},
		{[]int{9, 3}, 1},
		{[]int{7}, 0},
		{[]int{2, 1, 8, 1}, 3},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%v axis %d", tt.dims, tt.axis), func(t *testing.T) {
			checkBatchNorm(t, backend, newProblem(rng, tt.dims, tt.axis))
		})
	}
}

func checkBatchNorm(t *testing.T, backend compute.Backend, p *problem) {
	t.Helper()
	training := graph.MustNewExec(backend, func(x, scale, offset, dy *graph.Node) []*graph.Node {
		y, mean, variance := graph.InternalBatchNormForTraining(x, scale, offset, epsilon, p.axis)
		same := graph.InternalBatchNormForInference(x, scale, offset, mean, variance, epsilon, p.axis)
		grads := graph.Gradient(graph.ReduceAllSum(graph.Mul(y, dy)), x, scale, offset)
		return append([]*graph.Node{y, mean, variance, same}, grads...)
	})
	got := training.MustCall(tensor(p.x, p.dims...), tensor(p.scale, p.channels),
		tensor(p.offset, p.channels), tensor(p.dy, p.dims...))
	compare(t, "normalized", got[0], p.y)
	compare(t, "mean", got[1], p.mean)
	compare(t, "variance", got[2], p.variance)
	compare(t, "inference", got[3], p.y)
	compare(t, "gradient of operand", got[4], p.dx)
	compare(t, "gradient of scale", got[5], p.gradScale)
	compare(t, "gradient of offset", got[6], p.gradOffset)
}

// TestClosures runs an op that takes a function, which must reach the embedded
// backend unwrapped, and feeds an output back in, which must carry our backend.
func TestClosures(t *testing.T) {
	backend := newBackend(t)
	sorted := graph.MustNewExec(backend, func(x *graph.Node) *graph.Node { return graph.Sort(x, 0, true) })
	once := sorted.MustCall([]float32{3, 1, 2})[0]
	twice := sorted.MustCall(once)[0]
	want := []float32{1, 2, 3}
	for i, got := range tensors.MustCopyFlatData[float32](twice) {
		if got != want[i] {
			t.Errorf("sorted[%d] = %v, want %v", i, got, want[i])
		}
	}
}

func TestCapabilities(t *testing.T) {
	operations := newBackend(t).Capabilities().Operations
	for _, op := range []compute.OpType{
		compute.OpTypeBatchNormForTraining, compute.OpTypeBatchNormForInference,
		compute.OpTypeBatchNormGradient, compute.OpTypeConvGeneral,
	} {
		if !operations[op] {
			t.Errorf("%s is not listed", op)
		}
	}
}
