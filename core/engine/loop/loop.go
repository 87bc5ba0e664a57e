// Package loop runs chains of elementwise float32 operations over arrays in one
// pass: programs of a few instructions, each of which handles a block of positions
// that stays in the first-level cache. It knows slices and how they are read, and
// nothing of the graph that a program was made from.
//
// The one invariant to know: blocks and chunks depend on the shape alone, and so
// does the order of all sums, so that any number of threads gives the same bits.
package loop

import (
	"slices"

	"quarterturn/core/engine/kernel"
)

const (
	// blockFloats is how many positions an instruction handles at once: 4 KiB of
	// each array, so that the handful which a loop touches stay in a first-level
	// cache of 32 KiB while the next instructions run over them.
	blockFloats = 1024
	// MaxRow is the longest row that is summed, or repeated, within a block.
	MaxRow = 8192
	// chunkFloats is how many positions one task of the pool handles, unless
	// there would be more than maxChunks of them in a loop that sums.
	chunkFloats = 16 * blockFloats
	maxChunks   = 128
	// minLanes is the least row length that is summed: narrower rows are taken
	// several at a time, so that they fill four vectors.
	minLanes = 32
)

// A Program is what a loop computes at each of its positions, and what it sums up
// on the way.
type Program struct {
	Size      int // Positions, at least 1.
	Row       int // Length of the rows that sums add up, at most MaxRow; 0 without sums.
	Reads     []Read
	Writes    int   // Arrays of Size floats.
	Sums      []int // The length of each: Row, or 1 for the sum over everything.
	Numbers   int   // Operands that are the same at all positions.
	Registers int   // Blocks of scratch between instructions.
	Code      []Instruction
}

// Arrays are what a loop runs on, in the order in which its program has them.
type Arrays struct {
	Reads, Writes, Sums [][]float32
	Numbers             []float32
	Partials            []float32 // Loop.PartialFloats of scratch, of any content.
}

// A Loop is a program cut into blocks and chunks. It runs once at a time.
type Loop struct {
	Program
	row     int // Blocks consist of whole rows of so many positions.
	block   int // Positions in a block, a multiple of row.
	chunk   int // Positions in a task, a multiple of block.
	sums    []sum
	partial int // Floats of all sums per chunk.

	arrays  *Arrays // Of the run in progress.
	scratch Scratch
}

// A sum is where a sum adds up before the end.
type sum struct {
	lanes int // A multiple of its length: what is added up apart.
	first int // Its first lane in a chunk's partials.
}

// New chooses the sizes of blocks and chunks for a program.
func New(p Program) *Loop {
	l := &Loop{Program: p, row: p.Row}
	l.Reads = slices.Clone(p.Reads)
	l.chooseRow()
	l.block = max(blockFloats/l.row, 1) * l.row
	l.chunk = max(chunkFloats/l.block, 1) * l.block
	if len(l.Sums) > 0 {
		blocks := (l.Size + l.block - 1) / l.block
		l.chunk = max(l.chunk, (blocks+maxChunks-1)/maxChunks*l.block)
	}
	for _, length := range l.Sums {
		s := sum{lanes: length, first: l.partial}
		for s.lanes < minLanes {
			s.lanes *= 2
		}
		l.sums = append(l.sums, s)
		l.partial += s.lanes
	}
	return l
}

// chooseRow takes the sums' rows, or else the first repeated array's. Arrays that
// do not fit whole rows are read by strides.
func (l *Loop) chooseRow() {
	if l.row <= 1 {
		l.row = 1
		for _, r := range l.Reads {
			if r.Access == Tile && r.period <= MaxRow {
				l.row = r.period
				break
			}
		}
	}
	for i := range l.Reads {
		if r := &l.Reads[i]; r.Access == Tile && l.row%r.period != 0 {
			r.Access = Strided
		}
	}
}

func (l *Loop) chunks() int { return (l.Size + l.chunk - 1) / l.chunk }

// PartialFloats returns the length of Arrays.Partials.
func (l *Loop) PartialFloats() int { return l.partial * l.chunks() }

