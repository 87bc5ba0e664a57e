package engine_test

import (
	"fmt"
	"testing"
)

var (
	resnet8  = network{blocks: []int{1, 1, 1}, width: 16, classes: 10, size: 32, batch: 32}
	resnet18 = network{blocks: []int{2, 2, 2, 2}, width: 64, classes: 10, size: 32, batch: 32}
)

// BenchmarkStep times a training step. With -v it also says where the time went.
func BenchmarkStep(b *testing.B) {
	for _, bench := range []struct {
		name string
		network
	}{{"resnet8", resnet8}, {"resnet18", resnet18}} {
		b.Run(fmt.Sprintf("net=%s/width=%d/batch=%d", bench.name, bench.width, bench.batch), func(b *testing.B) {
			backend := newEngine(b, 0)
			t := newTrainer(backend, bench.network, 1)
			mustStep(b, t)
			b.ReportAllocs()
			backend.StartProfile()
			for b.Loop() {
				mustStep(b, t)
			}
			b.ReportMetric(float64(t.batch*b.N)/b.Elapsed().Seconds(), "images/s")
			b.ReportMetric(float64(backend.ArenaBytes())/(1<<20), "arena-MiB")
			b.Logf("%d steps\n%s", b.N, backend.StopProfile().Table(b.N, 0))
		})
	}
}

func mustStep(tb testing.TB, t *trainer) {
	tb.Helper()
	if _, err := t.step(1e-3); err != nil {
		tb.Fatal(err)
	}
}
