//go:build arm64 && goexperiment.simd

package kernel

import "unsafe"

// 4×16 sums take 16 of the 32 vector registers of four floats, a row of b
// four and four elements of a one each.
const (
	tileRows    = 4
	tileColumns = 16
	shortRows   = tileRows // There are no smaller tiles.
)

// cutRows returns how many tall and short tiles make up all rows, or all but the
// last few.
func cutRows(rows int) (tall, short int) { return rows / tileRows, 0 }

// run computes the tiles.
func (t *tileProduct) run() {
	for tile := range t.tiles {
		var a, c [tileRows]unsafe.Pointer
		for r := range tileRows {
			a[r] = unsafe.Pointer(at(t.a, tableAt(t.aRows, tile*tileRows+r)))
			c[r] = unsafe.Pointer(at(t.c, tableAt(t.cRows, tile*tileRows+r)))
		}
		t.multiply(&a, &c)
	}
}

// multiply computes the tile with these rows.
func (t *tileProduct) multiply(a, c *[tileRows]unsafe.Pointer) {
	var s00, s01, s02, s03 vec
	var s10, s11, s12, s13 vec
	var s20, s21, s22, s23 vec
	var s30, s31, s32, s33 vec
	if t.accumulate != 0 {
		s00, s01, s02, s03 = load(c[0], 0, 0), load(c[0], 0, 1), load(c[0], 0, 2), load(c[0], 0, 3)
		s10, s11, s12, s13 = load(c[1], 0, 0), load(c[1], 0, 1), load(c[1], 0, 2), load(c[1], 0, 3)
		s20, s21, s22, s23 = load(c[2], 0, 0), load(c[2], 0, 1), load(c[2], 0, 2), load(c[2], 0, 3)
		s30, s31, s32, s33 = load(c[3], 0, 0), load(c[3], 0, 1), load(c[3], 0, 2), load(c[3], 0, 3)
	}
	b := unsafe.Pointer(t.b)
	k := 0 // Bytes of b behind us.
	for s := range t.segments {
		from := 4 * s * t.stride
		for i := from; i < from+4*t.length; i += 4 {
			b0, b1, b2, b3 := load(b, k, 0), load(b, k, 1), load(b, k, 2), load(b, k, 3)
			x0 := splat(*(*float32)(unsafe.Add(a[0], i)))
			s00, s01, s02, s03 = x0.MulAdd(b0, s00), x0.MulAdd(b1, s01), x0.MulAdd(b2, s02), x0.MulAdd(b3, s03)
			x1 := splat(*(*float32)(unsafe.Add(a[1], i)))
			s10, s11, s12, s13 = x1.MulAdd(b0, s10), x1.MulAdd(b1, s11), x1.MulAdd(b2, s12), x1.MulAdd(b3, s13)
			x2 := splat(*(*float32)(unsafe.Add(a[2], i)))
			s20, s21, s22, s23 = x2.MulAdd(b0, s20), x2.MulAdd(b1, s21), x2.MulAdd(b2, s22), x2.MulAdd(b3, s23)
			x3 := splat(*(*float32)(unsafe.Add(a[3], i)))
			s30, s31, s32, s33 = x3.MulAdd(b0, s30), x3.MulAdd(b1, s31), x3.MulAdd(b2, s32), x3.MulAdd(b3, s33)
			k += 4 * tileColumns
		}
	}
	store(c[0], 0, 0, s00)
	store(c[0], 0, 1, s01)
	store(c[0], 0, 2, s02)
	store(c[0], 0, 3, s03)
	store(c[1], 0, 0, s10)
	store(c[1], 0, 1, s11)
	store(c[1], 0, 2, s12)
	store(c[1], 0, 3, s13)
	store(c[2], 0, 0, s20)
	store(c[2], 0, 1, s21)
	store(c[2], 0, 2, s22)
	store(c[2], 0, 3, s23)
	store(c[3], 0, 0, s30)
	store(c[3], 0, 1, s31)
	store(c[3], 0, 2, s32)
	store(c[3], 0, 3, s33)
}

// run computes the tiles.
func (t *tileGradient) run() {
	for tile := range t.tiles {
		t.multiply(unsafe.Pointer(at(t.a, tile*tileRows)), unsafe.Pointer(at(t.c, tile*tileRows*t.cStep)))
	}
}

// multiply computes the tile with these first rows.
func (t *tileGradient) multiply(a, c unsafe.Pointer) {
	step := 4 * t.cStep
	s00, s01, s02, s03 := load(c, 0, 0), load(c, 0, 1), load(c, 0, 2), load(c, 0, 3)
	s10, s11, s12, s13 := load(c, step, 0), load(c, step, 1), load(c, step, 2), load(c, step, 3)
	s20, s21, s22, s23 := load(c, 2*step, 0), load(c, 2*step, 1), load(c, 2*step, 2), load(c, 2*step, 3)
	s30, s31, s32, s33 := load(c, 3*step, 0), load(c, 3*step, 1), load(c, 3*step, 2), load(c, 3*step, 3)
	for _, r := range unsafe.Slice(t.runs, t.count) {
		i, k := 4*int(r.a), 4*int(r.b)
		for range r.n {
			b0, b1, b2, b3 := load(unsafe.Pointer(t.b), k, 0), load(unsafe.Pointer(t.b), k, 1), load(unsafe.Pointer(t.b), k, 2), load(unsafe.Pointer(t.b), k, 3)
			x0 := splat(*(*float32)(unsafe.Add(a, i+0)))
			s00, s01, s02, s03 = x0.MulAdd(b0, s00), x0.MulAdd(b1, s01), x0.MulAdd(b2, s02), x0.MulAdd(b3, s03)
			x1 := splat(*(*float32)(unsafe.Add(a, i+4)))
			s10, s11, s12, s13 = x1.MulAdd(b0, s10), x1.MulAdd(b1, s11), x1.MulAdd(b2, s12), x1.MulAdd(b3, s13)
			x2 := splat(*(*float32)(unsafe.Add(a, i+8)))
			s20, s21, s22, s23 = x2.MulAdd(b0, s20), x2.MulAdd(b1, s21), x2.MulAdd(b2, s22), x2.MulAdd(b3, s23)
			x3 := splat(*(*float32)(unsafe.Add(a, i+12)))
			s30, s31, s32, s33 = x3.MulAdd(b0, s30), x3.MulAdd(b1, s31), x3.MulAdd(b2, s32), x3.MulAdd(b3, s33)
			i, k = i+4*t.aStep, k+4*tileColumns
		}
	}
	store(c, 0, 0, s00)
	store(c, 0, 1, s01)
	store(c, 0, 2, s02)
	store(c, 0, 3, s03)
	store(c, step, 0, s10)
	store(c, step, 1, s11)
	store(c, step, 2, s12)
	store(c, step, 3, s13)
	store(c, 2*step, 0, s20)
	store(c, 2*step, 1, s21)
	store(c, 2*step, 2, s22)
	store(c, 2*step, 3, s23)
	store(c, 3*step, 0, s30)
	store(c, 3*step, 1, s31)
	store(c, 3*step, 2, s32)
	store(c, 3*step, 3, s33)
}
