// Package embed measures what a network's features know, and lays them out in
// the plane to be looked at.
//
// It decides nothing about networks or pictures: features come in as a Matrix of
// float32, a row for each picture, with labels where something is compared with
// classes. Principal components and t-SNE make points to draw; nearest
// neighbours, silhouettes and the linear probe make the numbers that say whether
// what one sees is there.
//
// Results depend on the input and the seeds alone, never on the number of
// goroutines. Long computations take a context, and a Watch that hears how far
// they are.
package embed

import (
	"math"

	"quarterturn/core/engine/kernel"
	"quarterturn/core/fault"
)

// Unlabelled is the label of a row without a class. Such rows are laid out, and
// left out of whatever is counted by class.
const Unlabelled = -1

// A Matrix is rows of numbers, one row for each example.
type Matrix struct {
	Rows, Cols int
	Data       []float32 // [Rows, Cols]
}

// NewMatrix returns a Matrix of rows of cols numbers, which it does not copy. All
// must be finite: a distance to what is not has no place in an order.
func NewMatrix(data []float32, cols int) (Matrix, error) {
	if cols < 1 || len(data)%cols != 0 {
		return Matrix{}, fault.Errorf("embed", "%d numbers are no rows of %d", len(data), cols)
	}
	for i, v := range data {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return Matrix{}, fault.Errorf("embed", "row %d, column %d is %v: the network that made it has diverged", i/cols, i%cols, v)
		}
	}
	return Matrix{Rows: len(data) / cols, Cols: cols, Data: data}, nil
}

// Row returns row i, which belongs to m.
func (m Matrix) Row(i int) []float32 { return m.Data[i*m.Cols : (i+1)*m.Cols : (i+1)*m.Cols] }

// Pick returns copies of rows, in the order of indices.
func (m Matrix) Pick(indices []int) Matrix {
	p := Matrix{Rows: len(indices), Cols: m.Cols, Data: make([]float32, 0, len(indices)*m.Cols)}
	for _, i := range indices {
		p.Data = append(p.Data, m.Row(i)...)
	}
	return p
}

// Unit returns a copy with rows of length 1. The Euclidean distances of its rows
// order them as the cosines of the angles between them do: |a-b|² = 2-2cos. A row
// of zeros has no direction and stays.
func (m Matrix) Unit() Matrix {
	u := Matrix{Rows: m.Rows, Cols: m.Cols, Data: make([]float32, len(m.Data))}
	for i := range m.Rows {
		row := m.Row(i)
		length := math.Sqrt(squaredLength(row))
		if length == 0 {
			continue
		}
		for j, v := range row {
			u.Data[i*m.Cols+j] = float32(float64(v) / length)
		}
	}
	return u
}

// moments returns the mean and the standard deviation of each column, in two
// passes, because the short way around loses all digits where the mean is large.
func (m Matrix) moments() (mean, deviation []float64) {
	mean, deviation = make([]float64, m.Cols), make([]float64, m.Cols)
	n := float64(max(m.Rows, 1))
	for i := range m.Rows {
		for j, v := range m.Row(i) {
			mean[j] += float64(v) / n
		}
	}
	for i := range m.Rows {
		for j, v := range m.Row(i) {
			d := float64(v) - mean[j]
			deviation[j] += d * d / n
		}
	}
	for j, variance := range deviation {
		deviation[j] = math.Sqrt(variance)
	}
	return mean, deviation
}

// standardized returns a copy with (v-mean)/deviation in each column.
func (m Matrix) standardized(mean, deviation []float64) Matrix {
	s := Matrix{Rows: m.Rows, Cols: m.Cols, Data: make([]float32, len(m.Data))}
	for i := range m.Rows {
		for j, v := range m.Row(i) {
			s.Data[i*m.Cols+j] = float32((float64(v) - mean[j]) / deviation[j])
		}
	}
	return s
}

func squaredLength(a []float32) (sum float64) {
	for _, v := range a {
		sum += float64(v) * float64(v)
	}
	return sum
}

// distance is the Euclidean one.
func distance(a, b []float32) float64 {
	var sum float64
	for i, v := range a {
		d := float64(v) - float64(b[i])
		sum += d * d
	}
	return math.Sqrt(sum)
}

// A multiplier computes products on one goroutine with memory that it keeps.
type multiplier struct{ scratch []float32 }

// run computes out = a·b.
func (m *multiplier) run(shape kernel.MatMul, out, a, b []float32) {
	if n := shape.ScratchFloats(1); n > len(m.scratch) {
		m.scratch = make([]float32, n)
	}
	shape.Run(nil, out, a, b, m.scratch)
}
