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
	} {
		dst := make([]float32, 2)
		test.run(dst, a)
		checkNear(t, test.name, dst, test.want, 0)
	}
	empty := []float32{0}
	if MaxRows(empty, nil); !math.IsInf(float64(empty[0]), -1) {
		t.Errorf("MaxRows of an empty row is %v", empty[0])
	}
}

func TestSumOfManyKeepsDigits(t *testing.T) {
	a := make([]float32, 1<<20)
	Fill(a, 0.1)
	// float32 alone would be off by some 1 %. Blocks of 64 equal terms, each sum
	// rounded the same way, lose 64·2^-25 of the total, 0.2, at worst.
	checkNear(t, "sum", []float32{sum(a)}, []float32{float32(0.1 * (1 << 20))}, 0.2)
}
