//go:build wasm && goexperiment.simd

package kernel

const (
	tileRows    = 2
	tileColumns = 16
	shortRows   = tileRows // There are no smaller tiles.
)

// multiplySIMD is tileProduct.run with 128-bit vectors.
//
//go:noescape
func multiplySIMD(t *tileProduct)

// gradientSIMD is tileGradient.run with 128-bit vectors.
//
//go:noescape
func gradientSIMD(t *tileGradient)

// run computes the tiles.
func (t *tileProduct) run() { multiplySIMD(t) }

// run computes the tiles.
func (t *tileGradient) run() { gradientSIMD(t) }

// cutRows returns how many tall and short tiles make up all rows, or all but the
// last few.
func cutRows(rows int) (tall, short int) { return rows / tileRows, 0 }
