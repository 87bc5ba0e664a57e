//go:build !amd64 && !((arm64 || wasm) && goexperiment.simd)

package kernel

const (
	tileRows    = 4
	tileColumns = 8
	shortRows   = tileRows // There are no smaller tiles.
)

// run computes the tiles.
func (t *tileProduct) run() { t.runReference() }

// run computes the tiles.
func (t *tileGradient) run() { t.runReference() }

// cutRows returns how many tall and short tiles make up all rows, or all but the
// last few.
func cutRows(rows int) (tall, short int) { return rows / tileRows, 0 }
