package ahead_test

import (
	"testing"

	"quarterturn/core/internal/ahead"
)

// TestHammerMaker has two makers write into memory of their own. The race
// detector, or a wrong number, shows a value that changes while it is used.
func TestHammerMaker(t *testing.T) {
	var memory [2][64]int
	maker := func(slot int) func(n int) []int {
		return func(n int) []int {
			for i := range memory[slot] {
				memory[slot][i] = n
			}
			return memory[slot][:]
		}
	}
	m := ahead.New(maker(0), maker(1))
	n := 0
	for i := range 2000 {
		switch {
		case i%17 == 16:
			n -= 3 // As after going back to a checkpoint.
		case i%29 == 28: // The same again.
		default:
			n++
		}
		for j, got := range m.Get(n) {
			if got != n {
				t.Fatalf("call %d: element %d of value %d is %d", i, j, n, got)
			}
		}
	}
}
