package peak

import (
	"testing"
	"time"
)

// TestGFLOPS checks the arithmetic with a clock of which each look takes a
// second, and that the real clock gives what is possible: more than a slow
// interpreter and less than any core.
func TestGFLOPS(t *testing.T) {
	var ticks time.Time
	second := func() time.Time { ticks = ticks.Add(time.Second); return ticks }
	if got, want := GFLOPS(1, time.Second, second), float64(loop(roundLength))/1e9; got != want {
		t.Errorf("%v GFLOPS of a round a second, want %v", got, want)
	}
	if got := GFLOPS(1, 10*time.Millisecond, time.Now); got < 0.01 || got > 1000 {
		t.Errorf("%v GFLOPS cannot be", got)
	}
}

func BenchmarkGFLOPS(b *testing.B) {
	for b.Loop() {
		b.ReportMetric(GFLOPS(1, 100*time.Millisecond, time.Now), "GFLOPS")
	}
}
