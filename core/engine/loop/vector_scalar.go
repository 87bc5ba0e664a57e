//go:build !goexperiment.simd || !(amd64 || arm64 || wasm)

package loop

// Without vectors the functions of vector.go do every element in their own loops.

func passVectors(dst, grad, x []float32) int                     { return 0 }
func passAffineVectors(dst, grad, x, a, b, c []float32) int      { return 0 }
func affineVectors(dst, x, a, b, c []float32, floor float32) int { return 0 }
func bilinearVectors(dst, a, b, c, d, e []float32) int           { return 0 }
func sumLanesVectors(sums, a []float32) int                      { return 0 }
func sumSquaresVectors(sums, squares, a, b []float32) int        { return 0 }
func sumProductsVectors(sums, products, g, x, m []float32) int   { return 0 }
