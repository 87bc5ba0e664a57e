package term

import (
	"bytes"
	"strings"
	"testing"

	"quarterturn/core/run"
	"quarterturn/core/runs"
)

// TestBenchWithoutPeak checks that a device is not compared with the processor.
func TestBenchWithoutPeak(t *testing.T) {
	for _, asJSON := range []bool{false, true} {
		var out bytes.Buffer
		r := run.Benched{Phase: "train", Depth: 8, Width: 16, Batch: 32, ImagesPerSecond: 1000, GFLOPS: 10}
		p := BenchPrinter{JSON: asJSON}
		if err := p.Print(&Terminal{Out: &out}, "xla:plugin.so", runs.Hardware{}, r, 1); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(out.String(), "%") || strings.Contains(out.String(), "peak") {
			t.Errorf("bench prints %q", out.String())
		}
	}
}
