package kernel

// The functions of this file join a matrix [R, C] with a vector [C], which acts
// on every row; R is len(a)/C. dst may be a.

func checkRows(dst, a, row []float32) {
	if len(a) != len(dst) || len(row) == 0 && len(a) != 0 || len(row) != 0 && len(a)%len(row) != 0 {
		panic("kernel: matrix does not have rows as long as the vector")
	}
}

// AddRow sets dst[r, c] = a[r, c] + row[c].
func AddRow(dst, a, row []float32) {
	checkRows(dst, a, row)
	for c := len(row); len(a) > 0; dst, a = dst[c:], a[c:] {
		Add(dst[:c], a[:c], row)
	}
}

// SubRow sets dst[r, c] = a[r, c] - row[c].
func SubRow(dst, a, row []float32) {
	checkRows(dst, a, row)
	for c := len(row); len(a) > 0; dst, a = dst[c:], a[c:] {
		Sub(dst[:c], a[:c], row)
	}
}

// MulRow sets dst[r, c] = a[r, c] · row[c].
func MulRow(dst, a, row []float32) {
	checkRows(dst, a, row)
	for c := len(row); len(a) > 0; dst, a = dst[c:], a[c:] {
		Mul(dst[:c], a[:c], row)
	}
}

// DivRow sets dst[r, c] = a[r, c] / row[c].
func DivRow(dst, a, row []float32) {
	checkRows(dst, a, row)
	for c := len(row); len(a) > 0; dst, a = dst[c:], a[c:] {
		Div(dst[:c], a[:c], row)
	}
}

// MulAddRow sets dst[r, c] = a[r, c]·scale[c] + offset[c].
func MulAddRow(dst, a, scale, offset []float32) {
	checkRows(dst, a, scale)
	if len(offset) != len(scale) {
		panic("kernel: lengths of vectors differ")
	}
	for c := len(scale); len(a) > 0; dst, a = dst[c:], a[c:] {
		for i, s := range scale {
			dst[i] = a[i]*s + offset[i]
		}
	}
}
