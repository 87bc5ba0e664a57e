package kernel

import "math"

// normalizeJob is one pass of a batch normalization over its matrices. A task is
// taskPieces pieces of rows.
type normalizeJob struct {
	BatchNorm
	pass     func(j *normalizeJob, piece, from, to int)
	in       []float32
	out      []float32
	residual []float32
	gradOut  []float32
	masked   []float32 // Gradient behind the ReLU.
	floor    float32

	a, b, c []float32 // Per-column factors, repeated to the period.
	partial []float32 // [pieces, 2, period]
}

var normalizeJobs recycler[normalizeJob]

// Task runs the pass over some pieces.
func (j *normalizeJob) Task(task, _ int) {
	rows := j.pieceRows()
	for piece := task * taskPieces; piece < (task+1)*taskPieces && piece*rows < j.Rows; piece++ {
		j.pass(j, piece, piece*rows*j.Channels, min((piece+1)*rows, j.Rows)*j.Channels)
	}
}

// run does a pass. j has its factors set.
func (j *normalizeJob) run(pool *Pool, pass func(j *normalizeJob, piece, from, to int)) {
	j.pass = pass
	pool.Run(ceilDiv(j.Rows, j.pieceRows()*taskPieces), j)
}

// divide lays the scratch out.
func (j *normalizeJob) divide(scratch []float32) {
	p := period(max(j.Channels, 1))
	j.a, j.b, j.c, j.partial = scratch[:p], scratch[p:2*p], scratch[2*p:3*p], scratch[3*p:]
}

// pair returns the two partial sums of a piece, [period] each.
func (j *normalizeJob) pair(piece int) (first, second []float32) {
	p := len(j.a)
	s := j.partial[2*p*piece:]
	return s[:p:p], s[p : 2*p : 2*p]
}

// statistics computes mean and variance piece by piece, joined by the formula of
// Chan, Golub, LeVeque, "Updating formulae and a pairwise algorithm for computing
// sample variances" (1979): no difference of large numbers is taken, whatever the
// mean.
func (b BatchNorm) statistics(pool *Pool, mean, variance, in, scratch []float32) {
	clear(mean)
	clear(variance)
	if b.Rows == 0 || b.Channels == 0 {
		return
	}
	j := normalizeJobs.get()
	defer normalizeJobs.put(j)
	j.BatchNorm, j.in = b, in
	j.divide(scratch)
	j.run(pool, momentsPass)
	rows := b.pieceRows()
	for c := range b.Channels {
		var sum, squares float64
		for piece := 0; piece*rows < b.Rows; piece++ {
			means, _ := j.pair(piece)
			sum += float64(means[c]) * float64(min(rows, b.Rows-piece*rows))
		}
		m := sum / float64(b.Rows)
		for piece := 0; piece*rows < b.Rows; piece++ {
			means, parts := j.pair(piece)
			d := float64(means[c]) - m
			squares += float64(parts[c]) + d*d*float64(min(rows, b.Rows-piece*rows))
		}
		mean[c], variance[c] = float32(m), float32(squares/float64(b.Rows))
	}
}

// momentsPass leaves the means of a piece and the sums of squared deviations from
// them.
func momentsPass(j *normalizeJob, piece, from, to int) {
	means, squares := j.pair(piece)
	clear(means)
	clear(squares)
	x := j.in[from:to]
	sumLanes(means, x)
	total := foldRow(means, j.Channels)
	MulScalar(total, total, float32(j.Channels)/float32(to-from))
	repeatRow(means, total)
	squareLanes(squares, x, means)
	foldRow(squares, j.Channels)
}

// apply computes the output from given statistics.
func (b BatchNorm) apply(pool *Pool, out, in, scale, offset, mean, variance, residual, scratch []float32) {
	if b.Rows == 0 || b.Channels == 0 {
		return
	}
	j := normalizeJobs.get()
	defer normalizeJobs.put(j)
	j.BatchNorm, j.in, j.out, j.residual = b, in, out, residual
	j.floor = float32(math.Inf(-1))
	if b.ReLU {
		j.floor = 0
	}
	j.divide(scratch)
	for c, x := range mean {
		factor := float64(scale[c]) * b.inverseDeviation(variance[c])
		j.a[c], j.b[c] = float32(factor), float32(float64(offset[c])-float64(x)*factor)
	}
	repeatRow(j.a, j.a[:b.Channels])
	repeatRow(j.b, j.b[:b.Channels])
	j.run(pool, affinePass)
}

