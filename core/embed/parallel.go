package embed

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// A Watch hears how far a long computation is, on the goroutine that started it,
// which waits for it: in a browser this is where a message gets in. A nil Watch
// is fine.
type Watch func(Report)

// A Report is where a computation is.
type Report struct {
	Phase       Phase
	Done, Total int
}

// A Phase is what a computation is at.
type Phase string

// The phases.
const (
	Neighbouring Phase = "finding neighbours"
	Arranging    Phase = "arranging points"
	Probing      Phase = "fitting a probe"
	Measuring    Phase = "measuring clusters"
)

// in returns w for the steps of one phase.
func (w Watch) in(phase Phase, total int) func(done int) {
	return func(done int) {
		if w != nil {
			w(Report{phase, done, total})
		}
	}
}

// parallel calls task with 0 to tasks-1 on as many goroutines as there are
// processors, and returns when all are done, or those begun when ctx ends first.
// What a task does must depend on its number alone. done may be nil.
func parallel(ctx context.Context, tasks int, done func(int), task func(int)) error {
	var next, finished atomic.Int64
	work := func(report bool) {
		for ctx.Err() == nil {
			i := int(next.Add(1)) - 1
			if i >= tasks {
				return
			}
			task(i)
			n := int(finished.Add(1))
			if report && done != nil {
				done(n)
			}
		}
	}
	var helpers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), tasks) - 1 {
		helpers.Go(func() { work(false) })
	}
	work(true)
	helpers.Wait()
	return ctx.Err()
}

// blocks returns how many blocks of size cover n, and bounds returns where block
// i begins and ends.
func blocks(n, size int) int { return (n + size - 1) / size }

func bounds(i, size, n int) (first, last int) { return i * size, min((i+1)*size, n) }
