//go:build amd64

package peak

import "golang.org/x/sys/cpu"

// fmaLoop does n rounds of twelve sums of eight numbers.
//
//go:noescape
func fmaLoop(n int)

func loop(n int) (operations int) {
	if !cpu.X86.HasFMA || !cpu.X86.HasAVX2 {
		return scalarLoop(n)
	}
	fmaLoop(n)
	return n * 12 * 8 * 2
}
