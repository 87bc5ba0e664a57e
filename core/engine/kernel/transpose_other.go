//go:build !amd64

package kernel

// transposeSquares leaves everything to the plain loops.
func transposeSquares(dst, src []float32, dstStride, srcStride, columns int) int { return 0 }
