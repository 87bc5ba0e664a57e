package engine

import (
	"fmt"
	"slices"

	"quarterturn/core/fault"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/notimplemented"
	"github.com/gomlx/compute/shapes"
)

// A Function is the graph's main function: ops become nodes. Two ops that would
// have the same value become one node.
type Function struct {
	notimplemented.Function
	builder    *builder
	nodes      []*node
	parameters []*node
	names      []string // Of the parameters.
	outputs    []*node
	folded     bool // Constants are folded, or this is the part that folding computes.
	seen       map[string]*node
}

var _ compute.Function = (*Function)(nil)

// Name returns "main".
func (f *Function) Name() string { return compute.MainName }

// Builder returns the builder that f belongs to.
func (f *Function) Builder() compute.Builder { return f.builder }

// Parent returns nil: main has no parent.
func (f *Function) Parent() compute.Function { return nil }

// Closure returns ErrNotImplemented.
func (f *Function) Closure() (compute.Function, error) {
	return nil, fault.Errorf("engine", "closures: %w", compute.ErrNotImplemented)
}

// Call returns ErrNotImplemented.
func (f *Function) Call(compute.Function, ...compute.Value) ([]compute.Value, error) {
	return nil, notImplemented(compute.OpTypeCall)
}

// Shape returns the shape of a value of this function.
func (f *Function) Shape(v compute.Value) (shapes.Shape, error) {
	nodes, err := f.take("Shape", v)
	if err != nil {
		return shapes.Invalid(), err
	}
	return nodes[0].shape, nil
}

// take returns the nodes that values are.
func (f *Function) take(op string, values ...compute.Value) ([]*node, error) {
	if f.builder.compiled {
		return nil, fault.Errorf("engine", "%s: graph %q was compiled already", op, f.builder.name)
	}
	nodes := make([]*node, len(values))
	for i, v := range values {
		n, ok := v.(*node)
		if !ok {
			return nil, fault.Errorf("engine", "%s: operand %d is a %T of another backend", op, i, v)
		}
		if n.function != f {
			return nil, fault.Errorf("engine", "%s: operand %d belongs to another graph", op, i)
		}
		nodes[i] = n
	}
	return nodes, nil
}

// add appends a node, or returns the one that has the same value.
func (f *Function) add(n *node) *node {
	n.function = f
	if s := simplified(n); s != n {
		return s
	}
	key := n.key()
	if same, ok := f.seen[key]; ok {
		return same
	}
	f.seen[key] = n
	n.id = len(f.nodes)
	f.nodes = append(f.nodes, n)
	return n
}

// addOp is add for a node without further data.
func (f *Function) addOp(op compute.OpType, shape shapes.Shape, inputs ...*node) *node {
	return f.add(&node{op: op, shape: shape, inputs: inputs})
}

// Parameter adds an input of the graph.
func (f *Function) Parameter(name string, shape shapes.Shape, sharding *compute.ShardingSpec) (compute.Value, error) {
	if sharding != nil && !f.builder.grouped { // A rank's one device has all of each.
		return nil, fault.Errorf("engine", "parameter %q: sharding: %w", name, compute.ErrNotImplemented)
	}
	if err := f.builder.backend.checkShape(0, shape); err != nil {
		return nil, fmt.Errorf("parameter %q: %w", name, err)
	}
	n := f.add(&node{op: compute.OpTypeParameter, shape: shape.Clone(), data: len(f.parameters)})
	f.parameters = append(f.parameters, n)
	f.names = append(f.names, name)
	return n, nil
}

// Constant adds a value known now. flat is copied.
func (f *Function) Constant(flat any, dims ...int) (compute.Value, error) {
	dtype, _ := flatType(flat)
	if dtype == dtypes.InvalidDType {
		return nil, fault.Errorf("engine", "constant of %T: %w", flat, compute.ErrNotImplemented)
	}
	shape := shapes.Make(dtype, dims...)
	if err := checkFlat(flat, shape); err != nil {
		return nil, err
	}
	memory := make([]uint64, wordsOf(shape))
	copy(bytesOf(memory, int(shape.ByteSize())), dtypes.UnsafeByteSliceFromAny(flat))
	return f.addConstant(shape, memory), nil
}

// addConstant adds a constant whose memory it takes over.
func (f *Function) addConstant(shape shapes.Shape, memory []uint64) *node {
	if memory == nil {
		memory = []uint64{}
	}
	return f.add(&node{op: compute.OpTypeConstant, shape: shape, constant: memory})
}

// scalar adds a float32 constant of rank 0.
func (f *Function) scalar(x float32) *node {
	memory := make([]uint64, 1)
	typed[float32](bytesOf(memory, 4))[0] = x
	return f.addConstant(shapes.Make(dtypes.Float32), memory)
}

// Return ends the function.
func (f *Function) Return(outputs []compute.Value, shardings []*compute.ShardingSpec) error {
	if f.outputs != nil {
		return fault.Errorf("engine", "graph %q: Return was called already", f.builder.name)
	}
	if len(outputs) == 0 {
		return fault.Errorf("engine", "graph %q: Return without outputs", f.builder.name)
	}
	if !f.builder.grouped && slices.ContainsFunc(shardings, func(s *compute.ShardingSpec) bool { return s != nil }) {
		return fault.Errorf("engine", "sharding of outputs: %w", compute.ErrNotImplemented)
	}
	nodes, err := f.take("Return", outputs...)
	if err != nil {
		return err
	}
	f.outputs = nodes
	return nil
}
