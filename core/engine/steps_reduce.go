package engine

import (
	"math"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"

	"quarterturn/core/engine/kernel"
	"quarterturn/core/engine/strided"
)

func isReduction(op compute.OpType) bool {
	switch op {
	case compute.OpTypeReduceSum, compute.OpTypeReduceProduct, compute.OpTypeReduceMax, compute.OpTypeReduceMin,
		compute.OpTypeReduceLogicalAnd, compute.OpTypeReduceLogicalOr, compute.OpTypeReduceLogicalXor,
		compute.OpTypeReduceBitwiseAnd, compute.OpTypeReduceBitwiseOr, compute.OpTypeReduceBitwiseXor:
		return true
	}
	return false
}

// A reduceStep reduces some axes. Reductions of float32 over adjacent axes have
// kernels; the rest goes value by value.
type reduceStep struct {
	op           compute.OpType
	dtype        dtypes.DType
	out, in      *value
	kept, gone   strided.Layout // Of the axes that stay, and of those that go, in the operand.
	outer, inner int            // In front of and behind the reduced axes, if these are adjacent.
	adjacent     bool
	size, count  int // Of the result; values behind each of it.
}

func (p *planner) reduceStep(n *node) step {
	in := n.inputs[0]
	s := &reduceStep{op: n.op, dtype: n.shape.DType, out: p.make(n), in: p.use(in), size: n.size(), count: product(in, n.axes)}
	first, last := n.axes[0], n.axes[len(n.axes)-1]
	s.adjacent = last-first+1 == len(n.axes) && in.size() > 0
	s.outer, s.inner = volume(in.shape.Dimensions[:first]), volume(in.shape.Dimensions[last+1:])
	strides := strided.Strides(in.shape.Dimensions)
	reduced := map[int]bool{}
	for _, axis := range n.axes {
		reduced[axis] = true
		s.gone.Dims = append(s.gone.Dims, in.shape.Dimensions[axis])
		s.gone.Strides = append(s.gone.Strides, strides[axis])
	}
	for axis, dim := range in.shape.Dimensions {
		if !reduced[axis] {
			s.kept.Dims = append(s.kept.Dims, dim)
			s.kept.Strides = append(s.kept.Strides, strides[axis])
		}
	}
	s.kept, s.gone = s.kept.Collapsed(), s.gone.Collapsed()
	return s
}

func (s *reduceStep) form() string {
	switch s.kernel() {
	case noReduction:
		return "value by value " + s.op.String()
	case middleReduction:
		return s.op.String() + " of middle axes"
	}
	return s.op.String() + " of rows"
}

// A reduction is one of package kernel's.
type reduction int

const (
	noReduction reduction = iota
	sumOfRows
	maxOfRows
	middleReduction
)

// kernel returns the kernel for the reduction, if there is one.
func (s *reduceStep) kernel() reduction {
	switch {
	case !s.adjacent || s.dtype != dtypes.Float32:
		return noReduction
	case s.op == compute.OpTypeReduceSum && s.inner == 1:
		return sumOfRows
	case s.op == compute.OpTypeReduceSum:
		return middleReduction
	case s.op == compute.OpTypeReduceMax && s.inner == 1:
		return maxOfRows
	}
	return noReduction
}

func (s *reduceStep) run(*execution) {
	switch s.kernel() {
	case sumOfRows:
		kernel.SumRows(s.out.floats, s.in.floats)
	case middleReduction:
		kernel.SumMiddle(s.out.floats, s.in.floats, s.outer, s.inner)
	case maxOfRows:
		kernel.MaxRows(s.out.floats, s.in.floats)
	default:
		s.runSlowly()
	}
}

// runSlowly reduces any dtype and axes, value by value.
func (s *reduceStep) runSlowly() {
	in, out := newLane(s.dtype, s.in.memory), newLane(s.dtype, s.out.memory)
	if s.size == 0 {
		return
	}
	kept, inner := s.kept.Walk(0)
	last := len(kept.Dims) - 1
	for i := range s.size {
		if inner == kept.Dims[last] {
			kept.Next()
			inner = 0
		}
		s.reduceOne(out, i, in, kept.Outer+inner*kept.Strides[last])
		inner++
	}
}

