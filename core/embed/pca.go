package embed

import (
	"context"
	"math"

	"quarterturn/core/engine/kernel"
	"quarterturn/core/fault"
)

// MaxPCA bounds the smaller of the numbers of rows and columns that FitPCA
// takes: its square is held in memory, and its cube is the time, about a minute
// here.
const MaxPCA = 2048

// A PCA is the directions in which data vary most.
type PCA struct {
	Mean       []float64 // [Cols]
	Components Matrix    // [K, Cols], orthonormal, the one with most variance first.
	Variances  []float64 // [K], of the data along the components, with N-1 in the denominator.
	Total      float64   // Sum of the variances of all components.
}

// FitPCA returns the first components of x. There are fewer where x has fewer
// rows, columns or independent directions. Of the two directions of a component
// it is the one whose largest entry is positive, so that a plot does not turn
// over by chance.
func FitPCA(ctx context.Context, x Matrix, components int) (*PCA, error) {
	switch n := min(x.Rows, x.Cols); {
	case x.Rows < 2 || components < 1:
		return nil, fault.Errorf("embed", "%d components of %d rows: at least 1 and 2 are needed", components, x.Rows)
	case n > MaxPCA:
		return nil, fault.Errorf("embed", "principal components of %d×%d numbers: one side must be at most %d", x.Rows, x.Cols, MaxPCA)
	}
	mean, _ := x.moments()
	p := &PCA{Mean: mean}
	centred := x.standardized(mean, ones(x.Cols))
	gram, err := squareOf(ctx, centred)
	if err != nil {
		return nil, err
	}
	n := min(x.Rows, x.Cols)
	values, vectors, err := symmetricEigen(ctx, gram, n)
	if err != nil {
		return nil, err
	}
	p.keep(centred, values, vectors, components)
	if len(p.Variances) == 0 {
		return nil, fault.New("embed", "all rows are equal: there is no direction in which they vary")
	}
	return p, ctx.Err()
}

func ones(n int) []float64 {
	s := make([]float64, n)
	for i := range s {
		s[i] = 1
	}
	return s
}

// squareOf returns xᵀ·x, or x·xᵀ where that is smaller: they share the values
// that are not zero, and the vectors of one give those of the other.
func squareOf(ctx context.Context, x Matrix) ([]float64, error) {
	n := min(x.Rows, x.Cols)
	square := make([]float64, n*n)
	part := make([]float32, n*n)
	var m multiplier
	if x.Rows < x.Cols {
		m.run(kernel.MatMul{Rows: n, Columns: n, Inner: x.Cols, TransposeB: true}, part, x.Data, x.Data)
		return widen(square, part), ctx.Err()
	}
	const rows = 1024 // The sums of a block are float32, those over blocks float64.
	for i := range blocks(x.Rows, rows) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		first, last := bounds(i, rows, x.Rows)
		block := x.Data[first*n : last*n]
		m.run(kernel.MatMul{Rows: n, Columns: n, Inner: last - first, TransposeA: true}, part, block, block)
		widen(square, part)
	}
	return square, nil
}

// widen adds float32 to float64 numbers.
func widen(sum []float64, part []float32) []float64 {
	for i, v := range part {
		sum[i] += float64(v)
	}
	return sum
}

// keep takes over the components that stand out from rounding.
func (p *PCA) keep(centred Matrix, values, vectors []float64, components int) {
	n, perRow := len(values), 1/float64(centred.Rows-1)
	for _, v := range values {
		p.Total += max(v, 0) * perRow
	}
	// Products of float32: what is below a millionth of the largest is noise.
	const noise = 1e-6
	p.Components.Cols = centred.Cols
	for k := 0; k < min(components, n) && values[k] > noise*values[0]; k++ {
		vector := vectors[k*n : (k+1)*n]
		if centred.Rows < centred.Cols {
			vector = combine(centred, vector)
		}
		p.Components.Data = append(p.Components.Data, upright(vector)...)
		p.Components.Rows++
		p.Variances = append(p.Variances, values[k]*perRow)
	}
}

// combine returns the sum of the rows of x with weights, which for an
// eigenvector of x·xᵀ is one of xᵀ·x.
func combine(x Matrix, weights []float64) []float64 {
	sum := make([]float64, x.Cols)
	for i, w := range weights {
		for j, v := range x.Row(i) {
			sum[j] += w * float64(v)
		}
	}
	return sum
}

// upright returns a vector with length 1 and its largest entry positive.
func upright(vector []float64) []float32 {
	var largest, squares float64
	for _, v := range vector {
		squares += v * v
		if math.Abs(v) > math.Abs(largest) {
			largest = v
		}
	}
	scale := math.Copysign(1/math.Sqrt(squares), largest)
	unit := make([]float32, len(vector))
	for i, v := range vector {
		unit[i] = float32(v * scale)
	}
	return unit
}

// Project returns the coordinates of x along the components: [Rows, K].
func (p *PCA) Project(x Matrix) (Matrix, error) {
	if x.Cols != p.Components.Cols {
		return Matrix{}, fault.Errorf("embed", "rows of %d numbers, the components have %d", x.Cols, p.Components.Cols)
	}
	k := p.Components.Rows
	projected := Matrix{Rows: x.Rows, Cols: k, Data: make([]float32, x.Rows*k)}
	var m multiplier
	centred := x.standardized(p.Mean, ones(x.Cols))
	m.run(kernel.MatMul{Rows: x.Rows, Columns: k, Inner: x.Cols, TransposeB: true}, projected.Data, centred.Data, p.Components.Data)
	return projected, nil
}
