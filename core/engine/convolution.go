package engine

import (
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"

	"quarterturn/core/engine/kernel"
)

// A convolution is one of the three products of package kernel.
//
//	forward         operands in, weights           result out
//	inputGradient   operands gradOut, weights      result gradIn
//	weightGradient  operands in, gradOut           result gradWeights
type convolution struct {
	kernel.Conv
	pass convPass
}

type convPass int

const (
	forward convPass = iota
	inputGradient
	weightGradient
)

func (p convPass) String() string {
	return [...]string{"forward", "input gradient", "weight gradient"}[p]
}

// nhwc is the axes of images and weights as package kernel has them, and as
// GoMLX's Convolve does when channels come last.
var nhwc = compute.ConvolveAxesConfig{
	InputBatch: 0, InputSpatial: []int{1, 2}, InputChannels: 3,
	KernelSpatial: []int{0, 1}, KernelInputChannels: 2, KernelOutputChannels: 3,
	OutputBatch: 0, OutputSpatial: []int{1, 2}, OutputChannels: 3,
}

// nhwcInputGradient is the axes of the gradient with respect to the input:
// the channels of the weights change places.
var nhwcInputGradient = func() compute.ConvolveAxesConfig {
	c := nhwc.Clone()
	c.KernelInputChannels, c.KernelOutputChannels = 3, 2
	return c
}()

// nhwcWeightGradient is the axes of the gradient with respect to the weights:
// it convolves the input with the output's gradient, with channels as the batch
// and the batch as the channels to add up, and the result is laid out as weights.
var nhwcWeightGradient = compute.ConvolveAxesConfig{
	InputBatch: 3, InputSpatial: []int{1, 2}, InputChannels: 0,
	KernelSpatial: []int{1, 2}, KernelInputChannels: 0, KernelOutputChannels: 3,
	OutputBatch: 2, OutputSpatial: []int{0, 1}, OutputChannels: 3,
}

func sameAxes(a, b compute.ConvolveAxesConfig) bool {
	return a.InputBatch == b.InputBatch && a.InputChannels == b.InputChannels &&
		a.KernelInputChannels == b.KernelInputChannels && a.KernelOutputChannels == b.KernelOutputChannels &&
		a.OutputBatch == b.OutputBatch && a.OutputChannels == b.OutputChannels &&
		slices.Equal(a.InputSpatial, b.InputSpatial) && slices.Equal(a.KernelSpatial, b.KernelSpatial) &&
		slices.Equal(a.OutputSpatial, b.OutputSpatial)
}

// kernelConvolution returns the node of a convolution that package kernel has,
// nil if it is none of those: two spatial axes, float32, channels last, and one
// of the three forms that GoMLX's Convolve and its gradient write.
func (f *Function) kernelConvolution(x, w *node, shape shapes.Shape, d convData) *node {
	if shape.DType != dtypes.Float32 || shape.Rank() != 4 {
		return nil
	}
	ones := func(values []int) bool { return values[0] == 1 && values[1] == 1 }
	var c convolution
	ok := false
	operands := []*node{x, w}
	switch {
	case sameAxes(d.axes, nhwc) && ones(d.inputDilations) && ones(d.kernelDilations):
		c, ok = forwardConvolution(x.shape, w.shape, d)
	case sameAxes(d.axes, nhwcInputGradient) && ones(d.strides) && ones(d.kernelDilations):
		if operands[1], ok = unreversed(w); ok {
			c, ok = inputGradientConvolution(x.shape, w.shape, shape, d)
		}
	case sameAxes(d.axes, nhwcWeightGradient) && ones(d.strides) && ones(d.inputDilations):
		c, ok = weightGradientConvolution(x.shape, w.shape, shape, d)
	}
	if !ok {
		return nil
	}
	return f.add(&node{op: opConvolution, shape: shape, inputs: operands, data: c})
}

