package lab

import (
	"context"
	"slices"
	"sync"

	"quarterturn/core/run"
)

// A queued order has a gate if it can be paused or stopped.
type queued struct {
	run.Order
	gate *gate
	rest func() error // Of an order that was begun, what is left to do; nil for all.
}

// A queue holds commands in order. It has no bound: the page sends few, and
// refusing one would leave the page waiting for its answer.
type queue struct {
	mutex  *sync.Mutex
	orders []queued
	newest *gate         // Of the last command that has one: what Pause, Stop and Flush mean.
	open   []queued      // Orders with a gate that have not ended.
	hurry  bool          // Flush came: what waits to be kept is kept at once.
	filled chan struct{} // Has a value when there may be something new.
	steps  interrupter   // Nil if the backend is none.
}

func newQueue(steps interrupter) queue {
	return queue{mutex: new(sync.Mutex), filled: make(chan struct{}, 1), steps: steps}
}

func (q *queue) post(o run.Order) {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	switch o.Command.(type) {
	case run.Pause, run.Resume, run.Stop, run.Flush:
		if q.newest != nil {
			q.newest.set(o.Command)
		}
		if _, ok := o.Command.(run.Flush); ok {
			q.hurry = true
			q.wake()
		}
		return
	case run.Cancel:
		q.cancel(o.Command.(run.Cancel).Order)
		return
	}
	next := queued{Order: o}
	switch o.Command.(type) {
	case run.Start, run.Score, run.Ask, run.Probe, run.Map, run.Look:
		next.gate = newGate(q.steps)
		q.newest = next.gate
		q.open = append(q.open, next)
	}
	q.push(next)
}

// push puts an order behind all others. The caller holds the mutex.
func (q *queue) push(o queued) {
	q.orders = append(q.orders, o)
	q.wake()
}

// wake tells whoever waits that there is something new.
func (q *queue) wake() {
	select {
	case q.filled <- struct{}{}:
	default:
	}
}

// again puts an order of which something is left to do behind those that wait.
func (q *queue) again(o queued, rest func() error) {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	o.rest = rest
	q.push(o)
}

// cancel stops the order of a number, if it has not ended.
func (q *queue) cancel(n run.Number) {
	for _, o := range q.open {
		if o.Number == n {
			o.gate.set(run.Stop{})
		}
	}
}

// end forgets an order.
func (q *queue) end(o queued) {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	q.open = slices.DeleteFunc(q.open, func(other queued) bool { return o.gate != nil && other.gate == o.gate })
}

// waits reports whether there are orders that wait.
func (q *queue) waits() bool {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	return len(q.orders) > 0
}

// renew returns a gate in the place of an order's whose run is over while something of
// the order is left to do, which a Stop from now on is to end.
func (q *queue) renew(over *gate) *gate {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	over.finish()
	fresh := newGate(q.steps)
	fresh.begin()
	for i := range q.open {
		if q.open[i].gate == over {
			q.open[i].gate = fresh
		}
	}
	if q.newest == over {
		q.newest = fresh
	}
	return fresh
}

// hurried reports whether Flush came since it was last asked.
func (q *queue) hurried() bool {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	was := q.hurry
	q.hurry = false
	return was
}

// pop removes and returns the first order if wanted agrees.
func (q *queue) pop(wanted func(queued) bool) (queued, bool) {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	if len(q.orders) == 0 || !wanted(q.orders[0]) {
		return queued{}, false
	}
	o := q.orders[0]
	q.orders = q.orders[1:]
	return o, true
}

// A gate lets a run through, holds it, has it kept, or ends it. set may be called while
// the run is still queued.
type gate struct {
	mutex   sync.Mutex
	paused  bool
	keeps   bool          // Somebody listens to Flush.
	breaks  bool          // Flush breaks off the step in progress.
	flush   bool          // Flush came, and nobody has heard of it yet.
	begun   bool          // The backend computes for it: only then is it to be interrupted.
	over    bool          // The run ended: nothing is to be interrupted any more.
	changed chan struct{} // Closed and replaced at each change.
	stop    chan struct{} // Closed by Stop.
	once    sync.Once
	steps   interrupter
}

// An interrupter is a backend that can give up a step half way, without harm to
// the weights. Others finish the step first.
type interrupter interface {
	Interrupt()
	ClearInterrupt()
}

func newGate(steps interrupter) *gate {
	return &gate{changed: make(chan struct{}), stop: make(chan struct{}), steps: steps}
}

// begin says that the backend computes for the run from now on, and for no other.
func (g *gate) begin() {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.begun = true
	select {
	case <-g.stop:
		if g.steps != nil && !g.over {
			g.steps.Interrupt()
		}
	default:
	}
}

// finish says that the run ended. An interruption that came too late for it must
// not hit the next command.
func (g *gate) finish() {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.over = true
	if g.steps != nil {
		g.steps.ClearInterrupt()
	}
}

func (g *gate) set(c run.Command) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	switch c.(type) {
	case run.Stop:
		g.once.Do(func() { close(g.stop) })
		if g.steps != nil && g.begun && !g.over {
			g.steps.Interrupt()
		}
	case run.Pause:
		g.paused = true
	case run.Resume:
		g.paused = false
	case run.Flush:
		if !g.keeps {
			return
		}
		g.flush = true
		if g.steps != nil && g.breaks {
			g.steps.Interrupt()
		}
	}
	close(g.changed)
	g.changed = make(chan struct{})
}

// context returns a context that is done when parent is or the gate was told to
// stop.
func (g *gate) context(parent context.Context) context.Context {
	ctx, cancel := context.WithCancel(parent)
	go func() {
		select {
		case <-g.stop:
		case <-parent.Done():
		}
		cancel()
	}()
	return stopping{ctx, g.stop}
}

// stopping is a context that is done as soon as stop is closed, not only once
// the goroutine that watches stop had its turn.
type stopping struct {
	context.Context
	stop <-chan struct{}
}

func (s stopping) Err() error {
	select {
	case <-s.stop:
		return context.Canceled
	default:
		return s.Context.Err()
	}
}

// listen says whether somebody hears of Flush from now on, and whether it breaks off the
// step in progress.
func (g *gate) listen(keeps, breaks bool) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.keeps, g.breaks = keeps, breaks
}

// flushed reports whether Flush came since it was last asked.
func (g *gate) flushed() bool {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	was := g.flush
	g.flush = false
	if was && g.steps != nil {
		g.steps.ClearInterrupt() // If Stop came as well, its context says so.
	}
	return was
}

func (g *gate) isFlushing() bool {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	return g.flush
}

// breaking is a context that is done when parent is, or while nobody has heard of a
// Flush.
type breaking struct {
	context.Context
	gate *gate
}

func (b breaking) Err() error {
	if b.gate.isFlushing() {
		return context.Canceled
	}
	return b.Context.Err()
}

// wait blocks while the gate is paused; onPause is called before and after, and hold
// to wait until changed is closed, or for something else.
func (g *gate) wait(ctx context.Context, onPause func(paused bool), hold func(changed <-chan struct{})) {
	held := false
	for {
		g.mutex.Lock()
		paused, changed := g.paused, g.changed
		g.mutex.Unlock()
		if !paused || ctx.Err() != nil {
			break
		}
		if !held {
			held = true
			onPause(true)
		}
		hold(changed)
	}
	if held && ctx.Err() == nil {
		onPause(false)
	}
}
