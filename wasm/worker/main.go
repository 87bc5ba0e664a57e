//go:build js && wasm

// The worker is package lab behind messages: frames with commands come in, frames
// with events go out. The page starts one for its collection and one for each
// run.
package main

import (
	"context"
	"runtime/debug"

	"quarterturn/core/collective"
	"quarterturn/core/engine"
	"quarterturn/core/keep"
	"quarterturn/core/lab"
	"quarterturn/core/run"
	"quarterturn/wasm/web"
	"quarterturn/wasm/wire"
)

// A WebAssembly memory never shrinks, so garbage is collected early: at half of
// what lives instead of Go's default of all of it.
const gcPercent = 50

func main() {
	debug.SetGCPercent(gcPercent)
	port := web.WorkerPort()
	report := func(a run.Answer) { port.Post(wire.EncodeAnswer(a)) }
	yielder := web.NewYielder()
	defer yielder.Close()
	// The engine yields within a step too, so that Stop does not wait for one of
	// ResNet-18, which takes seconds.
	manners := web.WorkerManners()
	yield := func() {
		manners.Rest() // Before: what the person did has come by then.
		yielder.Yield()
	}
	group, err := groupOf(yield)
	if err != nil {
		report(run.Answer{Event: run.FailedBy(err)})
		return
	}
	backend, err := engine.New(engine.Options{Yield: yield, Urgent: manners.Asked, Group: group})
	if err != nil {
		report(run.Answer{Event: run.FailedBy(err)})
		return
	}
	disk := web.NewDisk()
	l := lab.New(lab.Options{
		Backend:     backend,
		BackendName: backend.Description(),
		BackendKind: "engine",
		Report:      report,
		Yield:       yield,
		Group:       group,
		Store:       keep.New(disk),
		Storing:     func() run.Storing { return storing(disk) },
		Open:        port.Open,
	})
	port.Receive(func(frame []byte) {
		order, err := wire.DecodeOrder(frame)
		if err != nil {
			report(run.Answer{To: order.Number, Event: run.FailedBy(err)})
			return
		}
		l.Post(order)
	})
	l.Run(context.Background())
}

// storing says where things are kept, and how much room there is.
func storing(disk *web.Disk) run.Storing {
	used, room, _ := web.Estimate() // Where the browser does not say, neither does the page.
	return run.Storing{Kind: disk.Kind(), Forgets: disk.Forgets(), Used: used, Room: room}
}

// groupOf returns the workers that this one computes runs with, nil if it is alone.
func groupOf(yield func()) (*collective.Group, error) {
	place, ok := web.WorkerShared()
	if !ok {
		return nil, nil
	}
	memory := place.Memory(collective.Words(place.Size), collective.Slots(place.Size), collective.SlotBytes)
	return collective.New(memory, place.Rank, place.Size, collective.Options{Yield: yield})
}
