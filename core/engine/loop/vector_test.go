package loop

import (
	"math"
	"math/rand/v2"
	"testing"
)

func someFloats(rng *rand.Rand, n int) []float32 {
	a := make([]float32, n)
	for i := range a {
		a[i] = float32(rng.NormFloat64())
		if rng.IntN(8) == 0 {
			a[i] = 0 // Where the gradient of ReLU turns.
		}
	}
	return a
}

// guarded returns a slice of n floats in the middle of others, and a function
// that reports whether these have changed.
func guarded(n int) (a []float32, intact func() bool) {
	const guard = 16
	all := make([]float32, n+2*guard)
	for i := range all {
		all[i] = math.MaxFloat32
	}
	return all[guard : guard+n : guard+n], func() bool {
		for i := range guard {
			if all[i] != math.MaxFloat32 || all[guard+n+i] != math.MaxFloat32 {
				return false
			}
		}
		return true
	}
}

// vectorLengths are around multiples of the vectors' turns.
var vectorLengths = []int{0, 1, 7, 8, 15, 16, 17, 31, 32, 33, 100, 1024}

// TestElementwiseVectors compares with the ops one by one, to the bit.
func TestElementwiseVectors(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 1))
	for _, n := range vectorLengths {
		a, b, c, d, e := someFloats(rng, n), someFloats(rng, n), someFloats(rng, n), someFloats(rng, n), someFloats(rng, n)
		product := func(x, y []float32, i int) float32 { return x[i] * y[i] }
		tests := []struct {
			name string
			run  func(dst []float32)
			want func(i int) float32
		}{
			{"pass", func(dst []float32) { pass(dst, a, b) }, func(i int) float32 { return passed(a[i], b[i]) }},
			{"passAffine", func(dst []float32) { passAffine(dst, a, b, c, d, nil) },
				func(i int) float32 { return passed(a[i], product(b, c, i)+d[i]) }},
			{"passAffine with c", func(dst []float32) { passAffine(dst, a, b, c, d, e) },
				func(i int) float32 { return passed(a[i], product(b, c, i)+d[i]+e[i]) }},
			{"affine", func(dst []float32) { affine(dst, a, b, c, nil, lowest) },
				func(i int) float32 { return product(a, b, i) + c[i] }},
			{"affine with c and floor", func(dst []float32) { affine(dst, a, b, c, d, 0) },
				func(i int) float32 { return max(product(a, b, i)+c[i]+d[i], 0) }},
			{"bilinear", func(dst []float32) { bilinear(dst, a, b, c, d, e) },
				func(i int) float32 { return product(a, b, i) + (product(c, d, i) + e[i]) }},
		}
		for _, tt := range tests {
			dst, intact := guarded(n)
			tt.run(dst)
			for i := range dst {
				if got, want := dst[i], tt.want(i); got != want {
					t.Errorf("%s of %d: [%d] is %v, want %v", tt.name, n, i, got, want)
					break
				}
			}
			if !intact() {
				t.Errorf("%s of %d writes outside", tt.name, n)
			}
		}
	}
}

func passed(grad, x float32) float32 {
	if x >= 0 {
		return grad
	}
	return 0
}

func TestVectorsKeepNaN(t *testing.T) {
	const n = 67 // Vectors and a rest behind them.
	nan := float32(math.NaN())
	one, zero := make([]float32, n), make([]float32, n)
	for i := range one {
		one[i] = 1
	}
	for _, shortcut := range [][]float32{nil, zero} {
		x := make([]float32, n)
		for i := range x {
			x[i] = nan
		}
		affine(x, x, one, one, shortcut, 0)
		for i, y := range x {
			if y == y {
				t.Fatalf("with a shortcut: %v: max(NaN, 0) is %v at %d, want NaN", shortcut != nil, y, i)
			}
		}
	}
}

// TestSumVectors compares sums over rows, the last of which may be short, with
// float64. Up to 40 terms of a few units: 40 roundings of 1e-7 each.
func TestSumVectors(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 2))
	for _, width := range []int{1, 3, 16, 32, 33, 66, 100} {
		for _, n := range []int{0, 1, width, 2*width + 1, 1024} {
			a, b, c := someFloats(rng, n), someFloats(rng, n), someFloats(rng, n)
			var want [4][]float64
			for k := range want {
				want[k] = make([]float64, width)
			}
			for i := range a {
				d := float64(a[i]) - float64(b[i])
				want[0][i%width] += float64(a[i])
				want[1][i%width] += d
				want[2][i%width] += d * d
				want[3][i%width] += float64(a[i]) * (float64(b[i]) - float64(c[i]))
			}
			sums := func(run func(first, second []float32)) [2][]float32 {
				first, intact := guarded(width)
				second, intactToo := guarded(width)
				clear(first)
				clear(second)
				run(first, second)
				if !intact() || !intactToo() {
					t.Errorf("width %d, %d values: writes outside", width, n)
				}
				return [2][]float32{first, second}
			}
			lanes := sums(func(first, second []float32) { sumLanes(first, a) })
			squares := sums(func(first, second []float32) { sumSquares(first, second, a, b) })
			products := sums(func(first, second []float32) { sumProducts(first, second, a, b, c) })
			for k, got := range [][]float32{lanes[0], squares[0], squares[1], products[1], products[0]} {
				expect := want[k%4]
				for lane := range got {
					if diff := math.Abs(float64(got[lane]) - expect[lane]); !(diff < 1e-4*(1+float64(n)/float64(width)/10)) {
						t.Errorf("sum %d, width %d, %d values: lane %d is %v, want %v", k, width, n, lane, got[lane], expect[lane])
						break
					}
				}
			}
		}
	}
}

// BenchmarkVectors times one block of a loop.
func BenchmarkVectors(b *testing.B) {
	rng := rand.New(rand.NewPCG(8, 3))
	x, y, z, v, w, dst := someFloats(rng, 1024), someFloats(rng, 1024), someFloats(rng, 1024), someFloats(rng, 1024), someFloats(rng, 1024), make([]float32, 1024)
	sums, more := make([]float32, 32), make([]float32, 32)
	for _, bench := range []struct {
		name string
		run  func()
	}{
		{"pass", func() { pass(dst, x, y) }},
		{"affine", func() { affine(dst, x, y, z, nil, 0) }},
		{"passAffine", func() { passAffine(dst, x, y, z, v, nil) }},
		{"bilinear", func() { bilinear(dst, x, y, z, v, w) }},
		{"sumLanes", func() { sumLanes(sums, x) }},
		{"sumSquares", func() { sumSquares(sums, more, x, y) }},
		{"sumProducts", func() { sumProducts(sums, more, x, y, z) }},
	} {
		b.Run(bench.name, func(b *testing.B) {
			for b.Loop() {
				bench.run()
			}
			b.ReportMetric(1024*float64(b.N)/b.Elapsed().Seconds()/1e9, "G/s")
		})
	}
}
