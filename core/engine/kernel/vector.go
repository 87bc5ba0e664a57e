package kernel

import "math"

// The functions of this file work elementwise on slices of one length, on the
// calling goroutine: a caller that splits an array into blocks and runs a chain
// of them over each block keeps it in the cache. dst may be any of the inputs.

func checkLengths(dst, a, b []float32) {
	if len(a) != len(dst) || len(b) != len(dst) {
		panic("kernel: lengths of vectors differ")
	}
}

// Add sets dst[i] = a[i] + b[i].
func Add(dst, a, b []float32) {
	checkLengths(dst, a, b)
	for i := addVec(dst, a, b); i < len(dst); i++ {
		dst[i] = a[i] + b[i]
	}
}

// Sub sets dst[i] = a[i] - b[i].
func Sub(dst, a, b []float32) {
	checkLengths(dst, a, b)
	for i := subVec(dst, a, b); i < len(dst); i++ {
		dst[i] = a[i] - b[i]
	}
}

// Mul sets dst[i] = a[i] · b[i].
func Mul(dst, a, b []float32) {
	checkLengths(dst, a, b)
	for i := mulVec(dst, a, b); i < len(dst); i++ {
		dst[i] = a[i] * b[i]
	}
}

// Div sets dst[i] = a[i] / b[i].
func Div(dst, a, b []float32) {
	checkLengths(dst, a, b)
	for i := divVec(dst, a, b); i < len(dst); i++ {
		dst[i] = a[i] / b[i]
	}
}

// Max sets dst[i] to the greater of a[i] and b[i], NaN if either is.
func Max(dst, a, b []float32) {
	checkLengths(dst, a, b)
	for i := maxVec(dst, a, b); i < len(dst); i++ {
		dst[i] = max(a[i], b[i])
	}
}

// Min sets dst[i] to the lesser of a[i] and b[i], NaN if either is.
func Min(dst, a, b []float32) {
	checkLengths(dst, a, b)
	for i := minVec(dst, a, b); i < len(dst); i++ {
		dst[i] = min(a[i], b[i])
	}
}

// AddScalar sets dst[i] = a[i] + s.
func AddScalar(dst, a []float32, s float32) {
	checkLengths(dst, a, a)
	for i := addScalarVec(dst, a, s); i < len(dst); i++ {
		dst[i] = a[i] + s
	}
}

// ScalarSub sets dst[i] = s - a[i].
func ScalarSub(dst, a []float32, s float32) {
	checkLengths(dst, a, a)
	for i := range dst {
		dst[i] = s - a[i]
	}
}

// MulScalar sets dst[i] = a[i] · s.
func MulScalar(dst, a []float32, s float32) {
	checkLengths(dst, a, a)
	for i := mulScalarVec(dst, a, s); i < len(dst); i++ {
		dst[i] = a[i] * s
	}
}

// DivScalar sets dst[i] = a[i] / s.
func DivScalar(dst, a []float32, s float32) {
	checkLengths(dst, a, a)
	for i := range dst {
		dst[i] = a[i] / s
	}
}

// ScalarDiv sets dst[i] = s / a[i].
func ScalarDiv(dst, a []float32, s float32) {
	checkLengths(dst, a, a)
	for i := range dst {
		dst[i] = s / a[i]
	}
}

// MaxScalar sets dst[i] to the greater of a[i] and s, NaN if either is.
func MaxScalar(dst, a []float32, s float32) {
	checkLengths(dst, a, a)
	done := 0
	if s == s { // The vectors would lose a NaN.
		done = maxScalarVec(dst, a, s)
	}
	for i := done; i < len(dst); i++ {
		dst[i] = max(a[i], s)
	}
}

// MinScalar sets dst[i] to the lesser of a[i] and s, NaN if either is.
func MinScalar(dst, a []float32, s float32) {
	checkLengths(dst, a, a)
	done := 0
	if s == s { // The vectors would lose a NaN.
		done = minScalarVec(dst, a, s)
	}
	for i := done; i < len(dst); i++ {
		dst[i] = min(a[i], s)
	}
}

// Neg sets dst[i] = -a[i].
func Neg(dst, a []float32) {
	checkLengths(dst, a, a)
	for i := range dst {
		dst[i] = -a[i]
	}
}

// Abs sets dst[i] = |a[i]|.
func Abs(dst, a []float32) {
	checkLengths(dst, a, a)
	for i := range dst {
		dst[i] = math.Float32frombits(math.Float32bits(a[i]) &^ (1 << 31))
	}
}

// Sign sets dst[i] to -1, 0 or 1, and to a[i] where that is NaN.
func Sign(dst, a []float32) {
	checkLengths(dst, a, a)
	for i, x := range a {
		switch {
		case x > 0:
			dst[i] = 1
		case x < 0:
			dst[i] = -1
		default:
			dst[i] = x // Keeps -0 and NaN.
		}
	}
}

// Sqrt sets dst[i] = √a[i].
func Sqrt(dst, a []float32) {
	checkLengths(dst, a, a)
	for i := range dst {
		dst[i] = float32(math.Sqrt(float64(a[i])))
	}
}

// Rsqrt sets dst[i] = 1/√a[i].
func Rsqrt(dst, a []float32) {
	checkLengths(dst, a, a)
	for i := range dst {
		dst[i] = float32(1 / math.Sqrt(float64(a[i])))
	}
}

// Exp sets dst[i] = e^a[i].
func Exp(dst, a []float32) {
	checkLengths(dst, a, a)
	for i := range dst {
		dst[i] = float32(math.Exp(float64(a[i])))
	}
}

// Log sets dst[i] to the natural logarithm of a[i].
func Log(dst, a []float32) {
	checkLengths(dst, a, a)
	for i := range dst {
		dst[i] = float32(math.Log(float64(a[i])))
	}
}

// ReLU sets dst[i] to the greater of a[i] and 0, NaN if a[i] is.
func ReLU(dst, a []float32) { MaxScalar(dst, a, 0) }

// Fill sets dst[i] = s.
func Fill(dst []float32, s float32) {
	for i := range dst {
		dst[i] = s
	}
}
