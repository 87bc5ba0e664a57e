//go:build js && wasm

package main

import (
	"encoding/binary"
	"runtime"

	"quarterturn/core/run"
	"quarterturn/wasm/web"
	"quarterturn/wasm/wire"
)

// parcels are frames with pictures that go from one worker to another. Ten thousand
// pictures are 30 MB, which Go's memory, that never shrinks, shall not hold. In the
// state a ticket stands in the place of the bytes; the frame goes with the order that is the
// last to need it, or when nothing has the ticket any more.
type parcels struct {
	held map[uint64]web.Frame
	next uint64
}

// ticketBytes are enough to have memory of their own, on which a cleanup relies: Go puts
// smaller things together.
const ticketBytes = 16

// keep keeps a frame and returns its ticket. gone is called on a goroutine of its own
// once that is not needed any more, with what forget takes.
func (p *parcels) keep(f web.Frame, gone func(number uint64)) []byte {
	p.next++
	p.held[p.next] = f
	ticket := new([ticketBytes]byte)
	binary.LittleEndian.PutUint64(ticket[:], p.next)
	runtime.AddCleanup(ticket, gone, p.next)
	return ticket[:]
}

func (p *parcels) forget(number uint64) { delete(p.held, number) }

// find returns the frame of a ticket.
func (p *parcels) find(ticket []byte) (web.Frame, bool) {
	if len(ticket) != ticketBytes {
		return web.Frame{}, false
	}
	f, ok := p.held[binary.LittleEndian.Uint64(ticket)]
	return f, ok
}

// answer decodes a frame of a worker; what is sealed is kept.
func (p *page) answer(f web.Frame) run.Answer {
	if answer, ok := wire.SealedAnswer(f.Head(wire.HeadBytes)); ok {
		ticket := p.parcels.keep(f, func(number uint64) { p.inbox.put(func() { p.parcels.forget(number) }) })
		switch answer.Event.(type) {
		case run.PicturesPacked:
			answer.Event = run.PicturesPacked{Blob: ticket}
		case run.PicturesDecoded:
			answer.Event = run.PicturesDecoded{Blob: ticket}
		}
		return answer
	}
	answer, err := wire.DecodeAnswer(f.Bytes())
	if err != nil {
		// Page and worker come from the same build, unless the browser
		// mixes an old file with a new one.
		answer.Event = run.Failed{Reason: "the worker's report could not be read: reload the page"}
	}
	return answer
}

// send posts an order, with the files that it names before it.
func (p *page) send(to *web.Worker, order run.Order) {
	for _, source := range sourcesOf(order.Command) {
		if file, ok := p.files[source.Key]; ok {
			to.PostFile(source.Key, file)
		}
	}
	if head, ticket, ok := wire.SealedOrder(order); ok {
		if frame, ok := p.parcels.find(ticket); ok {
			if _, isLast := order.Command.(run.TakePictures); isLast { // Runs are given the same pictures again.
				p.parcels.forget(binary.LittleEndian.Uint64(ticket))
				frame.SetHead(head)
			} else {
				frame = frame.Under(head)
			}
			to.PostFrame(frame)
			return
		}
	}
	to.Post(wire.EncodeOrder(order))
}

// sourcesOf returns the files that a worker has to read for a command.
func sourcesOf(c run.Command) []run.Source {
	switch c := c.(type) {
	case run.ListArchive:
		return []run.Source{c.Source}
	case run.DecodePictures:
		return c.Sources
	}
	return nil
}
