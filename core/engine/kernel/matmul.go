package kernel

// MatMul is the shape of a product of two matrices.
//
//	a    [Rows, Inner], stored [Inner, Rows] if TransposeA
//	b    [Inner, Columns], stored [Columns, Inner] if TransposeB
//	out  [Rows, Columns]
//
// Any number may be 0; with Inner 0 the product is zero.
type MatMul struct {
	Rows, Columns, Inner   int
	TransposeA, TransposeB bool
}

// FLOPs returns the number of multiplications and additions.
func (m MatMul) FLOPs() int { return 2 * m.Rows * m.Columns * m.Inner }

// ScratchFloats returns the scratch length that Run needs on a Pool of so many
// threads.
func (m MatMul) ScratchFloats(threads int) int {
	w := m.window()
	n := w.scratchFloats(threads)
	if m.TransposeA {
		n += roundUp(m.Rows*m.Inner, 16)
	}
	return n
}

// window is the product as a convolution: each row of a is a pixel of an image
// one pixel wide, and the window sees one pixel.
func (m MatMul) window() window {
	return window{
		batch: 1, srcHeight: m.Rows, srcWidth: 1, srcChannels: m.Inner,
		height: 1, width: 1, stepY: 1, stepX: 1,
		outHeight: m.Rows, outWidth: 1, outChannels: m.Columns,
		outImage: m.Rows * m.Columns, outRow: m.Columns, outPixel: m.Columns,
		transposed: m.TransposeB,
	}
}

// Run computes out = a·b, which it overwrites.
func (m MatMul) Run(pool *Pool, out, a, b, scratch []float32) {
	switch {
	case m.Rows < 0 || m.Columns < 0 || m.Inner < 0:
		panic("kernel: negative dimension of a matrix")
	case len(out) != m.Rows*m.Columns || len(a) != m.Rows*m.Inner || len(b) != m.Inner*m.Columns:
		panic("kernel: matrix has the wrong length")
	case max(len(out), len(a), len(b)) > maxLen:
		panic("kernel: matrix has more than 2^31-1 floats")
	case len(scratch) < m.ScratchFloats(pool.Threads()):
		panic("kernel: scratch of a matrix product is too short")
	}
	if m.TransposeA {
		transposed := scratch[:len(a)]
		scratch = scratch[roundUp(len(a), 16):]
		transpose(pool, transposed, a, m.Inner, m.Rows)
		a = transposed
	}
	w := m.window()
	w.run(pool, out, a, b, scratch)
}

// matMulReference is Run by definition.
func matMulReference(m MatMul, out, a, b []float32) {
	for r := range m.Rows {
		for c := range m.Columns {
			var sum float32
			for i := range m.Inner {
				x, y := r*m.Inner+i, i*m.Columns+c
				if m.TransposeA {
					x = i*m.Rows + r
				}
				if m.TransposeB {
					y = c*m.Inner + i
				}
				sum += a[x] * b[y]
			}
			out[r*m.Columns+c] = sum
		}
	}
}
