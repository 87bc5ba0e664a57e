package engine

import (
	"slices"

	"github.com/gomlx/compute"

	"quarterturn/core/engine/kernel"
)

// An opcode is an instruction of a loop. Those with Scalar take a number as one
// operand, which has no array then.
type opcode uint8

const (
	codeAdd opcode = iota
	codeAddScalar
	codeSub
	codeSubScalar
	codeScalarSub
	codeMul
	codeMulScalar
	codeDiv
	codeDivScalar
	codeScalarDiv
	codeMax
	codeMaxScalar
	codeMin
	codeMinScalar
	codeNeg
	codeAbs
	codeSign
	codeSqrt
	codeRsqrt
	codeExp
	codeLog
	codePass
	codeNonNegative

	// Several ops in one pass over a block, with the roundings of each. The
	// coder finds them where nothing else reads what is in between.
	codeAffine        // a·b + c
	codeAffineReLU    // max(a·b + c, 0)
	codeAffineAdd     // a·b + c + d
	codeAffineAddReLU // max(a·b + c + d, 0)
	codeBilinear      // a·b + (c·d + e)
	codePassAffine    // a where b·c + d ≥ 0, else 0
	codePassAffineAdd // a where b·c + d + e ≥ 0, else 0

	// Sums have no result in a slot; dst and second are numbers of sums.
	codeSum         // dst: a
	codeSumSquares  // dst: a-b, second: (a-b)²
	codeSumProducts // dst: a, second: a·(b-c)
	codeCount
)

// operands is how many slots the instructions read. Those with a number have it
// in the place of a second slot.
var operands = [codeCount]int{
	codeAdd: 2, codeSub: 2, codeMul: 2, codeDiv: 2, codeMax: 2, codeMin: 2, codePass: 2,
	codeAddScalar: 1, codeSubScalar: 1, codeScalarSub: 1, codeMulScalar: 1, codeDivScalar: 1, codeScalarDiv: 1,
	codeMaxScalar: 1, codeMinScalar: 1,
	codeNeg: 1, codeAbs: 1, codeSign: 1, codeSqrt: 1, codeRsqrt: 1, codeExp: 1, codeLog: 1, codeNonNegative: 1,
	codeAffine: 3, codeAffineReLU: 3, codeAffineAdd: 4, codeAffineAddReLU: 4, codeBilinear: 5,
	codePassAffine: 4, codePassAffineAdd: 5,
	codeSum: 1, codeSumSquares: 2, codeSumProducts: 3,
}

// instructionOf returns the opcode of an op on arrays.
func instructionOf(op compute.OpType) (opcode, bool) {
	switch op {
	case compute.OpTypeAdd:
		return codeAdd, true
	case compute.OpTypeSub:
		return codeSub, true
	case compute.OpTypeMul:
		return codeMul, true
	case compute.OpTypeDiv:
		return codeDiv, true
	case compute.OpTypeMax:
		return codeMax, true
	case compute.OpTypeMin:
		return codeMin, true
	case compute.OpTypeNeg:
		return codeNeg, true
	case compute.OpTypeAbs:
		return codeAbs, true
	case compute.OpTypeSign:
		return codeSign, true
	case compute.OpTypeSqrt:
		return codeSqrt, true
	case compute.OpTypeRsqrt:
		return codeRsqrt, true
	case compute.OpTypeExp:
		return codeExp, true
	case compute.OpTypeLog:
		return codeLog, true
	case opPass:
		return codePass, true
	case opNonNegative:
		return codeNonNegative, true
	}
	return 0, false
}

// instructionCost says how many simple ops one of op takes, roughly.
func instructionCost(op compute.OpType) int {
	switch op {
	case compute.OpTypeExp, compute.OpTypeLog:
		return 20
	case compute.OpTypeDiv, compute.OpTypeSqrt, compute.OpTypeRsqrt:
		return 4
	}
	return 1
}

