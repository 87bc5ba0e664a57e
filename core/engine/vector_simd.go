//go:build goexperiment.simd && (amd64 || arm64 || wasm)

package engine

import "unsafe"

// The elementwise functions of this file do the first part of vector.go's, two
// vectors a turn, and return how many elements that is. They walk pointers,
// because a bounds check per vector costs as much as the arithmetic on wasm.

const turn = 2 * lanesPerVector

func first(a []float32) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(a)) }

// next returns the address of what comes a turn later.
func next(p unsafe.Pointer) unsafe.Pointer { return unsafe.Add(p, 4*turn) }

func passVectors(dst, grad, x []float32) int {
	n := len(dst) / turn
	if n == 0 || !hasVectors {
		return 0
	}
	var zero vector
	d, g, v := first(dst), first(grad), first(x)
	for range n {
		store(d, 0, load(g, 0).Masked(load(v, 0).GreaterEqual(zero)))
		store(d, 1, load(g, 1).Masked(load(v, 1).GreaterEqual(zero)))
		d, g, v = next(d), next(g), next(v)
	}
	endVectors()
	return n * turn
}

func passAffineVectors(dst, grad, x, a, b, c []float32) int {
	n := len(dst) / turn
	if n == 0 || !hasVectors {
		return 0
	}
	var zero vector
	d, g, v, f, o := first(dst), first(grad), first(x), first(a), first(b)
	if c == nil {
		for range n {
			store(d, 0, load(g, 0).Masked(load(v, 0).Mul(load(f, 0)).Add(load(o, 0)).GreaterEqual(zero)))
			store(d, 1, load(g, 1).Masked(load(v, 1).Mul(load(f, 1)).Add(load(o, 1)).GreaterEqual(zero)))
			d, g, v, f, o = next(d), next(g), next(v), next(f), next(o)
		}
		endVectors()
		return n * turn
	}
	r := first(c)
	for range n {
		store(d, 0, load(g, 0).Masked(load(v, 0).Mul(load(f, 0)).Add(load(o, 0)).Add(load(r, 0)).GreaterEqual(zero)))
		store(d, 1, load(g, 1).Masked(load(v, 1).Mul(load(f, 1)).Add(load(o, 1)).Add(load(r, 1)).GreaterEqual(zero)))
		d, g, v, f, o, r = next(d), next(g), next(v), next(f), next(o), next(r)
	}
	endVectors()
	return n * turn
}

// affineVectors takes the maximum with the floor first: on amd64 the second
// operand is the result if one is NaN.
func affineVectors(dst, x, a, b, c []float32, floor float32) int {
	n := len(dst) / turn
	if n == 0 || !hasVectors {
		return 0
	}
	low := splat(floor)
	d, v, f, o := first(dst), first(x), first(a), first(b)
	if c == nil {
		for range n {
			store(d, 0, low.Max(load(v, 0).Mul(load(f, 0)).Add(load(o, 0))))
			store(d, 1, low.Max(load(v, 1).Mul(load(f, 1)).Add(load(o, 1))))
			d, v, f, o = next(d), next(v), next(f), next(o)
		}
		endVectors()
		return n * turn
	}
	r := first(c)
	for range n {
		store(d, 0, low.Max(load(v, 0).Mul(load(f, 0)).Add(load(o, 0)).Add(load(r, 0))))
		store(d, 1, low.Max(load(v, 1).Mul(load(f, 1)).Add(load(o, 1)).Add(load(r, 1))))
		d, v, f, o, r = next(d), next(v), next(f), next(o), next(r)
	}
	endVectors()
	return n * turn
}

func bilinearVectors(dst, a, b, c, d, e []float32) int {
	n := len(dst) / turn
	if n == 0 || !hasVectors {
		return 0
	}
	t, v, w, x, y, z := first(dst), first(a), first(b), first(c), first(d), first(e)
	for range n {
		store(t, 0, load(v, 0).Mul(load(w, 0)).Add(load(x, 0).Mul(load(y, 0)).Add(load(z, 0))))
		store(t, 1, load(v, 1).Mul(load(w, 1)).Add(load(x, 1).Mul(load(y, 1)).Add(load(z, 1))))
		t, v, w, x, y, z = next(t), next(v), next(w), next(x), next(y), next(z)
	}
	endVectors()
	return n * turn
}

// The sums do whole rows of the columns that fill turns, and return how many
// columns these are. They walk down the columns with the sums in registers: the
// block is in the first-level cache.

func sumLanesVectors(sums, a []float32) int {
	width := len(sums)
	rows, columns := len(a)/width, width/turn*turn
	if rows == 0 || !hasVectors {
		return 0
	}
	for c := 0; c < columns; c += turn {
		s, v := first(sums[c:]), first(a[c:])
		s0, s1 := load(s, 0), load(s, 1)
		for range rows {
			s0, s1 = s0.Add(load(v, 0)), s1.Add(load(v, 1))
			v = unsafe.Add(v, 4*width)
		}
		store(s, 0, s0)
		store(s, 1, s1)
	}
	endVectors()
	return columns
}

func sumSquaresVectors(sums, squares, a, b []float32) int {
	width := len(sums)
	rows, columns := len(a)/width, width/turn*turn
	if rows == 0 || !hasVectors {
		return 0
	}
	for c := 0; c < columns; c += turn {
		s, q, v, w := first(sums[c:]), first(squares[c:]), first(a[c:]), first(b[c:])
		s0, s1, q0, q1 := load(s, 0), load(s, 1), load(q, 0), load(q, 1)
		for range rows {
			d0, d1 := load(v, 0).Sub(load(w, 0)), load(v, 1).Sub(load(w, 1))
			s0, s1 = s0.Add(d0), s1.Add(d1)
			q0, q1 = q0.Add(d0.Mul(d0)), q1.Add(d1.Mul(d1))
			v, w = unsafe.Add(v, 4*width), unsafe.Add(w, 4*width)
		}
		store(s, 0, s0)
		store(s, 1, s1)
		store(q, 0, q0)
		store(q, 1, q1)
	}
	endVectors()
	return columns
}

func sumProductsVectors(sums, products, g, x, m []float32) int {
	width := len(sums)
	rows, columns := len(g)/width, width/turn*turn
	if rows == 0 || !hasVectors {
		return 0
	}
	for c := 0; c < columns; c += turn {
		s, q, u, v, w := first(sums[c:]), first(products[c:]), first(g[c:]), first(x[c:]), first(m[c:])
		s0, s1, q0, q1 := load(s, 0), load(s, 1), load(q, 0), load(q, 1)
		for range rows {
			u0, u1 := load(u, 0), load(u, 1)
			s0, s1 = s0.Add(u0), s1.Add(u1)
			q0 = q0.Add(u0.Mul(load(v, 0).Sub(load(w, 0))))
			q1 = q1.Add(u1.Mul(load(v, 1).Sub(load(w, 1))))
			u, v, w = unsafe.Add(u, 4*width), unsafe.Add(v, 4*width), unsafe.Add(w, 4*width)
		}
		store(s, 0, s0)
		store(s, 1, s1)
		store(q, 0, q0)
		store(q, 1, q1)
	}
	endVectors()
	return columns
}
