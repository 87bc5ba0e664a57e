//go:build goexperiment.simd && (amd64 || arm64 || wasm)

package kernel

import "unsafe"

// The functions of this file do the bulk of the elementwise kernels: they return
// how many elements, from the first, they have done, a multiple of block. Slices
// in are as long as dst; the kernels have checked it.
//
// They read through pointers, o bytes from the first element: with slices the compiler keeps a bounds check for every
// vector, which on wasm halves the speed (Add on 4,096 floats in V8: 1.5 µs
// against 0.8, and 11.9 scalar).

// block is four vectors: enough independent work per turn of a loop.
const block = 4 * lanes

// start returns the address of the first element of a slice that has one.
func start(a []float32) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(a)) }

func addVec(dst, a, b []float32) int {
	n := len(dst) / block * block
	if n == 0 || !hasVectors {
		return 0
	}
	d, x, y := start(dst), start(a), start(b)
	for o := 0; o < 4*n; o += 4 * block {
		store(d, o, 0, load(x, o, 0).Add(load(y, o, 0)))
		store(d, o, 1, load(x, o, 1).Add(load(y, o, 1)))
		store(d, o, 2, load(x, o, 2).Add(load(y, o, 2)))
		store(d, o, 3, load(x, o, 3).Add(load(y, o, 3)))
	}
	endVectors()
	return n
}

func subVec(dst, a, b []float32) int {
	n := len(dst) / block * block
	if n == 0 || !hasVectors {
		return 0
	}
	d, x, y := start(dst), start(a), start(b)
	for o := 0; o < 4*n; o += 4 * block {
		store(d, o, 0, load(x, o, 0).Sub(load(y, o, 0)))
		store(d, o, 1, load(x, o, 1).Sub(load(y, o, 1)))
		store(d, o, 2, load(x, o, 2).Sub(load(y, o, 2)))
		store(d, o, 3, load(x, o, 3).Sub(load(y, o, 3)))
	}
	endVectors()
	return n
}

func mulVec(dst, a, b []float32) int {
	n := len(dst) / block * block
	if n == 0 || !hasVectors {
		return 0
	}
	d, x, y := start(dst), start(a), start(b)
	for o := 0; o < 4*n; o += 4 * block {
		store(d, o, 0, load(x, o, 0).Mul(load(y, o, 0)))
		store(d, o, 1, load(x, o, 1).Mul(load(y, o, 1)))
		store(d, o, 2, load(x, o, 2).Mul(load(y, o, 2)))
		store(d, o, 3, load(x, o, 3).Mul(load(y, o, 3)))
	}
	endVectors()
	return n
}

func divVec(dst, a, b []float32) int {
	n := len(dst) / block * block
	if n == 0 || !hasVectors {
		return 0
	}
	d, x, y := start(dst), start(a), start(b)
	for o := 0; o < 4*n; o += 4 * block {
		store(d, o, 0, load(x, o, 0).Div(load(y, o, 0)))
		store(d, o, 1, load(x, o, 1).Div(load(y, o, 1)))
		store(d, o, 2, load(x, o, 2).Div(load(y, o, 2)))
		store(d, o, 3, load(x, o, 3).Div(load(y, o, 3)))
	}
	endVectors()
	return n
}

func addScalarVec(dst, a []float32, s float32) int {
	n := len(dst) / block * block
	if n == 0 || !hasVectors {
		return 0
	}
	f := splat(s)
	d, x := start(dst), start(a)
	for o := 0; o < 4*n; o += 4 * block {
		store(d, o, 0, load(x, o, 0).Add(f))
		store(d, o, 1, load(x, o, 1).Add(f))
		store(d, o, 2, load(x, o, 2).Add(f))
		store(d, o, 3, load(x, o, 3).Add(f))
	}
	endVectors()
	return n
}

func mulScalarVec(dst, a []float32, s float32) int {
	n := len(dst) / block * block
	if n == 0 || !hasVectors {
		return 0
	}
	f := splat(s)
	d, x := start(dst), start(a)
	for o := 0; o < 4*n; o += 4 * block {
		store(d, o, 0, load(x, o, 0).Mul(f))
		store(d, o, 1, load(x, o, 1).Mul(f))
		store(d, o, 2, load(x, o, 2).Mul(f))
		store(d, o, 3, load(x, o, 3).Mul(f))
	}
	endVectors()
	return n
}

// greater and lesser return the greater and the lesser of each pair of elements,
// NaN where either is, out of comparisons. Max and Min of vectors do not on
// amd64: the instructions give their second operand if one is NaN, and Go 1.27.1
// takes them as commutative, so that either may be the second.
func greater(a, b vec) vec { return keepNaN(a.IfElse(a.Greater(b), b), a) }
func lesser(a, b vec) vec  { return keepNaN(a.IfElse(a.Less(b), b), a) }

// keepNaN returns x where x is NaN and v elsewhere.
func keepNaN(v, x vec) vec { return x.IfElse(x.NotEqual(x), v) }

func maxVec(dst, a, b []float32) int {
	n := len(dst) / block * block
	if n == 0 || !hasVectors {
		return 0
	}
	d, x, y := start(dst), start(a), start(b)
	for o := 0; o < 4*n; o += 4 * block {
		store(d, o, 0, greater(load(x, o, 0), load(y, o, 0)))
		store(d, o, 1, greater(load(x, o, 1), load(y, o, 1)))
		store(d, o, 2, greater(load(x, o, 2), load(y, o, 2)))
		store(d, o, 3, greater(load(x, o, 3), load(y, o, 3)))
	}
	endVectors()
	return n
}

func minVec(dst, a, b []float32) int {
	n := len(dst) / block * block
	if n == 0 || !hasVectors {
		return 0
	}
	d, x, y := start(dst), start(a), start(b)
	for o := 0; o < 4*n; o += 4 * block {
		store(d, o, 0, lesser(load(x, o, 0), load(y, o, 0)))
		store(d, o, 1, lesser(load(x, o, 1), load(y, o, 1)))
		store(d, o, 2, lesser(load(x, o, 2), load(y, o, 2)))
		store(d, o, 3, lesser(load(x, o, 3), load(y, o, 3)))
	}
	endVectors()
	return n
}

// atLeast and atMost are greater and lesser of a bound that is not NaN.
func atLeast(bound, x vec) vec { return bound.IfElse(x.Less(bound), x) }
func atMost(bound, x vec) vec  { return bound.IfElse(x.Greater(bound), x) }

func maxScalarVec(dst, a []float32, s float32) int {
	n := len(dst) / block * block
	if n == 0 || !hasVectors {
		return 0
	}
	d, x, f := start(dst), start(a), splat(s)
	for o := 0; o < 4*n; o += 4 * block {
		store(d, o, 0, atLeast(f, load(x, o, 0)))
		store(d, o, 1, atLeast(f, load(x, o, 1)))
		store(d, o, 2, atLeast(f, load(x, o, 2)))
		store(d, o, 3, atLeast(f, load(x, o, 3)))
	}
	endVectors()
	return n
}

func minScalarVec(dst, a []float32, s float32) int {
	n := len(dst) / block * block
	if n == 0 || !hasVectors {
		return 0
	}
	d, x, f := start(dst), start(a), splat(s)
	for o := 0; o < 4*n; o += 4 * block {
		store(d, o, 0, atMost(f, load(x, o, 0)))
		store(d, o, 1, atMost(f, load(x, o, 1)))
		store(d, o, 2, atMost(f, load(x, o, 2)))
		store(d, o, 3, atMost(f, load(x, o, 3)))
	}
	endVectors()
	return n
}