func (b BatchNorm) inverseDeviation(variance float32) float64 {
	return 1 / math.Sqrt(float64(variance)+float64(b.Epsilon))
}

func affinePass(j *normalizeJob, _, from, to int) {
	var residual []float32
	if j.residual != nil {
		residual = j.residual[from:to]
	}
	affineLanes(j.out[from:to], j.in[from:to], residual, j.a, j.b, j.floor)
}

// gradient computes the sums over rows in a first pass and gradIn in a second.
// With a ReLU the first leaves the gradient behind it in gradResidual, or in
// gradIn if that is not wanted.
func (b BatchNorm) gradient(pool *Pool, gradIn, gradScale, gradOffset, gradResidual, in, scale, mean, variance, gradOut, out, scratch []float32) {
	clear(gradScale)
	clear(gradOffset)
	if b.Rows == 0 || b.Channels == 0 {
		return
	}
	j := normalizeJobs.get()
	defer normalizeJobs.put(j)
	j.BatchNorm, j.in, j.out, j.gradOut, j.masked = b, in, out, gradOut, gradResidual
	if j.masked == nil {
		j.masked = gradIn
	}
	j.divide(scratch)
	repeatRow(j.a, mean)
	switch {
	case b.ReLU:
		j.run(pool, maskedProductsPass)
	case gradResidual != nil:
		j.run(pool, copiedProductsPass)
	default:
		j.masked = gradOut
		j.run(pool, productsPass)
	}
	j.combine(gradScale, gradOffset, scale, mean, variance)
	j.out = gradIn
	j.run(pool, combinePass)
}

// combine joins the sums of the pieces and sets the factors of
// gradIn = g·a + in·b + c (see batchNormGradientReference).
func (j *normalizeJob) combine(gradScale, gradOffset, scale, mean, variance []float32) {
	pieces := ceilDiv(j.Rows, j.pieceRows())
	for c := range j.Channels {
		var sum, product float64
		for piece := range pieces {
			sums, products := j.pair(piece)
			sum += float64(sums[c])
			product += float64(products[c])
		}
		inverse := j.inverseDeviation(variance[c])
		dot := product * inverse
		gradOffset[c], gradScale[c] = float32(sum), float32(dot)
		factor := float64(scale[c]) * inverse
		slope := -factor * inverse * dot / float64(j.Rows)
		j.a[c], j.b[c] = float32(factor), float32(slope)
		j.c[c] = float32(-factor*sum/float64(j.Rows) - slope*float64(mean[c]))
	}
	repeatRow(j.a, j.a[:j.Channels])
	repeatRow(j.b, j.b[:j.Channels])
	repeatRow(j.c, j.c[:j.Channels])
}

func maskedProductsPass(j *normalizeJob, piece, from, to int) {
	ReLUGradient(j.masked[from:to], j.gradOut[from:to], j.out[from:to])
	productsPass(j, piece, from, to)
}

func copiedProductsPass(j *normalizeJob, piece, from, to int) {
	copy(j.masked[from:to], j.gradOut[from:to])
	productsPass(j, piece, from, to)
}

// productsPass leaves the sums of a piece's gradients and of their products with
// the deviations from the mean, which a holds.
func productsPass(j *normalizeJob, piece, from, to int) {
	sums, products := j.pair(piece)
	clear(sums)
	clear(products)
	productLanes(sums, products, j.masked[from:to], j.in[from:to], j.a)
	foldRow(sums, j.Channels)
	foldRow(products, j.Channels)
}

func combinePass(j *normalizeJob, _, from, to int) {
	combineLanes(j.out[from:to], j.masked[from:to], j.in[from:to], j.a, j.b, j.c)
}
