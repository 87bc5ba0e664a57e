//go:build wasm && goexperiment.simd

package peak

// vectorLoop does n rounds, at least 1, of eight sums of four numbers and writes
// what they come to.
//
//go:noescape
func vectorLoop(n int, result *[4]float32)

func loop(n int) (operations int) {
	vectorLoop(n, new([4]float32))
	return n * 8 * 4 * 2
}
