//go:build !goexperiment.simd || !(amd64 || arm64 || wasm)

package kernel

// Without vectors the kernels do every element in their own loops.

func addVec(dst, a, b []float32) int               { return 0 }
func subVec(dst, a, b []float32) int               { return 0 }
func mulVec(dst, a, b []float32) int               { return 0 }
func divVec(dst, a, b []float32) int               { return 0 }
func addScalarVec(dst, a []float32, s float32) int { return 0 }
func mulScalarVec(dst, a []float32, s float32) int { return 0 }
func maxVec(dst, a, b []float32) int               { return 0 }
func minVec(dst, a, b []float32) int               { return 0 }
func maxScalarVec(dst, a []float32, s float32) int { return 0 }
func minScalarVec(dst, a []float32, s float32) int { return 0 }