// MayOverwrite reports whether write w may have the memory of read r, if no other
// read is from there: every instruction that reads r comes before the one that
// makes w, or is that one.
func (l *Loop) MayOverwrite(r, w int) bool {
	if l.Reads[r].Access != Full {
		return false
	}
	made := slices.IndexFunc(l.Code, func(i Instruction) bool { return !i.IsSum() && i.Dst == len(l.Reads)+w })
	return !slices.ContainsFunc(l.Code[made+1:], func(i Instruction) bool { return i.Reads(r) })
}

// Run computes what the arrays are to hold. A Scratch has an entry for each thread
// of the pool.
func (l *Loop) Run(pool *kernel.Pool, scratch Scratch, arrays *Arrays) {
	l.arrays, l.scratch = arrays, scratch
	pool.Run(l.chunks(), l)
	for i := range l.sums {
		l.total(i)
	}
	l.arrays, l.scratch = nil, nil
}

// Task runs one chunk. It implements kernel.Job.
func (l *Loop) Task(chunk, worker int) {
	slots, scratch := l.scratch.of(worker, len(l.Reads)+l.Writes+l.Registers, (len(l.Reads)+l.Registers)*l.block)
	start, end := chunk*l.chunk, min((chunk+1)*l.chunk, l.Size)
	if l.partial > 0 {
		clear(l.partialsOf(chunk))
	}
	for i := range l.Reads {
		l.Reads[i].prepare(scratch[i*l.block:][:l.block], l.arrays.Reads[i])
	}
	for ; start < end; start += l.block {
		n := min(l.block, end-start)
		l.bind(slots, scratch, start, n)
		for k := range l.Code {
			if i := &l.Code[k]; i.IsSum() {
				l.addSums(i, slots, chunk)
			} else {
				i.run(slots, l.arrays.Numbers)
			}
		}
	}
}

// bind points the slots at block [start, start+n).
func (l *Loop) bind(slots [][]float32, scratch []float32, start, n int) {
	for i := range l.Reads {
		slots[i] = l.Reads[i].block(scratch[i*l.block:], l.arrays.Reads[i], start, n)
	}
	slots = slots[len(l.Reads):]
	for i := range l.Writes {
		slots[i] = l.arrays.Writes[i][start : start+n]
	}
	slots, scratch = slots[l.Writes:], scratch[len(l.Reads)*l.block:]
	for i := range l.Registers {
		slots[i] = scratch[i*l.block:][:n]
	}
}

func (l *Loop) partialsOf(chunk int) []float32 {
	return l.arrays.Partials[chunk*l.partial:][:l.partial]
}

// lanesOf returns the lanes of a sum in a chunk.
func (l *Loop) lanesOf(number, chunk int) []float32 {
	s := &l.sums[number]
	return l.partialsOf(chunk)[s.first:][:s.lanes]
}

// addSums adds the rows of a block to the sums of i.
func (l *Loop) addSums(i *Instruction, slots [][]float32, chunk int) {
	a := slots[i.Args[0]]
	switch i.Op {
	case OpSum:
		sumLanes(l.lanesOf(i.Dst, chunk), a)
	case OpSumSquares:
		sumSquares(l.lanesOf(i.Dst, chunk), l.lanesOf(i.Second, chunk), a, slots[i.Args[1]])
	case OpSumProducts:
		sumProducts(l.lanesOf(i.Dst, chunk), l.lanesOf(i.Second, chunk), a, slots[i.Args[1]], slots[i.Args[2]])
	}
}

// total adds up the chunks and lanes of a sum, in order and in float64.
func (l *Loop) total(number int) {
	s, out := &l.sums[number], l.arrays.Sums[number]
	chunks := l.chunks()
	for c := range out {
		var t float64
		for k := range chunks {
			for lane := c; lane < s.lanes; lane += len(out) {
				t += float64(l.arrays.Partials[k*l.partial+s.first+lane])
			}
		}
		out[c] = float32(t)
	}
}

// A Scratch is what loops work in, an entry for each thread. It grows to what the
// largest loop so far needs.
type Scratch []struct {
	slots  [][]float32
	floats []float32
}

// of returns a thread's slots and floats, at least as many as asked for.
func (s Scratch) of(worker, slots, floats int) ([][]float32, []float32) {
	w := &s[worker]
	if len(w.slots) < slots {
		w.slots = make([][]float32, slots)
	}
	if len(w.floats) < floats {
		w.floats = make([]float32, floats)
	}
	return w.slots, w.floats[:floats]
}
