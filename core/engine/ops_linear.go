package engine

import (
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapeinference"
	"github.com/gomlx/compute/shapes"

	"quarterturn/core/engine/kernel"
	"quarterturn/core/fault"
)

// DotGeneral implements compute.StandardOps. Float32 products become transposes
// to [batch, rows, inner] and [batch, inner, columns] where they are needed, and
// a matrix product; other dtypes go the same way with a plain loop.
func (f *Function) DotGeneral(
	lhs compute.Value, lhsContractingAxes, lhsBatchAxes []int,
	rhs compute.Value, rhsContractingAxes, rhsBatchAxes []int,
	config compute.DotGeneralConfig,
) (compute.Value, error) {
	nodes, err := f.take("DotGeneral", lhs, rhs)
	if err != nil {
		return nil, err
	}
	a, b := nodes[0], nodes[1]
	shape, err := shapeinference.DotGeneral(a.shape, lhsContractingAxes, lhsBatchAxes, b.shape, rhsContractingAxes, rhsBatchAxes, config)
	if err != nil {
		return nil, err
	}
	if shape.DType != a.shape.DType || config.AccumulatorDType != dtypes.InvalidDType && config.AccumulatorDType != a.shape.DType {
		return nil, fault.Errorf("engine", "DotGeneral of %s with other dtypes inside: %w", a.shape, compute.ErrNotImplemented)
	}
	left := f.side(a, lhsBatchAxes, lhsContractingAxes, false)
	right := f.side(b, rhsBatchAxes, rhsContractingAxes, true)
	m := matMul{
		MatMul: kernel.MatMul{
			Rows: left.free, Columns: right.free, Inner: left.contracted,
			TransposeA: left.transposed, TransposeB: right.transposed,
		},
		batch: left.batch,
	}
	return f.add(&node{op: opMatMul, shape: shape, inputs: []*node{left.node, right.node}, data: m}), nil
}

// matMul is as many products of matrices, one after the other in memory.
type matMul struct {
	kernel.MatMul
	batch int
}

// An operandSide is an operand of a product brought to the order batch, free,
// contracted axes, or batch, contracted, free.
type operandSide struct {
	node                    *node
	batch, free, contracted int // Products of dimensions.
	transposed              bool
}

// side brings x to one of the two orders, without moving it if it is in one of
// them already. The left operand is [batch, free, contracted] unless transposed,
// the right one [batch, contracted, free].
func (f *Function) side(x *node, batch, contracted []int, right bool) operandSide {
	var free []int
	for axis := range x.shape.Rank() {
		if !slices.Contains(batch, axis) && !slices.Contains(contracted, axis) {
			free = append(free, axis)
		}
	}
	freeFirst := slices.Concat(batch, free, contracted)
	freeLast := slices.Concat(batch, contracted, free)
	s := operandSide{batch: product(x, batch), free: product(x, free), contracted: product(x, contracted)}
	order, last := freeFirst, false
	if !isIdentity(freeFirst) && (isIdentity(freeLast) || right) {
		order, last = freeLast, true
	}
	s.transposed = last != right
	s.node = x
	if !isIdentity(order) {
		shape := shapes.Make(x.shape.DType, pick(x.shape.Dimensions, order)...)
		s.node = f.transpose(x, shape, order)
	}
	return s
}

func isIdentity(order []int) bool {
	for i, axis := range order {
		if i != axis {
			return false
		}
	}
	return true
}

func product(x *node, axes []int) int {
	n := 1
	for _, axis := range axes {
		n *= x.shape.Dimensions[axis]
	}
	return n
}

func pick(values, positions []int) []int {
	picked := make([]int, len(positions))
	for i, p := range positions {
		picked[i] = values[p]
	}
	return picked
}

// convData is what ConvGeneral says besides its operands.
type convData struct {
	axes                            compute.ConvolveAxesConfig
	strides                         []int
	paddings                        [][2]int
	inputDilations, kernelDilations []int
}

// ConvGeneral implements compute.StandardOps without groups.
func (f *Function) ConvGeneral(
	input, weights compute.Value, axes compute.ConvolveAxesConfig,
	strides []int, paddings [][2]int, inputDilations, kernelDilations []int,
	channelGroupCount, batchGroupCount int,
) (compute.Value, error) {
	nodes, err := f.take("ConvGeneral", input, weights)
	if err != nil {
		return nil, err
	}
	if channelGroupCount > 1 || batchGroupCount > 1 {
		return nil, fault.Errorf("engine", "ConvGeneral in %d channel and %d batch groups: %w", channelGroupCount, batchGroupCount, compute.ErrNotImplemented)
	}
	shape, err := shapeinference.ConvGeneral(nodes[0].shape, nodes[1].shape, axes, strides, paddings, inputDilations, kernelDilations, 1, 1)
	if err != nil {
		return nil, err
	}
	if shape.DType == dtypes.Bool {
		return nil, fault.Errorf("engine", "ConvGeneral of %s: want numbers", shape)
	}
	d := convData{axes: axes.Clone()}
	for i := range axes.InputSpatial {
		d.strides = append(d.strides, at(strides, i, 1))
		d.paddings = append(d.paddings, at(paddings, i, [2]int{}))
		d.inputDilations = append(d.inputDilations, at(inputDilations, i, 1))
		d.kernelDilations = append(d.kernelDilations, at(kernelDilations, i, 1))
	}
	if n := f.kernelConvolution(nodes[0], nodes[1], shape, d); n != nil {
		return n, nil
	}
	return f.add(&node{op: compute.OpTypeConvGeneral, shape: shape, inputs: nodes, data: d}), nil
}

// at returns values[i], or what it defaults to where values is empty.
func at[T any](values []T, i int, otherwise T) T {
	if len(values) == 0 {
		return otherwise
	}
	return values[i]
}
