package kernel

import "math"

// Conv is the shape of a two-dimensional convolution (a cross-correlation, as in
// every deep-learning library) and computes it and its two gradients.
//
//	in, gradIn          [Batch, Height, Width, InChannels]
//	weights, gradWeights [KernelHeight, KernelWidth, InChannels, OutChannels]
//	out, gradOut        [Batch, OutHeight(), OutWidth(), OutChannels]
//
// Strides are at least 1. Paddings are at least 0, of any size, and pad with
// zeros. Any other number may be 0; the output is then empty or zero. An array
// has fewer than 2^31 floats.
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

// maxLen bounds arrays: tables of offsets have 32 bits.
const maxLen = math.MaxInt32

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
	case max(len(in), len(weights), len(out)) > maxLen:
		panic("kernel: array of a convolution has more than 2^31-1 floats")
	case len(scratch) < scratchLen:
		panic("kernel: scratch of a convolution is too short")
	}
}

// ForwardScratchFloats returns the scratch length that Forward needs on a Pool
// of so many threads.
func (c Conv) ForwardScratchFloats(threads int) int {
	w := c.forwardWindow()
	return w.scratchFloats(threads)
}

// Forward computes out, which it overwrites.
func (c Conv) Forward(pool *Pool, out, in, weights, scratch []float32) {
	c.check(in, weights, out, scratch, c.ForwardScratchFloats(pool.Threads()))
	w := c.forwardWindow()
	w.run(pool, out, in, weights, scratch)
}

// forwardWindow slides over in and writes out.
func (c Conv) forwardWindow() window {
	oh, ow := c.OutHeight(), c.OutWidth()
	return window{
		batch: c.Batch, srcHeight: c.Height, srcWidth: c.Width, srcChannels: c.InChannels,
		height: c.KernelHeight, width: c.KernelWidth, stepY: c.StrideHeight, stepX: c.StrideWidth,
		top: c.PadTop, left: c.PadLeft,
		outHeight: oh, outWidth: ow, outChannels: c.OutChannels,
		outImage: oh * ow * c.OutChannels, outRow: ow * c.OutChannels, outPixel: c.OutChannels,
		tapY: c.KernelWidth, tapX: 1,
	}
}

// InputGradientScratchFloats returns the scratch length that InputGradient needs
// on a Pool of so many threads.
func (c Conv) InputGradientScratchFloats(threads int) int {
	total := 0
	for y := range c.StrideHeight {
		for x := range c.StrideWidth {
			w := c.phase(y, x)
			total = max(total, w.scratchFloats(threads))
		}
	}
	return total
}

// InputGradient computes the gradient with respect to in from that with respect
// to out. It overwrites gradIn.
//
// With strides s and t, input pixels fall into s·t phases: those of a phase are
// reached by the same taps, so each phase is a convolution of gradOut at stride
// 1 by its taps in reverse order.
func (c Conv) InputGradient(pool *Pool, gradIn, gradOut, weights, scratch []float32) {
	c.check(gradIn, weights, gradOut, scratch, c.InputGradientScratchFloats(pool.Threads()))
	if c.KernelHeight < c.StrideHeight || c.KernelWidth < c.StrideWidth {
		clear(gradIn) // Some phases have no taps; this is faster than pixel by pixel.
	}
	for y := range c.StrideHeight {
		for x := range c.StrideWidth {
			if w := c.phase(y, x); w.height > 0 && w.width > 0 {
				w.run(pool, gradIn, gradOut, weights, scratch)
			}
		}
	}
}

// phase is the window over gradOut that computes the input rows iy with
// (iy+PadTop) mod StrideHeight = y, and likewise columns.
func (c Conv) phase(y, x int) window {
	rows := newPhase(c.Height, c.KernelHeight, c.StrideHeight, c.PadTop, y)
	columns := newPhase(c.Width, c.KernelWidth, c.StrideWidth, c.PadLeft, x)
	return window{
		batch: c.Batch, srcHeight: c.OutHeight(), srcWidth: c.OutWidth(), srcChannels: c.OutChannels,
		height: rows.taps, width: columns.taps, stepY: 1, stepX: 1,
		top: rows.pad, left: columns.pad,
		outHeight: rows.places, outWidth: columns.places, outChannels: c.InChannels,
		outStart: (rows.first*c.Width + columns.first) * c.InChannels,
		outImage: c.Height * c.Width * c.InChannels,
		outRow:   c.StrideHeight * c.Width * c.InChannels,
		outPixel: c.StrideWidth * c.InChannels,
		firstTap: rows.lastTap*c.KernelWidth + columns.lastTap,
		tapY:     -c.StrideHeight * c.KernelWidth, tapX: -c.StrideWidth, transposed: true,
	}
}

// phase is one axis of a phase of the input gradient.
type phase struct {
	first   int // Input place of the first output of the window.
	places  int // Number of outputs.
	taps    int // Number of taps that reach them.
	lastTap int // The greatest of these.
	pad     int // Window origin of the first output, negated.
}

// newPhase returns the phase p, 0 ≤ p < stride, of an axis.
//
// Place i, output o and tap k meet where i+pad = o·stride+k. In phase p,
// i+pad = q·stride+p and k = p+t·stride, so o = q-t: with the taps reversed, the
// window of place q begins at output q-(taps-1).
func newPhase(length, kernel, stride, pad, p int) phase {
	q := max(0, ceilDiv(pad-p, stride)) // Place q·stride+p-pad is the first inside.
	f := phase{first: q*stride + p - pad}
	f.places = max(0, ceilDiv(length-f.first, stride))
	f.taps = max(0, ceilDiv(kernel-p, stride))
	f.lastTap = p + (f.taps-1)*stride
	f.pad = f.taps - 1 - q
	return f
}

// WeightGradientScratchFloats returns the scratch length that WeightGradient
// needs on a Pool of so many threads.
func (c Conv) WeightGradientScratchFloats(threads int) int {
	g := newGradientJob(c)
	return g.scratchFloats(threads)
}

// WeightGradient computes the gradient with respect to weights, summed over the
// batch. It overwrites gradWeights.
func (c Conv) WeightGradient(pool *Pool, gradWeights, in, gradOut, scratch []float32) {
	c.check(in, gradWeights, gradOut, scratch, c.WeightGradientScratchFloats(pool.Threads()))
	if c.weightLen() == 0 {
		return
	}
	j := gradientJobs.get()
	*j = newGradientJob(c)
	j.gradWeights, j.in, j.gradOut, j.scratch = gradWeights, in, gradOut, scratch
	j.run(pool)
	gradientJobs.put(j)
}
