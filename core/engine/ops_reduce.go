package engine

import (
	"slices"

	"quarterturn/core/fault"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapeinference"
	"github.com/gomlx/compute/shapes"
)

// ReduceSum implements compute.StandardOps.
func (f *Function) ReduceSum(x compute.Value, axes ...int) (compute.Value, error) {
	return f.reduction(compute.OpTypeReduceSum, x, axes)
}

// ReduceProduct implements compute.StandardOps.
func (f *Function) ReduceProduct(x compute.Value, axes ...int) (compute.Value, error) {
	return f.reduction(compute.OpTypeReduceProduct, x, axes)
}

// ReduceMax implements compute.StandardOps.
func (f *Function) ReduceMax(x compute.Value, axes ...int) (compute.Value, error) {
	return f.reduction(compute.OpTypeReduceMax, x, axes)
}

// ReduceMin implements compute.StandardOps.
func (f *Function) ReduceMin(x compute.Value, axes ...int) (compute.Value, error) {
	return f.reduction(compute.OpTypeReduceMin, x, axes)
}

// ReduceLogicalAnd implements compute.StandardOps.
func (f *Function) ReduceLogicalAnd(x compute.Value, axes ...int) (compute.Value, error) {
	return f.reduction(compute.OpTypeReduceLogicalAnd, x, axes)
}

// ReduceLogicalOr implements compute.StandardOps.
func (f *Function) ReduceLogicalOr(x compute.Value, axes ...int) (compute.Value, error) {
	return f.reduction(compute.OpTypeReduceLogicalOr, x, axes)
}

// ReduceLogicalXor implements compute.StandardOps.
func (f *Function) ReduceLogicalXor(x compute.Value, axes ...int) (compute.Value, error) {
	return f.reduction(compute.OpTypeReduceLogicalXor, x, axes)
}

// ReduceBitwiseAnd implements compute.StandardOps.
func (f *Function) ReduceBitwiseAnd(x compute.Value, axes ...int) (compute.Value, error) {
	return f.reduction(compute.OpTypeReduceBitwiseAnd, x, axes)
}

// ReduceBitwiseOr implements compute.StandardOps.
func (f *Function) ReduceBitwiseOr(x compute.Value, axes ...int) (compute.Value, error) {
	return f.reduction(compute.OpTypeReduceBitwiseOr, x, axes)
}

// ReduceBitwiseXor implements compute.StandardOps.
func (f *Function) ReduceBitwiseXor(x compute.Value, axes ...int) (compute.Value, error) {
	return f.reduction(compute.OpTypeReduceBitwiseXor, x, axes)
}

// reduction adds a reduction over axes, all of them if there are none.
func (f *Function) reduction(op compute.OpType, x compute.Value, axes []int) (compute.Value, error) {
	nodes, err := f.take(opName(op), x)
	if err != nil {
		return nil, err
	}
	operand := nodes[0]
	isBool := operand.shape.DType == dtypes.Bool
	switch op {
	case compute.OpTypeReduceLogicalAnd, compute.OpTypeReduceLogicalOr, compute.OpTypeReduceLogicalXor:
		if !isBool {
			return nil, fault.Errorf("engine", "%s of %s: want bool", opName(op), operand.shape)
		}
	case compute.OpTypeReduceBitwiseAnd, compute.OpTypeReduceBitwiseOr, compute.OpTypeReduceBitwiseXor:
		if !operand.shape.DType.IsInt() {
			return nil, fault.Errorf("engine", "%s of %s: want integers", opName(op), operand.shape)
		}
	default:
		if isBool {
			return nil, fault.Errorf("engine", "%s of %s: want numbers", opName(op), operand.shape)
		}
	}
	return f.reduce(op, operand, axes)
}

func (f *Function) reduce(op compute.OpType, operand *node, axes []int) (*node, error) {
	if len(axes) == 0 {
		axes = make([]int, operand.shape.Rank())
		for i := range axes {
			axes[i] = i
		}
	}
	axes = slices.Clone(axes)
	slices.Sort(axes)
	if len(slices.Compact(slices.Clone(axes))) != len(axes) {
		return nil, fault.Errorf("engine", "%s over axes %v: one is there twice", opName(op), axes)
	}
	if len(axes) == 0 {
		return operand, nil // A scalar.
	}
	shape, err := shapeinference.Reduce(operand.shape, axes)
	if err != nil {
		return nil, err
	}
	return f.add(&node{op: op, shape: shape, inputs: []*node{operand}, axes: axes}), nil
}

// ArgMinMax implements compute.StandardOps. The first of equal extremes is
// chosen, and a NaN before any number.
func (f *Function) ArgMinMax(x compute.Value, axis int, outputDType dtypes.DType, isMin bool) (compute.Value, error) {
	nodes, err := f.take("ArgMinMax", x)
	if err != nil {
		return nil, err
	}
	shape, err := shapeinference.ArgMinMax(nodes[0].shape, axis, outputDType)
	if err != nil {
		return nil, err
	}
	if !supportedDTypes[outputDType] {
		return nil, notImplemented(compute.OpTypeArgMinMax)
	}
	if nodes[0].shape.Dimensions[axis] == 0 {
		return nil, fault.Errorf("engine", "ArgMinMax over axis %d of %s: there is nothing to choose from", axis, nodes[0].shape)
	}
	return f.add(&node{op: compute.OpTypeArgMinMax, shape: shape, inputs: nodes, axes: []int{axis}, data: isMin}), nil
}

// RNGBitGenerator implements compute.StandardOps with the generator of the stock
// Go backend (PCG), so that both give the same bits from the same state. The
// third word of the state is carried along unchanged.
func (f *Function) RNGBitGenerator(state compute.Value, shape shapes.Shape) (newState, values compute.Value, err error) {
	nodes, err := f.take("RNGBitGenerator", state)
	if err != nil {
		return nil, nil, err
	}
	if !nodes[0].shape.Equal(compute.RNGStateShape) {
		return nil, nil, fault.Errorf("engine", "RNGBitGenerator with a state of shape %s, want %s", nodes[0].shape, compute.RNGStateShape)
	}
	if err := f.builder.backend.checkShape(0, shape); err != nil {
		return nil, nil, err
	}
	bits := f.addOp(opRandomBits, shape.Clone(), nodes[0])
	next := f.add(&node{op: opRandomState, shape: nodes[0].shape, inputs: nodes, data: int(shape.ByteSize())})
	return next, bits, nil
}
