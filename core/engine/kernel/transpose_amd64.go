//go:build amd64

package kernel

// transposeAVX transposes squares of 8×8 that lie side by side in src, and so
// below each other in dst. The strides are in floats.
//
//go:noescape
func transposeAVX(dst, src *float32, dstStride, srcStride, squares int)

// transposeSquares transposes the leading columns of eight rows of src, and
// returns how many these are.
func transposeSquares(dst, src []float32, dstStride, srcStride, columns int) int {
	squares := columns / 8
	if !hasFMA || squares == 0 {
		return 0
	}
	_, _ = src[7*srcStride+squares*8-1], dst[(squares*8-1)*dstStride+7]
	transposeAVX(&dst[0], &src[0], dstStride, srcStride, squares)
	return squares * 8
}
