//go:build amd64 && goexperiment.simd

package kernel

import (
	"simd/archsimd"
	"unsafe"
)

// vec is the widest vector that every processor with FMA has.
type vec = archsimd.Float32x8

const lanes = 8

var hasVectors = hasFMA

func splat(x float32) vec { return archsimd.BroadcastFloat32x8(x) }

// load reads the i-th vector from p + offset bytes.
func load(p unsafe.Pointer, offset, i int) vec {
	return archsimd.LoadFloat32x8Array((*[lanes]float32)(unsafe.Add(p, offset+i*lanes*4)))
}

// store writes the i-th vector from p + offset bytes.
func store(p unsafe.Pointer, offset, i int, v vec) {
	v.StoreArray((*[lanes]float32)(unsafe.Add(p, offset+i*lanes*4)))
}

// endVectors must follow the last use of 256-bit vectors in a function: 128-bit
// instructions of the old encoding, which the compiler uses to copy memory, are
// slow while the upper halves hold anything.
func endVectors() { archsimd.ClearAVXUpperBits() }
