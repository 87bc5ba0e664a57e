// Package collective lets several workers compute one thing together: each has a part
// of a batch, and they add up what they made of it.
//
// A Group is one worker's end, and the worker is a rank of it, 0 to Size-1. What
// ranks share is behind the interface Memory: words to meet by and slots to put
// numbers into. NewMemory is one for goroutines; in a browser package wasm/web has
// one for Web Workers.
//
// All ranks call the same methods with slices of the same lengths in the same
// order, as MPI's collective operations want it. Sums are taken in the order of
// the ranks, so that each rank has the same bits, and the same each time. A sum
// takes place for all ranks or for none: who will not come says so by Refuse, and
// who can no more by Leave, and the others need not wait. A rank that dies without
// a word is noticed by its heart, which no longer beats.
package collective

import (
	"time"
	"unsafe"

	"quarterturn/core/fault"
)

// MaxSize bounds the ranks of a group: more cores than a run's batch has use for.
const MaxSize = 16

// SlotBytes is how much a slot holds: longer sums go through in pieces, so that what is
// shared need not grow with the network.
const SlotBytes = 512 << 10

// Errors of a Sum that did not take place.
var (
	ErrRefused = fault.New("collective", "a worker of the run was told to stop")
	ErrLeft    = fault.New("collective", "another worker of the run failed")
	ErrSilent  = fault.New("collective", "another worker of the run does not answer any more: it may have run out of memory, or was ended")
	errApart   = fault.New("collective", "the workers of the run do not compute the same")
)

// A Memory is what the ranks of a group share. Words are 0 at first. What was
// written to a slot before a Store is there for who has seen the stored word.
type Memory interface {
	// Load returns a word, of Words.
	Load(word int) int32
	// Store changes a word and wakes those who wait for it.
	Store(word int, value int32)
	// Wait returns once a word is stored to if it is value, or after a while.
	Wait(word int, value int32, atMost time.Duration)
	// Write and Read copy up to SlotBytes to and from a slot, of Slots.
	Write(slot int, b []byte)
	Read(slot int, b []byte)
}

// Words returns how many words the Memory of so many ranks has.
func Words(size int) int { return size * wordsPerRank }

// Slots returns how many slots it has. A rank has two and takes them in turn: while
// it fills one, others may still read the other.
func Slots(size int) int { return 2 * size }

// The words of a rank, which it alone stores to. Meetings are counted from 1 and
// by all ranks alike.
const (
	wordArrived = iota // The last meeting that it came to.
	wordLeft           // 1 once it comes to no more.
	wordBeat           // Counts while it lives.
	wordLength         // How many bytes it has put into its two slots.
	_
	wordsPerRank
)

// refusal is the length of what a rank puts into its slot that refuses a meeting.
const refusal = -1

const (
	slice     = 20 * time.Millisecond  // How long one waits at a time: others wake us, unless they did just before.
	heartbeat = 500 * time.Millisecond // From one beat to the next, where the rank yields often enough.
	silence   = 10 * time.Second       // Of waiting, without a beat, after which a rank is taken for dead.
)

// Options are what a main decides.
type Options struct {
	// Yield, if not nil, is called every 20 ms while a rank waits for others. In a
	// browser it lets the event loop deliver messages.
	Yield func()
}

// A Group is a rank's end. Its methods are for one goroutine at a time.
type Group struct {
	memory  Memory
	rank    int
	size    int
	yield   func()
	silence int // In slices.

	meeting int32 // The last one.
	left    bool
	sum     []float32
	other   []float32
	ended   chan struct{}
}

// New returns the end of a rank of so many. Its owner calls Close.
func New(memory Memory, rank, size int, options Options) (*Group, error) {
	if size < 1 || size > MaxSize || rank < 0 || rank >= size {
		return nil, fault.Errorf("collective", "rank %d of %d: want one of 1 to %d", rank, size, MaxSize)
	}
	g := &Group{memory: memory, rank: rank, size: size, yield: options.Yield, silence: int(silence / slice), ended: make(chan struct{})}
	if g.yield == nil {
		g.yield = func() {}
	}
	go g.live()
	return g, nil
}

// Close ends the heart. A rank that others may still wait for leaves first.
func (g *Group) Close() { close(g.ended) }

// live has the heart beat.
func (g *Group) live() {
	ticks := time.NewTicker(heartbeat)
	defer ticks.Stop()
	for beat := int32(1); ; beat++ {
		g.store(wordBeat, beat)
		select {
		case <-ticks.C:
		case <-g.ended:
			return
		}
	}
}

// Rank returns which worker this is, from 0.
func (g *Group) Rank() int { return g.rank }

// Size returns how many there are.
func (g *Group) Size() int { return g.size }

// Part returns which of n things in a row are this rank's: as many as the others', or
// one more.
func (g *Group) Part(n int) (from, to int) { return g.rank * n / g.size, (g.rank + 1) * n / g.size }

