package kernel

import (
	"runtime"
	"syscall"
	"testing"
	"time"
)

// threadTime returns the processor time that the calling thread has used.
func threadTime() time.Duration {
	var usage syscall.Rusage
	const thread = 1 // RUSAGE_THREAD
	syscall.Getrusage(thread, &usage)
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// BenchmarkConvCPU is BenchmarkConv by processor time: for a machine that others
// use at the same time.
func BenchmarkConvCPU(b *testing.B) {
	benchmarkEachConv(b, 1, func(b *testing.B, flops int, pass func()) {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		start := threadTime()
		n := 0
		for b.Loop() {
			pass()
			n++
		}
		b.ReportMetric(float64(flops)*float64(n)/(threadTime()-start).Seconds()/1e9, "cpu-GFLOP/s")
	})
}
