package engine

import (
	"slices"

	"quarterturn/core/fault"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapeinference"
	"github.com/gomlx/compute/shapes"
)

// Identity implements compute.StandardOps. It adds nothing: values do not change.
func (f *Function) Identity(x compute.Value) (compute.Value, error) {
	nodes, err := f.take("Identity", x)
	if err != nil {
		return nil, err
	}
	return nodes[0], nil
}

// OptimizationBarrier implements compute.StandardOps. No transformation of ours
// changes results, so there is nothing to keep apart.
func (f *Function) OptimizationBarrier(operands ...compute.Value) ([]compute.Value, error) {
	if _, err := f.take("OptimizationBarrier", operands...); err != nil {
		return nil, err
	}
	return slices.Clone(operands), nil
}

// SchedulingBarrier implements compute.StandardOps. Ops have no side effects, so
// their order is ours.
func (f *Function) SchedulingBarrier(operand compute.Value, dependencies ...compute.Value) (compute.Value, error) {
	if _, err := f.take("SchedulingBarrier", dependencies...); err != nil {
		return nil, err
	}
	return f.Identity(operand)
}

// Reshape implements compute.StandardOps.
func (f *Function) Reshape(x compute.Value, dimensions ...int) (compute.Value, error) {
	nodes, err := f.take("Reshape", x)
	if err != nil {
		return nil, err
	}
	shape, err := shapeinference.Reshape(nodes[0].shape, dimensions)
	if err != nil {
		return nil, err
	}
	return f.reshape(nodes[0], shape), nil
}

func (f *Function) reshape(x *node, shape shapes.Shape) *node {
	if x.shape.Equal(shape) {
		return x
	}
	if x.op == compute.OpTypeReshape {
		x = x.inputs[0]
		if x.shape.Equal(shape) {
			return x
		}
	}
	return f.addOp(compute.OpTypeReshape, shape, x)
}

// Bitcast implements compute.StandardOps.
func (f *Function) Bitcast(x compute.Value, dtype dtypes.DType) (compute.Value, error) {
	nodes, err := f.take("Bitcast", x)
	if err != nil {
		return nil, err
	}
	if !supportedDTypes[dtype] || dtype == dtypes.Bool || nodes[0].shape.DType == dtypes.Bool {
		return nil, notImplemented(compute.OpTypeBitcast)
	}
	shape, err := shapeinference.Bitcast(nodes[0].shape, dtype)
	if err != nil {
		return nil, err
	}
	return f.addOp(compute.OpTypeBitcast, shape, nodes...), nil
}

// BroadcastInDim implements compute.StandardOps.
func (f *Function) BroadcastInDim(x compute.Value, outputShape shapes.Shape, broadcastAxes []int) (compute.Value, error) {
	nodes, err := f.take("BroadcastInDim", x)
	if err != nil {
		return nil, err
	}
	if err := f.builder.backend.checkShape(0, outputShape); err != nil {
		return nil, err
	}
	if err := shapeinference.BroadcastInDim(nodes[0].shape, outputShape, broadcastAxes, nil); err != nil {
		return nil, err
	}
	if nodes[0].shape.Equal(outputShape) && slices.IsSorted(broadcastAxes) {
		return nodes[0], nil
	}
	return f.spread(nodes[0], withDType(outputShape, nodes[0].shape.DType), slices.Clone(broadcastAxes)), nil
}

// Transpose implements compute.StandardOps.
func (f *Function) Transpose(x compute.Value, permutation ...int) (compute.Value, error) {
	nodes, err := f.take("Transpose", x)
	if err != nil {
		return nil, err
	}
	shape, err := shapeinference.Transpose(nodes[0].shape, permutation)
	if err != nil {
		return nil, err
	}
	return f.transpose(nodes[0], shape, permutation), nil
}

// transpose adds a transposition, or a reshape where only axes of dimension 1
// change places.
func (f *Function) transpose(x *node, shape shapes.Shape, permutation []int) *node {
	last := -1
	moves := false
	for _, from := range permutation {
		if x.shape.Dimensions[from] == 1 {
			continue
		}
		moves = moves || from < last
		last = from
	}
	if !moves {
		return f.reshape(x, shape)
	}
	return f.add(&node{op: compute.OpTypeTranspose, shape: shape, inputs: []*node{x}, axes: slices.Clone(permutation)})
}

