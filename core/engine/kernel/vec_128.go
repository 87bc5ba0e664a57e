//go:build (arm64 || wasm) && goexperiment.simd

package kernel

import (
	"simd/archsimd"
	"unsafe"
)

type vec = archsimd.Float32x4

const lanes = 4

const hasVectors = true

func splat(x float32) vec { return archsimd.BroadcastFloat32x4(x) }

// load reads the i-th vector from p + offset bytes.
func load(p unsafe.Pointer, offset, i int) vec {
	return archsimd.LoadFloat32x4Array((*[lanes]float32)(unsafe.Add(p, offset+i*lanes*4)))
}

// store writes the i-th vector from p + offset bytes.
func store(p unsafe.Pointer, offset, i int, v vec) {
	v.StoreArray((*[lanes]float32)(unsafe.Add(p, offset+i*lanes*4)))
}

func endVectors() {}
