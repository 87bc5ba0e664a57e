// Package ranks has what goroutines of a test share that stand for the workers of a run.
package ranks

import (
	"sync"
	"time"
)

// A Memory is a collective.Memory for goroutines of one program.
type Memory struct {
	mutex  sync.Mutex
	words  []int32
	stored chan struct{} // Closed and replaced at each Store.
	slots  [][]byte
}

// NewMemory returns one of so many words and slots.
func NewMemory(words, slots int) *Memory {
	return &Memory{words: make([]int32, words), stored: make(chan struct{}), slots: make([][]byte, slots)}
}

// Load returns a word.
func (m *Memory) Load(word int) int32 {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return m.words[word]
}

// Store changes a word and wakes all who wait.
func (m *Memory) Store(word int, value int32) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.words[word] = value
	close(m.stored)
	m.stored = make(chan struct{})
}

// Wait returns once something is stored if the word is value, or after a while.
func (m *Memory) Wait(word int, value int32, atMost time.Duration) {
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

// Write and Read need no lock: the ranks' meeting is between a Write and the Reads of it.

// Write copies bytes to a slot.
func (m *Memory) Write(slot int, b []byte) {
	m.slots[slot] = append(m.slots[slot][:0], b...)
}

// Read copies bytes from a slot.
func (m *Memory) Read(slot int, b []byte) { copy(b, m.slots[slot]) }
