package loop

import (
	"quarterturn/core/engine/kernel"
	"quarterturn/core/engine/strided"
)

// An Access is how a loop gets the block of an array that it reads.
type Access uint8

// The ways of reading, the cheapest first.
const (
	Full    Access = iota // In place: position i of the array.
	Fill                  // The only value of the array, everywhere.
	Tile                  // Position i modulo the array's length.
	Strided               // By strides per axis, 0 where it is repeated.
)

// String returns the name in lower case.
func (a Access) String() string { return [...]string{"full", "fill", "tile", "strided"}[a] }

// A Read says how a loop reads an array. The zero Read is an array of the loop's
// own positions.
type Read struct {
	Access Access
	period int // Of Tile: the array's length.
	layout strided.Layout
}

// Broadcast returns how to read an array of so many values of which each position
// of the loop has one: where is their layout.
func Broadcast(size int, where strided.Layout) Read {
	r := Read{layout: where.Collapsed()}
	switch strides := r.layout.Strides; {
	case size == 1:
		r.Access = Fill
	case len(strides) == 1 && strides[0] == 1:
		r.Access = Full
	case len(strides) == 2 && strides[0] == 0 && strides[1] == 1:
		r.Access, r.period = Tile, size
	default:
		r.Access = Strided
	}
	return r
}

// prepare fills scratch, of a block's length, if all blocks are the same.
func (r *Read) prepare(scratch, array []float32) {
	switch r.Access {
	case Fill:
		kernel.Fill(scratch, array[0])
	case Tile:
		for filled := copy(scratch, array); filled < len(scratch); {
			filled += copy(scratch[filled:], scratch[:filled])
		}
	}
}

// block returns block [start, start+n).
func (r *Read) block(scratch, array []float32, start, n int) []float32 {
	switch r.Access {
	case Full:
		return array[start : start+n]
	case Strided:
		strided.Gather(r.layout, scratch[:n], array, start)
	}
	return scratch[:n]
}
