//go:build js && wasm

package web

import (
	"syscall/js"
	"time"
)

// CanShare reports whether workers of this page can have memory together: where the
// page is isolated from other origins, as our server's headers make it. Elsewhere
// browsers hide SharedArrayBuffer.
func CanShare() bool {
	return js.Global().Get("crossOriginIsolated").Truthy() && js.Global().Get("SharedArrayBuffer").Truthy()
}

// A Shared is one worker's place among those that have memory together: its rank, from
// 0, of so many. The page makes one for each worker and gives it to StartWorker, and the
// program in the worker gets it by WorkerShared.
type Shared struct {
	Rank, Size int
	buffer     js.Value
}

// NewShared returns the places of so many workers in memory of so many zero bytes.
// CanShare must be true.
func NewShared(size, bytes int) []Shared {
	buffer := js.Global().Get("SharedArrayBuffer").New(bytes)
	places := make([]Shared, size)
	for rank := range places {
		places[rank] = Shared{Rank: rank, Size: size, buffer: buffer}
	}
	return places
}

// WorkerShared returns the place of the worker that this program runs in, and whether it
// has one.
func WorkerShared() (Shared, bool) {
	given := js.Global().Get("quarterturnShared")
	if !given.Truthy() {
		return Shared{}, false
	}
	return Shared{Rank: given.Get("rank").Int(), Size: given.Get("size").Int(), buffer: given.Get("buffer")}, true
}

// value is what worker.js is given.
func (s Shared) value() js.Value {
	if s.Size == 0 {
		return js.Undefined()
	}
	v := js.Global().Get("Object").New()
	v.Set("rank", s.Rank)
	v.Set("size", s.Size)
	v.Set("buffer", s.buffer)
	return v
}

// A SharedMemory is shared memory as words and slots of bytes: it implements
// collective.Memory. Waiting blocks the worker's thread, which a page's main thread
// may not.
//
// Go's own memory is not shared, so bytes are copied to and fro.
type SharedMemory struct {
	atomics js.Value
	words   js.Value   // Int32Array
	slots   []js.Value // Uint8Array each
}

// SharedBytes returns how much memory so many words and slots take.
func SharedBytes(words, slots, slotBytes int) int { return 4*words + slots*slotBytes }

// Memory returns the shared bytes as words, and behind them slots.
func (s Shared) Memory(words, slots, slotBytes int) *SharedMemory {
	m := &SharedMemory{
		atomics: js.Global().Get("Atomics"),
		words:   js.Global().Get("Int32Array").New(s.buffer, 0, words),
	}
	for slot := range slots {
		m.slots = append(m.slots, uint8Array.New(s.buffer, SharedBytes(words, slot, slotBytes), slotBytes))
	}
	return m
}

// Load returns a word.
func (m *SharedMemory) Load(word int) int32 {
	return int32(m.atomics.Call("load", m.words, word).Int())
}

// Store changes a word and wakes those who wait for it.
func (m *SharedMemory) Store(word int, value int32) {
	m.atomics.Call("store", m.words, word, value)
	m.atomics.Call("notify", m.words, word)
}

// Wait blocks the thread until the word is stored to if it is value, or for a while.
func (m *SharedMemory) Wait(word int, value int32, atMost time.Duration) {
	m.atomics.Call("wait", m.words, word, value, float64(atMost)/float64(time.Millisecond))
}

// Write copies bytes to a slot.
func (m *SharedMemory) Write(slot int, b []byte) { js.CopyBytesToJS(m.slots[slot], b) }

// Read copies bytes from a slot.
func (m *SharedMemory) Read(slot int, b []byte) { js.CopyBytesToGo(b, m.slots[slot]) }
