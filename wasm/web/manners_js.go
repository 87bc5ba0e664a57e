//go:build js && wasm

package web

import (
	"syscall/js"
	"time"
)

// Manners have workers rest while a person waits for the page to answer: where there are as
// many of them as cores, what draws the answer would get half of one. The page asks at
// each input, until it has painted. It asks by a word of shared memory, since a worker hears
// messages only between two pieces of its work.
//
// The word counts up: it is odd while the page asks. A nil *Manners is that of pages whose
// workers share no memory: nobody rests.
type Manners struct {
	atomics, words js.Value
	value          int32     // Of the word: only the page writes it, and a worker keeps what it last rested for.
	began, ready   time.Time // When the page asked, and from when on it may ask again.
}

// restAtMost bounds a rest, as when the page is hidden while it asks.
const restAtMost = 100 * time.Millisecond

// NewManners returns the page's. It is nil where workers share no memory.
func NewManners() *Manners {
	if !CanShare() {
		return nil
	}
	return mannersIn(js.Global().Get("SharedArrayBuffer").New(4))
}

// WorkerManners returns those that the page gave to the worker that this program runs in.
func WorkerManners() *Manners {
	buffer := js.Global().Get("quarterturnManners")
	if !buffer.Truthy() {
		return nil
	}
	return mannersIn(buffer)
}

func mannersIn(buffer js.Value) *Manners {
	return &Manners{atomics: js.Global().Get("Atomics"), words: js.Global().Get("Int32Array").New(buffer)}
}

// given is what worker.js gets.
func (m *Manners) given() js.Value {
	if m == nil {
		return js.Undefined()
	}
	return m.words.Get("buffer")
}

// Watch asks at each input from now on: while a button of the mouse or a finger is down, and
// until what a click or a key does is painted.
func (m *Manners) Watch() {
	if m == nil {
		return
	}
	listen("pointerdown", func(js.Value) { m.ask() })
	for _, name := range []string{"keydown", "input"} {
		listen(name, func(js.Value) {
			m.ask()
			m.thankWhenPainted()
		})
	}
	listen("click", func(event js.Value) {
		if event.Get("detail").Int() > 0 { // Else a key made it, and has asked.
			m.renew()
			m.thankWhenPainted()
		}
	})
	listen("pointercancel", func(js.Value) { m.thank() })
}

// ask has the workers rest. For as long as they rested they work before they are asked
// again, so that a key held down does not end the training.
func (m *Manners) ask() {
	if now := time.Now(); !m.asks() && !now.Before(m.ready) {
		m.began = now
		m.store(m.value + 1)
	}
}

// renew asks again, whoever has rested enough meanwhile.
func (m *Manners) renew() {
	if m.asks() {
		m.store(m.value + 2)
		return
	}
	m.began = time.Now()
	m.store(m.value + 1)
}

func (m *Manners) asks() bool { return m.value%2 == 1 }

// thankWhenPainted ends the rest once what was asked for is there: when a frame is asked for
// the next one is not yet painted, which the third is too late to hinder.
func (m *Manners) thankWhenPainted() {
	NextFrame(func() { NextFrame(func() { NextFrame(m.thank) }) })
}

// thank ends what ask began.
func (m *Manners) thank() {
	if !m.asks() {
		return
	}
	m.store(m.value + 1)
	now := time.Now()
	m.ready = now.Add(min(now.Sub(m.began), restAtMost))
}

// store changes the word, and wakes those who wait.
func (m *Manners) store(value int32) {
	m.value = value
	m.atomics.Call("store", m.words, 0, m.value)
	m.atomics.Call("notify", m.words, 0)
}

// Asked reports, in a worker, that the page asks for a rest that was not had yet.
func (m *Manners) Asked() bool {
	if m == nil {
		return false
	}
	value := int32(m.atomics.Call("load", m.words, 0).Int())
	return value%2 == 1 && value != m.value
}

// Rest blocks the worker's thread while the page asks.
func (m *Manners) Rest() {
	if !m.Asked() {
		return
	}
	m.value = int32(m.atomics.Call("load", m.words, 0).Int())
	m.atomics.Call("wait", m.words, 0, m.value, float64(restAtMost)/float64(time.Millisecond))
}
