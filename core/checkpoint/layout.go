package checkpoint

import "quarterturn/core/resnet"

// torchOrder returns, for a parameter's role, which of our axes each of
// PyTorch's is: PyTorch's axis i is our axis order[i].
func torchOrder(role resnet.Role) []int {
	switch role {
	case resnet.Kernel:
		return []int{3, 2, 0, 1} // [KH, KW, Cin, Cout] to [Cout, Cin, KH, KW].
	case resnet.Dense:
		return []int{1, 0} // [Cin, Classes] to [Classes, Cin].
	}
	return []int{0}
}

// torchDims returns the dimensions that PyTorch has for a parameter.
func torchDims(p resnet.Parameter) []uint64 {
	dims := make([]uint64, len(p.Dims))
	for i, axis := range torchOrder(p.Role) {
		dims[i] = uint64(p.Dims[axis])
	}
	return dims
}

// ToTorch lays a parameter's values out as PyTorch does.
func ToTorch(p resnet.Parameter, values []float32) (dims []uint64, laid []float32) {
	laid = make([]float32, len(values))
	for ours, theirs := range torchPositions(p) {
		laid[theirs] = values[ours]
	}
	return torchDims(p), laid
}

// FromTorch is the inverse of ToTorch.
func FromTorch(p resnet.Parameter, laid []float32) []float32 {
	values := make([]float32, len(laid))
	for ours, theirs := range torchPositions(p) {
		values[ours] = laid[theirs]
	}
	return values
}

// torchPositions returns, for each position in our layout, that in PyTorch's.
func torchPositions(p resnet.Parameter) []int {
	order := torchOrder(p.Role)
	strides := make([]int, len(order)) // By our axis: PyTorch's stride.
	step := 1
	for i := len(order) - 1; i >= 0; i-- {
		strides[order[i]] = step
		step *= p.Dims[order[i]]
	}
	positions := make([]int, p.Size())
	index := make([]int, len(p.Dims))
	for i := range positions {
		for axis, at := range index {
			positions[i] += at * strides[axis]
		}
		advance(index, p.Dims)
	}
	return positions
}

// advance moves a multi-dimensional index to the next position, last axis first.
func advance(index, dims []int) {
	for axis := len(index) - 1; axis >= 0; axis-- {
		index[axis]++
		if index[axis] < dims[axis] {
			return
		}
		index[axis] = 0
	}
}
