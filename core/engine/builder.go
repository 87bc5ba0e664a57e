package engine

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/notimplemented"
	"github.com/gomlx/compute/shapes"

	"quarterturn/core/fault"
)

// notImplemented is the error of an op the engine does not have.
func notImplemented(op compute.OpType) error {
	return fault.Errorf("engine", "op %s: %w", opName(op), compute.ErrNotImplemented)
}

// A builder collects the nodes of one graph. There is one function, main: no op
// we have takes another.
type builder struct {
	notimplemented.Builder
	backend  *Backend
	name     string
	main     *Function
	compiled bool
	grouped  bool // Of a rank of a group: see exchange.go.
}

var _ compute.Builder = (*builder)(nil)

// Builder returns a builder of a new graph.
func (b *Backend) Builder(name string) compute.Builder {
	w := &builder{
		Builder: notimplemented.Builder{ErrFn: notImplemented},
		backend: b,
		name:    name,
	}
	w.main = &Function{
		Function: notimplemented.Function{ErrFn: notImplemented},
		builder:  w,
		seen:     map[string]*node{},
	}
	return w
}

func (b *builder) Name() string { return b.name }

func (b *builder) Main() compute.Function { return b.main }

func (b *builder) NewFunction(name string) (compute.Function, error) {
	return nil, fault.Errorf("engine", "function %q besides main: %w", name, compute.ErrNotImplemented)
}

func (b *builder) OpShape(op compute.Value) (shapes.Shape, error) { return b.main.Shape(op) }

// Compile plans the graph that main's Return ended.
func (b *builder) Compile() (compute.Executable, error) {
	if b.main.outputs == nil {
		return nil, fault.Errorf("engine", "graph %q: call Return on its main function before Compile", b.name)
	}
	if b.compiled {
		return nil, fault.Errorf("engine", "graph %q was compiled already", b.name)
	}
	b.compiled = true
	p, err := compile(b.backend, b.main)
	if err != nil {
		return nil, fault.Errorf("engine", "graph %q: %w", b.name, err)
	}
	return newExecutable(b.backend, b.main, p), nil
}

// Capabilities lists the ops and dtypes the engine has. An op may still refuse a
// configuration with ErrNotImplemented when it is added to a graph.
func (b *Backend) Capabilities() compute.Capabilities {
	c := compute.Capabilities{
		Operations: make(map[compute.OpType]bool, len(supportedOps)),
		DTypes:     make(map[dtypes.DType]bool, len(supportedDTypes)),
	}
	for _, op := range supportedOps {
		c.Operations[op] = true
	}
	if b.options.Group != nil {
		c.Operations[compute.OpTypeAllReduce] = true
	}
	for dtype := range supportedDTypes {
		c.DTypes[dtype] = true
	}
	return c
}

var supportedOps = []compute.OpType{
	compute.OpTypeParameter, compute.OpTypeConstant, compute.OpTypeIdentity,

	compute.OpTypeAbs, compute.OpTypeNeg, compute.OpTypeSign, compute.OpTypeSqrt, compute.OpTypeRsqrt,
	compute.OpTypeExp, compute.OpTypeExpm1, compute.OpTypeLog, compute.OpTypeLog1p, compute.OpTypeTanh,
	compute.OpTypeLogistic, compute.OpTypeErf, compute.OpTypeSin, compute.OpTypeCos,
	compute.OpTypeCeil, compute.OpTypeFloor, compute.OpTypeRound,
	compute.OpTypeIsFinite, compute.OpTypeIsNaN,
	compute.OpTypeLogicalNot, compute.OpTypeBitwiseNot, compute.OpTypeBitCount, compute.OpTypeClz,

	compute.OpTypeAdd, compute.OpTypeSub, compute.OpTypeMul, compute.OpTypeDiv, compute.OpTypeRem,
	compute.OpTypePow, compute.OpTypeAtan2, compute.OpTypeMax, compute.OpTypeMin,
	compute.OpTypeLogicalAnd, compute.OpTypeLogicalOr, compute.OpTypeLogicalXor,
	compute.OpTypeBitwiseAnd, compute.OpTypeBitwiseOr, compute.OpTypeBitwiseXor,
	compute.OpTypeShiftLeft, compute.OpTypeShiftRightArithmetic, compute.OpTypeShiftRightLogical,
	compute.OpTypeEqual, compute.OpTypeNotEqual, compute.OpTypeGreaterThan, compute.OpTypeGreaterOrEqual,
	compute.OpTypeLessThan, compute.OpTypeLessOrEqual,
	compute.OpTypeWhere, compute.OpTypeClamp, compute.OpTypeConvertDType,

	compute.OpTypeReshape, compute.OpTypeTranspose, compute.OpTypeReverse, compute.OpTypeSlice,
	compute.OpTypePad, compute.OpTypeConcatenate, compute.OpTypeBroadcastInDim, compute.OpTypeIota,
	compute.OpTypeBitcast, compute.OpTypeOptimizationBarrier, compute.OpTypeSchedulingBarrier,

	compute.OpTypeReduceSum, compute.OpTypeReduceProduct, compute.OpTypeReduceMax, compute.OpTypeReduceMin,
	compute.OpTypeReduceLogicalAnd, compute.OpTypeReduceLogicalOr, compute.OpTypeReduceLogicalXor,
	compute.OpTypeReduceBitwiseAnd, compute.OpTypeReduceBitwiseOr, compute.OpTypeReduceBitwiseXor,
	compute.OpTypeArgMinMax,

	compute.OpTypeDotGeneral, compute.OpTypeConvGeneral,
	compute.OpTypeBatchNormForTraining, compute.OpTypeBatchNormForInference, compute.OpTypeBatchNormGradient,
	compute.OpTypeRNGBitGenerator,
}
