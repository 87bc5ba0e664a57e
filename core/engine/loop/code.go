package loop

import (
	"slices"

	"quarterturn/core/engine/kernel"
)

// An Opcode is what an instruction of a loop does. Those with Scalar take a number as one
// operand, which has no array then.
type Opcode uint8

const (
	OpAdd Opcode = iota
	OpAddScalar
	OpSub
	OpSubScalar
	OpScalarSub
	OpMul
	OpMulScalar
	OpDiv
	OpDivScalar
	OpScalarDiv
	OpMax
	OpMaxScalar
	OpMin
	OpMinScalar
	OpNeg
	OpAbs
	OpSign
	OpSqrt
	OpRsqrt
	OpExp
	OpLog
	OpPass
	OpNonNegative

	// Several ops in one pass over a block, with the roundings of each. The
	// coder finds them where nothing else reads what is in between.
	OpAffine        // a·b + c
	OpAffineReLU    // max(a·b + c, 0)
	OpAffineAdd     // a·b + c + d
	OpAffineAddReLU // max(a·b + c + d, 0)
	OpBilinear      // a·b + (c·d + e)
	OpPassAffine    // a where b·c + d ≥ 0, else 0
	OpPassAffineAdd // a where b·c + d + e ≥ 0, else 0

	// Sums have no result in a slot; dst and second are numbers of sums.
	OpSum         // dst: a
	OpSumSquares  // dst: a-b, second: (a-b)²
	OpSumProducts // dst: a, second: a·(b-c)
	opCount
)

// operands is how many slots the instructions read. Those with a number have it
// in the place of a second slot.
var operands = [opCount]int{
	OpAdd: 2, OpSub: 2, OpMul: 2, OpDiv: 2, OpMax: 2, OpMin: 2, OpPass: 2,
	OpAddScalar: 1, OpSubScalar: 1, OpScalarSub: 1, OpMulScalar: 1, OpDivScalar: 1, OpScalarDiv: 1,
	OpMaxScalar: 1, OpMinScalar: 1,
	OpNeg: 1, OpAbs: 1, OpSign: 1, OpSqrt: 1, OpRsqrt: 1, OpExp: 1, OpLog: 1, OpNonNegative: 1,
	OpAffine: 3, OpAffineReLU: 3, OpAffineAdd: 4, OpAffineAddReLU: 4, OpBilinear: 5,
	OpPassAffine: 4, OpPassAffineAdd: 5,
	OpSum: 1, OpSumSquares: 2, OpSumProducts: 3,
}

// WithNumber returns the form of o whose left or right operand is a number, and
// whether it has one.
func (o Opcode) WithNumber(left bool) (Opcode, bool) {
	switch {
	case o == OpAdd:
		return OpAddScalar, true
	case o == OpMul:
		return OpMulScalar, true
	case o == OpMax:
		return OpMaxScalar, true
	case o == OpMin:
		return OpMinScalar, true
	case o == OpSub && left:
		return OpScalarSub, true
	case o == OpSub:
		return OpSubScalar, true
	case o == OpDiv && left:
		return OpScalarDiv, true
	case o == OpDiv:
		return OpDivScalar, true
	}
	return 0, false
}

// WithReLU returns the form of OpAffine or OpAffineAdd that replaces what is below
// 0 by 0.
func (o Opcode) WithReLU() Opcode { return o + 1 }

// An Instruction computes one block: slot Dst from the slots Args, a to e. Slots
// are numbered: first the arrays that a loop reads, then those that it writes,
// then registers.
type Instruction struct {
	Op     Opcode
	Dst    int
	Args   [5]int
	Second int // Of opcodes with two sums.
}

// Reads reports whether i reads a slot.
func (i *Instruction) Reads(slot int) bool {
	return slices.Contains(i.Args[:operands[i.Op]], slot)
}

// IsSum reports whether i adds to sums instead of writing a slot.
func (i *Instruction) IsSum() bool { return i.Op >= OpSum }

// run executes i, which is not a sum, on one block. slots are arrays of the
// block's length.
func (i *Instruction) run(slots [][]float32, numbers []float32) {
	dst, a := slots[i.Dst], slots[i.Args[0]]
	switch {
	case i.Op >= OpAffine:
		i.runFused(dst, a, slots)
	case operands[i.Op] == 2:
		i.runBinary(dst, a, slots[i.Args[1]])
	case i.Op < OpNeg:
		i.runScalar(dst, a, numbers[i.Args[1]])
	default:
		i.runUnary(dst, a)
	}
}

func (i *Instruction) runBinary(dst, a, b []float32) {
	switch i.Op {
	case OpAdd:
		kernel.Add(dst, a, b)
	case OpSub:
		kernel.Sub(dst, a, b)
	case OpMul:
		kernel.Mul(dst, a, b)
	case OpDiv:
		kernel.Div(dst, a, b)
	case OpMax:
		kernel.Max(dst, a, b)
	case OpMin:
		kernel.Min(dst, a, b)
	case OpPass:
		pass(dst, a, b)
	}
}

func (i *Instruction) runScalar(dst, a []float32, s float32) {
	switch i.Op {
	case OpAddScalar:
		kernel.AddScalar(dst, a, s)
	case OpSubScalar:
		kernel.AddScalar(dst, a, -s)
	case OpScalarSub:
		kernel.ScalarSub(dst, a, s)
	case OpMulScalar:
		kernel.MulScalar(dst, a, s)
	case OpDivScalar:
		kernel.DivScalar(dst, a, s)
	case OpScalarDiv:
		kernel.ScalarDiv(dst, a, s)
	case OpMaxScalar:
		if s == 0 {
			kernel.ReLU(dst, a)
			return
		}
		kernel.MaxScalar(dst, a, s)
	case OpMinScalar:
		kernel.MinScalar(dst, a, s)
	}
}

func (i *Instruction) runUnary(dst, a []float32) {
	switch i.Op {
	case OpNeg:
		kernel.Neg(dst, a)
	case OpAbs:
		kernel.Abs(dst, a)
	case OpSign:
		kernel.Sign(dst, a)
	case OpSqrt:
		kernel.Sqrt(dst, a)
	case OpRsqrt:
		kernel.Rsqrt(dst, a)
	case OpExp:
		kernel.Exp(dst, a)
	case OpLog:
		kernel.Log(dst, a)
	case OpNonNegative:
		nonNegative(dst, a)
	}
}

func (i *Instruction) runFused(dst, a []float32, slots [][]float32) {
	b, c, d := slots[i.Args[1]], slots[i.Args[2]], slots[i.Args[3]]
	switch i.Op {
	case OpAffine:
		affine(dst, a, b, c, nil, lowest)
	case OpAffineReLU:
		affine(dst, a, b, c, nil, 0)
	case OpAffineAdd:
		affine(dst, a, b, c, d, lowest)
	case OpAffineAddReLU:
		affine(dst, a, b, c, d, 0)
	case OpBilinear:
		bilinear(dst, a, b, c, d, slots[i.Args[4]])
	case OpPassAffine:
		passAffine(dst, a, b, c, d, nil)
	case OpPassAffineAdd:
		passAffine(dst, a, b, c, d, slots[i.Args[4]])
	}
}
