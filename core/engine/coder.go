package engine

import (
	"slices"

	"github.com/gomlx/compute"
)

// A coder turns the nodes of a group into the instructions of a loop. Slots are
// numbered: first the arrays that are read, then those that are written, then
// registers.
type coder struct {
	loop    *loop
	slots   map[*node]int // Of reads, of roots, and of nodes that are in a register now.
	scalars map[*node]int
	pending map[*node]int // How many reads of a register are still to come.
	free    []int         // Registers that can be used again.
}

// newLoop returns the loop that computes g.
func newLoop(g *group) *loop {
	c := &coder{
		loop:    &loop{size: volume(g.dims), row: g.row},
		slots:   map[*node]int{},
		scalars: map[*node]int{},
		pending: map[*node]int{},
	}
	roots := slices.Clone(g.roots)
	slices.SortFunc(roots, func(a, b *node) int { return a.id - b.id }) // One that reads another comes after it.
	for _, root := range roots {
		c.collect(root, roots)
	}
	for _, root := range roots {
		if canFuse(root) {
			c.slots[root] = len(c.loop.reads) + len(c.loop.writes)
			c.loop.writes = append(c.loop.writes, write{node: root})
		}
	}
	for _, root := range roots {
		if canFuse(root) {
			c.emit(root, c.slots[root])
			continue
		}
		c.append(instruction{code: codeSum, dst: len(c.loop.sums), a: c.slot(root.inputs[0])})
		c.loop.sums = append(c.loop.sums, sum{node: root, columns: root.size()})
		c.release(root.inputs[0])
	}
	c.loop.finish()
	return c.loop
}

// collect notes what a node reads, and how often each register will be read.
func (c *coder) collect(n *node, roots []*node) {
	for i, input := range n.inputs {
		switch {
		case slices.Contains(roots, input) && canFuse(input):
		case c.isScalar(n, i):
			c.addScalar(input)
		case input.plan.stored || input.op == compute.OpTypeBroadcastInDim:
			if _, ok := c.slots[input]; !ok {
				c.slots[input] = len(c.loop.reads)
				c.loop.reads = append(c.loop.reads, newRead(input))
			}
		default:
			c.pending[input]++
			if c.pending[input] == 1 {
				c.collect(input, roots)
			}
		}
	}
}

// isScalar tells whether operand i of n goes into the instruction as a number.
func (c *coder) isScalar(n *node, i int) bool {
	if len(n.inputs) != 2 || !canFuse(n) || !isNumber(n.inputs[i]) {
		return false
	}
	code, _ := instructionOf(n.op)
	if _, ok := withScalar(code, i == 0); !ok {
		return false
	}
	return i == 1 || !isNumber(n.inputs[1]) // Of two numbers, the left one becomes an array.
}

// isNumber tells a float32 value that is the same at all positions.
func isNumber(n *node) bool {
	if _, ok := n.scalarConstant(); ok {
		return true
	}
	return n.op == compute.OpTypeBroadcastInDim && !n.plan.stored && n.inputs[0].size() == 1
}

func (c *coder) addScalar(n *node) {
	if _, ok := c.scalars[n]; ok {
		return
	}
	c.scalars[n] = len(c.loop.scalars)
	if x, ok := n.scalarConstant(); ok {
		c.loop.scalars = append(c.loop.scalars, number{constant: x})
		return
	}
	c.loop.scalars = append(c.loop.scalars, number{node: n.inputs[0]})
}

func (c *coder) append(i instruction) { c.loop.code = append(c.loop.code, i) }

// slot returns where n's block is, computing it into a register first if it is
// nowhere yet.
func (c *coder) slot(n *node) int {
	if s, ok := c.slots[n]; ok {
		return s
	}
	c.emit(n, -1)
	return c.slots[n]
}

// emit appends the instructions that compute n into slot dst, or into a register
// if dst is negative. Operands are released before the register is chosen, so
// that an instruction may overwrite what it reads.
func (c *coder) emit(n *node, dst int) {
	code, _ := instructionOf(n.op)
	i := instruction{code: code}
	switch {
	case len(n.inputs) == 1:
		i.a = c.slot(n.inputs[0])
	case c.isScalar(n, 1):
		i.code, _ = withScalar(code, false)
		i.a, i.b = c.slot(n.inputs[0]), c.scalars[n.inputs[1]]
	case c.isScalar(n, 0):
		i.code, _ = withScalar(code, true)
		i.a, i.b = c.slot(n.inputs[1]), c.scalars[n.inputs[0]]
	default:
		if factors, term, ok := c.mulAdd(n); ok {
			i.code = codeMulAdd
			i.a, i.b, i.c = c.slot(factors.inputs[0]), c.slot(factors.inputs[1]), c.slot(term)
			c.releaseInputs(factors)
			break
		}
		i.a, i.b = c.slot(n.inputs[0]), c.slot(n.inputs[1])
	}
	c.releaseInputs(n)
	i.dst = dst
	if dst < 0 {
		i.dst = c.register()
	}
	c.slots[n] = i.dst
	c.append(i)
}

// mulAdd returns the product and the other term of a sum, if the product is of
// two arrays and only this sum reads it.
func (c *coder) mulAdd(n *node) (product, term *node, ok bool) {
	if n.op != compute.OpTypeAdd {
		return nil, nil, false
	}
	for i, p := range n.inputs {
		_, computed := c.slots[p]
		if p.op == compute.OpTypeMul && c.pending[p] == 1 && !computed && !c.isScalar(p, 0) && !c.isScalar(p, 1) {
			return p, n.inputs[1-i], true
		}
	}
	return nil, nil, false
}

func (c *coder) releaseInputs(n *node) {
	for _, input := range n.inputs {
		c.release(input)
	}
}

// release notes that one read of n has been emitted.
func (c *coder) release(n *node) {
	if c.pending[n] == 0 {
		return // Not in a register.
	}
	c.pending[n]--
	if r, computed := c.slots[n]; computed && c.pending[n] == 0 {
		c.free = append(c.free, r)
	}
}

func (c *coder) register() int {
	if last := len(c.free) - 1; last >= 0 {
		r := c.free[last]
		c.free = c.free[:last]
		return r
	}
	c.loop.registers++
	return len(c.loop.reads) + len(c.loop.writes) + c.loop.registers - 1
}
