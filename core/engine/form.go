package engine

import (
	"slices"

	"github.com/gomlx/compute"

	"quarterturn/core/engine/loop"
)

// A form is an instruction that stands for several nodes.
type form struct {
	op       loop.Opcode
	operands []*node
	absorbed []*node // Nodes that only this instruction needs, besides the last one.
}

// absorbs reports whether an instruction that reads n so many times, the only one
// to do so, may compute n itself.
func (c *coder) absorbs(n *node, reads int) bool {
	_, computed := c.slots[n]
	return !computed && c.pending[n] == reads
}

// arrays returns the operands of n if all of them are arrays and none goes into
// the instruction as a number.
func (c *coder) arrays(n *node, op compute.OpType) ([]*node, bool) {
	if n.op != op || c.isScalar(n, 0) || len(n.inputs) > 1 && c.isScalar(n, 1) {
		return nil, false
	}
	return n.inputs, true
}

// fused returns the form of n that takes in as many of its operands as can be.
func (c *coder) fused(n *node) (form, bool) {
	switch n.op {
	case compute.OpTypeAdd:
		if f, ok := c.bilinear(n); ok {
			return f, true
		}
		return c.affine(n)
	case compute.OpTypeMax:
		if y := n.inputs[0]; isScalar(n.inputs[1], 0) && c.absorbs(y, 1) {
			f, ok := c.affine(y)
			f.absorbed = append(f.absorbed, y)
			f.op = f.op.WithReLU()
			return f, ok
		}
	case opPass:
		if y := n.inputs[1]; c.absorbs(y, 1) {
			f, ok := c.affine(y)
			f.absorbed = append(f.absorbed, y)
			f.operands = slices.Concat(n.inputs[:1], f.operands)
			if f.op == loop.OpAffine {
				f.op = loop.OpPassAffine
			} else {
				f.op = loop.OpPassAffineAdd
			}
			return f, ok
		}
	}
	return form{}, false
}

// affine recognises a·b + c and (a·b + c) + d.
func (c *coder) affine(n *node) (form, bool) {
	terms, ok := c.arrays(n, compute.OpTypeAdd)
	if !ok {
		return form{}, false
	}
	for i, term := range terms {
		if other := terms[1-i]; c.absorbs(term, 1) {
			if factors, ok := c.arrays(term, compute.OpTypeMul); ok {
				return form{loop.OpAffine, slices.Concat(factors, []*node{other}), []*node{term}}, true
			}
			if inner, ok := c.affine(term); ok && inner.op == loop.OpAffine {
				return form{loop.OpAffineAdd, append(inner.operands, other), append(inner.absorbed, term)}, true
			}
		}
	}
	return form{}, false
}

// bilinear recognises a·b + (c·d + e).
func (c *coder) bilinear(n *node) (form, bool) {
	terms, ok := c.arrays(n, compute.OpTypeAdd)
	if !ok {
		return form{}, false
	}
	for i, product := range terms {
		factors, ok := c.arrays(product, compute.OpTypeMul)
		if !ok || !c.absorbs(product, 1) || !c.absorbs(terms[1-i], 1) {
			continue
		}
		if inner, ok := c.affine(terms[1-i]); ok && inner.op == loop.OpAffine {
			return form{loop.OpBilinear, slices.Concat(factors, inner.operands), append(inner.absorbed, product, terms[1-i])}, true
		}
	}
	return form{}, false
}

// emitSum appends the instruction that adds to the sum root, and to another one
// of the roots where that comes for the same pass. A root that is there already
// is left out.
func (c *coder) emitSum(root *node, roots []*node) {
	if slices.Contains(c.sums, root) {
		return
	}
	x := root.inputs[0]
	i := loop.Instruction{Op: loop.OpSum, Dst: c.addSum(root)}
	if square, y := c.squareOf(x, roots); square != nil {
		i.Op, i.Second = loop.OpSumSquares, c.addSum(square)
		i.Args[0], i.Args[1] = c.slot(x.inputs[0]), c.slot(x.inputs[1])
		c.append(i)
		c.releaseInputs(x)
		c.releaseInputs(y)
		c.release(x)
		return
	}
	if product, y := c.productWith(x, roots); product != nil {
		difference := y.inputs[0]
		if difference == x {
			difference = y.inputs[1]
		}
		i.Op, i.Second = loop.OpSumProducts, c.addSum(product)
		i.Args[0], i.Args[1], i.Args[2] = c.slot(x), c.slot(difference.inputs[0]), c.slot(difference.inputs[1])
		c.append(i)
		c.releaseInputs(difference)
		c.releaseInputs(y)
		c.release(x)
		return
	}
	i.Args[0] = c.slot(x)
	c.append(i)
	c.release(x)
}

func (c *coder) addSum(root *node) int {
	c.sums, c.Sums = append(c.sums, root), append(c.Sums, root.size())
	return len(c.sums) - 1
}

// squareOf returns the root that sums the square y of the difference x, if only
// the two sums need x.
func (c *coder) squareOf(x *node, roots []*node) (root, y *node) {
	if _, ok := c.arrays(x, compute.OpTypeSub); !ok || !c.absorbs(x, 3) {
		return nil, nil
	}
	for _, r := range roots {
		if y := r.inputs[0]; !canFuse(r) && y.op == compute.OpTypeMul && y.inputs[0] == x && y.inputs[1] == x && c.absorbs(y, 1) {
			return r, y
		}
	}
	return nil, nil
}

// isRead reports whether the loop reads n: it does not compute it, or has not yet.
func (c *coder) isRead(n *node) bool {
	slot, ok := c.slots[n]
	return ok && slot < len(c.reads)
}

// productWith returns a root that sums the product y of x and a difference of
// arrays that are read, if nothing else needs these two.
func (c *coder) productWith(x *node, roots []*node) (root, y *node) {
	for _, r := range roots {
		y := r.inputs[0]
		if canFuse(r) || r.op != compute.OpTypeReduceSum || y.op != compute.OpTypeMul || !c.absorbs(y, 1) {
			continue
		}
		for i, d := range y.inputs {
			if _, ok := c.arrays(d, compute.OpTypeSub); ok && y.inputs[1-i] == x && d != x && c.absorbs(d, 1) &&
				c.isRead(d.inputs[0]) && c.isRead(d.inputs[1]) {
				return r, y
			}
		}
	}
	return nil, nil
}
