package collective

import (
	"sync"
	"time"
)

// A goroutineMemory is a Memory for goroutines of one program.
type goroutineMemory struct {
	mutex  sync.Mutex
	words  []int32
	stored chan struct{} // Closed and replaced at each Store.
	slots  [][]byte
}

// NewMemory returns what so many ranks share that are goroutines of one program.
func NewMemory(size int) Memory {
	return &goroutineMemory{words: make([]int32, Words(size)), stored: make(chan struct{}), slots: make([][]byte, Slots(size))}
}

func (m *goroutineMemory) Load(word int) int32 {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return m.words[word]
}

func (m *goroutineMemory) Store(word int, value int32) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.words[word] = value
	close(m.stored)
	m.stored = make(chan struct{})
}

func (m *goroutineMemory) Wait(word int, value int32, atMost time.Duration) {
	m.mutex.Lock()
	now, stored := m.words[word], m.stored
	m.mutex.Unlock()
	if now != value {
		return
	}
	late := time.NewTimer(atMost)
	defer late.Stop()
	select {
	case <-stored:
	case <-late.C:
	}
}

// Write and Read need no lock: the meeting is between a Write and the Reads of it.
func (m *goroutineMemory) Write(slot int, b []byte) {
	m.slots[slot] = append(m.slots[slot][:0], b...)
}

func (m *goroutineMemory) Read(slot int, b []byte) { copy(b, m.slots[slot]) }
