package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestReductions(t *testing.T) {
	for _, shape := range [][3]int{{1, 1, 1}, {2, 0, 3}, {3, 64, 5}, {2, 1000, 17}, {4, 7, 300}, {1, 5, 16}} {
		outer, middle, inner := shape[0], shape[1], shape[2]
		rng := rand.New(rand.NewPCG(uint64(middle), 6))
		a := random(rng, outer*middle*inner)
		dst, want := newGuarded(outer*inner), make([]float32, outer*inner)
		for o := range outer {
			for i := range inner {
				var total float64
				for m := range middle {
					total += float64(a.data[(o*middle+m)*inner+i])
				}
				want[o*inner+i] = float32(total)
			}
		}
		SumMiddle(dst.data, a.data, outer, inner)
		// Blocks of 64 numbers below 1 in float32, the rest in float64.
		checkNear(t, "SumMiddle", dst.data, want, 64*64*0x1p-24)
		checkGuards(t, "SumMiddle", a, dst)
	}
}

func TestRowReductions(t *testing.T) {
	a := []float32{1, 2, 3, -4, 5, -6}
	for _, test := range []struct {
		name string
		run  func(dst, a []float32)
		want []float32
	}{
		{"SumRows", SumRows, []float32{6, -5}},
		{"MaxRows", MaxRows, []float32{3, 5}},
		{"SumColumns", SumColumns, []float32{-1, 1, 1}[:2]},
	} {
		if test.name == "SumColumns" {
			test.want = []float32{1 + 3 + 5, 2 - 4 - 6}
		}
		dst := make([]float32, 2)
		test.run(dst, a)
		checkNear(t, test.name, dst, test.want, 0)
	}
	if got := MaxOf([]float32{1, nan32, 3}); !math.IsNaN(float64(got)) {
		t.Errorf("MaxOf with a NaN is %v", got)
	}
	if got := MinOf(nil); !math.IsInf(float64(got), 1) {
		t.Errorf("MinOf nothing is %v", got)
	}
}

func TestSumOfManyKeepsDigits(t *testing.T) {
	a := make([]float32, 1<<20)
	Fill(a, 0.1)
	// float32 alone would be off by some 1 %. Blocks of 64 equal terms, each sum
	// rounded the same way, lose 64·2^-25 of the total, 0.2, at worst.
	checkNear(t, "Sum", []float32{Sum(a)}, []float32{float32(0.1 * (1 << 20))}, 0.2)
}

func TestSoftmax(t *testing.T) {
	logits := []float32{1, 2, 3, 1000, 1000, -1000}
	got := make([]float32, 6)
	Softmax(got, logits, 3)
	e := math.Exp(1)
	total := 1 + e + e*e
	checkNear(t, "Softmax", got, []float32{float32(1 / total), float32(e / total), float32(e * e / total), 0.5, 0.5, 0}, 1e-7)
}

func TestPermute(t *testing.T) {
	dims := [4]int{2, 3, 4, 5}
	a := make([]float32, 120)
	for i := range a {
		a[i] = float32(i)
	}
	for _, order := range [][4]int{{0, 1, 2, 3}, {3, 2, 1, 0}, {0, 2, 3, 1}, {1, 0, 2, 3}, {0, 1, 3, 2}, {2, 3, 0, 1}} {
		dst := newGuarded(120)
		Permute(dst.data, a, dims, order)
		i := 0
		var at [4]int
		for at[order[0]] = 0; at[order[0]] < dims[order[0]]; at[order[0]]++ {
			for at[order[1]] = 0; at[order[1]] < dims[order[1]]; at[order[1]]++ {
				for at[order[2]] = 0; at[order[2]] < dims[order[2]]; at[order[2]]++ {
					for at[order[3]] = 0; at[order[3]] < dims[order[3]]; at[order[3]]++ {
						if want := a[((at[0]*3+at[1])*4+at[2])*5+at[3]]; dst.data[i] != want {
							t.Fatalf("%v: [%d] is %v, want %v", order, i, dst.data[i], want)
						}
						i++
					}
				}
			}
		}
		checkGuards(t, "Permute", dst)
	}
}
