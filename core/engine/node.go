package engine

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
)

// Ops of our own, besides those of compute: what lowering and simplification put
// in the place of several.
const (
	// opPass is x₀ where x₁ ≥ 0, else 0: the gradient of ReLU. GoMLX writes it
	// as x₀·sign(sign(x₁)+1). Where x₁ is NaN it gives 0 and the product NaN.
	opPass compute.OpType = compute.OpTypeLast + 1 + iota
	// opNonNegative is 1 where x ≥ 0, else 0, and NaN where x is NaN.
	opNonNegative
	// opShift is [C] numbers near the columns' means of x [R, C]: see batchnorm.go.
	opShift
	// opRandomState and opRandomBits are the two results of RNGBitGenerator.
	opRandomState
	opRandomBits
	// opConvolution is a convolution or one of its gradients as package kernel
	// has them: see convolution.go.
	opConvolution
	// opMatMul is a product of two float32 matrices; data is a kernel.MatMul.
	opMatMul
	// opExchange is a float32 vector of what the ranks of a group make of its inputs
	// together; data is a joining. opPart is a part of it, from number data on.
	opExchange
	opPart
)

// opName names an op in errors and profiles.
func opName(op compute.OpType) string {
	switch op {
	case opPass:
		return "Pass"
	case opNonNegative:
		return "NonNegative"
	case opShift:
		return "Shift"
	case opRandomState, opRandomBits:
		return "RNGBitGenerator"
	case opConvolution:
		return "Convolution"
	case opMatMul:
		return "MatMul"
	case opExchange:
		return "Exchange"
	case opPart:
		return "Part"
	}
	return op.String()
}

// A node is a value of the graph and the op that makes it.
type node struct {
	function *Function
	id       int // Position in creation order: inputs have lower ones.
	op       compute.OpType
	shape    shapes.Shape
	inputs   []*node
	axes     []int // Of a reduction, permutation, broadcast or reversal.
	data     any   // What else the op needs; a type per op.

	constant []uint64 // The value, of a constant.

	plan notes
}

// size returns the number of values.
func (n *node) size() int { return n.shape.Size() }

// bytes returns how much memory the values take.
func (n *node) bytes() int { return int(n.shape.ByteSize()) }

// scalarConstant returns the value of a float32 constant all of whose values
// are the same, and whether n is one. Broadcasts of scalars count.
func (n *node) scalarConstant() (float32, bool) {
	for n.op == compute.OpTypeBroadcastInDim || n.op == compute.OpTypeReshape || n.op == compute.OpTypeIdentity {
		n = n.inputs[0]
	}
	if n.op != compute.OpTypeConstant || n.shape.DType != dtypes.Float32 || n.size() != 1 {
		return 0, false
	}
	return typed[float32](bytesOf(n.constant, 4))[0], true
}

// maxKeyWords is the longest constant that is compared with others by value.
const maxKeyWords = 64

// key is the same for two nodes only if they have the same value.
func (n *node) key() string {
	var b strings.Builder
	b.WriteString(strconv.Itoa(int(n.op)))
	b.WriteByte(' ')
	b.WriteString(n.shape.String())
	for _, input := range n.inputs {
		b.WriteByte(' ')
		b.WriteString(strconv.Itoa(input.id))
	}
	if n.axes != nil {
		fmt.Fprint(&b, n.axes)
	}
	if n.data != nil {
		fmt.Fprintf(&b, "%v", n.data)
	}
	if n.constant != nil {
		if len(n.constant) > maxKeyWords {
			fmt.Fprintf(&b, " at %p", n.constant)
		} else {
			fmt.Fprint(&b, n.constant)
		}
	}
	return b.String()
}
