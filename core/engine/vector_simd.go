//go:build goexperiment.simd && (amd64 || arm64 || wasm)

package engine

import "unsafe"

// The functions of this file do the first part of vector.go's, in turns of four
// vectors, and return how many elements that is. They walk pointers, because a
// bounds check per vector costs as much as the arithmetic on wasm.

const turn = 4 * lanesPerVector

func first(a []float32) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(a)) }

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
		store(d, 2, load(g, 2).Masked(load(v, 2).GreaterEqual(zero)))
		store(d, 3, load(g, 3).Masked(load(v, 3).GreaterEqual(zero)))
		d, g, v = unsafe.Add(d, 4*turn), unsafe.Add(g, 4*turn), unsafe.Add(v, 4*turn)
	}
	endVectors()
	return n * turn
}

func mulAddVectors(dst, a, b, c []float32) int {
	n := len(dst) / turn
	if n == 0 || !hasVectors {
		return 0
	}
	d, x, y, z := first(dst), first(a), first(b), first(c)
	for range n {
		store(d, 0, load(x, 0).Mul(load(y, 0)).Add(load(z, 0)))
		store(d, 1, load(x, 1).Mul(load(y, 1)).Add(load(z, 1)))
		store(d, 2, load(x, 2).Mul(load(y, 2)).Add(load(z, 2)))
		store(d, 3, load(x, 3).Mul(load(y, 3)).Add(load(z, 3)))
		d, x, y, z = unsafe.Add(d, 4*turn), unsafe.Add(x, 4*turn), unsafe.Add(y, 4*turn), unsafe.Add(z, 4*turn)
	}
	endVectors()
	return n * turn
}
