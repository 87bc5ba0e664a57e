package kernel

import "unsafe"

// at returns the float n places behind p. The tile kernels do without bounds
// checks: their callers (package kernel only) have checked the lengths of whole
// arrays, and every offset in a table comes from a shape that fits them.
func at(p *float32, n int) *float32 {
	return (*float32)(unsafe.Add(unsafe.Pointer(p), n*4))
}

// tableAt returns the int32 n places behind p.
func tableAt(p *int32, n int) int {
	return int(*(*int32)(unsafe.Add(unsafe.Pointer(p), n*4)))
}

// runReference is run in plain Go, for processors without the vector
// instructions that run wants.
func (t *tileProduct) runReference() {
	for tile := range t.tiles {
		var sums [tileRows][tileColumns]float32
		for r := range tileRows {
			a := at(t.a, tableAt(t.aRows, tile*tileRows+r))
			c := (*[tileColumns]float32)(unsafe.Pointer(at(t.c, tableAt(t.cRows, tile*tileRows+r))))
			if t.accumulate != 0 {
				sums[r] = *c
			}
			b := t.b
			for s := range t.segments {
				for i := range t.length {
					x := *at(a, s*t.stride+i)
					for j, y := range (*[tileColumns]float32)(unsafe.Pointer(b)) {
						sums[r][j] += x * y
					}
					b = at(b, tileColumns)
				}
			}
		}
		for r := range tileRows {
			*(*[tileColumns]float32)(unsafe.Pointer(at(t.c, tableAt(t.cRows, tile*tileRows+r)))) = sums[r]
		}
	}
}

// runReference is run in plain Go, for processors without the vector
// instructions that run wants.
func (t *tileGradient) runReference() {
	for row := range t.tiles * t.rows {
		c := (*[tileColumns]float32)(unsafe.Pointer(at(t.c, row*t.cStep)))
		sums := *c
		for _, r := range unsafe.Slice(t.runs, t.count) {
			for i := range int(r.n) {
				x := *at(t.a, int(r.a)+i*t.aStep+row)
				for j, y := range (*[tileColumns]float32)(unsafe.Pointer(at(t.b, int(r.b)+i*tileColumns))) {
					sums[j] += x * y
				}
			}
		}
		*c = sums
	}
}
