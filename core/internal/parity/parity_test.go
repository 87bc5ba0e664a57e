package parity

import (
	"math"
	"testing"
)

func TestWorst(t *testing.T) {
	nan := float32(math.NaN())
	tests := []struct {
		name      string
		got, want []float32
		index     int
		diff      float64
	}{
		{"equal", []float32{1, 2}, []float32{1, 2}, 0, 0},
		{"second", []float32{1, 2}, []float32{1, 4}, 1, 2},
		{"shorter", []float32{1}, []float32{1, 4}, 1, math.Inf(1)},
		{"not a number", []float32{1, nan}, []float32{3, nan}, 1, math.Inf(1)},
	}
	for _, tt := range tests {
		if index, diff := Worst(tt.got, tt.want); index != tt.index || diff != tt.diff {
			t.Errorf("%s: Worst = %d, %v, want %d, %v", tt.name, index, diff, tt.index, tt.diff)
		}
	}
}
