package engine

import (
	"github.com/gomlx/compute"

	"quarterturn/core/engine/loop"
)

// instructionOf returns the opcode of an op on arrays.
func instructionOf(op compute.OpType) (loop.Opcode, bool) {
	switch op {
	case compute.OpTypeAdd:
		return loop.OpAdd, true
	case compute.OpTypeSub:
		return loop.OpSub, true
	case compute.OpTypeMul:
		return loop.OpMul, true
	case compute.OpTypeDiv:
		return loop.OpDiv, true
	case compute.OpTypeMax:
		return loop.OpMax, true
	case compute.OpTypeMin:
		return loop.OpMin, true
	case compute.OpTypeNeg:
		return loop.OpNeg, true
	case compute.OpTypeAbs:
		return loop.OpAbs, true
	case compute.OpTypeSign:
		return loop.OpSign, true
	case compute.OpTypeSqrt:
		return loop.OpSqrt, true
	case compute.OpTypeRsqrt:
		return loop.OpRsqrt, true
	case compute.OpTypeExp:
		return loop.OpExp, true
	case compute.OpTypeLog:
		return loop.OpLog, true
	case opPass:
		return loop.OpPass, true
	case opNonNegative:
		return loop.OpNonNegative, true
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
