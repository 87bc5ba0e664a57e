//go:build js && wasm

package main

import (
	"sync"

	"quarterturn/ui/state"
)

// An inbox is the messages that wait for the page, in order and without bound:
// those who put them are callbacks of the browser, which must never block.
type inbox struct {
	mutex   sync.Mutex
	waiting []state.Message
	filled  chan struct{} // Holds one value while waiting may have messages.
}

func newInbox() *inbox { return &inbox{filled: make(chan struct{}, 1)} }

// put adds a message. It does not block.
func (b *inbox) put(m state.Message) {
	b.mutex.Lock()
	b.waiting = append(b.waiting, m)
	b.mutex.Unlock()
	select {
	case b.filled <- struct{}{}:
	default: // The taker knows already.
	}
}

// take returns the next message and waits until there is one.
func (b *inbox) take() state.Message {
	for {
		if m, ok := b.next(); ok {
			return m
		}
		<-b.filled
	}
}

func (b *inbox) next() (state.Message, bool) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if len(b.waiting) == 0 {
		return nil, false
	}
	m := b.waiting[0]
	b.waiting = b.waiting[1:]
	return m, true
}
