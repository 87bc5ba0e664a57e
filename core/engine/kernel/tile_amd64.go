//go:build amd64

package kernel

// 6×16 sums take 12 of the 16 vector registers of eight floats.
const (
	tileRows    = 6
	tileColumns = 16

	// shortRows is the height of tileGradient's smaller tiles. Their eight sums
	// still hide the latency of a fused multiplication (4 cycles, two a cycle).
	shortRows = 4
)

// hasFMA reports whether the processor and the system support AVX2 and FMA.
var hasFMA = detectFMA()

func detectFMA() bool {
	const (
		fma, osxsave, avx = 1 << 12, 1 << 27, 1 << 28
		avx2              = 1 << 5
		ymmState          = 0b110 // The system saves XMM and YMM registers.
	)
	highest, _, _, _ := cpuid(0, 0)
	if highest < 7 {
		return false
	}
	_, _, c, _ := cpuid(1, 0)
	if c&fma == 0 || c&osxsave == 0 || c&avx == 0 || xgetbv()&ymmState != ymmState {
		return false
	}
	_, b, _, _ := cpuid(7, 0)
	return b&avx2 != 0
}

func cpuid(leaf, subleaf uint32) (a, b, c, d uint32)

// xgetbv returns the low half of the extended control register 0.
func xgetbv() uint32

// multiplyFMA is tileProduct.run with AVX2 and FMA. It counts t.tiles down.
//
//go:noescape
func multiplyFMA(t *tileProduct)

// gradient6FMA is tileGradient.run for tiles of six rows with AVX2 and FMA. It
// counts t.tiles down.
//
//go:noescape
func gradient6FMA(t *tileGradient)

// gradient4FMA is gradient6FMA for tiles of four rows.
//
//go:noescape
func gradient4FMA(t *tileGradient)

// run computes the tiles. t is used up.
func (t *tileProduct) run() {
	if hasFMA {
		multiplyFMA(t)
		return
	}
	t.runReference()
}

// run computes the tiles. t is used up.
func (t *tileGradient) run() {
	switch {
	case !hasFMA:
		t.runReference()
	case t.rows == tileRows:
		gradient6FMA(t)
	default:
		gradient4FMA(t)
	}
}

// cutRows returns how many tiles of six and of four rows make up all rows, or
// all but the last five or fewer.
func cutRows(rows int) (tall, short int) {
	switch rest := rows % tileRows; {
	case rest == 4:
		return rows / tileRows, 1
	case rest == 2 && rows > tileRows:
		return rows/tileRows - 1, 2
	default:
		return rows / tileRows, 0
	}
}
