package term

import (
	"testing"
	"time"
)

// TestForesight: the first step, for which a compiler took twenty seconds, is no measure of
// the others, and neither is a moment.
func TestForesight(t *testing.T) {
	var f foresight
	began := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		after      time.Duration
		done, toDo int
		left       time.Duration
		ok         bool
	}{
		{20 * time.Second, 1, 999, 0, false},
		{24 * time.Second, 21, 979, 0, false},                        // Too early,
		{25 * time.Second, 5, 995, 0, false},                         // and too few.
		{30 * time.Second, 101, 899, 89900 * time.Millisecond, true}, // A hundred steps in ten seconds.
		{40 * time.Second, 201, 0, 0, true},
	} {
		left, ok := f.left(began.Add(tt.after), tt.done, tt.toDo)
		if left != tt.left || ok != tt.ok {
			t.Errorf("after %v and %d steps: %v, %v, want %v, %v", tt.after, tt.done, left, ok, tt.left, tt.ok)
		}
	}
}
