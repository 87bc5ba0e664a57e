package kernel

// BatchNorm is the shape of a batch normalization over the rows of a matrix
// (for activations, R = N·H·W), with what follows it in a residual block fused
// in: an added shortcut, then a ReLU.
//
//	in, out, residual                     [Rows, Channels]
//	scale, offset, mean, variance         [Channels]
//	out = in' + residual, then ReLU, where in' = (in-mean)/sqrt(variance+Epsilon)·scale + offset
//
// residual may be nil for none. The variance is the biased one (divided by
// Rows), as normalization in PyTorch uses it; PyTorch stores the unbiased one as
// its running variance, which the caller derives.
//
// Source: Ioffe, Szegedy, "Batch Normalization" (2015), section 3,
// https://arxiv.org/abs/1502.03167.
type BatchNorm struct {
	Rows, Channels int
	Epsilon        float32
	ReLU           bool
}

// pieceFloats is about how many floats of a matrix are summed up at a time: 32
// KiB, so that a second pass over them finds them in the cache. Sums in float32
// go no further; the pieces are joined in float64.
const pieceFloats = 8192

// taskPieces is how many pieces a task takes: microseconds of work.
const taskPieces = 4

// pieceRows returns how many rows a piece has: at least 16, and a multiple of
// the rows that period joins.
func (b BatchNorm) pieceRows() int {
	repeat := period(max(b.Channels, 1)) / max(b.Channels, 1)
	return roundUp(max(16, pieceFloats/max(b.Channels, 1)), repeat)
}

// ScratchFloats returns the scratch length that each of the methods needs on a
// Pool of any number of threads.
func (b BatchNorm) ScratchFloats() int {
	pieces := ceilDiv(b.Rows, b.pieceRows())
	return 3*period(max(b.Channels, 1)) + pieces*2*period(max(b.Channels, 1))
}

// check panics unless the matrices and vectors have the lengths b asks for. Nil
// entries of matrices are optional arrays left out.
func (b BatchNorm) check(matrices, vectors [][]float32, scratch []float32) {
	if b.Rows < 0 || b.Channels < 0 {
		panic("kernel: negative dimension of a batch normalization")
	}
	for _, m := range matrices {
		if m != nil && len(m) != b.Rows*b.Channels {
			panic("kernel: matrix of a batch normalization has the wrong length")
		}
	}
	for _, v := range vectors {
		if len(v) != b.Channels {
			panic("kernel: vector of a batch normalization has the wrong length")
		}
	}
	if len(scratch) < b.ScratchFloats() {
		panic("kernel: scratch of a batch normalization is too short")
	}
}

// Training computes mean and variance of the rows of in, and out with them. out
// may be in or residual. With no rows mean and variance are 0.
func (b BatchNorm) Training(pool *Pool, out, mean, variance, in, scale, offset, residual, scratch []float32) {
	b.check([][]float32{out, in, residual}, [][]float32{mean, variance, scale, offset}, scratch)
	b.statistics(pool, mean, variance, in, scratch)
	b.apply(pool, out, in, scale, offset, mean, variance, residual, scratch)
}

// Inference computes out with a given mean and variance. out may be in or
// residual.
func (b BatchNorm) Inference(pool *Pool, out, in, scale, offset, mean, variance, residual, scratch []float32) {
	b.check([][]float32{out, in, residual}, [][]float32{mean, variance, scale, offset}, scratch)
	b.apply(pool, out, in, scale, offset, mean, variance, residual, scratch)
}

// Gradient computes the gradients of Training from gradOut, the gradient with
// respect to out. mean and variance are those that Training returned for in.
//
// With ReLU, out is the output of Training, which says where gradients pass;
// without, it is not read and may be nil. gradResidual receives the gradient of
// the residual (gradOut where the ReLU passes it) unless it is nil. gradIn and
// gradResidual may each be gradOut, but not both be the same slice.
func (b BatchNorm) Gradient(pool *Pool, gradIn, gradScale, gradOffset, gradResidual, in, scale, mean, variance, gradOut, out, scratch []float32) {
	b.check([][]float32{gradIn, gradResidual, in, gradOut, out},
		[][]float32{gradScale, gradOffset, scale, mean, variance}, scratch)
	if b.ReLU && len(out) != len(in) {
		panic("kernel: the gradient of a fused ReLU needs its output")
	}
	b.gradient(pool, gradIn, gradScale, gradOffset, gradResidual, in, scale, mean, variance, gradOut, out, scratch)
}
