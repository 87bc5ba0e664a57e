package loop

import "math"

// The functions of this file are the instructions of loops that package kernel
// does not have. Elementwise ones take slices of one length, and dst may be any
// of the others. Products are rounded before they are added to anything: a
// processor's fused multiply-add would give other bits than the two ops that it
// stands for, and WebAssembly has none.

// lowest is a floor that changes nothing.
var lowest = float32(math.Inf(-1))

// pass sets dst[i] = grad[i] where x[i] ≥ 0, else 0.
func pass(dst, grad, x []float32) {
	grad, x = grad[:len(dst)], x[:len(dst)]
	for i := passVectors(dst, grad, x); i < len(dst); i++ {
		g := grad[i]
		if !(x[i] >= 0) {
			g = 0
		}
		dst[i] = g
	}
}

// passAffine sets dst[i] = grad[i] where x[i]·a[i] + b[i] + c[i] ≥ 0, else 0. A
// nil c is none.
func passAffine(dst, grad, x, a, b, c []float32) {
	grad, x, a, b = grad[:len(dst)], x[:len(dst)], a[:len(dst)], b[:len(dst)]
	for i := passAffineVectors(dst, grad, x, a, b, c); i < len(dst); i++ {
		y := float32(x[i]*a[i]) + b[i]
		if c != nil {
			y += c[i]
		}
		g := grad[i]
		if !(y >= 0) {
			g = 0
		}
		dst[i] = g
	}
}

// affine sets dst[i] = max(x[i]·a[i] + b[i] + c[i], floor), NaN if the sum is. A
// nil c is none.
func affine(dst, x, a, b, c []float32, floor float32) {
	x, a, b = x[:len(dst)], a[:len(dst)], b[:len(dst)]
	for i := affineVectors(dst, x, a, b, c, floor); i < len(dst); i++ {
		y := float32(x[i]*a[i]) + b[i]
		if c != nil {
			y += c[i]
		}
		dst[i] = max(y, floor)
	}
}

// bilinear sets dst[i] = a[i]·b[i] + (c[i]·d[i] + e[i]).
func bilinear(dst, a, b, c, d, e []float32) {
	a, b, c, d, e = a[:len(dst)], b[:len(dst)], c[:len(dst)], d[:len(dst)], e[:len(dst)]
	for i := bilinearVectors(dst, a, b, c, d, e); i < len(dst); i++ {
		dst[i] = float32(a[i]*b[i]) + (float32(c[i]*d[i]) + e[i])
	}
}

// nonNegative sets dst[i] to 1 where x[i] ≥ 0, to 0 where it is less, and keeps
// NaN.
func nonNegative(dst, x []float32) {
	for i, v := range x {
		switch {
		case v >= 0:
			dst[i] = 1
		case v < 0:
			dst[i] = 0
		default:
			dst[i] = v
		}
	}
}

// The sums read a matrix of rows of len(sums) elements, the last of which may be
// shorter, and add each column to its sum.

// sumLanes adds a.
func sumLanes(sums, a []float32) {
	columns := sumLanesVectors(sums, a)
	eachRow(len(sums), columns, len(a), func(lane, i int) { sums[lane] += a[i] })
}

// sumSquares adds d = a-b to sums, and d² to squares.
func sumSquares(sums, squares, a, b []float32) {
	b = b[:len(a)]
	columns := sumSquaresVectors(sums, squares, a, b)
	eachRow(len(sums), columns, len(a), func(lane, i int) {
		d := a[i] - b[i]
		sums[lane] += d
		squares[lane] += float32(d * d)
	})
}

// sumProducts adds g to sums, and g·(x-m) to products.
func sumProducts(sums, products, g, x, m []float32) {
	x, m = x[:len(g)], m[:len(g)]
	columns := sumProductsVectors(sums, products, g, x, m)
	eachRow(len(sums), columns, len(g), func(lane, i int) {
		sums[lane] += g[i]
		products[lane] += float32(g[i] * (x[i] - m[i]))
	})
}

// eachRow calls f for what the vectors leave over of n elements in rows of width:
// the columns from done on of whole rows, and the last row if it is short.
func eachRow(width, done, n int, f func(lane, i int)) {
	row := 0
	for ; row+width <= n; row += width {
		for lane := done; lane < width; lane++ {
			f(lane, row+lane)
		}
	}
	for i := row; i < n; i++ {
		f(i-row, i)
	}
}
