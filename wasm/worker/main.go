//go:build js && wasm

// The worker is package lab behind messages: frames with commands come in, frames
// with events go out. The page starts one for its collection and one for each
// run.
package main

import (
	"context"
	"runtime/debug"

	"quarterturn/core/engine"
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
	backend, err := engine.New(engine.Options{Yield: yielder.Yield})
	if err != nil {
		report(run.Answer{Event: run.FailedBy(err)})
		return
	}
	l := lab.New(lab.Options{
		Backend:     backend,
		BackendName: backend.Description(),
		Report:      report,
		Yield:       yielder.Yield,
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