// Reverse implements compute.StandardOps.
func (f *Function) Reverse(x compute.Value, axes ...int) (compute.Value, error) {
	nodes, err := f.take("Reverse", x)
	if err != nil {
		return nil, err
	}
	axes = slices.Clone(axes)
	slices.Sort(axes)
	for i, axis := range axes {
		if axis < 0 || axis >= nodes[0].shape.Rank() || i > 0 && axes[i-1] == axis {
			return nil, fault.Errorf("engine", "Reverse of %s over axes %v: want each at most once", nodes[0].shape, axes)
		}
	}
	axes = slices.DeleteFunc(axes, func(axis int) bool { return nodes[0].shape.Dimensions[axis] == 1 })
	if len(axes) == 0 {
		return nodes[0], nil
	}
	return f.add(&node{op: compute.OpTypeReverse, shape: nodes[0].shape, inputs: nodes, axes: axes}), nil
}

// sliceData is what a Slice takes of each axis.
type sliceData struct{ starts, strides []int }

// Slice implements compute.StandardOps.
func (f *Function) Slice(x compute.Value, starts, limits, strides []int) (compute.Value, error) {
	nodes, err := f.take("Slice", x)
	if err != nil {
		return nil, err
	}
	if len(strides) == 0 {
		strides = slices.Repeat([]int{1}, nodes[0].shape.Rank())
	}
	shape, err := shapeinference.Slice(nodes[0].shape, starts, limits, strides)
	if err != nil {
		return nil, err
	}
	if shape.Equal(nodes[0].shape) {
		return nodes[0], nil
	}
	data := sliceData{slices.Clone(starts), slices.Clone(strides)}
	return f.add(&node{op: compute.OpTypeSlice, shape: shape, inputs: nodes, data: data}), nil
}

// Pad implements compute.StandardOps for paddings from 0 up.
func (f *Function) Pad(x, fillValue compute.Value, axesConfig ...compute.PadAxis) (compute.Value, error) {
	nodes, err := f.take("Pad", x, fillValue)
	if err != nil {
		return nil, err
	}
	shape, err := shapeinference.Pad(nodes[0].shape, axesConfig...)
	if err != nil {
		return nil, err
	}
	if nodes[1].shape.DType != shape.DType || nodes[1].shape.Rank() != 0 {
		return nil, fault.Errorf("engine", "Pad of %s with %s: want a scalar of the same dtype", nodes[0].shape, nodes[1].shape)
	}
	pads := make([]compute.PadAxis, shape.Rank())
	copy(pads, axesConfig)
	for _, p := range pads {
		if p.Start < 0 || p.End < 0 || p.Interior < 0 {
			return nil, fault.Errorf("engine", "Pad of %s by %+v: negative padding: %w", nodes[0].shape, p, compute.ErrNotImplemented)
		}
	}
	return f.add(&node{op: compute.OpTypePad, shape: shape, inputs: nodes, data: pads}), nil
}

// Concatenate implements compute.StandardOps.
func (f *Function) Concatenate(axis int, operands ...compute.Value) (compute.Value, error) {
	nodes, err := f.take("Concatenate", operands...)
	if err != nil {
		return nil, err
	}
	parts := make([]shapes.Shape, len(nodes))
	for i, n := range nodes {
		parts[i] = n.shape
	}
	shape, err := shapeinference.Concatenate(parts, axis)
	if err != nil {
		return nil, err
	}
	if len(nodes) == 1 {
		return nodes[0], nil
	}
	return f.add(&node{op: compute.OpTypeConcatenate, shape: shape, inputs: nodes, axes: []int{axis}}), nil
}

// Iota implements compute.StandardOps as a constant.
func (f *Function) Iota(shape shapes.Shape, iotaAxis int) (compute.Value, error) {
	if err := f.builder.backend.checkShape(0, shape); err != nil {
		return nil, err
	}
	if shape.DType == dtypes.Bool || iotaAxis < 0 || iotaAxis >= shape.Rank() {
		return nil, fault.Errorf("engine", "Iota of %s along axis %d: want numbers and one of the axes", shape, iotaAxis)
	}
	memory := make([]uint64, wordsOf(shape))
	inner := 1
	for _, dim := range shape.Dimensions[iotaAxis+1:] {
		inner *= dim
	}
	count := shape.Dimensions[iotaAxis]
	values := newLane(shape.DType, bytesOf(memory, int(shape.ByteSize())))
	for i := range shape.Size() {
		values.setInt(i, int64(i/inner%count))
	}
	return f.addConstant(shape.Clone(), memory), nil
}
