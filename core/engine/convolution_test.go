package engine_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"quarterturn/core/engine"
)

// A convCase is a convolution as GoMLX's Convolve writes it, with channels last.
type convCase struct {
	batch, height, width, in, out int
	kernelH, kernelW              int
	strideH, strideW              int
	pads                          [2][2]int
}

func (c convCase) String() string {
	return fmt.Sprint(c.batch, c.height, c.width, c.in, c.out, c.kernelH, c.kernelW, c.strideH, c.strideW,
		c.pads)
}

// networkConvs are the convolutions of our networks: 3×3 and 1×1, stride 1 and 2, at the
// sizes that halving leaves, odd ones too.
func networkConvs() []convCase {
	var cases []convCase
	for _, size := range []int{1, 2, 3, 4, 7, 8} {
		for _, stride := range []int{1, 2} {
			for _, kernel := range []int{1, 3} {
				pad := [2]int{kernel / 2, kernel / 2}
				cases = append(cases, convCase{2, size, size, 3, 5, kernel, kernel, stride, stride, [2][2]int{pad, pad}})
			}
		}
	}
	return append(cases, convCase{3, 9, 6, 16, 24, 3, 3, 1, 1, [2][2]int{{1, 1}, {1, 1}}},
		convCase{1, 5, 8, 1, 1, 3, 3, 2, 2, [2][2]int{{1, 1}, {1, 1}}},
		convCase{2, 12, 12, 33, 17, 3, 3, 2, 2, [2][2]int{{1, 1}, {1, 1}}})
}

// otherConvs are what else Convolve can write, drawn at random.
func otherConvs(rng *rand.Rand, n int) []convCase {
	var cases []convCase
	for len(cases) < n {
		c := convCase{
			batch: 1 + rng.IntN(3), height: 1 + rng.IntN(9), width: 1 + rng.IntN(9), in: 1 + rng.IntN(6), out: 1 + rng.IntN(6),
			kernelH: 1 + rng.IntN(5), kernelW: 1 + rng.IntN(5), strideH: 1 + rng.IntN(3), strideW: 1 + rng.IntN(3),
			pads: [2][2]int{{rng.IntN(4), rng.IntN(4)}, {rng.IntN(4), rng.IntN(4)}},
		}
		if c.height+c.pads[0][0]+c.pads[0][1] >= c.kernelH && c.width+c.pads[1][0]+c.pads[1][1] >= c.kernelW {
			cases = append(cases, c)
		}
	}
	return cases
}

// run returns the convolution of random operands and, if asked for, both
// gradients; or what GoMLX panics with where it cannot write these.
func (c convCase) run(b compute.Backend, seed uint64, gradients bool) (out []tensor, err error) {
	defer func() {
		if e := recover(); e != nil {
			err = fmt.Errorf("%v", e)
		}
	}()
	rng := rand.New(rand.NewPCG(seed, 1))
	x := random(rng, dtypes.Float32, c.batch, c.height, c.width, c.in)
	w := random(rng, dtypes.Float32, c.kernelH, c.kernelW, c.in, c.out)
	exec := graph.MustNewExec(b, func(x, w *graph.Node) []*graph.Node {
		y := graph.Convolve(x, w).StridePerAxis(c.strideH, c.strideW).PaddingPerDim(c.pads[:]).Done()
		if !gradients {
			return []*graph.Node{y}
		}
		weighted := graph.Mul(y, graph.Sin(graph.IotaFull(y.Graph(), y.Shape())))
		return append([]*graph.Node{y}, graph.Gradient(graph.ReduceAllSum(weighted), x, w)...)
	})
	for _, result := range exec.MustCall(tensors.FromFlatDataAndDimensions(x.flat.([]float32), x.shape.Dimensions...),
		tensors.FromFlatDataAndDimensions(w.flat.([]float32), w.shape.Dimensions...)) {
		out = append(out, tensor{result.Shape(), tensors.MustCopyFlatData[float32](result)})
	}
	return out, nil
}

// TestConvolutions compares convolutions and their gradients with the stock
// backend. The bound is for sums of up to 512 products of normal values, taken
// in another order.
func TestConvolutions(t *testing.T) {
	ours, theirs := newEngine(t, 2), newStock(t)
	cases := networkConvs()
	mustFit := len(cases)
	cases = append(cases, otherConvs(rand.New(rand.NewPCG(3, 1)), 60)...)
	for i, c := range cases {
		t.Run(c.String(), func(t *testing.T) {
			gradients := true
			want, err := c.run(theirs, uint64(i), true)
			if err != nil && i >= mustFit {
				gradients = false
				want, err = c.run(theirs, uint64(i), false)
			}
			if err != nil {
				t.Fatal(err)
			}
			ours.StartProfile()
			got, err := c.run(ours, uint64(i), gradients)
			if err != nil {
				t.Fatal(err)
			}
			compareOutputs(t, got, want, bound{1e-4, 1e-4})
			if p := ours.StopProfile(); i < mustFit && hasForm(p, "value by value ConvGeneral") {
				t.Errorf("a convolution of our networks is not a kernel:\n%s", p.Table(1, 0))
			}
		})
	}
}

func hasForm(p *engine.Profile, form string) bool {
	for _, e := range p.Entries() {
		if e.Form == form {
			return true
		}
	}
	return false
}

// TestBatchNorm compares the ops with the stock backend's composition on shapes
// with channels last and elsewhere, with a mean far from 0.
func TestBatchNorm(t *testing.T) {
	ours, theirs := newEngine(t, 2), newStock(t)
	rng := rand.New(rand.NewPCG(3, 2))
	tests := []struct {
		dims []int
		axis int
		mean float32
	}{
		{[]int{6, 4, 3, 5}, 3, 0}, {[]int{32, 8, 8, 16}, 3, 3}, {[]int{9, 40}, 1, -2}, {[]int{5, 3, 4, 2}, 1, 1},
		{[]int{4, 7}, 0, 0}, {[]int{300, 1, 1, 70}, 3, 10}, {[]int{2, 1, 1, 3}, 3, 0}, {[]int{1, 1, 1, 4}, 3, 0},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt), func(t *testing.T) {
			x := random(rng, dtypes.Float32, tt.dims...)
			for i := range x.flat.([]float32) {
				x.flat.([]float32)[i] += tt.mean
			}
			c := tt.dims[tt.axis]
			in := []tensor{x, random(rng, dtypes.Float32, c), random(rng, dtypes.Float32, c), random(rng, dtypes.Float32, tt.dims...)}
			// Sums over up to 2,048 values near tt.mean; with few values in a
			// channel, 1/√variance multiplies the error.
			within := bound{2e-5 * float64(1+max(tt.mean, -tt.mean)), 1e-4}
			checkEqual(t, ours, theirs, in, within, func(f compute.Function, in []compute.Value) ([]compute.Value, error) {
				y, mean, variance, err := f.BatchNormForTraining(in[0], in[1], in[2], 1e-2, tt.axis)
				if err != nil {
					return nil, err
				}
				z, err := f.BatchNormForInference(in[0], in[1], in[2], mean, variance, 1e-2, tt.axis)
				if err != nil {
					return nil, err
				}
				gradOperand, gradScale, gradOffset, err := f.BatchNormGradient(in[0], in[1], mean, variance, in[3], 1e-2, tt.axis)
				return []compute.Value{y, mean, variance, z, gradOperand, gradScale, gradOffset}, err
			})
		})
	}
}
