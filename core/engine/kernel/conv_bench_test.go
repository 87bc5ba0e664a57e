package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// benchConvs are the shapes of ResNet-18 width 64 and ResNet-8 width 16 on
// 32×32 pictures, batch 32.
var benchConvs = []Conv{
	square(32, 32, 64, 64, 3, 1, 1),
	square(32, 32, 64, 128, 3, 2, 1),
	square(32, 32, 64, 128, 1, 2, 0),
	square(32, 16, 128, 128, 3, 1, 1),
	square(32, 16, 128, 256, 3, 2, 1),
	square(32, 8, 256, 256, 3, 1, 1),
	square(32, 8, 256, 512, 3, 2, 1),
	square(32, 4, 512, 512, 3, 1, 1),
	square(32, 32, 3, 16, 3, 1, 1),
	square(32, 32, 16, 16, 3, 1, 1),
	square(32, 32, 16, 32, 3, 2, 1),
	square(32, 32, 16, 32, 1, 2, 0),
	square(32, 16, 32, 32, 3, 1, 1),
	square(32, 16, 32, 64, 3, 2, 1),
	square(32, 8, 64, 64, 3, 1, 1),
}

// benchmarkFLOPs times calls of pass, which does so many operations, and reports
// the mean rate and that of the fastest call: on a busy machine only the latter
// says something about the code.
func benchmarkFLOPs(b *testing.B, flops int, pass func()) {
	b.ReportAllocs()
	fastest := time.Duration(math.MaxInt64)
	for b.Loop() {
		start := time.Now()
		pass()
		fastest = min(fastest, time.Since(start))
	}
	b.ReportMetric(float64(flops)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
	b.ReportMetric(float64(flops)/fastest.Seconds()/1e9, "best-GFLOP/s")
}

// benchmarkEachConv hands each pass of each shape to time.
func benchmarkEachConv(b *testing.B, threads int, time func(b *testing.B, flops int, pass func())) {
	pool := NewPool(threads)
	defer pool.Close()
	rng := rand.New(rand.NewPCG(1, 1))
	for _, c := range benchConvs {
		in, weights, out := random(rng, c.inLen()).data, random(rng, c.weightLen()).data, random(rng, c.outLen()).data
		scratch := make([]float32, max(c.ForwardScratchFloats(threads), c.InputGradientScratchFloats(threads), c.WeightGradientScratchFloats(threads)))
		measure := func(name string, pass func()) {
			b.Run(c.String()+"/"+name, func(b *testing.B) {
				time(b, c.FLOPs(), pass)
			})
		}
		measure("forward", func() { c.Forward(pool, out, in, weights, scratch) })
		measure("input", func() { c.InputGradient(pool, in, out, weights, scratch) })
		measure("weight", func() { c.WeightGradient(pool, weights, in, out, scratch) })
	}
}

func BenchmarkConv(b *testing.B) { benchmarkEachConv(b, 1, benchmarkFLOPs) }

func BenchmarkConvTwoThreads(b *testing.B) { benchmarkEachConv(b, 2, benchmarkFLOPs) }
