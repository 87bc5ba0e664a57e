package kernel

import "math"

// batchNormStatisticsReference computes mean and biased variance in two passes
// in float64.
func batchNormStatisticsReference(b BatchNorm, mean, variance, in []float32) {
	for c := range b.Channels {
		var sum, squares float64
		for r := range b.Rows {
			sum += float64(in[r*b.Channels+c])
		}
		m := sum / float64(max(b.Rows, 1))
		for r := range b.Rows {
			d := float64(in[r*b.Channels+c]) - m
			squares += d * d
		}
		mean[c], variance[c] = float32(m), float32(squares/float64(max(b.Rows, 1)))
	}
}

// batchNormApplyReference computes out from given statistics.
func batchNormApplyReference(b BatchNorm, out, in, scale, offset, mean, variance, residual []float32) {
	for i := range in {
		c := i % b.Channels
		deviation := math.Sqrt(float64(variance[c]) + float64(b.Epsilon))
		y := float32((float64(in[i])-float64(mean[c]))/deviation*float64(scale[c]) + float64(offset[c]))
		if residual != nil {
			y += residual[i]
		}
		if b.ReLU {
			y = max(y, 0)
		}
		out[i] = y
	}
}

// batchNormGradientReference writes out the formulas of section 3 of the paper,
// simplified: with g the gradient behind the ReLU and x̂ the normalized input,
// gradOffset = Σg, gradScale = Σg·x̂ and
// gradIn = scale/deviation·(g - gradOffset/R - x̂·gradScale/R).
func batchNormGradientReference(b BatchNorm, gradIn, gradScale, gradOffset, gradResidual, in, scale, mean, variance, gradOut, out []float32) {
	passed := func(i int) float64 {
		if b.ReLU && !(out[i] > 0) {
			return 0
		}
		return float64(gradOut[i])
	}
	for c := range b.Channels {
		deviation := math.Sqrt(float64(variance[c]) + float64(b.Epsilon))
		normalized := func(i int) float64 { return (float64(in[i]) - float64(mean[c])) / deviation }
		var sum, dot float64
		for r := range b.Rows {
			i := r*b.Channels + c
			sum += passed(i)
			dot += passed(i) * normalized(i)
		}
		gradOffset[c], gradScale[c] = float32(sum), float32(dot)
		rows := float64(max(b.Rows, 1))
		for r := range b.Rows {
			i := r*b.Channels + c
			g := passed(i)
			gradIn[i] = float32(float64(scale[c]) / deviation * (g - sum/rows - normalized(i)*dot/rows))
			if gradResidual != nil {
				gradResidual[i] = float32(g)
			}
		}
	}
}
