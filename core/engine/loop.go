package engine

import (
	"slices"

	"github.com/gomlx/compute"

	"quarterturn/core/engine/kernel"
)

const (
	// blockFloats is how many positions an instruction handles at once: 4 KiB of
	// each array, so that the handful which a loop touches stay in a first-level
	// cache of 32 KiB while the next instructions run over them.
	blockFloats = 1024
	// maxRow is the longest row that is summed, or repeated, within a block.
	maxRow = 8192
	// chunkFloats is how many positions one task of the pool handles, unless
	// there would be more than maxChunks of them in a loop that sums.
	chunkFloats = 16 * blockFloats
	maxChunks   = 128
	// minLanes is the least row length that is summed: narrower rows are taken
	// several at a time, so that they fill four vectors.
	minLanes = 32
)

// A loop runs a chain of elementwise float32 ops over blocks of positions, with
// all values between them in registers: scratch of a block's length. It may sum
// up some on the way. Blocks and chunks depend on the shape alone, and so does
// the order of all sums.
type loop struct {
	size      int // Positions.
	row       int // Blocks consist of whole rows, sums add up rows.
	block     int // Positions in a block, a multiple of row.
	chunk     int // Positions in a task, a multiple of block.
	reads     []read
	writes    []write
	sums      []sum
	scalars   []number
	registers int
	code      []instruction

	numbers  []float32 // The values of scalars in this run.
	partials *value    // [chunks, lanes of all sums]; nil without sums.
	partial  int       // Floats in partials per chunk.
	lanes    *lanes
}

// A write is an array the loop computes.
type write struct {
	node  *node
	value *value
}

// A sum is the sum of a loop's value over all rows.
type sum struct {
	node    *node
	value   *value
	columns int // Length of the result; 1 for the sum over everything.
	lanes   int // A multiple of columns: what is added up apart until the end.
	first   int // Its first lane in a chunk's partials.
}

// A number is an operand that is the same at all positions.
type number struct {
	node     *node // nil of a constant.
	value    *value
	constant float32
}

// finish chooses the sizes once reads and code are complete.
func (l *loop) finish() {
	if l.row == 0 || l.row == 1 {
		l.row = 1
		for _, r := range l.reads {
			if r.kind == readTile && r.period <= maxRow {
				l.row = r.period
				break
			}
		}
	}
	for i := range l.reads {
		if r := &l.reads[i]; r.kind == readTile && l.row%r.period != 0 {
			r.kind = readStrided
		}
	}
	l.block = max(blockFloats/l.row, 1) * l.row
	l.chunk = max(chunkFloats/l.block, 1) * l.block
	if len(l.sums) > 0 {
		blocks := (l.size + l.block - 1) / l.block
		l.chunk = max(l.chunk, (blocks+maxChunks-1)/maxChunks*l.block)
	}
	for i := range l.sums {
		s := &l.sums[i]
		for s.lanes = s.columns; s.lanes < minLanes; {
			s.lanes *= 2
		}
		s.first = l.partial
		l.partial += s.lanes
	}
	l.numbers = make([]float32, len(l.scalars))
}

func (l *loop) chunks() int { return (l.size + l.chunk - 1) / l.chunk }

// slotCount returns how many slots a worker needs, and scratchBlocks how many
// blocks of scratch: for every read that is not read in place, and every register.
func (l *loop) slotCount() int { return len(l.reads) + len(l.writes) + l.registers }

func (l *loop) scratchBlocks() int { return len(l.reads) + l.registers }

func (l *loop) kind() string {
	if len(l.sums) > 0 {
		return "Loop with sums"
	}
	return "Loop"
}

func (l *loop) run(x *execution) {
	for i, n := range l.scalars {
		l.numbers[i] = n.constant
		if n.value != nil {
			l.numbers[i] = n.value.floats[0]
		}
	}
	l.lanes = &x.backend.lanes
	x.backend.pool.Run(l.chunks(), l)
	for i := range l.sums {
		l.total(&l.sums[i])
	}
}

// Task runs one chunk. It implements kernel.Job.
func (l *loop) Task(chunk, worker int) {
	slots, scratch := l.lanes.of(worker, l.slotCount(), l.scratchBlocks()*l.block)
	start, end := chunk*l.chunk, min((chunk+1)*l.chunk, l.size)
	if l.partials != nil {
		clear(l.partialsOf(chunk))
	}
	for i := range l.reads {
		l.reads[i].prepare(scratch[i*l.block:][:l.block])
	}
	for ; start < end; start += l.block {
		n := min(l.block, end-start)
		l.bind(slots, scratch, start, n)
		for k := range l.code {
			if i := &l.code[k]; i.isSum() {
				l.addSums(i, slots, chunk)
			} else {
				i.run(slots, l.numbers)
			}
		}
	}
}

