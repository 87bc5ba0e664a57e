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
	want func(dst, a, b float32) float32
}{
	{"Add", Add, func(_, a, b float32) float32 { return a + b }},
	{"Sub", Sub, func(_, a, b float32) float32 { return a - b }},
	{"Mul", Mul, func(_, a, b float32) float32 { return a * b }},
	{"Div", Div, func(_, a, b float32) float32 { return a / b }},
	{"Max", Max, func(_, a, b float32) float32 { return max(a, b) }},
	{"Min", Min, func(_, a, b float32) float32 { return min(a, b) }},
	{"Axpy", func(dst, a, _ []float32) { Axpy(dst, a, 1.5) }, func(dst, a, _ float32) float32 { return dst + 1.5*a }},
	{"Scale", func(dst, a, _ []float32) { Scale(dst, a, 1.5, 2) }, func(_, a, _ float32) float32 { return a*1.5 + 2 }},
	{"AddScalar", func(dst, a, _ []float32) { AddScalar(dst, a, 1.5) }, func(_, a, _ float32) float32 { return a + 1.5 }},
	{"ScalarSub", func(dst, a, _ []float32) { ScalarSub(dst, a, 1.5) }, func(_, a, _ float32) float32 { return 1.5 - a }},
	{"MulScalar", func(dst, a, _ []float32) { MulScalar(dst, a, 1.5) }, func(_, a, _ float32) float32 { return a * 1.5 }},
	{"DivScalar", func(dst, a, _ []float32) { DivScalar(dst, a, 1.5) }, func(_, a, _ float32) float32 { return a / 1.5 }},
	{"ScalarDiv", func(dst, a, _ []float32) { ScalarDiv(dst, a, 1.5) }, func(_, a, _ float32) float32 { return 1.5 / a }},
	{"MaxScalar", func(dst, a, _ []float32) { MaxScalar(dst, a, 1.5) }, func(_, a, _ float32) float32 { return max(a, 1.5) }},
	{"MaxScalar NaN", func(dst, a, _ []float32) { MaxScalar(dst, a, nan32) }, func(_, a, _ float32) float32 { return nan32 }},
	{"MinScalar", func(dst, a, _ []float32) { MinScalar(dst, a, 1.5) }, func(_, a, _ float32) float32 { return min(a, 1.5) }},
	{"Neg", func(dst, a, _ []float32) { Neg(dst, a) }, func(_, a, _ float32) float32 { return -a }},
	{"Abs", func(dst, a, _ []float32) { Abs(dst, a) }, func(_, a, _ float32) float32 { return float32(math.Abs(float64(a))) }},
	{"Sign", func(dst, a, _ []float32) { Sign(dst, a) }, signum},
	{"Sqrt", func(dst, a, _ []float32) { Sqrt(dst, a) }, func(_, a, _ float32) float32 { return float32(math.Sqrt(float64(a))) }},
	{"Rsqrt", func(dst, a, _ []float32) { Rsqrt(dst, a) }, func(_, a, _ float32) float32 { return float32(1 / math.Sqrt(float64(a))) }},
	{"Exp", func(dst, a, _ []float32) { Exp(dst, a) }, func(_, a, _ float32) float32 { return float32(math.Exp(float64(a))) }},
	{"Log", func(dst, a, _ []float32) { Log(dst, a) }, func(_, a, _ float32) float32 { return float32(math.Log(float64(a))) }},
	{"ReLU", func(dst, a, _ []float32) { ReLU(dst, a) }, func(_, a, _ float32) float32 { return max(a, 0) }},
	{"ReLUGradient", ReLUGradient, func(_, a, b float32) float32 {
		if b > 0 {
			return a
		}
		return 0
	}},
}

func signum(_, a, _ float32) float32 {
	switch {
	case a > 0:
		return 1
	case a < 0:
		return -1
	}
	return a
}

// checkElement allows a unit in the last place for kernels that fuse a
// multiplication and an addition; everything else is exact. A NaN must be kept.
func checkElement(t *testing.T, name string, i int, got, want float32) {
	t.Helper()
	if math.IsNaN(float64(want)) {
		if !math.IsNaN(float64(got)) {
			t.Errorf("%s: [%d] is %v, want NaN", name, i, got)
		}
		return
	}
	if got != want && !(math.Abs(float64(got)-float64(want)) <= 3e-7) {
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
			want, inPlace := make([]float32, n), make([]float32, n)
			for i := range want {
				want[i] = op.want(dst.data[i], a.data[i], b.data[i])
				inPlace[i] = op.want(a.data[i], a.data[i], b.data[i])
			}
			op.run(dst.data, a.data, b.data)
			for i := range want {
				checkElement(t, name, i, dst.data[i], want[i])
			}
			op.run(a.data, a.data, b.data)
			for i := range want {
				checkElement(t, name+" in place", i, a.data[i], inPlace[i])
			}
			checkGuards(t, name, a, b, dst)
		}
	}
}

