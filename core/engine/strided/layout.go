// Package strided says where in memory the positions of an array are, and moves
// values between arrays that have them in different places: what transpositions,
// broadcasts, slices and reductions have in common.
package strided

// A Layout says where in an array the positions of a shape are: position
// (i₀, i₁, …) at offset + Σ iₖ·strides[k].
type Layout struct {
	Dims, Strides []int
	Offset        int
}

// Strides returns the strides of an array that holds a shape and nothing
// else.
func Strides(dims []int) []int {
	strides := make([]int, len(dims))
	step := 1
	for i := len(dims) - 1; i >= 0; i-- {
		strides[i] = step
		step *= dims[i]
	}
	return strides
}

// Dense returns the layout of an array that holds a shape and nothing else.
func Dense(dims []int) Layout { return Layout{Dims: dims, Strides: Strides(dims)} }

// Collapsed returns the same layout with as few axes as describe it, at least
// one.
func (l Layout) Collapsed() Layout {
	c := Layout{Offset: l.Offset}
	for i, dim := range l.Dims {
		if dim == 1 {
			continue
		}
		last := len(c.Dims) - 1
		if last >= 0 && c.Strides[last] == l.Strides[i]*dim {
			c.Dims[last] *= dim
			c.Strides[last] = l.Strides[i]
			continue
		}
		c.Dims = append(c.Dims, dim)
		c.Strides = append(c.Strides, l.Strides[i])
	}
	if len(c.Dims) == 0 {
		c.Dims, c.Strides = []int{1}, []int{1}
	}
	return c
}

// MaxAxes is the highest rank of a collapsed layout that Gather and Scatter
// handle. Images have four axes, and no op of GoMLX adds more than two.
const MaxAxes = 12

// A Walk visits the positions of a layout in row-major order, a run along the
// last axis at a time.
type Walk struct {
	Layout
	index [MaxAxes]int
	Outer int // Offset of the run's first position.
}

// Walk returns a walk from position start, and how far into its run that is.
func (l Layout) Walk(start int) (w Walk, inner int) {
	w = Walk{Layout: l, Outer: l.Offset}
	for i := len(l.Dims) - 1; i >= 0; i-- {
		w.index[i] = start % l.Dims[i]
		start /= l.Dims[i]
		if i < len(l.Dims)-1 {
			w.Outer += w.index[i] * l.Strides[i]
		}
	}
	return w, w.index[len(l.Dims)-1]
}

// Next goes on to the next run.
func (w *Walk) Next() {
	for i := len(w.Dims) - 2; i >= 0; i-- {
		w.index[i]++
		w.Outer += w.Strides[i]
		if w.index[i] < w.Dims[i] {
			return
		}
		w.Outer -= w.Dims[i] * w.Strides[i]
		w.index[i] = 0
	}
}

// Gather copies positions start, start+1, … of from to dst. The layout is
// Collapsed.
func Gather[T any](l Layout, dst, from []T, start int) {
	w, inner := l.Walk(start)
	last := len(l.Dims) - 1
	for len(dst) > 0 {
		n := min(l.Dims[last]-inner, len(dst))
		gatherRun(dst[:n], from, w.Outer+inner*l.Strides[last], l.Strides[last])
		dst, inner = dst[n:], 0
		w.Next()
	}
}

// gatherRun copies from[at], from[at+step], … to dst.
func gatherRun[T any](dst, from []T, at, step int) {
	switch step {
	case 0:
		x := from[at]
		for i := range dst {
			dst[i] = x
		}
	case 1:
		copy(dst, from[at:])
	default:
		for i := range dst {
			dst[i] = from[at]
			at += step
		}
	}
}

// Scatter copies from to the positions of dst, in order. The layout is
// Collapsed.
func Scatter[T any](l Layout, dst, from []T) {
	w, _ := l.Walk(0)
	last := len(l.Dims) - 1
	for len(from) > 0 {
		at := w.Outer
		for _, x := range from[:l.Dims[last]] {
			dst[at] = x
			at += l.Strides[last]
		}
		from = from[l.Dims[last]:]
		w.Next()
	}
}
