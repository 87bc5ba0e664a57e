//go:build js && wasm

package main

import (
	"quarterturn/core/collective"
	"quarterturn/core/run"
	"quarterturn/ui/state"
	"quarterturn/wasm/web"
)

// A group is a worker, or several that compute runs together, in the order of their
// ranks.
type group []*web.Worker

// handler hears a worker's answers, and of its death.
func (p *page) handler(id state.WorkerID) web.WorkerHandler {
	return web.WorkerHandler{
		Frame: func(f web.Frame) { p.tell(state.Heard{From: id, Answer: p.answer(f)}) },
		Died:  func(reason string) { p.tell(state.Died{Worker: id, Reason: reason}) },
	}
}

func (p *page) startWorker(id state.WorkerID) {
	p.endWorker(id)
	p.workers[id] = group{web.StartWorker("worker.js", web.Gifts{Manners: p.mannersOf(id)}, p.handler(id))}
}

// mannersOf are those of the workers that nobody waits for while he waits for the page. The
// lab's is asked for what the page is to show.
func (p *page) mannersOf(id state.WorkerID) *web.Manners {
	if id <= state.Lab {
		return nil
	}
	return p.manners
}

// startGroup starts workers that have memory together. What those say that follow is of
// no interest; one that dies ends all.
func (p *page) startGroup(id state.WorkerID, size int) {
	p.endWorker(id)
	bytes := web.SharedBytes(collective.Words(size), collective.Slots(size), collective.SlotBytes)
	var workers group
	for _, place := range web.NewShared(size, bytes) {
		handler := p.handler(id)
		if place.Rank > 0 {
			handler.Frame = func(web.Frame) {}
		}
		died := handler.Died
		handler.Died = func(reason string) {
			workers.end()
			died(reason)
		}
		workers = append(workers, web.StartWorker("worker.js", web.Gifts{Place: place, Manners: p.manners}, handler))
	}
	p.workers[id] = workers
}

func (p *page) endWorker(id state.WorkerID) {
	p.workers[id].end()
	delete(p.workers, id)
}

// order gives the workers of a group an order, or the first alone.
func (p *page) order(to group, order run.Order) {
	for rank, worker := range to {
		if rank == 0 || run.ForAllWorkers(order.Command) {
			p.send(worker, order)
		}
	}
}

// end ends all workers at once. It may be called again.
func (g group) end() {
	for _, worker := range g {
		worker.Terminate()
	}
}
