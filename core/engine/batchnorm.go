package engine

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"

	"quarterturn/core/fault"
)

// Batch normalization is lowered to elementwise ops and column sums, and the
// planner fuses them with what comes before and after: the ReLU, the residual
// addition, the gradient of both. One pass over the operand takes the
// statistics and one applies them; the gradient is one pass for the sums and
// one for the result. RATIONALE.md compares this with fixed kernels.

// BatchNormForTraining normalizes each channel by the batch's own statistics:
//
//	operand            any shape with C channels at featureAxis
//	scale, offset      [C]
//	normalized         (operand - mean) / √(variance + epsilon) · scale + offset
//	mean, variance [C] the variance is the biased one: divided by the count
//
// It has float32 only. Source: Ioffe and Szegedy, https://arxiv.org/abs/1502.03167.
func (f *Function) BatchNormForTraining(
	operand, scale, offset compute.Value, epsilon float32, featureAxis int,
) (normalized, mean, variance compute.Value, err error) {
	nodes, err := f.take("BatchNormForTraining", operand, scale, offset)
	if err != nil {
		return nil, nil, nil, err
	}
	l, err := f.newLowering(compute.OpTypeBatchNormForTraining, nodes[0], featureAxis, nodes[1:]...)
	if err != nil {
		return nil, nil, nil, err
	}
	x := nodes[0]
	m, v := l.moments(x)
	if f.builder.grouped {
		all := f.exchange(joining{joinMoments, int(l.count)}, m, v)
		m, v = all[0], all[1]
	}
	return l.normalize(x, nodes[1], nodes[2], m, v, epsilon), m, v, nil
}

// BatchNormForInference normalizes with given statistics; see
// BatchNormForTraining for shapes and formula.
func (f *Function) BatchNormForInference(
	operand, scale, offset, mean, variance compute.Value, epsilon float32, featureAxis int,
) (compute.Value, error) {
	nodes, err := f.take("BatchNormForInference", operand, scale, offset, mean, variance)
	if err != nil {
		return nil, err
	}
	l, err := f.newLowering(compute.OpTypeBatchNormForInference, nodes[0], featureAxis, nodes[1:]...)
	if err != nil {
		return nil, err
	}
	return l.normalize(nodes[0], nodes[1], nodes[2], nodes[3], nodes[4], epsilon), nil
}

// BatchNormGradient is the gradient of BatchNormForTraining's normalized output,
// given that output's gradient dy and the batch's statistics. With n values in a
// channel and d = √(variance + epsilon):
//
//	gradOffset  = Σ dy
//	gradScale   = Σ dy·(operand - mean) / d
//	gradOperand = scale/d · (dy - gradOffset/n - (operand - mean)/d · gradScale/n)
func (f *Function) BatchNormGradient(
	operand, scale, mean, variance, gradOutput compute.Value, epsilon float32, featureAxis int,
) (gradOperand, gradScale, gradOffset compute.Value, err error) {
	nodes, err := f.take("BatchNormGradient", operand, scale, mean, variance, gradOutput)
	if err != nil {
		return nil, nil, nil, err
	}
	x, dy := nodes[0], nodes[4]
	l, err := f.newLowering(compute.OpTypeBatchNormGradient, x, featureAxis, nodes[1:4]...)
	if err != nil {
		return nil, nil, nil, err
	}
	if !dy.shape.Equal(x.shape) {
		return nil, nil, nil, fault.Errorf("engine", "BatchNormGradient of %s with an output gradient of %s", x.shape, dy.shape)
	}
	inverse := l.inverse(nodes[3], epsilon)
	sum := l.sum(dy)
	product := l.sum(l.mul(dy, l.sub(x, l.spread(nodes[2]))))
	gs := l.mul(product, inverse)

	// gradOperand = a·dy + (b·x + c), with one coefficient per channel.
	a := l.mul(nodes[1], inverse)
	b, c := l.corrections(a, inverse, sum, gs, product)
	c = l.sub(c, l.mul(b, nodes[2]))
	gx := l.add(l.mul(dy, l.spread(a)), l.add(l.mul(x, l.spread(b)), l.spread(c)))
	return gx, gs, sum, nil
}

