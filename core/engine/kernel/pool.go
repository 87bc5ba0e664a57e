package kernel

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// A Job is work cut into numbered tasks that may run in any order and at the
// same time.
type Job interface {
	// Task does one task. worker, in [0, Pool.Threads()), names the goroutine
	// that runs it, so that a Job can give each its own scratch; the result
	// must not depend on it.
	Task(task, worker int)
}

// A Pool runs the tasks of a Job on goroutines that it keeps alive between
// calls. A nil Pool runs them on the calling goroutine.
//
// Run and Close must not be called concurrently, nor from inside a task.
type Pool struct {
	threads int
	helpers []helper // The caller of Run is worker 0, helper n is worker n+1.

	// A call of Run makes round odd while tasks may be taken, and even after. A
	// helper that comes late finds an even round and leaves, so Run waits for
	// those at work and never for one that the system has not woken yet.
	round  atomic.Uint64
	active atomic.Int64 // Helpers that may be reading the fields below.
	job    Job
	tasks  int64
	next   atomic.Int64 // The next task nobody has taken yet.

	waiting atomic.Bool // Run sleeps until active is 0.
	idle    chan struct{}
}

// helper is a goroutine of a Pool.
type helper struct {
	asleep atomic.Bool
	wake   chan struct{}
}

// spins is how often a goroutine looks for a change before it sleeps: some ten
// microseconds. Rounds follow each other within a few, and waking a goroutine
// takes as long as many a round.
const spins = 10_000

// NewPool returns a Pool of so many goroutines, the calling one included. Under
// js there is one thread, so threads is taken as 1 there, as it is below 1.
// Its owner calls Close.
func NewPool(threads int) *Pool {
	if threads < 1 || runtime.GOOS == "js" {
		threads = 1
	}
	p := &Pool{threads: threads, helpers: make([]helper, threads-1), idle: make(chan struct{}, 1)}
	for n := range p.helpers {
		p.helpers[n].wake = make(chan struct{}, 1)
		go p.help(n+1, &p.helpers[n])
	}
	return p
}

// Threads returns how many goroutines run tasks: 1 for a nil Pool.
func (p *Pool) Threads() int {
	if p == nil {
		return 1
	}
	return p.threads
}

// Run does all tasks, 0 to tasks-1, and returns when the last is done. It does
// not allocate.
func (p *Pool) Run(tasks int, job Job) {
	if p == nil || p.threads == 1 || tasks <= 1 {
		for task := range tasks {
			job.Task(task, 0)
		}
		return
	}
	p.job, p.tasks = job, int64(tasks)
	p.next.Store(0)
	p.round.Add(1)
	for n := range p.helpers[:min(len(p.helpers), tasks-1)] {
		if h := &p.helpers[n]; h.asleep.CompareAndSwap(true, false) {
			h.wake <- struct{}{}
		}
	}
	p.work(0)
	p.round.Add(1)
	p.await()
	p.job = nil
}

// Close ends the goroutines. The Pool must not be used afterwards.
func (p *Pool) Close() {
	if p == nil {
		return
	}
	for n := range p.helpers {
		close(p.helpers[n].wake)
	}
	p.threads = 1
}

// work takes tasks until none are left.
func (p *Pool) work(worker int) {
	for {
		task := p.next.Add(1) - 1
		if task >= p.tasks {
			return
		}
		p.job.Task(int(task), worker)
	}
}

// await returns when no helper is at work.
func (p *Pool) await() {
	for range spins {
		if p.active.Load() == 0 {
			return
		}
	}
	for p.active.Load() != 0 {
		p.waiting.Store(true)
		// The last helper may have left just before it could see waiting.
		if p.active.Load() == 0 && p.waiting.CompareAndSwap(true, false) {
			return
		}
		<-p.idle
	}
}

// leave is called by a helper that has added itself to active.
func (p *Pool) leave() {
	if p.active.Add(-1) == 0 && p.waiting.CompareAndSwap(true, false) {
		p.idle <- struct{}{}
	}
}

// help takes part in rounds until the Pool is closed.
func (p *Pool) help(worker int, h *helper) {
	for served := uint64(0); p.rest(h, served); {
		p.active.Add(1)
		if served = p.round.Load(); served%2 == 1 {
			p.work(worker)
		}
		p.leave()
	}
}

// rest returns true when there is a round after the one served, and false when
// the Pool is closed.
func (p *Pool) rest(h *helper, served uint64) bool {
	for range spins {
		if p.calls(served) {
			return true
		}
	}
	h.asleep.Store(true)
	// A round that began just before saw this helper awake.
	if p.calls(served) && h.asleep.CompareAndSwap(true, false) {
		return true
	}
	_, open := <-h.wake
	return open
}

// calls reports whether a round other than the one served is under way.
func (p *Pool) calls(served uint64) bool {
	round := p.round.Load()
	return round%2 == 1 && round != served
}

// A recycler keeps values of one Job type between calls: a Job handed to
// Pool.Run escapes to the heap, and no kernel may allocate in the steady state.
type recycler[T any] struct{ pool sync.Pool }

func (r *recycler[T]) get() *T {
	if v, ok := r.pool.Get().(*T); ok {
		return v
	}
	return new(T)
}

// put takes v back, cleared, so that it does not keep the caller's slices alive.
func (r *recycler[T]) put(v *T) {
	var zero T
	*v = zero
	r.pool.Put(v)
}
