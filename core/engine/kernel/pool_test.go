package kernel

import (
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
)

// countingJob counts how often each task runs.
type countingJob struct {
	counts  []atomic.Int32
	threads int
	wrong   atomic.Bool
}

func (c *countingJob) Task(task, worker int) {
	if worker < 0 || worker >= c.threads {
		c.wrong.Store(true)
	}
	c.counts[task].Add(1)
}

func TestPoolHammer(t *testing.T) {
	for _, threads := range []int{0, 1, 2, 3, 8} {
		pool := NewPool(threads)
		for tasks := range 40 {
			job := &countingJob{counts: make([]atomic.Int32, tasks), threads: pool.Threads()}
			pool.Run(tasks, job)
			for i := range job.counts {
				if n := job.counts[i].Load(); n != 1 {
					t.Fatalf("%d threads: task %d of %d ran %d times", threads, i, tasks, n)
				}
			}
			if job.wrong.Load() {
				t.Fatalf("%d threads: a worker's number is out of range", threads)
			}
		}
		pool.Close()
	}
	var none *Pool
	none.Run(3, &countingJob{counts: make([]atomic.Int32, 3), threads: 1})
	none.Close()
}

// TestSameBitsForAnyNumberOfThreads runs every kernel that takes a Pool on 1 to 5
// goroutines.
func TestSameBitsForAnyNumberOfThreads(t *testing.T) {
	c := Conv{4, 33, 18, 20, 40, 3, 3, 2, 1, 1, 1, 1, 1}
	rng := rand.New(rand.NewPCG(6, 6))
	in, weights, gradOut := random(rng, c.inLen()).data, random(rng, c.weightLen()).data, random(rng, c.outLen()).data
	var first []float32
	for threads := 1; threads <= 5; threads++ {
		pool := NewPool(threads)
		out, gradIn, gradWeights := make([]float32, c.outLen()), make([]float32, c.inLen()), make([]float32, c.weightLen())
		c.Forward(pool, out, in, weights, make([]float32, c.ForwardScratchFloats(threads)))
		c.InputGradient(pool, gradIn, gradOut, weights, make([]float32, c.InputGradientScratchFloats(threads)))
		c.WeightGradient(pool, gradWeights, in, gradOut, make([]float32, c.WeightGradientScratchFloats(threads)))
		all := slices.Concat(out, gradIn, gradWeights)
		if first == nil {
			first = all
		}
		if !slices.Equal(all, first) {
			t.Errorf("%d threads give other bits than one", threads)
		}
		pool.Close()
	}
}

func TestKernelsDoNotAllocate(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector makes sync.Pool forget at random")
	}
	pool := NewPool(2)
	defer pool.Close()
	c := square(2, 16, 16, 32, 3, 2, 1)
	in, weights, out := make([]float32, c.inLen()), make([]float32, c.weightLen()), make([]float32, c.outLen())
	scratch := make([]float32, c.ForwardScratchFloats(2)+c.InputGradientScratchFloats(2)+c.WeightGradientScratchFloats(2))
	n := testing.AllocsPerRun(50, func() {
		c.Forward(pool, out, in, weights, scratch)
		c.InputGradient(pool, in, out, weights, scratch)
		c.WeightGradient(pool, weights, in, out, scratch)
	})
	// A garbage collection in between may empty the recyclers, hence not 0.
	if n >= 1 {
		t.Errorf("%v allocations per run", n)
	}
}

type nothing struct{}

func (nothing) Task(task, worker int) {}

// BenchmarkPool measures what a call of Run costs beside its tasks.
func BenchmarkPool(b *testing.B) {
	pool := NewPool(2)
	defer pool.Close()
	for b.Loop() {
		pool.Run(2, nothing{})
	}
}
