//go:build !goexperiment.simd || !(amd64 || arm64 || wasm)

package kernel

// Without vectors the kernels do every element in their own loops.

func addVec(dst, a, b []float32) int               { return 0 }
func subVec(dst, a, b []float32) int               { return 0 }
func mulVec(dst, a, b []float32) int               { return 0 }
func divVec(dst, a, b []float32) int               { return 0 }
func axpyVec(dst, a []float32, s float32) int      { return 0 }
func scaleVec(dst, a []float32, s, t float32) int  { return 0 }
func addScalarVec(dst, a []float32, s float32) int { return 0 }
func mulScalarVec(dst, a []float32, s float32) int { return 0 }
func maxVec(dst, a, b []float32) int               { return 0 }
func minVec(dst, a, b []float32) int               { return 0 }
func maxScalarVec(dst, a []float32, s float32) int { return 0 }
func minScalarVec(dst, a []float32, s float32) int { return 0 }
func reluGradientVec(dst, grad, out []float32) int { return 0 }

func sumLanesVec(sums, x []float32) int                        { return 0 }
func squareLanesVec(squares, x, mean []float32) int            { return 0 }
func productLanesVec(sums, products, g, x, mean []float32) int { return 0 }
func combineLanesVec(out, g, x, a, b, c []float32) int         { return 0 }

func affineLanesVec(out, x, residual, scale, offset []float32, floor float32) int { return 0 }

func updateVec(s SGDNesterov, weights, velocity, gradient []float32) int { return 0 }
