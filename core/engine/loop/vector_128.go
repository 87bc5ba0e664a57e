//go:build goexperiment.simd && (arm64 || wasm)

package loop

import (
	"simd/archsimd"
	"unsafe"
)

type vector = archsimd.Float32x4

const (
	lanesPerVector = 4
	hasVectors     = true
)

func splat(x float32) vector { return archsimd.BroadcastFloat32x4(x) }

// load reads the i-th vector from o bytes behind p.
func load(p unsafe.Pointer, o, i int) vector {
	return archsimd.LoadFloat32x4Array((*[lanesPerVector]float32)(unsafe.Add(p, o+i*lanesPerVector*4)))
}

// store writes the i-th vector from o bytes behind p.
func store(p unsafe.Pointer, o, i int, v vector) {
	v.StoreArray((*[lanesPerVector]float32)(unsafe.Add(p, o+i*lanesPerVector*4)))
}

func endVectors() {}
