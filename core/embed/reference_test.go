package embed

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"
)

// clusters returns rows around as many centres, with the centre's number as
// label. Neighbouring centres are some 10 apart in each column, rows scatter by
// 1.
func clusters(rows, cols, centres int, seed uint64) (Matrix, []int32) {
	random := rand.New(rand.NewPCG(seed, 1))
	middle := make([]float64, centres*cols)
	for i := range middle {
		middle[i] = 10 * random.NormFloat64()
	}
	m := Matrix{Rows: rows, Cols: cols, Data: make([]float32, rows*cols)}
	labels := make([]int32, rows)
	for i := range rows {
		labels[i] = int32(i % centres)
		for j := range cols {
			m.Data[i*cols+j] = float32(middle[int(labels[i])*cols+j] + random.NormFloat64())
		}
	}
	return m, labels
}

// noise returns rows without any structure.
func noise(rows, cols int, seed uint64) Matrix {
	random := rand.New(rand.NewPCG(seed, 2))
	m := Matrix{Rows: rows, Cols: cols, Data: make([]float32, rows*cols)}
	for i := range m.Data {
		m.Data[i] = float32(random.NormFloat64())
	}
	return m
}

func mustNewMatrix(t testing.TB, data []float32, cols int) Matrix {
	t.Helper()
	m, err := NewMatrix(data, cols)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func near(a, b, tolerance float64) bool { return math.Abs(a-b) <= tolerance }

// stopped returns a context that has ended.
func stopped() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

func TestNewMatrixRefuses(t *testing.T) {
	tests := []struct {
		name string
		data []float32
		cols int
	}{
		{"no columns", nil, 0},
		{"a row cut short", make([]float32, 5), 2},
		{"not a number", []float32{1, float32(math.NaN())}, 2},
		{"infinity", []float32{float32(math.Inf(-1)), 1}, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := NewMatrix(tt.data, tt.cols); err == nil {
				t.Error("was taken")
			}
		})
	}
}

func TestUnit(t *testing.T) {
	m := mustNewMatrix(t, []float32{3, 4, 0, 0, -2, 0}, 2).Unit()
	want := []float32{0.6, 0.8, 0, 0, -1, 0}
	for i, v := range m.Data {
		if v != want[i] {
			t.Errorf("number %d is %v, want %v", i, v, want[i])
		}
	}
}
