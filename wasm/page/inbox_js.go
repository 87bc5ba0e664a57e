//go:build js && wasm

package main

import "sync"

// An inbox is the jobs that wait for the page, in order and without bound: those
// who put them are callbacks of the browser, which must never block.
type inbox struct {
	mutex  sync.Mutex
	jobs   []func()
	filled chan struct{} // Holds a value while there may be jobs.
}

func newInbox() *inbox { return &inbox{filled: make(chan struct{}, 1)} }

// put adds a job. It does not block.
func (b *inbox) put(job func()) {
	b.mutex.Lock()
	b.jobs = append(b.jobs, job)
	b.mutex.Unlock()
	select {
	case b.filled <- struct{}{}:
	default: // The taker knows already.
	}
}

// take returns the next job and waits until there is one.
func (b *inbox) take() func() {
	for {
		if job := b.next(); job != nil {
			return job
		}
		<-b.filled
	}
}

// next returns the next job, or nil.
func (b *inbox) next() func() {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if len(b.jobs) == 0 {
		return nil
	}
	job := b.jobs[0]
	b.jobs = b.jobs[1:]
	return job
}
