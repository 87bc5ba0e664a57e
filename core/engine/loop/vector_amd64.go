//go:build goexperiment.simd && amd64

package loop

import (
	"simd/archsimd"
	"unsafe"
)

type vector = archsimd.Float32x8

const lanesPerVector = 8

var hasVectors = archsimd.X86.AVX2()

func splat(x float32) vector { return archsimd.BroadcastFloat32x8(x) }

// load reads the i-th vector from o bytes behind p.
func load(p unsafe.Pointer, o, i int) vector {
	return archsimd.LoadFloat32x8Array((*[lanesPerVector]float32)(unsafe.Add(p, o+i*lanesPerVector*4)))
}

// store writes the i-th vector from o bytes behind p.
func store(p unsafe.Pointer, o, i int, v vector) {
	v.StoreArray((*[lanesPerVector]float32)(unsafe.Add(p, o+i*lanesPerVector*4)))
}

// endVectors must follow the last 256-bit vector of a function: while the upper
// halves hold anything, the compiler's 128-bit copies are slow.
func endVectors() { archsimd.ClearAVXUpperBits() }
