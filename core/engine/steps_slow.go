package engine

import (
	"math"
	"math/bits"

	"quarterturn/core/engine/strided"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
)

// A slowStep runs one elementwise op of any dtype, value by value: what loops do
// not have. In our networks that is the comparison of labels with guesses.
type slowStep struct {
	op       compute.OpType
	out      lane
	to       *value
	operands []operand
	size     int
}

// An operand is a value read at each position, perhaps broadcast.
type operand struct {
	from   *value
	dtype  dtypes.DType
	layout strided.Layout
}

func (p *planner) slowStep(n *node) step {
	s := &slowStep{op: n.op, to: p.make(n), size: n.size()}
	s.out.dtype = n.shape.DType
	for _, input := range n.inputs {
		o := operand{dtype: input.shape.DType, layout: strided.Dense(input.shape.Dimensions)}
		if input.op == compute.OpTypeBroadcastInDim && !input.plan.stored {
			o.layout = broadcastLayout(input)
			input = input.inputs[0]
		}
		o.layout = o.layout.Collapsed()
		o.from = p.use(input)
		s.operands = append(s.operands, o)
	}
	return s
}

func (s *slowStep) form() string { return "value by value " + opName(s.op) }

func (s *slowStep) run(*execution) {
	if s.size == 0 {
		return
	}
	s.out.bytes = s.to.memory
	var in [3]lane
	var walks [3]strided.Walk
	for i, o := range s.operands {
		in[i] = newLane(o.dtype, o.from.memory)
		walks[i], _ = o.layout.Walk(0)
	}
	var at [3]int
	var inner [3]int
	for position := range s.size {
		for i := range s.operands {
			w := &walks[i]
			last := len(w.Dims) - 1
			if inner[i] == w.Dims[last] {
				w.Next()
				inner[i] = 0
			}
			at[i] = w.Outer + inner[i]*w.Strides[last]
			inner[i]++
		}
		s.compute(position, &in, &at)
	}
}

// compute writes the value at one position.
func (s *slowStep) compute(position int, in *[3]lane, at *[3]int) {
	a, b := in[0], in[1]
	switch {
	case s.op == compute.OpTypeWhere:
		from := 2
		if a.int(at[0]) != 0 {
			from = 1
		}
		s.copyValue(position, in[from], at[from])
	case s.op == compute.OpTypeConvertDType:
		s.copyValue(position, a, at[0])
	case len(s.operands) == 1 && a.isFloat():
		s.out.setFloat(position, floatUnary(s.op, a.float(at[0])))
	case len(s.operands) == 1:
		s.out.setInt(position, intUnary(s.op, a.int(at[0]), a.dtype))
	case s.out.dtype == dtypes.Bool && a.isFloat():
		s.out.setInt(position, bit(compared(s.op, a.float(at[0]), b.float(at[1]))))
	case a.isFloat():
		s.out.setFloat(position, floatBinary(s.op, a.float(at[0]), b.float(at[1]), a.dtype))
	case isComparison(s.op) && a.dtype == dtypes.Uint64:
		s.out.setInt(position, bit(compared(s.op, uint64(a.int(at[0])), uint64(b.int(at[1])))))
	case isComparison(s.op):
		s.out.setInt(position, bit(compared(s.op, a.int(at[0]), b.int(at[1]))))
	case a.dtype == dtypes.Uint64:
		s.out.setInt(position, int64(unsignedBinary(s.op, uint64(a.int(at[0])), uint64(b.int(at[1])))))
	default:
		s.out.setInt(position, intBinary(s.op, a.int(at[0]), b.int(at[1]), a.dtype))
	}
}

