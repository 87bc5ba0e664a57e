package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// normalization is a BatchNorm with arrays to run it on.
type normalization struct {
	BatchNorm
	in, residual, gradOut, scale, offset guarded
	scratch                              guarded
}

func newNormalization(seed uint64, b BatchNorm, residual bool) normalization {
	rng := rand.New(rand.NewPCG(seed, 2))
	n := normalization{BatchNorm: b}
	n.in, n.gradOut = random(rng, b.Rows*b.Channels), random(rng, b.Rows*b.Channels)
	n.scale, n.offset = random(rng, b.Channels), random(rng, b.Channels)
	for i := range n.in.data {
		n.in.data[i] = 3*n.in.data[i] + float32(i%b.Channels%7) // Means from 0 to 6.
	}
	if residual {
		n.residual = random(rng, b.Rows*b.Channels)
	}
	n.scratch = random(rng, b.ScratchFloats())
	return n
}

// batchNormTolerance covers the rounding of in·a + c, whose terms are up to 9/√3
// for the inputs of newNormalization, at 2^-24 each, where the reference
// subtracts the mean first in float64; the factors are rounded as well.
const batchNormTolerance = 4e-6

func (n normalization) checkTraining(t *testing.T, pool *Pool) {
	t.Helper()
	name := fmt.Sprintf("%+v residual %t", n.BatchNorm, n.residual.data != nil)
	size := n.Rows * n.Channels
	out, mean, variance := newGuarded(size), newGuarded(n.Channels), newGuarded(n.Channels)
	n.Training(pool, out.data, mean.data, variance.data, n.in.data, n.scale.data, n.offset.data, n.residual.data, n.scratch.data)
	wantMean, wantVariance, want := make([]float32, n.Channels), make([]float32, n.Channels), make([]float32, size)
	batchNormStatisticsReference(n.BatchNorm, wantMean, wantVariance, n.in.data)
	batchNormApplyReference(n.BatchNorm, want, n.in.data, n.scale.data, n.offset.data, wantMean, wantVariance, n.residual.data)
	// Sums of at most 512 terms (rows of a piece that fall on one lane) of size 9
	// lose 512·2^-25 of it at the very worst; observed is a hundredth.
	checkNear(t, name+" mean", mean.data, wantMean, 1e-5)
	checkNear(t, name+" variance", variance.data, wantVariance, 3e-5)
	if n.Rows > 4 { // With fewer the deviation may be close to 0 and magnify the rest.
		checkNear(t, name+" out", out.data, want, batchNormTolerance+1e-5)
	}
	batchNormApplyReference(n.BatchNorm, want, n.in.data, n.scale.data, n.offset.data, mean.data, variance.data, n.residual.data)
	n.Inference(pool, out.data, n.in.data, n.scale.data, n.offset.data, mean.data, variance.data, n.residual.data, n.scratch.data)
	if n.Rows > 4 {
		checkNear(t, name+" inference", out.data, want, batchNormTolerance)
	}
	checkGuards(t, name, out, mean, variance, n.in, n.residual, n.scale, n.offset, n.scratch)
	n.checkGradient(t, pool, name, out, mean.data, variance.data)
}

func (n normalization) checkGradient(t *testing.T, pool *Pool, name string, out guarded, mean, variance []float32) {
	t.Helper()
	size := n.Rows * n.Channels
	gradIn, gradScale, gradOffset := newGuarded(size), newGuarded(n.Channels), newGuarded(n.Channels)
	wantIn, wantScale, wantOffset := make([]float32, size), make([]float32, n.Channels), make([]float32, n.Channels)
	var gradResidual guarded
	var wantResidual []float32
	if n.residual.data != nil {
		gradResidual, wantResidual = newGuarded(size), make([]float32, size)
	}
	batchNormGradientReference(n.BatchNorm, wantIn, wantScale, wantOffset, wantResidual, n.in.data, n.scale.data, mean, variance, n.gradOut.data, out.data)
	check := func(name string, gradIn []float32) {
		t.Helper()
		// As for the mean, relative to sums that grow with the number of rows.
		checkNear(t, name+" gradScale", gradScale.data, wantScale, 1e-5*float64(n.Rows+10)/10)
		checkNear(t, name+" gradOffset", gradOffset.data, wantOffset, 1e-5*float64(n.Rows+10)/10)
		if n.Rows > 4 {
			checkNear(t, name+" gradIn", gradIn, wantIn, 3e-5)
		}
		checkNear(t, name+" gradResidual", gradResidual.data, wantResidual, 0)
		checkGuards(t, name+" gradient", gradScale, gradOffset, gradResidual, out, n.in, n.scale, n.gradOut, n.scratch)
	}
	n.Gradient(pool, gradIn.data, gradScale.data, gradOffset.data, gradResidual.data, n.in.data, n.scale.data, mean, variance, n.gradOut.data, out.data, n.scratch.data)
	check(name, gradIn.data)
	checkGuards(t, name+" gradient", gradIn)
	// In place: gradIn is gradOut.
	n.Gradient(pool, n.gradOut.data, gradScale.data, gradOffset.data, gradResidual.data, n.in.data, n.scale.data, mean, variance, n.gradOut.data, out.data, n.scratch.data)
	check(name+" in place", n.gradOut.data)
}

