// Package ahead makes the next value of a sequence while the present one is used.
package ahead

// A Maker makes values of a sequence, one ahead. Its methods are for one
// goroutine at a time.
type Maker[T any] struct {
	make   [2]func(n int) T
	turn   int    // Which of the two makes next.
	coming chan T // The value of number next, or nil.
	next   int
}

// New returns a Maker of values that even and odd make by turns, never both at a
// time, on goroutines of the Maker's. The two must share no memory that they
// write, because while one makes a value, the last of the other is in use.
func New[T any](even, odd func(n int) T) *Maker[T] {
	return &Maker[T]{make: [2]func(int) T{even, odd}}
}

// Get returns value n and begins with value n+1. The value before may be
// overwritten from then on. Asking for another value than the next is allowed and
// costs the time to make it.
func (m *Maker[T]) Get(n int) T {
	value := m.take(n)
	makeNext := m.make[m.turn]
	coming := make(chan T, 1) // Has room: nobody need wait for a value that is not wanted.
	m.turn, m.next, m.coming = 1-m.turn, n+1, coming
	go func() { coming <- makeNext(n + 1) }()
	return value
}

// take returns the value that is coming, if it is the one, or makes it.
func (m *Maker[T]) take(n int) T {
	if m.coming != nil {
		if value := <-m.coming; m.next == n {
			return value
		}
	}
	value := m.make[m.turn](n)
	m.turn = 1 - m.turn
	return value
}
