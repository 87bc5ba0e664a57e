package engine

// The functions of this file are the instructions of loops that package kernel
// does not have. Slices have one length; dst may be any of the others.

// pass sets dst[i] = grad[i] where x[i] ≥ 0, else 0.
func pass(dst, grad, x []float32) {
	grad, x = grad[:len(dst)], x[:len(dst)]
	for i := passVectors(dst, grad, x); i < len(dst); i++ {
		g := grad[i]
		if !(x[i] >= 0) {
			g = 0
		}
		dst[i] = g
	}
}

// mulAdd sets dst[i] = a[i]·b[i] + c[i], with the product rounded: a processor's
// fused multiply-add would give other bits than the two ops that it stands for,
// and WebAssembly has none.
func mulAdd(dst, a, b, c []float32) {
	a, b, c = a[:len(dst)], b[:len(dst)], c[:len(dst)]
	for i := mulAddVectors(dst, a, b, c); i < len(dst); i++ {
		dst[i] = float32(a[i]*b[i]) + c[i]
	}
}

// nonNegative sets dst[i] to 1 where x[i] ≥ 0, to 0 where it is less, and keeps
// NaN.
func nonNegative(dst, x []float32) {
	for i, v := range x {
		switch {
		case v >= 0:
			dst[i] = 1
		case v < 0:
			dst[i] = 0
		default:
			dst[i] = v
		}
	}
}
