package kernel

// Conv is the shape of a two-dimensional convolution (a cross-correlation, as in
// every deep-learning library) and computes it and its two gradients.
//
//	in, gradIn          [Batch, Height, Width, InChannels]
//	weights, gradWeights [KernelHeight, KernelWidth, InChannels, OutChannels]
//	out, gradOut        [Batch, OutHeight(), OutWidth(), OutChannels]
//
// Strides are at least 1. Paddings are at least 0, of any size, and pad with
// zeros. Any other number may be 0; the output is then empty or zero.
type Conv struct {
	Batch, Height, Width, InChannels, OutChannels int
	KernelHeight, KernelWidth                     int
	StrideHeight, StrideWidth                     int
	PadTop, PadBottom, PadLeft, PadRight          int
}

// OutHeight returns the number of output rows, 0 if the window does not fit.
func (c Conv) OutHeight() int {
	return windows(c.Height+c.PadTop+c.PadBottom, c.KernelHeight, c.StrideHeight)
}

// OutWidth returns the number of output columns, 0 if the window does not fit.
func (c Conv) OutWidth() int {
	return windows(c.Width+c.PadLeft+c.PadRight, c.KernelWidth, c.StrideWidth)
}

// windows returns how many windows of a size fit into length at a stride.
func windows(length, size, stride int) int {
	if length < size {
		return 0
	}
	return (length-size)/stride + 1
}

// FLOPs returns the number of multiplications and additions of one pass
// (forward or either gradient), those with padding included.
func (c Conv) FLOPs() int {
	return 2 * c.outLen() * c.KernelHeight * c.KernelWidth * c.InChannels
}

func (c Conv) inLen() int { return c.Batch * c.Height * c.Width * c.InChannels }

func (c Conv) outLen() int { return c.Batch * c.OutHeight() * c.OutWidth() * c.OutChannels }

func (c Conv) weightLen() int {
	return c.KernelHeight * c.KernelWidth * c.InChannels * c.OutChannels
}

// check panics unless the arrays have the lengths that c asks for.
func (c Conv) check(in, weights, out, scratch []float32, scratchLen int) {
	switch {
	case c.Batch < 0 || c.Height < 0 || c.Width < 0 || c.InChannels < 0 || c.OutChannels < 0 ||
		c.KernelHeight < 0 || c.KernelWidth < 0:
		panic("kernel: negative dimension of a convolution")
	case c.StrideHeight < 1 || c.StrideWidth < 1:
		panic("kernel: stride of a convolution below 1")
	case c.PadTop < 0 || c.PadBottom < 0 || c.PadLeft < 0 || c.PadRight < 0:
		panic("kernel: negative padding of a convolution")
	case len(in) != c.inLen() || len(weights) != c.weightLen() || len(out) != c.outLen():
		panic("kernel: array of a convolution has the wrong length")
	case len(scratch) < scratchLen:
		panic("kernel: scratch of a convolution is too short")
	}
}

// ForwardScratchFloats returns the scratch length that Forward needs on a Pool
// of so many threads.
func (c Conv) ForwardScratchFloats(threads int) int { return 0 }

// Forward computes out, which it overwrites.
func (c Conv) Forward(pool *Pool, out, in, weights, scratch []float32) {
	c.check(in, weights, out, scratch, c.ForwardScratchFloats(pool.Threads()))
	convForwardReference(c, out, in, weights)
}

// InputGradientScratchFloats returns the scratch length that InputGradient needs
// on a Pool of so many threads.
func (c Conv) InputGradientScratchFloats(threads int) int { return 0 }

// InputGradient computes the gradient with respect to in from that with respect
// to out. It overwrites gradIn.
func (c Conv) InputGradient(pool *Pool, gradIn, gradOut, weights, scratch []float32) {
	c.check(gradIn, weights, gradOut, scratch, c.InputGradientScratchFloats(pool.Threads()))
	convInputGradientReference(c, gradIn, gradOut, weights)
}

// WeightGradientScratchFloats returns the scratch length that WeightGradient
// needs on a Pool of so many threads.
func (c Conv) WeightGradientScratchFloats(threads int) int { return 0 }

// WeightGradient computes the gradient with respect to weights, summed over the
// batch. It overwrites gradWeights.
func (c Conv) WeightGradient(pool *Pool, gradWeights, in, gradOut, scratch []float32) {
	c.check(in, gradWeights, gradOut, scratch, c.WeightGradientScratchFloats(pool.Threads()))
	convWeightGradientReference(c, gradWeights, in, gradOut)
}