// reduceOne computes result i from the values that start at base.
func (s *reduceStep) reduceOne(out lane, i int, in lane, base int) {
	whole, real := s.empty()
	l := s.gone
	l.Offset = base
	var w strided.Walk
	if s.count > 0 {
		w, _ = l.Walk(0)
	}
	inner, last := 0, len(w.Dims)-1
	for range s.count {
		if inner == w.Dims[last] {
			w.Next()
			inner = 0
		}
		at := w.Outer + inner*w.Strides[last]
		inner++
		switch {
		case in.isFloat():
			real = s.joinFloats(real, in.float(at))
		case s.dtype == dtypes.Uint64:
			whole = int64(unsignedBinary(s.binary(), uint64(whole), uint64(in.int(at))))
		default:
			whole = intBinary(s.binary(), whole, in.int(at), s.dtype)
		}
	}
	if in.isFloat() {
		out.setFloat(i, real)
		return
	}
	out.setInt(i, whole)
}

func (s *reduceStep) joinFloats(a, b float64) float64 {
	return floatBinary(s.binary(), a, b, s.dtype)
}

// binary returns the op that joins two values.
func (s *reduceStep) binary() compute.OpType {
	switch s.op {
	case compute.OpTypeReduceSum:
		return compute.OpTypeAdd
	case compute.OpTypeReduceProduct:
		return compute.OpTypeMul
	case compute.OpTypeReduceMax:
		return compute.OpTypeMax
	case compute.OpTypeReduceMin:
		return compute.OpTypeMin
	case compute.OpTypeReduceLogicalAnd, compute.OpTypeReduceBitwiseAnd:
		return compute.OpTypeBitwiseAnd
	case compute.OpTypeReduceLogicalOr, compute.OpTypeReduceBitwiseOr:
		return compute.OpTypeBitwiseOr
	}
	return compute.OpTypeBitwiseXor
}

// empty returns the result over no values, as an integer and as a float.
func (s *reduceStep) empty() (int64, float64) {
	low, high := int64(math.MinInt64), int64(math.MaxInt64)
	if s.dtype.IsUnsigned() || s.dtype == dtypes.Bool {
		low, high = 0, -1 // All bits, which is the greatest uint64.
	}
	if bits := 8 * s.dtype.Size(); bits < 64 && !s.dtype.IsFloat() {
		if low == 0 {
			high = 1<<bits - 1
		} else {
			low, high = -1<<(bits-1), 1<<(bits-1)-1
		}
	}
	switch s.op {
	case compute.OpTypeReduceProduct:
		return 1, 1
	case compute.OpTypeReduceMax:
		return low, math.Inf(-1)
	case compute.OpTypeReduceMin:
		return high, math.Inf(1)
	case compute.OpTypeReduceLogicalAnd:
		return 1, 1
	case compute.OpTypeReduceBitwiseAnd:
		return -1, 0
	}
	return 0, 0
}

// An argStep finds the position of the first extreme along an axis.
type argStep struct {
	out, in      *value
	outType      dtypes.DType
	inType       dtypes.DType
	outer, inner int
	count        int
	isMin        bool
}

func (p *planner) argStep(n *node) step {
	in := n.inputs[0]
	axis := n.axes[0]
	return &argStep{
		out: p.make(n), in: p.use(in), outType: n.shape.DType, inType: in.shape.DType,
		outer: volume(in.shape.Dimensions[:axis]), inner: volume(in.shape.Dimensions[axis+1:]),
		count: in.shape.Dimensions[axis], isMin: n.data.(bool),
	}
}

func (s *argStep) form() string { return "ArgMinMax" }

func (s *argStep) run(*execution) {
	out, in := newLane(s.outType, s.out.memory), newLane(s.inType, s.in.memory)
	for o := range s.outer {
		for i := range s.inner {
			best := 0
			base := o*s.count*s.inner + i
			for k := 1; k < s.count; k++ {
				if s.better(in, base+k*s.inner, base+best*s.inner) {
					best = k
				}
			}
			out.setInt(o*s.inner+i, int64(best))
		}
	}
}

// better reports whether the value at a beats the one at b, which comes before it.
func (s *argStep) better(in lane, a, b int) bool {
	switch {
	case in.isFloat():
		x, y := in.float(a), in.float(b)
		if x != x || y != y {
			return y == y // The first NaN wins.
		}
		return x != y && (x < y) == s.isMin
	case in.dtype == dtypes.Uint64:
		x, y := uint64(in.int(a)), uint64(in.int(b))
		return x != y && (x < y) == s.isMin
	}
	x, y := in.int(a), in.int(b)
	return x != y && (x < y) == s.isMin
}
