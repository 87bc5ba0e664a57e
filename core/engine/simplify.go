package engine

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
)

// simplified returns a node that has the same value as n, which is not in the
// graph yet, and costs less; or n. The rules are those that graphs of GoMLX's
// autodiff need, and all but opPass's on NaN keep every bit.
func simplified(n *node) *node {
	if n.op == compute.OpTypeBroadcastInDim && n.inputs[0].op == compute.OpTypeBroadcastInDim {
		inner := n.inputs[0]
		return n.function.spread(inner.inputs[0], n.shape, pick(n.axes, inner.axes))
	}
	if n.shape.DType != dtypes.Float32 {
		return n
	}
	switch n.op {
	case compute.OpTypeSub:
		if isScalar(n.inputs[1], 0) { // Max(x, 0) differentiates into x - 0.
			return n.inputs[0]
		}
	case compute.OpTypeMul:
		return simplifiedMul(n)
	case compute.OpTypeDiv:
		if isScalar(n.inputs[1], 1) {
			return n.inputs[0]
		}
	case compute.OpTypeSign:
		return simplifiedSign(n)
	}
	return n
}

func isScalar(n *node, want float32) bool {
	x, ok := n.scalarConstant()
	return ok && x == want
}

// simplifiedMul drops a factor of 1 and turns a product with a 0-or-1 indicator
// into a selection.
func simplifiedMul(n *node) *node {
	for i, factor := range n.inputs {
		other := n.inputs[1-i]
		if isScalar(factor, 1) {
			return other
		}
		if factor.op == opNonNegative {
			return n.function.addOp(opPass, n.shape, other, factor.inputs[0])
		}
	}
	return n
}

// simplifiedSign recognises sign(sign(x)+1), GoMLX's indicator of x ≥ 0.
func simplifiedSign(n *node) *node {
	sum := n.inputs[0]
	if sum.op != compute.OpTypeAdd {
		return n
	}
	for i, term := range sum.inputs {
		if term.op == compute.OpTypeSign && isScalar(sum.inputs[1-i], 1) {
			return n.function.addOp(opNonNegative, n.shape, term.inputs[0])
		}
	}
	return n
}
