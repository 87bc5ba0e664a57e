package kernel

// A lane function works on whole rows of a matrix that is read as rows of P
// floats, P = len(s) of its per-column arguments. A last row may be shorter. The
// matrices are as long as x.
//
// Narrow matrices are given as rows of several (see period): a vector then never
// straddles rows.

// minPeriod is the least row length worth a loop of its own.
const minPeriod = 64

// period returns the length P of the rows that a matrix of so many columns is
// read in: a multiple of columns.
func period(columns int) int {
	repeat := 1
	for columns*repeat < minPeriod {
		repeat *= 2
	}
	return columns * repeat
}

// repeatRow fills dst with copies of row, one behind the other.
func repeatRow(dst, row []float32) {
	for n := copy(dst, row); n < len(dst); n *= 2 {
		copy(dst[n:], dst[:n])
	}
}

// foldRow adds the copies of a row in src and returns them in its beginning.
func foldRow(src []float32, columns int) []float32 {
	for start := columns; start < len(src); start += columns {
		Add(src[:columns], src[:columns], src[start:][:columns])
	}
	return src[:columns]
}

// sumLanes adds the rows of x to sums [P].
func sumLanes(sums, x []float32) {
	p := len(sums)
	done := sumLanesVec(sums, x)
	for ; len(x) > 0; x, done = rest(x, p, done) {
		for c := done; c < min(p, len(x)); c++ {
			sums[c] += x[c]
		}
	}
}

// squareLanes adds the squares of x - mean to squares [P].
func squareLanes(squares, x, mean []float32) {
	p := len(squares)
	done := squareLanesVec(squares, x, mean)
	for ; len(x) > 0; x, done = rest(x, p, done) {
		for c := done; c < min(p, len(x)); c++ {
			d := x[c] - mean[c]
			squares[c] += d * d
		}
	}
}

// productLanes adds g to sums [P] and g·(x - mean) to products [P].
func productLanes(sums, products, g, x, mean []float32) {
	p := len(sums)
	done := productLanesVec(sums, products, g, x, mean)
	for len(x) > 0 {
		for c := done; c < min(p, len(x)); c++ {
			sums[c] += g[c]
			products[c] += g[c] * (x[c] - mean[c])
		}
		g, _ = rest(g, p, done)
		x, done = rest(x, p, done)
	}
}

// affineLanes sets out = max(x·scale + offset + residual, floor), where a nil
// residual is none.
func affineLanes(out, x, residual, scale, offset []float32, floor float32) {
	p := len(scale)
	for done := affineLanesVec(out, x, residual, scale, offset, floor); len(x) > 0; {
		for c := done; c < min(p, len(x)); c++ {
			y := x[c]*scale[c] + offset[c]
			if residual != nil {
				y += residual[c]
			}
			if y < floor { // Not max, which wasm has no instruction for: a NaN passes either way.
				y = floor
			}
			out[c] = y
		}
		out, _ = rest(out, p, done)
		if residual != nil {
			residual, _ = rest(residual, p, done)
		}
		x, done = rest(x, p, done)
	}
}

// combineLanes sets out = g·a + x·b + c.
func combineLanes(out, g, x, a, b, c []float32) {
	p := len(a)
	for done := combineLanesVec(out, g, x, a, b, c); len(x) > 0; {
		for i := done; i < min(p, len(x)); i++ {
			out[i] = g[i]*a[i] + x[i]*b[i] + c[i]
		}
		out, _ = rest(out, p, done)
		g, _ = rest(g, p, done)
		x, done = rest(x, p, done)
	}
}

// rest returns what follows the first row of a, and from which column a plain
// loop has to do the row after it: the vector functions leave a last, shorter
// row to it altogether.
func rest(a []float32, p, done int) ([]float32, int) {
	a = a[min(p, len(a)):]
	if len(a) < p {
		done = 0
	}
	return a, done
}
