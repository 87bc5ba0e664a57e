package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// guard is a value that stands around every slice handed to a kernel.
const guard = 0x1p100

// guarded is a slice with guard values before and behind it.
type guarded struct{ all, data []float32 }

func newGuarded(n int) guarded {
	const margin = 16
	all := make([]float32, n+2*margin)
	for i := range all {
		all[i] = guard
	}
	return guarded{all, all[margin : margin+n : margin+n]}
}

// random returns a guarded slice of numbers in [-1, 1).
func random(rng *rand.Rand, n int) guarded {
	g := newGuarded(n)
	for i := range g.data {
		g.data[i] = rng.Float32()*2 - 1
	}
	return g
}

// checkGuards fails the test if a value around a slice has changed.
func checkGuards(t *testing.T, name string, slices ...guarded) {
	t.Helper()
	for k, g := range slices {
		for i, x := range g.all {
			inside := i >= 16 && i < 16+len(g.data)
			if !inside && x != guard {
				t.Errorf("%s: slice %d of %d floats: overwritten at %d", name, k, len(g.data), i-16)
				return
			}
		}
	}
}

// checkNear fails the test unless got is want within tolerance everywhere.
func checkNear(t *testing.T, name string, got, want []float32, tolerance float64) {
	t.Helper()
	worst, at := 0.0, -1
	for i := range want {
		d := math.Abs(float64(got[i]) - float64(want[i]))
		if !(d <= worst) {
			worst, at = d, i
		}
	}
	if !(worst <= tolerance) {
		t.Errorf("%s: [%d] is %v, want %v (difference %.3g, tolerance %.3g)", name, at, got[at], want[at], worst, tolerance)
	}
}

// sumTolerance bounds the difference of two float32 sums of n products of
// numbers in [-1, 1), taken in different orders. Each rounding is at most
// 2^-24 of a partial sum; partial sums of random signs grow as √n and so do
// roundings of random signs: about n·2^-24 in all, with 8 to spare.
func sumTolerance(n int) float64 { return 8 * float64(n+1) * 0x1p-24 }

func (c Conv) String() string {
	return fmt.Sprintf("n%d_%dx%dx%d_%dx%dx%d_s%dx%d_p%d.%d.%d.%d", c.Batch, c.Height, c.Width, c.InChannels,
		c.KernelHeight, c.KernelWidth, c.OutChannels, c.StrideHeight, c.StrideWidth, c.PadTop, c.PadBottom, c.PadLeft, c.PadRight)
}

func square(batch, size, in, out, kernel, stride, pad int) Conv {
	return Conv{batch, size, size, in, out, kernel, kernel, stride, stride, pad, pad, pad, pad}
}

// testedConvs are shapes of the networks, and the corners.
var testedConvs = []Conv{
	square(2, 32, 16, 16, 3, 1, 1),
	square(3, 32, 3, 16, 3, 1, 1),
	square(5, 16, 16, 32, 3, 2, 1),
	square(2, 16, 16, 32, 1, 2, 0),
	square(9, 4, 128, 96, 3, 1, 1),
	square(3, 8, 40, 24, 3, 2, 1),
	square(1, 7, 130, 17, 5, 1, 2),
	square(2, 1, 8, 8, 1, 1, 0),
	square(0, 8, 4, 4, 3, 1, 1),
	square(2, 0, 4, 4, 3, 1, 1),
	square(2, 0, 4, 4, 3, 1, 2),
	square(2, 8, 0, 4, 3, 1, 1),
	square(2, 8, 4, 0, 3, 1, 1),
	square(2, 5, 4, 4, 0, 1, 0),
	square(2, 2, 4, 4, 5, 1, 1),
	square(2, 3, 4, 4, 2, 3, 4),
	square(1, 40, 2, 2, 11, 4, 2),
	{2, 6, 9, 3, 5, 2, 4, 3, 1, 0, 2, 7, 0},
	{1, 3, 600, 2, 3, 1, 3, 1, 1, 0, 0, 1, 1},
	{1, 600, 1, 17, 33, 3, 1, 2, 1, 5, 9, 0, 0},
}

// randomConv returns a small shape of any kind.
func randomConv(rng *rand.Rand) Conv {
	n := rng.IntN
	return Conv{
		Batch: n(4), Height: n(13), Width: n(13), InChannels: n(20), OutChannels: n(36),
		KernelHeight: 1 + n(5), KernelWidth: 1 + n(5), StrideHeight: 1 + n(4), StrideWidth: 1 + n(4),
		PadTop: n(6), PadBottom: n(6), PadLeft: n(6), PadRight: n(6),
	}
}

// checkConv compares the three passes of a shape with their references.
func checkConv(t *testing.T, pool *Pool, c Conv, seed uint64) {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 1))
	in, weights, gradOut := random(rng, c.inLen()), random(rng, c.weightLen()), random(rng, c.outLen())
	threads := pool.Threads()

	out, want := newGuarded(c.outLen()), make([]float32, c.outLen())
	scratch := random(rng, c.ForwardScratchFloats(threads))
	c.Forward(pool, out.data, in.data, weights.data, scratch.data)
	convForwardReference(c, want, in.data, weights.data)
	checkNear(t, c.String()+" forward", out.data, want, sumTolerance(c.KernelHeight*c.KernelWidth*c.InChannels))
	checkGuards(t, c.String()+" forward", in, weights, out, scratch)

	gradIn, want := newGuarded(c.inLen()), make([]float32, c.inLen())
	scratch = random(rng, c.InputGradientScratchFloats(threads))
	c.InputGradient(pool, gradIn.data, gradOut.data, weights.data, scratch.data)
	convInputGradientReference(c, want, gradOut.data, weights.data)
	checkNear(t, c.String()+" input gradient", gradIn.data, want, sumTolerance(c.KernelHeight*c.KernelWidth*c.OutChannels))
	checkGuards(t, c.String()+" input gradient", gradIn, weights, gradOut, scratch)

	gradWeights, want := newGuarded(c.weightLen()), make([]float32, c.weightLen())
	scratch = random(rng, c.WeightGradientScratchFloats(threads))
	c.WeightGradient(pool, gradWeights.data, in.data, gradOut.data, scratch.data)
	convWeightGradientReference(c, want, in.data, gradOut.data)
	checkNear(t, c.String()+" weight gradient", gradWeights.data, want, sumTolerance(c.Batch*c.OutHeight()*c.OutWidth()))
	checkGuards(t, c.String()+" weight gradient", in, gradWeights, gradOut, scratch)
}

func TestConvMatchesReference(t *testing.T) {
	pool := NewPool(3)
	defer pool.Close()
	for i, c := range testedConvs {
		checkConv(t, pool, c, uint64(i))
	}
	rng := rand.New(rand.NewPCG(7, 7))
	for i := range 300 {
		checkConv(t, pool, randomConv(rng), uint64(i))
	}
}
