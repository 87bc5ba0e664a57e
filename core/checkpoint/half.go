package checkpoint

import "math"

// halfFromFloat rounds to the nearest IEEE 754 binary16, ties to even. What is
// too large becomes an infinity and NaN stays one.
func halfFromFloat(v float32) uint16 {
	bits := math.Float32bits(v)
	sign := uint16(bits >> 16 & 0x8000)
	magnitude := bits & 0x7fffffff
	switch {
	case magnitude > 0x7f800000:
		return sign | 0x7e00
	case magnitude >= 0x477ff000: // 65520, from where rounding leaves the range.
		return sign | 0x7c00
	case magnitude < 0x38800000: // 2^-14: subnormal, a multiple of 2^-24.
		return sign | uint16(math.RoundToEven(math.Abs(float64(v))*(1<<24)))
	}
	rebased := magnitude - (127-15)<<23
	return sign | uint16((rebased+0xfff+rebased>>13&1)>>13)
}

// floatFromHalf widens a binary16, which is exact.
func floatFromHalf(h uint16) float32 {
	sign := uint32(h&0x8000) << 16
	exponent, fraction := uint32(h>>10&0x1f), uint32(h&0x3ff)
	switch exponent {
	case 0:
		v := float32(fraction) / (1 << 24)
		return math.Float32frombits(math.Float32bits(v) | sign)
	case 0x1f:
		return math.Float32frombits(sign | 0x7f800000 | fraction<<13)
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | fraction<<13)
}
