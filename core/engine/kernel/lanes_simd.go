//go:build goexperiment.simd && (amd64 || arm64 || wasm)

package kernel

import "unsafe"

// The functions of this file do the columns of whole rows that fill blocks of
// vectors. They return how many columns these are; if there is no whole row, 0.
//
// Sums walk down the columns of a block with the sums in registers; the callers
// hand in pieces that fit the first-level cache. The others walk along rows.

// wholeBlocks returns the number of whole rows and of columns in whole blocks.
func wholeBlocks(x []float32, p int) (rows, columns int) {
	rows, columns = len(x)/p, p/block*block
	if rows == 0 || !hasVectors {
		return 0, 0
	}
	return rows, columns
}

// column returns the address of element c of a.
func column(a []float32, c int) unsafe.Pointer { return unsafe.Add(start(a), 4*c) }

func sumLanesVec(sums, x []float32) int {
	p := len(sums)
	rows, columns := wholeBlocks(x, p)
	for c := 0; c < columns; c += block {
		s, v := column(sums, c), column(x, c)
		s0, s1, s2, s3 := load(s, 0, 0), load(s, 0, 1), load(s, 0, 2), load(s, 0, 3)
		for o := 0; o < 4*p*rows; o += 4 * p {
			s0 = s0.Add(load(v, o, 0))
			s1 = s1.Add(load(v, o, 1))
			s2 = s2.Add(load(v, o, 2))
			s3 = s3.Add(load(v, o, 3))
		}
		store(s, 0, 0, s0)
		store(s, 0, 1, s1)
		store(s, 0, 2, s2)
		store(s, 0, 3, s3)
	}
	endVectors()
	return columns
}

func squareLanesVec(squares, x, mean []float32) int {
	p := len(squares)
	rows, columns := wholeBlocks(x, p)
	for c := 0; c < columns; c += block {
		s, v, m := column(squares, c), column(x, c), column(mean, c)
		s0, s1, s2, s3 := load(s, 0, 0), load(s, 0, 1), load(s, 0, 2), load(s, 0, 3)
		m0, m1, m2, m3 := load(m, 0, 0), load(m, 0, 1), load(m, 0, 2), load(m, 0, 3)
		for o := 0; o < 4*p*rows; o += 4 * p {
			d0, d1, d2, d3 := load(v, o, 0).Sub(m0), load(v, o, 1).Sub(m1), load(v, o, 2).Sub(m2), load(v, o, 3).Sub(m3)
			s0 = s0.Add(d0.Mul(d0))
			s1 = s1.Add(d1.Mul(d1))
			s2 = s2.Add(d2.Mul(d2))
			s3 = s3.Add(d3.Mul(d3))
		}
		store(s, 0, 0, s0)
		store(s, 0, 1, s1)
		store(s, 0, 2, s2)
		store(s, 0, 3, s3)
	}
	endVectors()
	return columns
}

// productLanesVec takes half a block at a time: with twice the sums and the
// means, more would not fit the registers.
func productLanesVec(sums, products, g, x, mean []float32) int {
	p := len(sums)
	rows, columns := wholeBlocks(x, p)
	for c := 0; c < columns; c += 2 * lanes {
		s, d, m := column(sums, c), column(products, c), column(mean, c)
		u, v := column(g, c), column(x, c)
		s0, s1, d0, d1, m0, m1 := load(s, 0, 0), load(s, 0, 1), load(d, 0, 0), load(d, 0, 1), load(m, 0, 0), load(m, 0, 1)
		for o := 0; o < 4*p*rows; o += 4 * p {
			u0, u1 := load(u, o, 0), load(u, o, 1)
			s0, s1 = s0.Add(u0), s1.Add(u1)
			d0 = d0.Add(u0.Mul(load(v, o, 0).Sub(m0)))
			d1 = d1.Add(u1.Mul(load(v, o, 1).Sub(m1)))
		}
		store(s, 0, 0, s0)
		store(s, 0, 1, s1)
		store(d, 0, 0, d0)
		store(d, 0, 1, d1)
	}
	endVectors()
	return columns
}

func affineLanesVec(out, x, residual, scale, offset []float32, floor float32) int {
	p := len(scale)
	rows, columns := wholeBlocks(x, p)
	low := splat(floor)
	for r := range rows {
		d, v, f, g := column(out, r*p), column(x, r*p), start(scale), start(offset)
		if residual == nil {
			for o := 0; o < 4*columns; o += 4 * block {
				store(d, o, 0, low.Max(load(v, o, 0).Mul(load(f, o, 0)).Add(load(g, o, 0))))
				store(d, o, 1, low.Max(load(v, o, 1).Mul(load(f, o, 1)).Add(load(g, o, 1))))
				store(d, o, 2, low.Max(load(v, o, 2).Mul(load(f, o, 2)).Add(load(g, o, 2))))
				store(d, o, 3, low.Max(load(v, o, 3).Mul(load(f, o, 3)).Add(load(g, o, 3))))
			}
			continue
		}
		e := column(residual, r*p)
		for o := 0; o < 4*columns; o += 4 * block {
			store(d, o, 0, low.Max(load(v, o, 0).Mul(load(f, o, 0)).Add(load(g, o, 0)).Add(load(e, o, 0))))
			store(d, o, 1, low.Max(load(v, o, 1).Mul(load(f, o, 1)).Add(load(g, o, 1)).Add(load(e, o, 1))))
			store(d, o, 2, low.Max(load(v, o, 2).Mul(load(f, o, 2)).Add(load(g, o, 2)).Add(load(e, o, 2))))
			store(d, o, 3, low.Max(load(v, o, 3).Mul(load(f, o, 3)).Add(load(g, o, 3)).Add(load(e, o, 3))))
		}
	}
	endVectors()
	return columns
}

func combineLanesVec(out, g, x, a, b, c []float32) int {
	p := len(a)
	rows, columns := wholeBlocks(x, p)
	for r := range rows {
		d, u, v := column(out, r*p), column(g, r*p), column(x, r*p)
		i, j, k := start(a), start(b), start(c)
		for o := 0; o < 4*columns; o += 4 * block {
			store(d, o, 0, load(u, o, 0).Mul(load(i, o, 0)).Add(load(v, o, 0).Mul(load(j, o, 0))).Add(load(k, o, 0)))
			store(d, o, 1, load(u, o, 1).Mul(load(i, o, 1)).Add(load(v, o, 1).Mul(load(j, o, 1))).Add(load(k, o, 1)))
			store(d, o, 2, load(u, o, 2).Mul(load(i, o, 2)).Add(load(v, o, 2).Mul(load(j, o, 2))).Add(load(k, o, 2)))
			store(d, o, 3, load(u, o, 3).Mul(load(i, o, 3)).Add(load(v, o, 3).Mul(load(j, o, 3))).Add(load(k, o, 3)))
		}
	}
	endVectors()
	return columns
}
