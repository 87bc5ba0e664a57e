//go:build !goexperiment.simd || !(amd64 || arm64 || wasm)

package engine

// Without vectors the functions of vector.go do every element in their own loops.

func passVectors(dst, grad, x []float32) int   { return 0 }
func mulAddVectors(dst, a, b, c []float32) int { return 0 }
