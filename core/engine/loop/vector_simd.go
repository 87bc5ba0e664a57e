//go:build goexperiment.simd && (amd64 || arm64 || wasm)

package loop

import "unsafe"

// The elementwise functions of this file do the first part of vector.go's, two
// vectors a turn, and return how many elements that is. They read through
// pointers, o bytes from the first element, because a bounds check per vector
// costs as much as the arithmetic on wasm.

const (
	turn     = 2 * lanesPerVector
	turnSize = 4 * turn
)

func first(a []float32) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(a)) }

// turns returns how many bytes of n floats are whole turns.
func turns(n int) int {
	if !hasVectors {
		return 0
	}
	return n / turn * turnSize
}

func passVectors(dst, grad, x []float32) int {
	size := turns(len(dst))
	if size == 0 {
		return 0
	}
	var zero vector
	d, g, v := first(dst), first(grad), first(x)
	for o := 0; o < size; o += turnSize {
		store(d, o, 0, load(g, o, 0).Masked(load(v, o, 0).GreaterEqual(zero)))
		store(d, o, 1, load(g, o, 1).Masked(load(v, o, 1).GreaterEqual(zero)))
	}
	endVectors()
	return size / 4
}

func passAffineVectors(dst, grad, x, a, b, c []float32) int {
	size := turns(len(dst))
	if size == 0 {
		return 0
	}
	var zero vector
	d, g, v, f, s := first(dst), first(grad), first(x), first(a), first(b)
	if c == nil {
		for o := 0; o < size; o += turnSize {
			store(d, o, 0, load(g, o, 0).Masked(load(v, o, 0).Mul(load(f, o, 0)).Add(load(s, o, 0)).GreaterEqual(zero)))
			store(d, o, 1, load(g, o, 1).Masked(load(v, o, 1).Mul(load(f, o, 1)).Add(load(s, o, 1)).GreaterEqual(zero)))
		}
		endVectors()
		return size / 4
	}
	r := first(c)
	for o := 0; o < size; o += turnSize {
		store(d, o, 0, load(g, o, 0).Masked(load(v, o, 0).Mul(load(f, o, 0)).Add(load(s, o, 0)).Add(load(r, o, 0)).GreaterEqual(zero)))
		store(d, o, 1, load(g, o, 1).Masked(load(v, o, 1).Mul(load(f, o, 1)).Add(load(s, o, 1)).Add(load(r, o, 1)).GreaterEqual(zero)))
	}
	endVectors()
	return size / 4
}

func affineVectors(dst, x, a, b, c []float32, floor float32) int {
	size := turns(len(dst))
	if size == 0 {
		return 0
	}
	low := splat(floor)
	d, v, f, s := first(dst), first(x), first(a), first(b)
	if c == nil {
		for o := 0; o < size; o += turnSize {
			store(d, o, 0, atLeast(low, load(v, o, 0).Mul(load(f, o, 0)).Add(load(s, o, 0))))
			store(d, o, 1, atLeast(low, load(v, o, 1).Mul(load(f, o, 1)).Add(load(s, o, 1))))
		}
		endVectors()
		return size / 4
	}
	r := first(c)
	for o := 0; o < size; o += turnSize {
		store(d, o, 0, atLeast(low, load(v, o, 0).Mul(load(f, o, 0)).Add(load(s, o, 0)).Add(load(r, o, 0))))
		store(d, o, 1, atLeast(low, load(v, o, 1).Mul(load(f, o, 1)).Add(load(s, o, 1)).Add(load(r, o, 1))))
	}
	endVectors()
	return size / 4
}

// atLeast is the greater of two vectors, and NaN where x is. Vectors' Max is not
// that on amd64: the instruction gives its second operand if one is NaN, and Go
// 1.27.1 takes it as commutative.
func atLeast(floor, x vector) vector { return floor.IfElse(x.Less(floor), x) }

func bilinearVectors(dst, a, b, c, d, e []float32) int {
	size := turns(len(dst))
	if size == 0 {
		return 0
	}
	t, v, w, x, y, z := first(dst), first(a), first(b), first(c), first(d), first(e)
	for o := 0; o < size; o += turnSize {
		store(t, o, 0, load(v, o, 0).Mul(load(w, o, 0)).Add(load(x, o, 0).Mul(load(y, o, 0)).Add(load(z, o, 0))))
		store(t, o, 1, load(v, o, 1).Mul(load(w, o, 1)).Add(load(x, o, 1).Mul(load(y, o, 1)).Add(load(z, o, 1))))
	}
	endVectors()
	return size / 4
}

// The sums do whole rows of the columns that fill turns, and return how many
// columns these are. They walk down the columns with the sums in registers: the
// block is in the first-level cache.

// wholeRows returns the bytes of a row and of all whole rows of n floats, and how
// many columns fill turns; no columns if there is no row.
func wholeRows(width, n int) (row, size, columns int) {
	if !hasVectors || n < width {
		return 0, 0, 0
	}
	return 4 * width, n / width * width * 4, width / turn * turn
}

func sumLanesVectors(sums, a []float32) int {
	row, size, columns := wholeRows(len(sums), len(a))
	v := first(a)
	for c := 0; c < columns; c += turn {
		s := first(sums[c:])
		s0, s1 := load(s, 0, 0), load(s, 0, 1)
		for o := 4 * c; o < size; o += row {
			s0, s1 = s0.Add(load(v, o, 0)), s1.Add(load(v, o, 1))
		}
		store(s, 0, 0, s0)
		store(s, 0, 1, s1)
	}
	endVectors()
	return columns
}

func sumSquaresVectors(sums, squares, a, b []float32) int {
	row, size, columns := wholeRows(len(sums), len(a))
	v, w := first(a), first(b)
	for c := 0; c < columns; c += turn {
		s, q := first(sums[c:]), first(squares[c:])
		s0, s1, q0, q1 := load(s, 0, 0), load(s, 0, 1), load(q, 0, 0), load(q, 0, 1)
		for o := 4 * c; o < size; o += row {
			d0, d1 := load(v, o, 0).Sub(load(w, o, 0)), load(v, o, 1).Sub(load(w, o, 1))
			s0, s1 = s0.Add(d0), s1.Add(d1)
			q0, q1 = q0.Add(d0.Mul(d0)), q1.Add(d1.Mul(d1))
		}
		store(s, 0, 0, s0)
		store(s, 0, 1, s1)
		store(q, 0, 0, q0)
		store(q, 0, 1, q1)
	}
	endVectors()
	return columns
}

func sumProductsVectors(sums, products, g, x, m []float32) int {
	row, size, columns := wholeRows(len(sums), len(g))
	u, v, w := first(g), first(x), first(m)
	for c := 0; c < columns; c += turn {
		s, q := first(sums[c:]), first(products[c:])
		s0, s1, q0, q1 := load(s, 0, 0), load(s, 0, 1), load(q, 0, 0), load(q, 0, 1)
		for o := 4 * c; o < size; o += row {
			u0, u1 := load(u, o, 0), load(u, o, 1)
			s0, s1 = s0.Add(u0), s1.Add(u1)
			q0 = q0.Add(u0.Mul(load(v, o, 0).Sub(load(w, o, 0))))
			q1 = q1.Add(u1.Mul(load(v, o, 1).Sub(load(w, o, 1))))
		}
		store(s, 0, 0, s0)
		store(s, 0, 1, s1)
		store(q, 0, 0, q0)
		store(q, 0, 1, q1)
	}
	endVectors()
	return columns
}