// withScalar returns the form of code whose right or left operand is a number,
// and whether it has one.
func withScalar(code opcode, left bool) (opcode, bool) {
	switch {
	case code == codeAdd:
		return codeAddScalar, true
	case code == codeMul:
		return codeMulScalar, true
	case code == codeMax:
		return codeMaxScalar, true
	case code == codeMin:
		return codeMinScalar, true
	case code == codeSub && left:
		return codeScalarSub, true
	case code == codeSub:
		return codeSubScalar, true
	case code == codeDiv && left:
		return codeScalarDiv, true
	case code == codeDiv:
		return codeDivScalar, true
	}
	return 0, false
}

// An instruction computes one block: slot dst from the slots args, a to e.
type instruction struct {
	code   opcode
	dst    int
	args   [5]int
	second int // Of codes with two sums.
}

// reads tells whether i reads slot s.
func (i *instruction) reads(s int) bool {
	return slices.Contains(i.args[:operands[i.code]], s)
}

// isSum tells instructions that add to sums instead of writing a slot.
func (i *instruction) isSum() bool { return i.code >= codeSum }

// run executes i, which is not a sum, on one block. slots are arrays of the
// block's length.
func (i *instruction) run(slots [][]float32, numbers []float32) {
	dst, a := slots[i.dst], slots[i.args[0]]
	switch {
	case i.code >= codeAffine:
		i.runFused(dst, a, slots)
	case operands[i.code] == 2:
		i.runBinary(dst, a, slots[i.args[1]])
	case i.code < codeNeg:
		i.runScalar(dst, a, numbers[i.args[1]])
	default:
		i.runUnary(dst, a)
	}
}

func (i *instruction) runBinary(dst, a, b []float32) {
	switch i.code {
	case codeAdd:
		kernel.Add(dst, a, b)
	case codeSub:
		kernel.Sub(dst, a, b)
	case codeMul:
		kernel.Mul(dst, a, b)
	case codeDiv:
		kernel.Div(dst, a, b)
	case codeMax:
		kernel.Max(dst, a, b)
	case codeMin:
		kernel.Min(dst, a, b)
	case codePass:
		pass(dst, a, b)
	}
}

func (i *instruction) runScalar(dst, a []float32, s float32) {
	switch i.code {
	case codeAddScalar:
		kernel.AddScalar(dst, a, s)
	case codeSubScalar:
		kernel.AddScalar(dst, a, -s)
	case codeScalarSub:
		kernel.ScalarSub(dst, a, s)
	case codeMulScalar:
		kernel.MulScalar(dst, a, s)
	case codeDivScalar:
		kernel.DivScalar(dst, a, s)
	case codeScalarDiv:
		kernel.ScalarDiv(dst, a, s)
	case codeMaxScalar:
		if s == 0 {
			kernel.ReLU(dst, a)
			return
		}
		kernel.MaxScalar(dst, a, s)
	case codeMinScalar:
		kernel.MinScalar(dst, a, s)
	}
}

func (i *instruction) runUnary(dst, a []float32) {
	switch i.code {
	case codeNeg:
		kernel.Neg(dst, a)
	case codeAbs:
		kernel.Abs(dst, a)
	case codeSign:
		kernel.Sign(dst, a)
	case codeSqrt:
		kernel.Sqrt(dst, a)
	case codeRsqrt:
		kernel.Rsqrt(dst, a)
	case codeExp:
		kernel.Exp(dst, a)
	case codeLog:
		kernel.Log(dst, a)
	case codeNonNegative:
		nonNegative(dst, a)
	}
}

func (i *instruction) runFused(dst, a []float32, slots [][]float32) {
	b, c, d := slots[i.args[1]], slots[i.args[2]], slots[i.args[3]]
	switch i.code {
	case codeAffine:
		affine(dst, a, b, c, nil, lowest)
	case codeAffineReLU:
		affine(dst, a, b, c, nil, 0)
	case codeAffineAdd:
		affine(dst, a, b, c, d, lowest)
	case codeAffineAddReLU:
		affine(dst, a, b, c, d, 0)
	case codeBilinear:
		bilinear(dst, a, b, c, d, slots[i.args[4]])
	case codePassAffine:
		passAffine(dst, a, b, c, d, nil)
	case codePassAffineAdd:
		passAffine(dst, a, b, c, d, slots[i.args[4]])
	}
}