// Sum replaces each value by the sum of those of all ranks: rank 0's, plus rank
// 1's, and so on. After an error values are undefined, and ErrRefused alone
// leaves the group fit for another sum.
func (g *Group) Sum(values []float32) error {
	for len(values) > 0 {
		n := min(len(values), SlotBytes/4)
		if err := g.sumPiece(values[:n]); err != nil {
			return err
		}
		values = values[n:]
	}
	return nil
}

func (g *Group) sumPiece(values []float32) error {
	if g.size == 1 {
		return nil
	}
	turn, err := g.exchange(bytesOf(values))
	if err != nil {
		return err
	}
	for q := range g.size {
		if g.load(q, wordLength+turn) != int32(4*len(values)) {
			return errApart
		}
	}
	g.addUp(values, turn)
	return nil
}

// exchange has all ranks put bytes into their slots of a turn.
func (g *Group) exchange(b []byte) (turn int, err error) {
	if g.left {
		return 0, ErrLeft
	}
	turn = int(g.meeting+1) & 1
	g.memory.Write(2*g.rank+turn, b)
	g.store(wordLength+turn, int32(len(b)))
	if err := g.meet(); err != nil {
		return 0, err
	}
	for q := range g.size {
		if g.load(q, wordLength+turn) == refusal {
			return 0, ErrRefused
		}
	}
	return turn, nil
}

// Spread returns rank 0's bytes on all ranks; those of the others do not count.
func (g *Group) Spread(b []byte) ([]byte, error) {
	if g.size == 1 {
		return b, nil
	}
	var all []byte
	for {
		piece := b[:min(len(b), SlotBytes)]
		if g.rank > 0 {
			piece = nil
		}
		turn, err := g.exchange(piece)
		if err != nil {
			return nil, err
		}
		n := int(g.load(0, wordLength+turn))
		if n < 0 || n > SlotBytes {
			return nil, errApart
		}
		at := len(all)
		all = append(all, make([]byte, n)...)
		g.memory.Read(turn, all[at:])
		if n < SlotBytes {
			return all, nil
		}
		if g.rank == 0 {
			b = b[n:]
		}
	}
}

// addUp adds what the ranks have put into their slots of a turn.
func (g *Group) addUp(values []float32, turn int) {
	g.sum, g.other = resized(g.sum, len(values)), resized(g.other, len(values))
	for q := range g.size {
		part := values
		if q != g.rank {
			part = g.other
			g.memory.Read(2*q+turn, bytesOf(part))
		}
		if q == 0 {
			copy(g.sum, part)
			continue
		}
		for i, v := range part {
			g.sum[i] += v
		}
	}
	copy(values, g.sum)
}

// bytesOf returns the memory of numbers.
func bytesOf(values []float32) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(values))), 4*len(values))
}

// resized returns n numbers of any value, in the memory of s if there is enough.
func resized(s []float32, n int) []float32 {
	if cap(s) < n {
		return make([]float32, n)
	}
	return s[:n]
}

// meet comes to the next meeting and waits for the others.
func (g *Group) meet() error {
	g.meeting++
	g.store(wordArrived, g.meeting)
	for q := range g.size {
		if q == g.rank {
			continue
		}
		if err := g.await(q); err != nil {
			return err
		}
	}
	return nil
}

// await waits until a rank has come to the meeting.
func (g *Group) await(q int) error {
	beat, silent := g.load(q, wordBeat), 0
	for {
		arrived := g.load(q, wordArrived)
		switch {
		case arrived-g.meeting >= 0: // It may be one meeting ahead, but no more without us.
			return nil
		case g.load(q, wordLeft) != 0:
			return ErrLeft
		}
		g.memory.Wait(q*wordsPerRank+wordArrived, arrived, slice)
		if g.load(q, wordArrived) != arrived {
			continue
		}
		g.yield()
		silent++
		if now := g.load(q, wordBeat); now != beat {
			beat, silent = now, 0
		}
		if silent >= g.silence {
			return ErrSilent
		}
	}
}

// Refuse comes to the next meeting and has it fail: the Sum of all others is ErrRefused,
// and the one after it may take place. It returns when all are there.
func (g *Group) Refuse() {
	if g.size > 1 && !g.left {
		turn := int(g.meeting+1) & 1
		g.store(wordLength+turn, refusal)
		g.meet() // What the others make of it is theirs.
	}
}

// Leave says that this rank comes to no more meetings. It may be called again.
func (g *Group) Leave() {
	g.left = true
	g.store(wordLeft, 1)
	g.store(wordArrived, g.meeting) // Those who wait for this rank look again.
}

func (g *Group) load(rank, word int) int32 { return g.memory.Load(rank*wordsPerRank + word) }

func (g *Group) store(word int, value int32) { g.memory.Store(g.rank*wordsPerRank+word, value) }
