package kernel

import (
	"math"
	"testing"
)

// TestGreaterAndLesserKeepNaN puts a NaN at every place of either operand: a loop
// handles several vectors a turn and what is left over one by one, and each of
// these is compiled by itself. A ReLU that turned NaN into 0 would hide that a
// training has diverged.
func TestGreaterAndLesserKeepNaN(t *testing.T) {
	const n = 100 // Whole turns on all architectures, and some left over.
	for _, op := range []struct {
		name string
		two  bool // Reads the second operand.
		run  func(dst, a, b []float32)
	}{
		{"Max", true, Max},
		{"Min", true, Min},
		{"MaxScalar", false, func(dst, a, _ []float32) { MaxScalar(dst, a, -1.5) }},
		{"MinScalar", false, func(dst, a, _ []float32) { MinScalar(dst, a, 1.5) }},
		{"ReLU", false, func(dst, a, _ []float32) { ReLU(dst, a) }},
		{"MaxRows", false, func(dst, a, _ []float32) {
			for i := range dst { // Rows of two.
				MaxRows(dst[i:i+1], []float32{a[i], 0})
			}
		}},
	} {
		for place := range n {
			a, b, dst := make([]float32, n), make([]float32, n), make([]float32, n)
			operands := [][]float32{a}
			if op.two {
				operands = append(operands, b)
			}
			for number, operand := range operands {
				operand[place] = nan32
				op.run(dst, a, b)
				operand[place] = 0
				for i, x := range dst {
					if math.IsNaN(float64(x)) != (i == place) {
						t.Errorf("%s: [%d] is %v with a NaN at %d of operand %d", op.name, i, x, place, number)
					}
				}
			}
		}
	}
}
