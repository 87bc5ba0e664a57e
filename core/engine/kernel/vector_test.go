package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

var nan32 = float32(math.NaN())

// vectorLengths lie around the vector block sizes of every architecture.
var vectorLengths = []int{0, 1, 3, 4, 15, 16, 17, 31, 32, 33, 63, 64, 100, 1000}

// vectorOps are elementwise kernels and what they do to one element. Kernels with
// a scalar take 1.5.
var vectorOps = []struct {
	name string
	run  func(dst, a, b []float32)
	want func(a, b float32) float32
}{
	{"Add", Add, func(a, b float32) float32 { return a + b }},
	{"Sub", Sub, func(a, b float32) float32 { return a - b }},
	{"Mul", Mul, func(a, b float32) float32 { return a * b }},
	{"Div", Div, func(a, b float32) float32 { return a / b }},
	{"Max", Max, func(a, b float32) float32 { return max(a, b) }},
	{"Min", Min, func(a, b float32) float32 { return min(a, b) }},
	{"AddScalar", func(dst, a, _ []float32) { AddScalar(dst, a, 1.5) }, func(a, _ float32) float32 { return a + 1.5 }},
	{"ScalarSub", func(dst, a, _ []float32) { ScalarSub(dst, a, 1.5) }, func(a, _ float32) float32 { return 1.5 - a }},
	{"MulScalar", func(dst, a, _ []float32) { MulScalar(dst, a, 1.5) }, func(a, _ float32) float32 { return a * 1.5 }},
	{"DivScalar", func(dst, a, _ []float32) { DivScalar(dst, a, 1.5) }, func(a, _ float32) float32 { return a / 1.5 }},
	{"ScalarDiv", func(dst, a, _ []float32) { ScalarDiv(dst, a, 1.5) }, func(a, _ float32) float32 { return 1.5 / a }},
	{"MaxScalar", func(dst, a, _ []float32) { MaxScalar(dst, a, 1.5) }, func(a, _ float32) float32 { return max(a, 1.5) }},
	{"MaxScalar NaN", func(dst, a, _ []float32) { MaxScalar(dst, a, nan32) }, func(a, _ float32) float32 { return nan32 }},
	{"MinScalar", func(dst, a, _ []float32) { MinScalar(dst, a, 1.5) }, func(a, _ float32) float32 { return min(a, 1.5) }},
	{"Neg", func(dst, a, _ []float32) { Neg(dst, a) }, func(a, _ float32) float32 { return -a }},
	{"Abs", func(dst, a, _ []float32) { Abs(dst, a) }, func(a, _ float32) float32 { return float32(math.Abs(float64(a))) }},
	{"Sign", func(dst, a, _ []float32) { Sign(dst, a) }, signum},
	{"Sqrt", func(dst, a, _ []float32) { Sqrt(dst, a) }, func(a, _ float32) float32 { return float32(math.Sqrt(float64(a))) }},
	{"Rsqrt", func(dst, a, _ []float32) { Rsqrt(dst, a) }, func(a, _ float32) float32 { return float32(1 / math.Sqrt(float64(a))) }},
	{"Exp", func(dst, a, _ []float32) { Exp(dst, a) }, func(a, _ float32) float32 { return float32(math.Exp(float64(a))) }},
	{"Log", func(dst, a, _ []float32) { Log(dst, a) }, func(a, _ float32) float32 { return float32(math.Log(float64(a))) }},
	{"ReLU", func(dst, a, _ []float32) { ReLU(dst, a) }, func(a, _ float32) float32 { return max(a, 0) }},
}

func signum(a, _ float32) float32 {
	switch {
	case a > 0:
		return 1
	case a < 0:
		return -1
	}
	return a
}

// checkElement wants the very number, or any NaN.
func checkElement(t *testing.T, name string, i int, got, want float32) {
	t.Helper()
	if math.IsNaN(float64(want)) {
		if !math.IsNaN(float64(got)) {
			t.Errorf("%s: [%d] is %v, want NaN", name, i, got)
		}
		return
	}
	if got != want {
		t.Errorf("%s: [%d] is %v, want %v", name, i, got, want)
	}
}

func TestVectorKernels(t *testing.T) {
	for _, op := range vectorOps {
		for _, n := range vectorLengths {
			rng := rand.New(rand.NewPCG(uint64(n), 4))
			a, b, dst := random(rng, n), random(rng, n), random(rng, n)
			if n > 5 {
				a.data[0], a.data[1], a.data[2], a.data[3], b.data[4] = nan32, 0, float32(math.Inf(1)), float32(math.Inf(-1)), 0
				b.data[5] = nan32
			}
			name := fmt.Sprintf("%s of %d", op.name, n)
			want := make([]float32, n)
			for i := range want {
				want[i] = op.want(a.data[i], b.data[i])
			}
			op.run(dst.data, a.data, b.data)
			for i := range want {
				checkElement(t, name, i, dst.data[i], want[i])
			}
			op.run(a.data, a.data, b.data)
			for i := range want {
				checkElement(t, name+" in place", i, a.data[i], want[i])
			}
			checkGuards(t, name, a, b, dst)
		}
	}
}

func BenchmarkVector(b *testing.B) {
	const n = 4096
	x, y, z := make([]float32, n), make([]float32, n), make([]float32, n)
	for _, bench := range []struct {
		name string
		run  func()
	}{
		{"Add", func() { Add(z, x, y) }},
		{"MulScalar", func() { MulScalar(z, x, 1.5) }},
		{"Max", func() { Max(z, x, y) }},
		{"sum", func() { sum(x) }},
		{"SumMiddle", func() { SumMiddle(z[:64], x, 1, 64) }},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.SetBytes(4 * n)
			for b.Loop() {
				bench.run()
			}
		})
	}
}
