package kernel

// The product kernels compute tiles of tileRows × tileColumns of an output in
// registers. A row of a tile is an output pixel (or any row of a matrix); a
// column is a channel. The per-architecture files choose both so that the sums of
// a tile fill the registers and leave room for the factors.

// tileProduct multiplies rows of a by one packed panel of b, for many tiles.
//
//	for each of tiles t, row r, column j:
//		sum over segments s and i < length of
//			a[aRows[tileRows·t+r] + s·stride + i] · b[(s·length+i)·tileColumns + j]
//	is stored at, or with accumulate added to, c[cRows[tileRows·t+r] + j]
//
// A row may appear twice in a tile: all of c is read before any of it is
// written, so the copies store the same values.
type tileProduct struct {
	c, a, b      *float32
	aRows, cRows *int32
	tiles        int
	segments     int // At least 1.
	length       int // At least 1.
	stride       int
	accumulate   int // 0 or 1.
}

// tileGradient multiplies the transpose of a by b, summing over pixels that lie
// on runs. Its tiles have tileRows rows or, on amd64, shortRows.
//
//	for each of tiles t, row r < rows, column j:
//		sum over runs (ra, rb, n) and i < n of
//			a[ra + i·aStep + rows·t+r] · b[rb + i·tileColumns + j]
//	is added to c[(rows·t+r)·cStep + j]
type tileGradient struct {
	c, a, b      *float32
	runs         *run
	count        int // Number of runs.
	tiles        int
	aStep, cStep int
	rows         int // Height of the tiles.
}

// A run is n pixels side by side, the first at a[a] and b[b].
type run struct{ a, b, n int32 }