func TestSelectAndCompare(t *testing.T) {
	a, b := []float32{1, 2, nan32, 4}, []float32{0, 3, 0, 4}
	mask, dst := make([]bool, 4), make([]float32, 4)
	Greater(mask, a, b)
	if got := fmt.Sprint(mask); got != "[true false false false]" {
		t.Errorf("Greater is %v", got)
	}
	Select(dst, mask, a, b)
	if got := fmt.Sprint(dst); got != "[1 3 0 4]" {
		t.Errorf("Select is %v", got)
	}
	GreaterScalar(mask, a, 1.5)
	if got := fmt.Sprint(mask); got != "[false true false true]" {
		t.Errorf("GreaterScalar is %v", got)
	}
}

func TestRowKernels(t *testing.T) {
	for _, shape := range [][2]int{{0, 4}, {1, 1}, {3, 7}, {5, 16}, {4, 100}} {
		rows, columns := shape[0], shape[1]
		rng := rand.New(rand.NewPCG(1, uint64(columns)))
		a, row, offset := random(rng, rows*columns), random(rng, columns), random(rng, columns)
		for name, op := range map[string]struct {
			run  func(dst []float32)
			want func(a, row, offset float32) float32
		}{
			"AddRow":    {func(dst []float32) { AddRow(dst, a.data, row.data) }, func(a, r, _ float32) float32 { return a + r }},
			"SubRow":    {func(dst []float32) { SubRow(dst, a.data, row.data) }, func(a, r, _ float32) float32 { return a - r }},
			"MulRow":    {func(dst []float32) { MulRow(dst, a.data, row.data) }, func(a, r, _ float32) float32 { return a * r }},
			"DivRow":    {func(dst []float32) { DivRow(dst, a.data, row.data) }, func(a, r, _ float32) float32 { return a / r }},
			"MulAddRow": {func(dst []float32) { MulAddRow(dst, a.data, row.data, offset.data) }, func(a, r, o float32) float32 { return a*r + o }},
		} {
			dst := newGuarded(rows * columns)
			op.run(dst.data)
			for i, x := range dst.data {
				checkElement(t, name, i, x, op.want(a.data[i], row.data[i%columns], offset.data[i%columns]))
			}
			checkGuards(t, name, a, row, offset, dst)
		}
	}
}

func TestSGDNesterovMatchesDefinition(t *testing.T) {
	s := SGDNesterov{LearningRate: 0.1, Momentum: 0.9, WeightDecay: 5e-4}
	for _, n := range vectorLengths {
		rng := rand.New(rand.NewPCG(uint64(n), 5))
		weights, velocity, gradient := random(rng, n), random(rng, n), random(rng, n)
		wantW, wantV := make([]float32, n), make([]float32, n)
		for i := range n {
			g := float64(gradient.data[i]) + 5e-4*float64(weights.data[i])
			v := 0.9*float64(velocity.data[i]) + g
			wantW[i], wantV[i] = float32(float64(weights.data[i])-0.1*(g+0.9*v)), float32(v)
		}
		s.Update(weights.data, velocity.data, gradient.data)
		// Three roundings of numbers below 4.
		checkNear(t, "weights", weights.data, wantW, 8e-7)
		checkNear(t, "velocity", velocity.data, wantV, 8e-7)
		checkGuards(t, "SGDNesterov", weights, velocity, gradient)
	}
}

func BenchmarkVector(b *testing.B) {
	x, y, z := make([]float32, Chunk), make([]float32, Chunk), make([]float32, Chunk)
	for _, bench := range []struct {
		name string
		run  func()
	}{
		{"Add", func() { Add(z, x, y) }},
		{"MulScalar", func() { MulScalar(z, x, 1.5) }},
		{"ReLUGradient", func() { ReLUGradient(z, x, y) }},
		{"Max", func() { Max(z, x, y) }},
		{"SGDNesterov", func() { SGDNesterov{0.1, 0.9, 5e-4}.Update(z, x, y) }},
		{"Sum", func() { Sum(x) }},
		{"SumMiddle", func() { SumMiddle(z[:64], x, 1, 64) }},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.SetBytes(4 * Chunk)
			for b.Loop() {
				bench.run()
			}
		})
	}
}
