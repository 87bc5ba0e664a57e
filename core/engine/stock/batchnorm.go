package stock

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"

	"quarterturn/core/fault"
)

// BatchNormForTraining normalizes each channel by the batch's own statistics:
//
//	operand             any shape with C channels at featureAxis
//	scale, offset       [C]
//	normalized          (operand - mean) / √(variance + epsilon) * scale + offset
//	mean, variance [C]  variance is the biased one: divided by the count
//
// It implements Ioffe and Szegedy, https://arxiv.org/abs/1502.03167, algorithm 1,
// in two passes: Σ(x-mean)² instead of Σx² - n·mean², which cancels.
func (f *function) BatchNormForTraining(
	operand, scale, offset compute.Value, epsilon float32, featureAxis int,
) (normalized, mean, variance compute.Value, err error) {
	c, err := f.compose(operand, featureAxis)
	if err != nil {
		return nil, nil, nil, err
	}
	mean = c.scaled(c.sum(operand), 1/c.count)
	centred := c.call2(f.Sub, operand, c.spread(mean))
	variance = c.scaled(c.sum(c.call2(f.Mul, centred, centred)), 1/c.count)
	normalized = c.affine(centred, variance, scale, offset, epsilon)
	return normalized, mean, variance, c.err
}

// BatchNormForInference normalizes with given statistics; see
// BatchNormForTraining for shapes and formula.
func (f *function) BatchNormForInference(
	operand, scale, offset, mean, variance compute.Value, epsilon float32, featureAxis int,
) (compute.Value, error) {
	c, err := f.compose(operand, featureAxis)
	if err != nil {
		return nil, err
	}
	centred := c.call2(f.Sub, operand, c.spread(mean))
	normalized := c.affine(centred, variance, scale, offset, epsilon)
	return normalized, c.err
}

// BatchNormGradient is the gradient of BatchNormForTraining's normalized output,
// given that output's gradient dy and the batch's statistics. With n values in a
// channel and x̂ the operand normalized without scale and offset:
//
//	gradOffset  = Σ dy
//	gradScale   = Σ dy·x̂
//	gradOperand = scale / √(variance + epsilon) * (dy - (gradOffset + x̂·gradScale) / n)
func (f *function) BatchNormGradient(
	operand, scale, mean, variance, gradOutput compute.Value, epsilon float32, featureAxis int,
) (gradOperand, gradScale, gradOffset compute.Value, err error) {
	c, err := f.compose(operand, featureAxis)
	if err != nil {
		return nil, nil, nil, err
	}
	deviation := c.spread(c.deviation(variance, epsilon))
	unit := c.call2(f.Div, c.call2(f.Sub, operand, c.spread(mean)), deviation)
	gradOffset = c.sum(gradOutput)
	gradScale = c.sum(c.call2(f.Mul, gradOutput, unit))

	fromStatistics := c.call2(f.Add, c.spread(gradOffset), c.call2(f.Mul, unit, c.spread(gradScale)))
	inner := c.call2(f.Sub, gradOutput, c.scaled(fromStatistics, 1/c.count))
	gradOperand = c.call2(f.Mul, inner, c.call2(f.Div, c.spread(scale), deviation))
	return gradOperand, gradScale, gradOffset, c.err
}

// A composition chains ops of one batch normalization. After the first error its
// methods return nil, and err says what went wrong.
type composition struct {
	f           *function
	dtype       dtypes.DType
	reducedAxes []int   // All but the feature axis.
	spreadDims  []int   // 1 except C at the feature axis.
	count       float64 // Values in a channel, at least 1 so that an empty batch gives zeros.
	err         error
}

func (f *function) compose(operand compute.Value, featureAxis int) (*composition, error) {
	shape, err := f.Shape(operand)
	if err != nil {
		return nil, err
	}
	if featureAxis < 0 || featureAxis >= shape.Rank() {
		return nil, fault.Errorf("stock", "batch normalization of %s: no axis %d", shape, featureAxis)
	}
	c := &composition{f: f, dtype: shape.DType, count: 1}
	for axis, dim := range shape.Dimensions {
		if dim == shapes.DynamicDim {
			return nil, fault.Errorf("stock", "batch normalization of dynamic shape %s: %w", shape, compute.ErrNotImplemented)
		}
		if axis == featureAxis {
			c.spreadDims = append(c.spreadDims, dim)
			continue
		}
		c.spreadDims = append(c.spreadDims, 1)
		c.reducedAxes = append(c.reducedAxes, axis)
		c.count *= float64(dim)
	}
	c.count = max(c.count, 1)
	return c, nil
}

// affine is centred / √(variance + epsilon) * scale + offset.
func (c *composition) affine(centred, variance, scale, offset compute.Value, epsilon float32) compute.Value {
	unit := c.call2(c.f.Div, centred, c.spread(c.deviation(variance, epsilon)))
	return c.call2(c.f.Add, c.call2(c.f.Mul, unit, c.spread(scale)), c.spread(offset))
}

// deviation is √(variance + epsilon).
func (c *composition) deviation(variance compute.Value, epsilon float32) compute.Value {
	sum := c.call2(c.f.Add, variance, c.constant(float64(epsilon)))
	return c.keep(func() (compute.Value, error) { return c.f.Sqrt(sum) })
}

func (c *composition) sum(x compute.Value) compute.Value {
	if len(c.reducedAxes) == 0 {
		return x // No axes would mean all axes.
	}
	return c.keep(func() (compute.Value, error) { return c.f.ReduceSum(x, c.reducedAxes...) })
}

// spread gives a [C] value the operand's rank, for implicit broadcasting.
func (c *composition) spread(x compute.Value) compute.Value {
	return c.keep(func() (compute.Value, error) { return c.f.Reshape(x, c.spreadDims...) })
}

func (c *composition) scaled(x compute.Value, factor float64) compute.Value {
	return c.call2(c.f.Mul, x, c.constant(factor))
}

func (c *composition) constant(value float64) compute.Value {
	x := c.keep(func() (compute.Value, error) { return c.f.Constant([]float64{value}) })
	return c.keep(func() (compute.Value, error) { return c.f.ConvertDType(x, c.dtype) })
}

func (c *composition) call2(op func(a, b compute.Value) (compute.Value, error), a, b compute.Value) compute.Value {
	return c.keep(func() (compute.Value, error) { return op(a, b) })
}

func (c *composition) keep(op func() (compute.Value, error)) compute.Value {
	if c.err != nil {
		return nil
	}
	var value compute.Value
	value, c.err = op()
	return value
}
