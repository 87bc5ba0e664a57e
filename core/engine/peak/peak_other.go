//go:build !amd64 && !(wasm && goexperiment.simd)

package peak

func loop(n int) (operations int) { return scalarLoop(n) }