// copyValue converts a value to the result's dtype.
func (s *slowStep) copyValue(position int, from lane, at int) {
	if from.isFloat() || s.out.isFloat() {
		s.out.setFloat(position, from.float(at))
		return
	}
	s.out.setInt(position, from.int(at))
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func isComparison(op compute.OpType) bool {
	switch op {
	case compute.OpTypeEqual, compute.OpTypeNotEqual, compute.OpTypeGreaterThan,
		compute.OpTypeGreaterOrEqual, compute.OpTypeLessThan, compute.OpTypeLessOrEqual:
		return true
	}
	return false
}

func compared[T int64 | uint64 | float64](op compute.OpType, a, b T) bool {
	switch op {
	case compute.OpTypeEqual:
		return a == b
	case compute.OpTypeNotEqual:
		return a != b
	case compute.OpTypeGreaterThan:
		return a > b
	case compute.OpTypeGreaterOrEqual:
		return a >= b
	case compute.OpTypeLessThan:
		return a < b
	}
	return a <= b
}

func floatUnary(op compute.OpType, x float64) float64 {
	switch op {
	case compute.OpTypeAbs:
		return math.Abs(x)
	case compute.OpTypeNeg:
		return -x
	case compute.OpTypeSign:
		if x > 0 {
			return 1
		}
		if x < 0 {
			return -1
		}
		return x
	case compute.OpTypeSqrt:
		return math.Sqrt(x)
	case compute.OpTypeRsqrt:
		return 1 / math.Sqrt(x)
	case compute.OpTypeExp:
		return math.Exp(x)
	case compute.OpTypeExpm1:
		return math.Expm1(x)
	case compute.OpTypeLog:
		return math.Log(x)
	case compute.OpTypeLog1p:
		return math.Log1p(x)
	case compute.OpTypeTanh:
		return math.Tanh(x)
	case compute.OpTypeLogistic:
		return 1 / (1 + math.Exp(-x))
	case compute.OpTypeErf:
		return math.Erf(x)
	case compute.OpTypeSin:
		return math.Sin(x)
	case compute.OpTypeCos:
		return math.Cos(x)
	case compute.OpTypeCeil:
		return math.Ceil(x)
	case compute.OpTypeFloor:
		return math.Floor(x)
	case compute.OpTypeRound:
		return math.RoundToEven(x)
	case compute.OpTypeIsFinite:
		return float64(bit(!math.IsInf(x, 0) && x == x))
	case compute.OpTypeIsNaN:
		return float64(bit(x != x))
	}
	panic("engine: unary op without arithmetic")
}

func intUnary(op compute.OpType, x int64, dtype dtypes.DType) int64 {
	switch op {
	case compute.OpTypeAbs:
		if x < 0 && !dtype.IsUnsigned() {
			return -x
		}
		return x
	case compute.OpTypeNeg:
		return -x
	case compute.OpTypeSign:
		return bit(x > 0 || dtype.IsUnsigned() && x != 0) - bit(x < 0 && !dtype.IsUnsigned())
	case compute.OpTypeLogicalNot:
		return bit(x == 0)
	case compute.OpTypeBitwiseNot:
		return ^x
	case compute.OpTypeBitCount:
		return int64(bits.OnesCount64(lowBits(x, dtype)))
	case compute.OpTypeClz:
		return int64(bits.LeadingZeros64(lowBits(x, dtype)) - (64 - 8*dtype.Size()))
	}
	panic("engine: unary op without arithmetic")
}

// lowBits returns the bits of a value, without its extension to 64.
func lowBits(x int64, dtype dtypes.DType) uint64 {
	shift := 64 - 8*dtype.Size()
	return uint64(x) << shift >> shift
}

func floatBinary(op compute.OpType, a, b float64, dtype dtypes.DType) float64 {
	switch op {
	case compute.OpTypeAdd:
		return a + b
	case compute.OpTypeSub:
		return a - b
	case compute.OpTypeMul:
		return a * b
	case compute.OpTypeDiv:
		return a / b
	case compute.OpTypeRem:
		return math.Mod(a, b)
	case compute.OpTypePow:
		return math.Pow(a, b)
	case compute.OpTypeAtan2:
		return math.Atan2(a, b)
	case compute.OpTypeMax:
		return max(a, b)
	case compute.OpTypeMin:
		return min(a, b)
	case opPass:
		if b >= 0 {
			return a
		}
		return 0
	}
	panic("engine: binary op without arithmetic")
}

func intBinary(op compute.OpType, a, b int64, dtype dtypes.DType) int64 {
	switch op {
	case compute.OpTypeDiv:
		if b == 0 {
			return -1 // As XLA does.
		}
		return a / b
	case compute.OpTypeRem:
		if b == 0 {
			return a // As XLA does.
		}
		return a % b
	case compute.OpTypeMax:
		return max(a, b)
	case compute.OpTypeMin:
		return min(a, b)
	case compute.OpTypeShiftRightArithmetic:
		return a >> min(uint64(b), 63) // Of unsigned types, like the stock backend, the logical one.
	}
	return int64(bitsBinary(op, uint64(a), uint64(b), dtype))
}

func unsignedBinary(op compute.OpType, a, b uint64) uint64 {
	switch op {
	case compute.OpTypeDiv:
		if b == 0 {
			return math.MaxUint64
		}
		return a / b
	case compute.OpTypeRem:
		if b == 0 {
			return a
		}
		return a % b
	case compute.OpTypeMax:
		return max(a, b)
	case compute.OpTypeMin:
		return min(a, b)
	case compute.OpTypeShiftRightArithmetic:
		return a >> b
	}
	return bitsBinary(op, a, b, dtypes.Uint64)
}

// bitsBinary has the ops that are the same for signed and unsigned values.
func bitsBinary(op compute.OpType, a, b uint64, dtype dtypes.DType) uint64 {
	switch op {
	case compute.OpTypeAdd:
		return a + b
	case compute.OpTypeSub:
		return a - b
	case compute.OpTypeMul:
		return a * b
	case compute.OpTypePow:
		return power(a, b)
	case compute.OpTypeLogicalAnd, compute.OpTypeBitwiseAnd:
		return a & b
	case compute.OpTypeLogicalOr, compute.OpTypeBitwiseOr:
		return a | b
	case compute.OpTypeLogicalXor, compute.OpTypeBitwiseXor:
		return a ^ b
	case compute.OpTypeShiftLeft:
		return a << b // Go shifts everything out at 64 and more.
	case compute.OpTypeShiftRightLogical:
		return lowBits(int64(a), dtype) >> b
	}
	panic("engine: binary op without arithmetic")
}

// power is a to the b modulo 2⁶⁴; a negative exponent gives 0, or ±1 of ±1.
func power(a, b uint64) uint64 {
	if int64(b) < 0 {
		switch {
		case a == 1 || int64(a) == -1 && b%2 == 0:
			return 1
		case int64(a) == -1:
			return a
		}
		return 0
	}
	result := uint64(1)
	for ; b > 0; b >>= 1 {
		if b&1 != 0 {
			result *= a
		}
		a *= a
	}
	return result
}
