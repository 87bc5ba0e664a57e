package embed

import (
	"context"
	"math"

	"quarterturn/core/fault"
)

// symmetricEigen returns the eigenvalues of a symmetric matrix, the largest
// first, and their vectors.
//
//	a        [n, n], which it overwrites
//	values   [n]
//	vectors  [n, n], a row for each value: orthonormal
//
// It reflects a to tridiagonal form and then takes QR steps with Wilkinson's
// shift (Golub and Van Loan, Matrix Computations, 4th ed., sections 8.3.1 and
// 8.3.3): 6n³ multiplications, where Jacobi's rotations would take ten times as
// many.
func symmetricEigen(ctx context.Context, a []float64, n int) (values, vectors []float64, err error) {
	t, err := tridiagonalize(ctx, a, n)
	if err != nil {
		return nil, nil, err
	}
	if err := t.diagonalize(ctx); err != nil {
		return nil, nil, err
	}
	t.sort()
	return t.diagonal, t.vectors, nil
}

// A tridiagonal is Q·A·Qᵀ: its diagonal, what stands beside it, and Q.
type tridiagonal struct {
	diagonal, beside []float64 // [n], [n-1]
	vectors          []float64 // Q, [n, n]
	nothing          float64   // Below it, entries are rounding of rounding and taken as 0.
}

// tridiagonalize reflects column after column to its first two entries below the
// diagonal's.
func tridiagonalize(ctx context.Context, a []float64, n int) (*tridiagonal, error) {
	t := &tridiagonal{diagonal: make([]float64, n), beside: make([]float64, max(n-1, 0)), vectors: make([]float64, n*n)}
	// Far below the rounding of the largest, and far above the least float64,
	// among which digits are lost.
	t.nothing = 0x1p-100 * largest(a)
	reflections := make([][]float64, 0, n)
	for k := range n - 1 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		v, length := reflection(a, n, k, t.nothing)
		reflections = append(reflections, v)
		t.beside[k] = length
		reflectBoth(a, n, k+1, v)
	}
	for i := range n {
		t.diagonal[i] = a[i*n+i]
		t.vectors[i*n+i] = 1
	}
	// From the last on, each reflection meets only the rows and columns behind it.
	for k := len(reflections) - 1; k >= 0; k-- {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		reflectColumns(t.vectors, n, k+1, reflections[k])
	}
	return t, nil
}

// reflection returns v such that (I - v·vᵀ) turns the entries of column k below
// the diagonal into (length, 0, …, 0). |v|² is 2, or 0 where there is nothing to
// turn.
func reflection(a []float64, n, k int, nothing float64) (v []float64, length float64) {
	v = make([]float64, n-k-1)
	var norm float64
	for i := range v {
		v[i] = a[(k+1+i)*n+k]
		norm = math.Hypot(norm, v[i])
	}
	first := v[0]
	switch {
	case norm <= nothing:
		clear(v)
		return v, 0
	case norm == math.Abs(first):
		clear(v)
		return v, first
	}
	// The sign that adds instead of cancelling.
	length = -math.Copysign(norm, first)
	v[0] -= length
	scale := norm * math.Sqrt(1+math.Abs(first)/norm) // norm² may be too small for a float64.
	for i := range v {
		v[i] /= scale
	}
	return v, length
}

// reflectBoth replaces the part of a from row and column first on by H·a·H, where
// H = I - v·vᵀ: a - v·wᵀ - w·vᵀ with w = a·v - (vᵀ·a·v/2)·v.
func reflectBoth(a []float64, n, first int, v []float64) {
	w := make([]float64, len(v))
	var vw float64
	for i := range v {
		row := a[(first+i)*n+first : (first+i+1)*n]
		for j, x := range v {
			w[i] += row[j] * x
		}
		vw += v[i] * w[i]
	}
	for i := range w {
		w[i] -= vw / 2 * v[i]
	}
	for i := range v {
		row := a[(first+i)*n+first : (first+i+1)*n]
		for j := range row {
			row[j] -= v[i]*w[j] + w[i]*v[j]
		}
	}
}

// reflectColumns replaces the rows of q from first on by q·(I - v·vᵀ).
func reflectColumns(q []float64, n, first int, v []float64) {
	for i := first; i < n; i++ {
		row := q[i*n+first : (i+1)*n]
		var dot float64
		for j, x := range v {
			dot += row[j] * x
		}
		for j, x := range v {
			row[j] -= dot * x
		}
	}
}

// diagonalize takes QR steps on the blocks that are left until none is.
func (t *tridiagonal) diagonalize(ctx context.Context) error {
	last := len(t.diagonal) - 1
	for steps := 0; ; steps++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		for last > 0 && t.negligible(last-1) {
			last--
		}
		if last <= 0 {
			return nil
		}
		first := last - 1
		for first > 0 && !t.negligible(first-1) {
			first--
		}
		// Two steps for each value are usual.
		if steps > 50*len(t.diagonal) {
			return fault.New("embed", "eigenvalues did not converge: are all features finite?")
		}
		t.step(first, last)
	}
}

// negligible sets entry i beside the diagonal to zero if it is within rounding
// of it.
func (t *tridiagonal) negligible(i int) bool {
	const epsilon = 0x1p-53
	if math.Abs(t.beside[i]) > epsilon*(math.Abs(t.diagonal[i])+math.Abs(t.diagonal[i+1]))+t.nothing {
		return false
	}
	t.beside[i] = 0
	return true
}

// step chases the bulge of one shifted QR step through rows first to last.
func (t *tridiagonal) step(first, last int) {
	d, e := t.diagonal, t.beside
	half := (d[last-1] - d[last]) / 2
	shift := d[last] - e[last-1]*e[last-1]/(half+math.Copysign(math.Hypot(half, e[last-1]), half))
	x, z := d[first]-shift, e[first]
	for k := first; k < last; k++ {
		r := math.Hypot(x, z)
		c, s := 1.0, 0.0
		if r > 0 {
			c, s = x/r, z/r
		}
		if k > first {
			e[k-1] = r
		}
		a, b, g := d[k], e[k], d[k+1]
		d[k] = c*c*a + 2*c*s*b + s*s*g
		d[k+1] = s*s*a - 2*c*s*b + c*c*g
		e[k] = c*s*(g-a) + (c*c-s*s)*b
		if x = e[k]; k < last-1 {
			z = s * e[k+1]
			e[k+1] *= c
		}
		t.rotate(k, c, s)
	}
}

// rotate turns rows k and k+1 of the vectors.
func (t *tridiagonal) rotate(k int, c, s float64) {
	n := len(t.diagonal)
	upper, lower := t.vectors[k*n:(k+1)*n], t.vectors[(k+1)*n:(k+2)*n]
	for i, u := range upper {
		l := lower[i]
		upper[i], lower[i] = c*u+s*l, c*l-s*u
	}
}

// sort puts the largest values first. There are few enough for a selection.
func (t *tridiagonal) sort() {
	n := len(t.diagonal)
	for i := range n {
		best := i
		for j := i + 1; j < n; j++ {
			if t.diagonal[j] > t.diagonal[best] {
				best = j
			}
		}
		if best == i {
			continue
		}
		t.diagonal[i], t.diagonal[best] = t.diagonal[best], t.diagonal[i]
		for c := range n {
			t.vectors[i*n+c], t.vectors[best*n+c] = t.vectors[best*n+c], t.vectors[i*n+c]
		}
	}
}
