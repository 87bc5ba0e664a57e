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
	start   []chan struct{} // One per helper goroutine; the caller is worker 0.
	done    sync.WaitGroup
	job     Job
	tasks   int64
	next    atomic.Int64 // The next task nobody has taken yet.
}

// NewPool returns a Pool of so many goroutines, the calling one included. Under
// js there is one thread, so threads is taken as 1 there, as it is below 1.
// Its owner calls Close.
func NewPool(threads int) *Pool {
	if threads < 1 || runtime.GOOS == "js" {
		threads = 1
	}
	p := &Pool{threads: threads}
	for worker := 1; worker < threads; worker++ {
		start := make(chan struct{}, 1)
		p.start = append(p.start, start)
		go p.help(worker, start)
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
	if tasks <= 0 {
		return
	}
	if p == nil || p.threads == 1 || tasks == 1 {
		for task := range tasks {
			job.Task(task, 0)
		}
		return
	}
	p.job, p.tasks = job, int64(tasks)
	p.next.Store(0)
	helpers := p.start[:min(len(p.start), tasks-1)]
	p.done.Add(len(helpers))
	for _, start := range helpers {
		start <- struct{}{}
	}
	p.work(0)
	p.done.Wait()
	p.job = nil
}

// Close ends the goroutines. The Pool must not be used afterwards.
func (p *Pool) Close() {
	if p == nil {
		return
	}
	for _, start := range p.start {
		close(start)
	}
	p.start, p.threads = nil, 1
}

// help waits for work until the Pool is closed.
func (p *Pool) help(worker int, start <-chan struct{}) {
	for range start {
		p.work(worker)
		p.done.Done()
	}
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
