package engine

import (
	"github.com/gomlx/compute/dtypes"

	"quarterturn/core/engine/strided"
)

// A generalConvStep is a convolution of any axes, dilations, rank and dtype, by
// definition: one sum of products after the other. It is there for completeness,
// the convolutions of our networks are kernels (convolution.go).
type generalConvStep struct {
	out, in, weights  *value
	dtype             dtypes.DType
	data              convData
	outDims           []int
	inDims, kernel    []int // Spatial.
	batch, channelsIn int
	channelsOut       int
	inStrides         []int
	weightStrides     []int
	outStrides        []int
}

func (p *planner) generalConvStep(n *node) step {
	in, weights := n.inputs[0], n.inputs[1]
	d := n.data.(convData)
	x, w := in.shape.Dimensions, weights.shape.Dimensions
	return &generalConvStep{
		out: p.make(n), in: p.use(in), weights: p.use(weights), dtype: n.shape.DType, data: d,
		outDims: pick(n.shape.Dimensions, d.axes.OutputSpatial),
		inDims:  pick(x, d.axes.InputSpatial), kernel: pick(w, d.axes.KernelSpatial),
		batch: x[d.axes.InputBatch], channelsIn: x[d.axes.InputChannels], channelsOut: w[d.axes.KernelOutputChannels],
		inStrides: strided.Strides(x), weightStrides: strided.Strides(w), outStrides: strided.Strides(n.shape.Dimensions),
	}
}

func (s *generalConvStep) form() string { return "value by value ConvGeneral" }

func (s *generalConvStep) run(*execution) {
	out := newLane(s.dtype, s.out.memory)
	a := s.data.axes
	position := make([]int, len(s.outDims))
	for n := range s.batch {
		for c := range s.channelsOut {
			clear(position)
			for range volume(s.outDims) {
				at := n*s.outStrides[a.OutputBatch] + c*s.outStrides[a.OutputChannels]
				for i, p := range position {
					at += p * s.outStrides[a.OutputSpatial[i]]
				}
				s.window(out, at, n, c, position)
				increment(position, s.outDims)
			}
		}
	}
}

// window computes one value of the result: the sum over the window at position.
func (s *generalConvStep) window(out lane, at, n, c int, position []int) {
	in, weights := newLane(s.dtype, s.in.memory), newLane(s.dtype, s.weights.memory)
	a := s.data.axes
	tap := make([]int, len(s.kernel))
	var whole int64
	var real float64
	for range volume(s.kernel) {
		from, ok := s.tapOffset(position, tap)
		if ok {
			from += n * s.inStrides[a.InputBatch]
			weight := c * s.weightStrides[a.KernelOutputChannels]
			for i, k := range tap {
				weight += k * s.weightStrides[a.KernelSpatial[i]]
			}
			for range s.channelsIn {
				if in.isFloat() {
					real += in.float(from) * weights.float(weight)
				} else {
					whole += in.int(from) * weights.int(weight)
				}
				from += s.inStrides[a.InputChannels]
				weight += s.weightStrides[a.KernelInputChannels]
			}
		}
		increment(tap, s.kernel)
	}
	if in.isFloat() {
		out.setFloat(at, real)
		return
	}
	out.setInt(at, whole)
}

// tapOffset returns where the operand's value under a tap of the window is, and
// whether there is one: not on padding, nor between dilated values.
func (s *generalConvStep) tapOffset(position, tap []int) (int, bool) {
	offset := 0
	for i := range position {
		d := s.data
		y := position[i]*d.strides[i] + tap[i]*d.kernelDilations[i] - d.paddings[i][0]
		if y < 0 || y%d.inputDilations[i] != 0 || y/d.inputDilations[i] >= s.inDims[i] {
			return 0, false
		}
		offset += y / d.inputDilations[i] * s.inStrides[d.axes.InputSpatial[i]]
	}
	return offset, true
}

// increment goes to the next index of an array in row-major order.
func increment(index, dims []int) {
	for i := len(index) - 1; i >= 0; i-- {
		index[i]++
		if index[i] < dims[i] {
			return
		}
		index[i] = 0
	}
}
