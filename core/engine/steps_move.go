package engine

import (
	"encoding/binary"
	"math/rand/v2"

	"quarterturn/core/engine/strided"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
)

// A copyStep copies a value to an output that would else share its memory.
type copyStep struct{ to, from *value }

func (s copyStep) form() string { return "Copy" }

func (s copyStep) run(*execution) { copy(s.to.memory, s.from.memory) }

// isMove reports whether op only moves values.
func isMove(op compute.OpType) bool {
	switch op {
	case compute.OpTypeTranspose, compute.OpTypeReverse, compute.OpTypeSlice,
		compute.OpTypePad, compute.OpTypeConcatenate, compute.OpTypeBroadcastInDim:
		return true
	}
	return false
}

// A moveStep moves values between arrays: it gathers all positions of out from
// one part, or scatters each part to its positions of out.
type moveStep struct {
	name    string
	size    int // Bytes of a value.
	out     *value
	parts   []part
	gathers bool
	fill    *value // Of a Pad: what is where no part is. nil otherwise.
}

// A part is an operand, and the layout of its positions in out, or of out's
// positions in it.
type part struct {
	layout strided.Layout
	from   *value
}

func (p *planner) moveStep(n *node) step {
	s := &moveStep{name: n.op.String(), size: n.shape.DType.Size(), out: p.make(n)}
	switch n.op {
	case compute.OpTypePad:
		s.fill = p.use(n.inputs[1])
		s.parts = []part{{padLayout(n).Collapsed(), p.use(n.inputs[0])}}
	case compute.OpTypeConcatenate:
		l := strided.Dense(n.shape.Dimensions)
		for _, input := range n.inputs {
			inner := strided.Layout{Dims: input.shape.Dimensions, Strides: l.Strides, Offset: l.Offset}
			s.parts = append(s.parts, part{inner.Collapsed(), p.use(input)})
			l.Offset += l.Strides[n.axes[0]] * input.shape.Dimensions[n.axes[0]]
		}
	default:
		s.gathers = true
		s.parts = []part{{gatherLayout(n).Collapsed(), p.use(n.inputs[0])}}
	}
	return s
}

// gatherLayout returns where in n's operand each position of n comes from.
func gatherLayout(n *node) strided.Layout {
	source := strided.Dense(n.inputs[0].shape.Dimensions)
	l := strided.Layout{Dims: n.shape.Dimensions}
	switch n.op {
	case compute.OpTypeBroadcastInDim:
		return broadcastLayout(n)
	case compute.OpTypeTranspose:
		l.Strides = pick(source.Strides, n.axes)
	case compute.OpTypeReverse:
		l.Strides = source.Strides
		for _, axis := range n.axes {
			l.Offset += (l.Dims[axis] - 1) * l.Strides[axis]
			l.Strides[axis] = -l.Strides[axis]
		}
	case compute.OpTypeSlice:
		d := n.data.(sliceData)
		l.Strides = source.Strides
		for axis := range l.Strides {
			l.Offset += d.starts[axis] * l.Strides[axis]
			l.Strides[axis] *= d.strides[axis]
		}
	}
	return l
}

// broadcastLayout returns where a BroadcastInDim finds its values in its operand.
func broadcastLayout(n *node) strided.Layout {
	source := n.inputs[0].shape.Dimensions
	dense := strided.Strides(source)
	l := strided.Layout{Dims: n.shape.Dimensions, Strides: make([]int, n.shape.Rank())}
	for i, axis := range n.axes {
		if source[i] != 1 {
			l.Strides[axis] = dense[i]
		}
	}
	return l
}

// padLayout returns where in n each position of its operand goes.
func padLayout(n *node) strided.Layout {
	l := strided.Layout{Dims: n.inputs[0].shape.Dimensions, Strides: strided.Strides(n.shape.Dimensions)}
	for axis, pad := range n.data.([]compute.PadAxis) {
		l.Offset += pad.Start * l.Strides[axis]
		l.Strides[axis] *= 1 + pad.Interior
	}
	return l
}

func (s *moveStep) form() string { return s.name }

func (s *moveStep) run(*execution) {
	switch s.size {
	case 1:
		move[uint8](s)
	case 2:
		move[uint16](s)
	case 4:
		move[uint32](s)
	case 8:
		move[uint64](s)
	}
}

func move[T any](s *moveStep) {
	out := typed[T](s.out.memory)
	if len(out) == 0 {
		return
	}
	if s.gathers {
		strided.Gather(s.parts[0].layout, out, typed[T](s.parts[0].from.memory), 0)
		return
	}
	if s.fill != nil {
		x := typed[T](s.fill.memory)[0]
		for i := range out {
			out[i] = x
		}
	}
	for _, p := range s.parts {
		strided.Scatter(p.layout, out, typed[T](p.from.memory))
	}
}

// A shiftStep computes numbers near the channels' means: the mean of a few
// positions, evenly spread. With 16 of them it is typically within a quarter of
// a standard deviation, and even if one is 30 deviations off, within two.
type shiftStep struct {
	out, in *value
	shape   shapes.Shape
	axis    int
}

const shiftSamples = 16

func (s *shiftStep) form() string { return "Shift" }

func (s *shiftStep) run(*execution) {
	out, in := s.out.floats, s.in.floats
	channels := len(out)
	clear(out)
	if len(in) == 0 {
		return
	}
	inner := volume(s.shape.Dimensions[s.axis+1:])
	positions := len(in) / channels
	samples := min(shiftSamples, positions)
	for k := range samples {
		position := k * positions / samples
		at := position/inner*channels*inner + position%inner
		for c := range out {
			out[c] += in[at+c*inner]
		}
	}
	for c := range out {
		out[c] /= float32(samples)
	}
}

// A randomStep draws from PCG, either bits or the state after so many draws.
type randomStep struct {
	bits, next, state *value // One of bits and next is nil.
	draws             int
}

func (s *randomStep) form() string { return "RNGBitGenerator" }

func (s *randomStep) run(*execution) {
	state := typed[uint64](s.state.memory)
	source := rand.NewPCG(state[0], state[1])
	if s.next != nil {
		for range s.draws {
			source.Uint64()
		}
		s.save(source, state[2])
		return
	}
	for out := s.bits.memory; len(out) > 0; {
		var word [8]byte
		binary.LittleEndian.PutUint64(word[:], source.Uint64())
		out = out[copy(out, word[:]):]
	}
}

// save writes the generator's state, which it gives away only in the form
// "pcg:" and two big-endian words. They are read as little-endian ones, as the
// stock backend does, whose sequences these are.
func (s *randomStep) save(source *rand.PCG, third uint64) {
	encoded, _ := source.MarshalBinary() // Its documentation: never fails.
	next := typed[uint64](s.next.memory)
	next[0] = binary.LittleEndian.Uint64(encoded[4:])
	next[1] = binary.LittleEndian.Uint64(encoded[12:])
	next[2] = third
}
