package embed

import (
	"context"
	"math"
)

// A field computes what pulls and pushes the points of a layout.
//
// With w(i,j) = 1/(1+|y(i)-y(j)|²) and Z the sum of all w, the gradient of the
// divergence from P at y(i) is
//
//	4 Σ P(i,j)·w·(y(i)-y(j))  -  4/Z Σ w²·(y(i)-y(j))
//
// The first sum has few terms. The second has one for every other point, unless
// groups of them are taken together.
type field struct {
	p     affinities
	theta float64
	exact bool

	tree quadtree
	push []float64 // [N, 2], Σ w²·(y(i)-y(j)).
	sums []float64 // By task: its points' share of Z.
}

// fieldBlock is how many points a task has. It decides in which order Z is
// summed, and so is the same for any number of goroutines.
const fieldBlock = 128

func newField(p affinities, theta float64, exact bool) *field {
	n := len(p.first) - 1
	return &field{p: p, theta: theta, exact: exact, push: make([]float64, 2*n), sums: make([]float64, blocks(n, fieldBlock))}
}

// gradient writes the gradient at points, both [N, 2], with P multiplied by
// attraction.
func (f *field) gradient(ctx context.Context, gradient, points []float64, attraction float64) error {
	z, err := f.repel(ctx, points)
	if err != nil {
		return err
	}
	return f.each(ctx, points, func(_, i int) {
		x, y := f.attract(points, i)
		gradient[2*i] = 4 * (attraction*x - f.push[2*i]/z)
		gradient[2*i+1] = 4 * (attraction*y - f.push[2*i+1]/z)
	})
}

// each calls fn for every point, with the task it belongs to.
func (f *field) each(ctx context.Context, points []float64, fn func(task, i int)) error {
	n := len(points) / 2
	return parallel(ctx, len(f.sums), nil, func(task int) {
		first, last := bounds(task, fieldBlock, n)
		for i := first; i < last; i++ {
			fn(task, i)
		}
	})
}

// repel fills push and returns Z.
func (f *field) repel(ctx context.Context, points []float64) (z float64, err error) {
	clear(f.sums)
	if !f.exact {
		f.tree.build(points)
	}
	err = f.each(ctx, points, func(task, i int) {
		var sum float64
		if f.exact {
			f.push[2*i], f.push[2*i+1], sum = repelExactly(points, i)
		} else {
			f.push[2*i], f.push[2*i+1], sum = f.tree.repel(points[2*i], points[2*i+1], f.theta)
		}
		f.sums[task] += sum
	})
	for _, sum := range f.sums {
		z += sum
	}
	return z, err
}

// repelExactly is the reference of quadtree.repel: the sums over all other points
// of w²·(y(i)-y(j)) and of w.
func repelExactly(points []float64, i int) (pushX, pushY, sum float64) {
	x, y := points[2*i], points[2*i+1]
	for j := 0; j < len(points); j += 2 {
		dx, dy := x-points[j], y-points[j+1]
		w := 1 / (1 + dx*dx + dy*dy)
		sum += w
		pushX += w * w * dx
		pushY += w * w * dy
	}
	return pushX, pushY, sum - 1 // The point itself, with w = 1.
}

// attract returns Σ P(i,j)·w·(y(i)-y(j)).
func (f *field) attract(points []float64, i int) (pullX, pullY float64) {
	x, y := points[2*i], points[2*i+1]
	for _, pair := range f.p.of(i) {
		dx, dy := x-points[2*pair.to], y-points[2*pair.to+1]
		pull := float64(pair.share) / (1 + dx*dx + dy*dy)
		pullX += pull * dx
		pullY += pull * dy
	}
	return pullX, pullY
}

// divergence returns Σ P·log(P/Q) in nats, with Q = w/Z.
func (f *field) divergence(ctx context.Context, points []float64) (float64, error) {
	z, err := f.repel(ctx, points)
	if err != nil {
		return 0, err
	}
	clear(f.sums)
	err = f.each(ctx, points, func(task, i int) {
		x, y := points[2*i], points[2*i+1]
		for _, pair := range f.p.of(i) {
			dx, dy := x-points[2*pair.to], y-points[2*pair.to+1]
			if p := float64(pair.share); p > 0 {
				f.sums[task] += p * math.Log(p*z*(1+dx*dx+dy*dy))
			}
		}
	})
	var total float64
	for _, sum := range f.sums {
		total += sum
	}
	return total, err
}