// corrections returns what the statistics take from the gradient: the coefficient b of
// x - mean, and the constant. In a group both are of the rows of all ranks.
func (l *lowering) corrections(a, inverse, sum, gradScale, product *node) (b, c *node) {
	b, c = l.mul(a, inverse), a
	if l.f.builder.grouped {
		means := l.f.exchange(joining{joinMeans, int(l.count)}, sum, product)
		b = l.mul(b, l.mul(means[1], inverse))
		return l.mul(b, l.constant(-1)), l.mul(l.mul(c, means[0]), l.constant(-1))
	}
	b = l.mul(l.mul(b, gradScale), l.constant(-1/l.count))
	return b, l.mul(l.mul(c, sum), l.constant(-1/l.count))
}

// A lowering writes the ops of one batch normalization into the graph. Its
// operands have been checked, so that none of its methods can fail.
type lowering struct {
	f       *Function
	full    shapes.Shape // Of the operand.
	channel shapes.Shape // [C].
	axis    int
	reduced []int   // All axes but axis.
	count   float64 // Values in a channel, at least 1 so that an empty batch gives zeros.
}

func (f *Function) newLowering(op compute.OpType, operand *node, featureAxis int, vectors ...*node) (*lowering, error) {
	full := operand.shape
	if full.DType != dtypes.Float32 {
		return nil, fault.Errorf("engine", "%s of %s: only float32: %w", opName(op), full, compute.ErrNotImplemented)
	}
	if featureAxis < 0 || featureAxis >= full.Rank() {
		return nil, fault.Errorf("engine", "%s of %s: no axis %d", opName(op), full, featureAxis)
	}
	l := &lowering{f: f, full: full, channel: shapes.Make(full.DType, full.Dimensions[featureAxis]), axis: featureAxis, count: 1}
	for axis, dim := range full.Dimensions {
		if axis != featureAxis {
			l.reduced = append(l.reduced, axis)
			l.count *= float64(dim)
		}
	}
	l.count = max(l.count, 1)
	for _, v := range vectors {
		if !v.shape.Equal(l.channel) {
			return nil, fault.Errorf("engine", "%s of %s over axis %d: a vector has shape %s, want %s", opName(op), full, featureAxis, v.shape, l.channel)
		}
	}
	return l, nil
}

// moments returns mean and biased variance of each channel, in one pass over x:
// with s near the mean, the sums of x-s and of its square. Sums of x and x²
// would cancel where the mean is large against the deviation; s makes the mean
// small, so at most a few bits go (opShift says how near s is).
func (l *lowering) moments(x *node) (mean, variance *node) {
	shift := l.f.add(&node{op: opShift, shape: l.channel, inputs: []*node{x}, axes: []int{l.axis}})
	d := l.sub(x, l.spread(shift))
	first := l.mul(l.sum(d), l.constant(1/l.count))
	second := l.mul(l.sum(l.mul(d, d)), l.constant(1/l.count))
	difference := l.sub(second, l.mul(first, first))
	zero := l.f.broadcast(l.f.scalar(0), l.channel)
	return l.add(shift, first), l.f.addOp(compute.OpTypeMax, l.channel, difference, zero)
}

// normalize is x·a + b with one a and b per channel.
func (l *lowering) normalize(x, scale, offset, mean, variance *node, epsilon float32) *node {
	a := l.mul(scale, l.inverse(variance, epsilon))
	b := l.sub(offset, l.mul(mean, a))
	return l.add(l.mul(x, l.spread(a)), l.spread(b))
}

func (l *lowering) inverse(variance *node, epsilon float32) *node {
	return l.f.addOp(compute.OpTypeRsqrt, l.channel, l.add(variance, l.constant(float64(epsilon))))
}

// sum adds up each channel of x.
func (l *lowering) sum(x *node) *node {
	if len(l.reduced) == 0 {
		return x
	}
	return l.f.add(&node{op: compute.OpTypeReduceSum, shape: l.channel, inputs: []*node{x}, axes: l.reduced})
}

// spread repeats a [C] value over the operand's shape.
func (l *lowering) spread(x *node) *node {
	if l.full.Rank() == 1 {
		return x
	}
	return l.f.spread(x, l.full, []int{l.axis})
}

func (l *lowering) constant(x float64) *node {
	return l.f.broadcast(l.f.scalar(float32(x)), l.channel)
}

func (l *lowering) add(a, b *node) *node { return l.f.addOp(compute.OpTypeAdd, a.shape, a, b) }
func (l *lowering) sub(a, b *node) *node { return l.f.addOp(compute.OpTypeSub, a.shape, a, b) }
func (l *lowering) mul(a, b *node) *node { return l.f.addOp(compute.OpTypeMul, a.shape, a, b) }
