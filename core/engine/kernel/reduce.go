package kernel

import "math"

// sumBlock is how many terms a float32 sum adds up before it goes into a float64
// total. Errors then grow with the block and not with the array.
const sumBlock = 64

// sum returns the sum of a.
func sum(a []float32) float32 {
	var total float64
	for len(a) > 0 {
		n := min(len(a), sumBlock)
		var part float32
		for _, x := range a[:n] {
			part += x
		}
		total += float64(part)
		a = a[n:]
	}
	return float32(total)
}

// SumRows sums the last axis: dst[r] = Σ_c a[r, c], with R = len(dst).
func SumRows(dst, a []float32) {
	c := rowLength(dst, a)
	for r := range dst {
		dst[r] = sum(a[r*c:][:c])
	}
}

// MaxRows takes the maximum over the last axis: dst[r] = max_c a[r, c], with
// R = len(dst). It is -Inf of an empty row and NaN if an element is NaN.
func MaxRows(dst, a []float32) {
	c := rowLength(dst, a)
	for r := range dst {
		greatest := float32(math.Inf(-1))
		for _, x := range a[r*c:][:c] {
			greatest = max(greatest, x)
		}
		dst[r] = greatest
	}
}

func rowLength(dst, a []float32) int {
	if len(dst) == 0 {
		if len(a) != 0 {
			panic("kernel: matrix does not have as many rows as the vector is long")
		}
		return 0
	}
	if len(a)%len(dst) != 0 {
		panic("kernel: matrix does not have as many rows as the vector is long")
	}
	return len(a) / len(dst)
}

// SumMiddle sums the middle axis of a [outer, middle, inner]:
// dst[o, i] = Σ_m a[o, m, i]. With outer = N, middle = H·W and inner = C it is
// the sum of global average pooling; with outer 1, the sum over leading axes.
func SumMiddle(dst, a []float32, outer, inner int) {
	middle := middleLength(dst, a, outer, inner)
	var totals [sumStripe]float64
	var part [sumStripe]float32
	for o := range outer {
		for start := 0; start < inner; start += sumStripe {
			width := min(inner-start, sumStripe)
			clear(totals[:])
			for m := 0; m < middle; m += sumBlock {
				clear(part[:])
				for k := m; k < min(m+sumBlock, middle); k++ {
					row := a[(o*middle+k)*inner+start:][:width]
					Add(part[:width], part[:width], row)
				}
				for i, x := range part[:width] {
					totals[i] += float64(x)
				}
			}
			for i, x := range totals[:width] {
				dst[o*inner+start+i] = float32(x)
			}
		}
	}
}

// sumStripe is how many columns SumMiddle adds up at a time.
const sumStripe = 256

func middleLength(dst, a []float32, outer, inner int) int {
	if outer < 0 || inner < 0 || len(dst) != outer*inner {
		panic("kernel: result of a reduction has the wrong length")
	}
	if len(dst) == 0 {
		return 0
	}
	if len(a)%len(dst) != 0 {
		panic("kernel: operand of a reduction has the wrong length")
	}
	return len(a) / len(dst)
}