func forwardConvolution(in, weights shapes.Shape, d convData) (convolution, bool) {
	x, w := in.Dimensions, weights.Dimensions
	c := convolution{kernel.Conv{
		Batch: x[0], Height: x[1], Width: x[2], InChannels: x[3], OutChannels: w[3],
		KernelHeight: w[0], KernelWidth: w[1],
		StrideHeight: d.strides[0], StrideWidth: d.strides[1],
		PadTop: d.paddings[0][0], PadBottom: d.paddings[0][1],
		PadLeft: d.paddings[1][0], PadRight: d.paddings[1][1],
	}, forward}
	return c, min(c.PadTop, c.PadBottom, c.PadLeft, c.PadRight) >= 0
}

// unreversed returns the weights that w holds with both spatial axes reversed,
// as the gradient with respect to the input needs them and the kernel does not.
func unreversed(w *node) (*node, bool) {
	d := w.shape.Dimensions
	var spatial []int // Reverse leaves out axes of one position.
	for axis := range 2 {
		if d[axis] != 1 {
			spatial = append(spatial, axis)
		}
	}
	if len(spatial) == 0 {
		return w, true
	}
	if w.op != compute.OpTypeReverse || !slices.Equal(w.axes, spatial) {
		return nil, false
	}
	return w.inputs[0], true
}

// inputGradientConvolution finds the forward convolution whose input gradient
// this is. There the stride was what is the dilation here, and a padding p on
// one side was kernel-1-p.
func inputGradientConvolution(gradOut, weights, gradIn shapes.Shape, d convData) (convolution, bool) {
	g, w, x := gradOut.Dimensions, weights.Dimensions, gradIn.Dimensions
	c := convolution{kernel.Conv{
		Batch: x[0], Height: x[1], Width: x[2], InChannels: w[2], OutChannels: w[3],
		KernelHeight: w[0], KernelWidth: w[1],
		StrideHeight: d.inputDilations[0], StrideWidth: d.inputDilations[1],
		PadTop: w[0] - 1 - d.paddings[0][0], PadLeft: w[1] - 1 - d.paddings[1][0],
	}, inputGradient}
	return c, c.close(g[1], g[2])
}

// weightGradientConvolution finds the forward convolution whose weight gradient
// this is: its stride is the dilation here, its window the result.
func weightGradientConvolution(in, gradOut, weights shapes.Shape, d convData) (convolution, bool) {
	x, g, w := in.Dimensions, gradOut.Dimensions, weights.Dimensions
	c := convolution{kernel.Conv{
		Batch: x[0], Height: x[1], Width: x[2], InChannels: x[3], OutChannels: g[3],
		KernelHeight: w[0], KernelWidth: w[1],
		StrideHeight: d.kernelDilations[0], StrideWidth: d.kernelDilations[1],
		PadTop: d.paddings[0][0], PadLeft: d.paddings[1][0],
	}, weightGradient}
	return c, c.close(g[1], g[2])
}

// close chooses the padding after the last row and column with which the forward
// convolution has an output of so many rows and columns, and reports whether
// there is one. Where the stride leaves input over, there are several, and all
// mean the same.
func (c *convolution) close(outHeight, outWidth int) bool {
	c.PadBottom = max(0, (outHeight-1)*c.StrideHeight+c.KernelHeight-c.Height-c.PadTop)
	c.PadRight = max(0, (outWidth-1)*c.StrideWidth+c.KernelWidth-c.Width-c.PadLeft)
	return c.PadTop >= 0 && c.PadLeft >= 0 && c.OutHeight() == outHeight && c.OutWidth() == outWidth
}

// scratchFloats returns how much scratch the pass needs.
func (c convolution) scratchFloats(threads int) int {
	switch c.pass {
	case inputGradient:
		return c.InputGradientScratchFloats(threads)
	case weightGradient:
		return c.WeightGradientScratchFloats(threads)
	}
	return c.ForwardScratchFloats(threads)
}

// kernelForm returns how the pass is computed.
func (c convolution) kernelForm() kernel.Form {
	switch c.pass {
	case inputGradient:
		return c.InputGradientForm()
	case weightGradient:
		return c.WeightGradientForm()
	}
	return c.ForwardForm()
}

func (c convolution) run(pool *kernel.Pool, result, a, b, scratch []float32) {
	switch c.pass {
	case inputGradient:
		c.InputGradient(pool, result, a, b, scratch)
	case weightGradient:
		c.WeightGradient(pool, result, a, b, scratch)
	default:
		c.Forward(pool, result, a, b, scratch)
	}
}
