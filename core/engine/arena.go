package engine

import (
	"cmp"
	"slices"

	"github.com/gomlx/compute/shapes"
)

// A place says where a value's memory comes from.
type place uint8

const (
	placeArena  place = iota
	placeInput        // The client's buffer of a parameter.
	placeOutput       // A buffer made for the client, or donated by it.
	placeConstant
	placeShared // That of another value.
)

// A value is the memory of a stored node, or of a task's scratch. Its slices are
// set before each execution, where they can change.
type value struct {
	place  place
	shape  shapes.Shape // None of scratch.
	bytes  int
	number int    // Of the parameter or output.
	shared *value // Of placeShared.
	offset int    // Of placeShared: bytes into that memory.

	block  *block // Of placeArena.
	memory []byte
	floats []float32 // The same memory; only meaningful for float32.
}

// owner returns the value whose memory v has.
func (v *value) owner() *value {
	for v.place == placeShared {
		v = v.shared
	}
	return v
}

func (v *value) setMemory(words []uint64) {
	v.memory = bytesOf(words, v.bytes)
	v.floats = typed[float32](v.memory)
}

// shareMemory gives v its part of the memory that it shares, whose owner may be
// bound after v.
func (v *value) shareMemory() {
	v.memory = v.shared.memory
	if v.offset > 0 {
		v.memory = v.memory[v.offset:]
	}
	v.memory = v.memory[:min(v.bytes, len(v.memory))]
	v.floats = typed[float32](v.memory)
}

// A block is a range of the arena, in use from the first to the last of some
// steps, both included.
type block struct {
	words       int
	first, last int
	offset      int
}

// alignWords keeps blocks on cache lines, 64 bytes.
const alignWords = 8

// layOut gives every block an offset such that two which are in use at the same
// time do not overlap, and returns how many words that takes.
//
// Large blocks are placed first, each at the lowest free offset ("greedy by
// size" of Pisarchyk and Lee, https://arxiv.org/abs/2001.03288, section 5):
// activations then tile well, and the many small ones fill the gaps.
func layOut(blocks []*block) int {
	bySize := slices.Clone(blocks)
	slices.SortStableFunc(bySize, func(a, b *block) int { return cmp.Compare(b.words, a.words) })
	var placed []*block // By offset.
	total := 0
	for _, b := range bySize {
		b.words = (b.words + alignWords - 1) / alignWords * alignWords
		b.offset = 0
		at := 0
		for at < len(placed) {
			p := placed[at]
			if p.last >= b.first && p.first <= b.last {
				if p.offset >= b.offset+b.words {
					break
				}
				b.offset = max(b.offset, p.offset+p.words)
			}
			at++
		}
		total = max(total, b.offset+b.words)
		i, _ := slices.BinarySearchFunc(placed, b.offset, func(p *block, offset int) int { return cmp.Compare(p.offset, offset) })
		placed = slices.Insert(placed, i, b)
	}
	return total
}
