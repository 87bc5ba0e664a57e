//go:build !((arm64 || wasm) && goexperiment.simd)

package kernel

// copyPanel copies rows of tileColumns floats that are stride apart.
func copyPanel(dst, src []float32, stride int) {
	for r := range len(dst) / tileColumns {
		*(*[tileColumns]float32)(dst[r*tileColumns:]) = *(*[tileColumns]float32)(src[r*stride:])
	}
}
