package engine

import (
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
	codeMulAdd // a·b + c, for a product and a sum that nothing else reads.
	codeSum    // Adds slot a to sum dst.
)

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

// An instruction computes one block: slot dst from slots a, b and c, as many as
// it has operands, or from slot a and number b.
type instruction struct {
	code    opcode
	dst     int
	a, b, c int
}

// run executes i on one block. slots are arrays of the block's length.
func (i instruction) run(slots [][]float32, scalars []float32) {
	dst, a := slots[i.dst], slots[i.a]
	switch i.code {
	case codeAdd:
		kernel.Add(dst, a, slots[i.b])
	case codeAddScalar:
		kernel.AddScalar(dst, a, scalars[i.b])
	case codeSub:
		kernel.Sub(dst, a, slots[i.b])
	case codeSubScalar:
		kernel.AddScalar(dst, a, -scalars[i.b])
	case codeScalarSub:
		kernel.ScalarSub(dst, a, scalars[i.b])
	case codeMul:
		kernel.Mul(dst, a, slots[i.b])
	case codeMulScalar:
		kernel.MulScalar(dst, a, scalars[i.b])
	case codeDiv:
		kernel.Div(dst, a, slots[i.b])
	case codeDivScalar:
		kernel.DivScalar(dst, a, scalars[i.b])
	case codeScalarDiv:
		kernel.ScalarDiv(dst, a, scalars[i.b])
	case codeMax:
		kernel.Max(dst, a, slots[i.b])
	case codeMaxScalar:
		if scalars[i.b] == 0 {
			kernel.ReLU(dst, a)
			return
		}
		kernel.MaxScalar(dst, a, scalars[i.b])
	case codeMin:
		kernel.Min(dst, a, slots[i.b])
	case codeMinScalar:
		kernel.MinScalar(dst, a, scalars[i.b])
	case codePass:
		pass(dst, a, slots[i.b])
	case codeMulAdd:
		mulAdd(dst, a, slots[i.b], slots[i.c])
	default:
		i.runUnary(dst, a)
	}
}

func (i instruction) runUnary(dst, a []float32) {
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
