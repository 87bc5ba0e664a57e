package engine

import "github.com/gomlx/compute/shapes"

// A layout says where in an array the positions of a shape are: position
// (i₀, i₁, …) at offset + Σ iₖ·strides[k].
type layout struct {
	dims, strides []int
	offset        int
}

// denseStrides returns the strides of an array that holds a shape and nothing
// else.
func denseStrides(dims []int) []int {
	strides := make([]int, len(dims))
	step := 1
	for i := len(dims) - 1; i >= 0; i-- {
		strides[i] = step
		step *= dims[i]
	}
	return strides
}

func denseLayout(shape shapes.Shape) layout {
	return layout{dims: shape.Dimensions, strides: denseStrides(shape.Dimensions)}
}

// broadcastLayout returns where a BroadcastInDim finds its values in its operand.
func broadcastLayout(n *node) layout {
	source := n.inputs[0].shape.Dimensions
	dense := denseStrides(source)
	l := layout{dims: n.shape.Dimensions, strides: make([]int, n.shape.Rank())}
	for i, axis := range n.axes {
		if source[i] != 1 {
			l.strides[axis] = dense[i]
		}
	}
	return l
}

// collapsed returns the same layout with as few axes as describe it, at least
// one.
func (l layout) collapsed() layout {
	c := layout{offset: l.offset}
	for i, dim := range l.dims {
		if dim == 1 {
			continue
		}
		last := len(c.dims) - 1
		if last >= 0 && c.strides[last] == l.strides[i]*dim {
			c.dims[last] *= dim
			c.strides[last] = l.strides[i]
			continue
		}
		c.dims = append(c.dims, dim)
		c.strides = append(c.strides, l.strides[i])
	}
	if len(c.dims) == 0 {
		c.dims, c.strides = []int{1}, []int{1}
	}
	return c
}

// maxAxes is the highest rank of a collapsed layout that gather and scatter
// handle. Images have four axes, and no op of GoMLX adds more than two.
const maxAxes = 12

// A walk visits the positions of a layout in row-major order, a run along the
// last axis at a time.
type walk struct {
	layout
	index [maxAxes]int
	outer int // Offset of the run's first position.
}

// startWalk returns a walk from position start, and how far into its run that is.
func (l layout) startWalk(start int) (w walk, inner int) {
	w = walk{layout: l, outer: l.offset}
	for i := len(l.dims) - 1; i >= 0; i-- {
		w.index[i] = start % l.dims[i]
		start /= l.dims[i]
		if i < len(l.dims)-1 {
			w.outer += w.index[i] * l.strides[i]
		}
	}
	return w, w.index[len(l.dims)-1]
}

// next goes on to the next run.
func (w *walk) next() {
	for i := len(w.dims) - 2; i >= 0; i-- {
		w.index[i]++
		w.outer += w.strides[i]
		if w.index[i] < w.dims[i] {
			return
		}
		w.outer -= w.dims[i] * w.strides[i]
		w.index[i] = 0
	}
}

// gather copies positions start, start+1, … of from to dst. The layout is
// collapsed.
func gather[T any](l layout, dst, from []T, start int) {
	w, inner := l.startWalk(start)
	last := len(l.dims) - 1
	for len(dst) > 0 {
		n := min(l.dims[last]-inner, len(dst))
		gatherRun(dst[:n], from, w.outer+inner*l.strides[last], l.strides[last])
		dst, inner = dst[n:], 0
		w.next()
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

// scatter copies from to the positions of dst, in order. The layout is
// collapsed.
func scatter[T any](l layout, dst, from []T) {
	w, _ := l.startWalk(0)
	last := len(l.dims) - 1
	for len(from) > 0 {
		at := w.outer
		for _, x := range from[:l.dims[last]] {
			dst[at] = x
			at += l.strides[last]
		}
		from = from[l.dims[last]:]
		w.next()
	}
}
