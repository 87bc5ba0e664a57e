package resnet

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Batch normalization's constants as in PyTorch, whose fixtures the parity tests
// hold; GoMLX defaults to Keras's 0.99 and 1e-3.
const (
	Epsilon  = 1e-5 // Added to the variance.
	momentum = 0.1  // Weight of the new batch in the running statistics.
)

// batchNorm normalizes each channel of x [N, H, W, C] by the batch's statistics
// when its part learns, else by the running ones.
func (b *builder) batchNorm(x *graph.Node, name string) *graph.Node {
	g := x.Graph()
	scale := variable(b.scope, name+".weight").NodeValue(g)
	offset := variable(b.scope, name+".bias").NodeValue(g)
	mean := variable(b.scope, name+".running_mean")
	variance := variable(b.scope, name+".running_var")
	train, infer := normForTraining, normForInference
	if b.mode.PlainNorm {
		train, infer = plainNormForTraining, plainNorm
	}
	if !b.mode.Training || b.part < b.mode.FirstPart {
		return infer(x, scale, offset, mean.NodeValue(g), variance.NodeValue(g))
	}
	y, batchMean, batchVariance := train(x, scale, offset)
	examples := x.Shape().Dim(0)
	count := float64(max(examples, b.mode.Batch)) * float64(x.Shape().Size()/examples/x.Shape().Dim(-1))
	// PyTorch keeps the unbiased variance but normalizes by the biased one.
	unbiased := graph.MulScalar(batchVariance, count/(count-1))
	b.average(mean, batchMean)
	b.average(variance, unbiased)
	return y
}

// normForTraining and normForInference use the backend's ops. GoMLX's
// norm.BatchNorm either does too, with other constants and names, or, told not
// to, has a wrong gradient: it takes mean and variance as constants.
func normForTraining(x, scale, offset *graph.Node) (y, mean, variance *graph.Node) {
	return graph.InternalBatchNormForTraining(x, scale, offset, Epsilon, -1)
}

func normForInference(x, scale, offset, mean, variance *graph.Node) *graph.Node {
	return graph.InternalBatchNormForInference(x, scale, offset, mean, variance, Epsilon, -1)
}

// plainNormForTraining is normForTraining out of operations whose gradients GoMLX
// knows. The variance is the mean square of the centred values, as in the ops:
// the difference of two large means would lose digits.
func plainNormForTraining(x, scale, offset *graph.Node) (y, mean, variance *graph.Node) {
	mean = graph.ReduceMean(x, 0, 1, 2)
	variance = graph.ReduceMean(graph.Square(graph.Sub(x, perChannel(mean))), 0, 1, 2)
	return plainNorm(x, scale, offset, mean, variance), mean, variance
}

func plainNorm(x, scale, offset, mean, variance *graph.Node) *graph.Node {
	gain := graph.Div(scale, graph.Sqrt(graph.AddScalar(variance, Epsilon)))
	return graph.Add(graph.Mul(graph.Sub(x, perChannel(mean)), perChannel(gain)), perChannel(offset))
}

// perChannel makes [C] broadcast over [N, H, W, C].
func perChannel(v *graph.Node) *graph.Node { return graph.Reshape(v, 1, 1, 1, v.Shape().Dim(0)) }

// average moves a running statistic towards the batch's.
func (b *builder) average(running *model.Variable, batch *graph.Node) {
	before, batch := running.NodeValue(batch.Graph()), graph.StopGradient(batch)
	if n := b.mode.Newness; n != nil {
		running.SetNodeValue(graph.Add(graph.Mul(before, graph.OneMinus(n)), graph.Mul(batch, n)))
		return
	}
	running.SetNodeValue(graph.Add(graph.MulScalar(before, 1-momentum), graph.MulScalar(batch, momentum)))
}
