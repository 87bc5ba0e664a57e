package engine

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapeinference"
	"github.com/gomlx/compute/shapes"

	"quarterturn/core/fault"
)

// unary adds an op of one operand whose result has its shape.
func (f *Function) unary(op compute.OpType, x compute.Value) (compute.Value, error) {
	nodes, err := f.take(opName(op), x)
	if err != nil {
		return nil, err
	}
	shape, err := shapeinference.UnaryOp(op, nodes[0].shape)
	if err != nil {
		return nil, err
	}
	return f.addOp(op, shape, nodes...), nil
}

// test adds an op of one float operand whose result is bool.
func (f *Function) test(op compute.OpType, x compute.Value) (compute.Value, error) {
	nodes, err := f.take(opName(op), x)
	if err != nil {
		return nil, err
	}
	if !nodes[0].shape.DType.IsFloat() {
		return nil, fault.Errorf("engine", "%s of %s: want floats", opName(op), nodes[0].shape)
	}
	return f.addOp(op, withDType(nodes[0].shape, dtypes.Bool), nodes...), nil
}

// binary adds an op of two operands, which are broadcast to a common shape.
func (f *Function) binary(op compute.OpType, lhs, rhs compute.Value) (compute.Value, error) {
	nodes, err := f.take(opName(op), lhs, rhs)
	if err != nil {
		return nil, err
	}
	shape, err := binaryShape(op, nodes[0].shape, nodes[1].shape)
	if err != nil {
		return nil, err
	}
	return f.addOp(op, shape, f.broadcast(nodes[0], shape), f.broadcast(nodes[1], shape)), nil
}

// binaryShape is shapeinference.BinaryOp, which leaves out the shifts.
func binaryShape(op compute.OpType, lhs, rhs shapes.Shape) (shapes.Shape, error) {
	switch op {
	case compute.OpTypeShiftLeft, compute.OpTypeShiftRightArithmetic, compute.OpTypeShiftRightLogical:
		if !lhs.DType.IsInt() {
			return shapes.Invalid(), fault.Errorf("engine", "%s of %s: want integers", opName(op), lhs)
		}
		op = compute.OpTypeBitwiseAnd // The same rule.
	}
	return shapeinference.BinaryOp(op, lhs, rhs)
}

func (f *Function) comparison(op compute.OpType, lhs, rhs compute.Value) (compute.Value, error) {
	nodes, err := f.take(opName(op), lhs, rhs)
	if err != nil {
		return nil, err
	}
	shape, err := shapeinference.ComparisonOp(op, nodes[0].shape, nodes[1].shape)
	if err != nil {
		return nil, err
	}
	return f.addOp(op, shape, f.broadcast(nodes[0], shape), f.broadcast(nodes[1], shape)), nil
}

// Where implements compute.StandardOps.
func (f *Function) Where(condition, onTrue, onFalse compute.Value) (compute.Value, error) {
	nodes, err := f.take("Where", condition, onTrue, onFalse)
	if err != nil {
		return nil, err
	}
	shape, err := shapeinference.Where(nodes[0].shape, nodes[1].shape, nodes[2].shape)
	if err != nil {
		return nil, err
	}
	return f.addOp(compute.OpTypeWhere, shape, f.broadcast(nodes[0], shape),
		f.broadcast(nodes[1], shape), f.broadcast(nodes[2], shape)), nil
}

// Clamp implements compute.StandardOps as Min(Max(x, low), high).
func (f *Function) Clamp(low, x, high compute.Value) (compute.Value, error) {
	raised, err := f.Max(x, low)
	if err != nil {
		return nil, err
	}
	return f.Min(raised, high)
}

// ConvertDType implements compute.StandardOps. Floats become integers by
// truncation, and saturate; bool is whether a number is not 0.
func (f *Function) ConvertDType(x compute.Value, dtype dtypes.DType) (compute.Value, error) {
	nodes, err := f.take("ConvertDType", x)
	if err != nil {
		return nil, err
	}
	if !supportedDTypes[dtype] {
		return nil, fault.Errorf("engine", "ConvertDType to %s: %w", dtype, compute.ErrNotImplemented)
	}
	if nodes[0].shape.DType == dtype {
		return nodes[0], nil
	}
	return f.addOp(compute.OpTypeConvertDType, withDType(nodes[0].shape, dtype), nodes...), nil
}

// broadcast returns x as a value of shape's dimensions: a scalar everywhere, or
// of the same rank with axes of dimension 1 repeated. The dtype stays.
func (f *Function) broadcast(x *node, shape shapes.Shape) *node {
	if x.shape.EqualDimensions(shape) {
		return x
	}
	axes := make([]int, x.shape.Rank())
	for i := range axes {
		axes[i] = i
	}
	return f.spread(x, withDType(shape, x.shape.DType), axes)
}

// spread adds a BroadcastInDim: axis i of x becomes axis axes[i] of shape.
func (f *Function) spread(x *node, shape shapes.Shape, axes []int) *node {
	return f.add(&node{op: compute.OpTypeBroadcastInDim, shape: shape, inputs: []*node{x}, axes: axes})
}

func withDType(shape shapes.Shape, dtype dtypes.DType) shapes.Shape {
	shape = shape.Clone()
	shape.DType = dtype
	return shape
}

// isElementwise reports whether op's result at a position depends on the operands at
// that position alone. All operands have the dimensions of the result.
func isElementwise(op compute.OpType) bool {
	switch op {
	case compute.OpTypeWhere, compute.OpTypeConvertDType, compute.OpTypeIsFinite, compute.OpTypeIsNaN,
		compute.OpTypeShiftLeft, compute.OpTypeShiftRightArithmetic, compute.OpTypeShiftRightLogical,
		opPass, opNonNegative:
		return true
	}
	return shapeinference.StandardUnaryOperations.Has(op) || shapeinference.StandardBinaryOperations.Has(op) ||
		shapeinference.ComparisonOperations.Has(op)
}
