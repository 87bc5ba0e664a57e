package embed

import (
	"context"
	"math"
)

// A minimizer finds the least value of a smooth convex function by L-BFGS:
// Newton's method with a curvature that is known from the last few steps alone.
//
// Source: Nocedal and Wright, Numerical Optimization, 2nd ed., algorithms 7.4 and
// 3.1.
type minimizer struct {
	// of returns the function at w and writes its gradient, of the same length.
	of         func(w, gradient []float64) (float64, error)
	iterations int
	tolerance  float64 // Of the gradient's largest entry.
	done       func(iteration int)

	past []curvature // The newest last.
}

// A curvature is a step and by how much it changed the gradient.
type curvature struct {
	step, change []float64
	scale        float64 // 1 / step·change
}

const remembered = 10 // Steps. 5 to 20 are usual.

// A minimum is where a minimizer came to rest.
type minimum struct {
	value      float64
	gradient   float64 // Its largest entry's size.
	iterations int
}

// run moves w to the minimum, or to as near as the function's rounding allows.
func (m *minimizer) run(ctx context.Context, w []float64) (minimum, error) {
	gradient, direction := make([]float64, len(w)), make([]float64, len(w))
	value, err := m.of(w, gradient)
	at := minimum{value: value, gradient: largest(gradient)}
	for err == nil && at.iterations < m.iterations && at.gradient > m.tolerance {
		if err := ctx.Err(); err != nil {
			return at, err
		}
		m.descend(direction, gradient)
		moved, searched := m.search(w, gradient, direction, &at)
		if searched != nil || !moved {
			return at, searched
		}
		at.iterations++
		m.done(at.iterations)
	}
	return at, err
}

// descend writes the direction -H·gradient, where H is the inverse curvature.
func (m *minimizer) descend(direction, gradient []float64) {
	for i, g := range gradient {
		direction[i] = -g
	}
	shares := make([]float64, len(m.past))
	for i := len(m.past) - 1; i >= 0; i-- {
		c := m.past[i]
		shares[i] = c.scale * dot(c.step, direction)
		accumulate(direction, c.change, -shares[i])
	}
	if n := len(m.past); n > 0 {
		c := m.past[n-1]
		factor := 1 / (c.scale * dot(c.change, c.change))
		for i := range direction {
			direction[i] *= factor
		}
	}
	for i, c := range m.past {
		accumulate(direction, c.step, shares[i]-c.scale*dot(c.change, direction))
	}
}

// search halves the step until the value falls by a share of what the slope
// promises, and goes there. It reports false where no step lowers the value: the
// rest is rounding.
func (m *minimizer) search(w, gradient, direction []float64, at *minimum) (moved bool, err error) {
	slope := dot(gradient, direction)
	length := 1.0
	if len(m.past) == 0 {
		length = min(1, 1/math.Sqrt(-slope)) // Nothing is known of the curvature yet.
	}
	there, gradientThere := make([]float64, len(w)), make([]float64, len(w))
	for range 30 {
		copy(there, w)
		accumulate(there, direction, length)
		value, err := m.of(there, gradientThere)
		if err != nil {
			return false, err
		}
		if value <= at.value+1e-4*length*slope {
			m.remember(w, there, gradient, gradientThere)
			copy(w, there)
			copy(gradient, gradientThere)
			at.value, at.gradient = value, largest(gradient)
			return true, nil
		}
		length /= 2
	}
	return false, nil
}

// remember keeps a step, unless rounding has made its curvature nonsense.
func (m *minimizer) remember(from, to, gradientFrom, gradientTo []float64) {
	c := curvature{step: make([]float64, len(to)), change: make([]float64, len(to))}
	for i := range to {
		c.step[i] = to[i] - from[i]
		c.change[i] = gradientTo[i] - gradientFrom[i]
	}
	product := dot(c.step, c.change)
	if product <= 1e-10*dot(c.step, c.step) {
		return
	}
	c.scale = 1 / product
	if len(m.past) == remembered {
		m.past = m.past[1:]
	}
	m.past = append(m.past, c)
}

func dot(a, b []float64) (sum float64) {
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}

// accumulate adds scale·b to a.
func accumulate(a, b []float64, scale float64) {
	for i, v := range b {
		a[i] += scale * v
	}
}

func largest(a []float64) (size float64) {
	for _, v := range a {
		size = max(size, math.Abs(v))
	}
	return size
}