func TestBatchNormMatchesReference(t *testing.T) {
	pool := NewPool(3)
	defer pool.Close()
	seed := uint64(0)
	for _, channels := range []int{1, 3, 10, 16, 32, 64, 65, 128, 200, 512} {
		for _, rows := range []int{0, 1, 2, 5, 33, 129, 1000} {
			for _, relu := range []bool{false, true} {
				for _, residual := range []bool{false, true} {
					seed++
					newNormalization(seed, BatchNorm{rows, channels, 1e-5, relu}, residual).checkTraining(t, pool)
				}
			}
		}
	}
}

// TestBatchNormFarFromZero takes inputs whose mean is a thousand deviations: the
// difference of the mean square and the squared mean would have no right digit.
func TestBatchNormFarFromZero(t *testing.T) {
	const rows, channels = 3000, 16
	rng := rand.New(rand.NewPCG(3, 3))
	b := BatchNorm{rows, channels, 1e-5, false}
	in := random(rng, rows*channels).data
	for i := range in {
		in[i] += 1000
	}
	out, mean, variance := make([]float32, rows*channels), make([]float32, channels), make([]float32, channels)
	wantMean, wantVariance := make([]float32, channels), make([]float32, channels)
	ones, scratch := make([]float32, channels), make([]float32, b.ScratchFloats())
	Fill(ones, 1)
	b.Training(nil, out, mean, variance, in, ones, ones, nil, scratch)
	batchNormStatisticsReference(b, wantMean, wantVariance, in)
	// One unit in the last place of 1000 is 6e-5; the variance is about 1/3.
	checkNear(t, "mean", mean, wantMean, 7e-5)
	checkNear(t, "variance", variance, wantVariance, 1e-5)
}

// benchNorms are the activations of the first and last stages of ResNet-18 width
// 64 and ResNet-8 width 16 at batch 32.
var benchNorms = []BatchNorm{{32 * 32 * 32, 64, 1e-5, true}, {32 * 16, 512, 1e-5, true}, {32 * 32 * 32, 16, 1e-5, true}, {32 * 64, 64, 1e-5, true}}

func BenchmarkBatchNorm(b *testing.B) {
	for _, shape := range benchNorms {
		n := newNormalization(1, shape, true)
		size := shape.Rows * shape.Channels
		out, mean, variance := make([]float32, size), make([]float32, shape.Channels), make([]float32, shape.Channels)
		measure := func(name string, pass func()) {
			b.Run(fmt.Sprintf("rows=%d/channels=%d/%s", shape.Rows, shape.Channels, name), func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(4 * size)) // Of one matrix: ns for each float of the activation.
				for b.Loop() {
					pass()
				}
			})
		}
		measure("training", func() {
			n.Training(nil, out, mean, variance, n.in.data, n.scale.data, n.offset.data, n.residual.data, n.scratch.data)
		})
		measure("inference", func() {
			n.Inference(nil, out, n.in.data, n.scale.data, n.offset.data, mean, variance, nil, n.scratch.data)
		})
		gradScale, gradOffset, gradIn := make([]float32, shape.Channels), make([]float32, shape.Channels), make([]float32, size)
		measure("gradient", func() {
			n.Gradient(nil, gradIn, gradScale, gradOffset, nil, n.in.data, n.scale.data, mean, variance, n.gradOut.data, out, n.scratch.data)
		})
	}
}