// bind points the slots at block [start, start+n).
func (l *loop) bind(slots [][]float32, scratch []float32, start, n int) {
	for i := range l.reads {
		slots[i] = l.reads[i].block(scratch[i*l.block:], start, n)
	}
	slots = slots[len(l.reads):]
	for i := range l.writes {
		slots[i] = l.writes[i].value.floats[start : start+n]
	}
	slots, scratch = slots[len(l.writes):], scratch[len(l.reads)*l.block:]
	for i := range l.registers {
		slots[i] = scratch[i*l.block:][:n]
	}
}

func (l *loop) partialsOf(chunk int) []float32 {
	return l.partials.floats[chunk*l.partial:][:l.partial]
}

// lanesOf returns the lanes of a sum in a chunk.
func (l *loop) lanesOf(number, chunk int) []float32 {
	s := &l.sums[number]
	return l.partialsOf(chunk)[s.first:][:s.lanes]
}

// addSums adds the rows of a block to the sums of i.
func (l *loop) addSums(i *instruction, slots [][]float32, chunk int) {
	a := slots[i.args[0]]
	switch i.code {
	case codeSum:
		sumLanes(l.lanesOf(i.dst, chunk), a)
	case codeSumSquares:
		sumSquares(l.lanesOf(i.dst, chunk), l.lanesOf(i.second, chunk), a, slots[i.args[1]])
	case codeSumProducts:
		sumProducts(l.lanesOf(i.dst, chunk), l.lanesOf(i.second, chunk), a, slots[i.args[1]], slots[i.args[2]])
	}
}

// total adds up the chunks and lanes of s, in order and in float64.
func (l *loop) total(s *sum) {
	out := s.value.floats
	chunks := l.chunks()
	for c := range out {
		var t float64
		for k := range chunks {
			for lane := c; lane < s.lanes; lane += s.columns {
				t += float64(l.partials.floats[k*l.partial+s.first+lane])
			}
		}
		out[c] = float32(t)
	}
}

// overwritable tells whether write w may have the memory of read r: every
// instruction that reads r comes before the one that makes w, or is that one,
// and no other read is from the same memory.
func (l *loop) overwritable(r, w int) bool {
	if l.reads[r].kind != readFull {
		return false
	}
	for k := range l.reads {
		if k != r && l.reads[k].value.owner() == l.reads[r].value.owner() {
			return false
		}
	}
	made := slices.IndexFunc(l.code, func(i instruction) bool { return !i.isSum() && i.dst == len(l.reads)+w })
	return !slices.ContainsFunc(l.code[made+1:], func(i instruction) bool { return i.reads(r) })
}

// readKind is how a loop gets the block of an array it reads.
type readKind uint8

const (
	readFull    readKind = iota // In place: position i of the array.
	readFill                    // The only value of the array, everywhere.
	readTile                    // Position i modulo the array's length.
	readStrided                 // By strides per axis, 0 where it is repeated.
)

// A read is an array the loop reads, perhaps broadcast.
type read struct {
	node   *node
	value  *value
	kind   readKind
	period int // Of readTile: the array's length.
	layout layout
}

// newRead returns how to read n, which is stored or an unstored broadcast of a
// stored node.
func newRead(n *node) read {
	if n.op != compute.OpTypeBroadcastInDim || n.plan.stored {
		return read{node: n}
	}
	source := n.inputs[0]
	r := read{node: source, layout: broadcastLayout(n).collapsed()}
	switch strides := r.layout.strides; {
	case source.size() == 1:
		r.kind = readFill
	case len(strides) == 1 && strides[0] == 1:
		r.kind = readFull
	case len(strides) == 2 && strides[0] == 0 && strides[1] == 1:
		r.kind, r.period = readTile, source.size()
	default:
		r.kind = readStrided
	}
	return r
}

// prepare fills scratch, of a block's length, if all blocks are the same.
func (r *read) prepare(scratch []float32) {
	switch r.kind {
	case readFill:
		kernel.Fill(scratch, r.value.floats[0])
	case readTile:
		for filled := copy(scratch, r.value.floats); filled < len(scratch); {
			filled += copy(scratch[filled:], scratch[:filled])
		}
	}
}

// block returns block [start, start+n).
func (r *read) block(scratch []float32, start, n int) []float32 {
	switch r.kind {
	case readFull:
		return r.value.floats[start : start+n]
	case readStrided:
		gather(r.layout, scratch[:n], r.value.floats, start)
	}
	return scratch[:n]
}
