package engine

import (
	"slices"

	"github.com/gomlx/compute"

	"quarterturn/core/engine/loop"
)

// A translation is a loop's program and the nodes that its arrays are, in the
// program's order.
type translation struct {
	loop.Program
	reads, writes, sums []*node
	numbers             []*node // Constants of one value, or nodes of size 1.
}

// A coder turns the nodes of a group into a program.
type coder struct {
	translation
	slots   map[*node]int // Of reads, of roots, and of nodes that are in a register now.
	scalars map[*node]int
	pending map[*node]int // How many reads of a register are still to come.
	free    []int         // Registers that can be used again.
}

// translate returns the loop that computes g.
func translate(g *group) translation {
	c := &coder{
		translation: translation{Program: loop.Program{Size: volume(g.dims), Row: g.row}},
		slots:       map[*node]int{},
		scalars:     map[*node]int{},
		pending:     map[*node]int{},
	}
	roots := slices.Clone(g.roots)
	slices.SortFunc(roots, func(a, b *node) int { return a.id - b.id }) // One that reads another comes after it.
	for _, root := range roots {
		c.collect(root, roots)
	}
	for _, root := range roots {
		if canFuse(root) {
			c.slots[root] = len(c.reads) + len(c.writes)
			c.writes = append(c.writes, root)
		}
	}
	c.Writes = len(c.writes)
	for _, root := range roots {
		if canFuse(root) {
			c.emit(root, c.slots[root])
			continue
		}
		c.emitSum(root, roots)
	}
	c.Numbers = len(c.numbers)
	return c.translation
}

// collect notes what a node reads, and how often each register will be read.
func (c *coder) collect(n *node, roots []*node) {
	for i, input := range n.inputs {
		switch {
		case slices.Contains(roots, input) && canFuse(input):
		case c.isScalar(n, i):
			c.addScalar(input)
		case input.plan.stored || input.op == compute.OpTypeBroadcastInDim:
			c.addRead(input)
		default:
			c.pending[input]++
			if c.pending[input] == 1 {
				c.collect(input, roots)
			}
		}
	}
}

// addRead adds n, which is stored or an unstored broadcast of a stored node, to
// what is read.
func (c *coder) addRead(n *node) {
	if _, ok := c.slots[n]; ok {
		return
	}
	c.slots[n] = len(c.reads)
	var r loop.Read
	source := n
	if n.op == compute.OpTypeBroadcastInDim && !n.plan.stored {
		source = n.inputs[0]
		r = loop.Broadcast(source.size(), broadcastLayout(n))
	}
	c.Reads = append(c.Reads, r)
	c.reads = append(c.reads, source)
}

// isScalar reports whether operand i of n goes into the instruction as a number.
func (c *coder) isScalar(n *node, i int) bool {
	if len(n.inputs) != 2 || !canFuse(n) || !isNumber(n.inputs[i]) {
		return false
	}
	code, _ := instructionOf(n.op)
	if _, ok := code.WithNumber(i == 0); !ok {
		return false
	}
	return i == 1 || !isNumber(n.inputs[1]) // Of two numbers, the left one becomes an array.
}

// isNumber reports whether n is a float32 value that is the same at all positions.
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
	c.scalars[n] = len(c.numbers)
	if _, ok := n.scalarConstant(); !ok {
		n = n.inputs[0]
	}
	c.numbers = append(c.numbers, n)
}

func (c *coder) append(i loop.Instruction) { c.Code = append(c.Code, i) }

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
	f := form{op: code, operands: n.inputs}
	number := -1
	if fused, ok := c.fused(n); ok {
		f = fused
	} else if c.isScalar(n, 1) {
		f.op, _ = code.WithNumber(false)
		f.operands, number = n.inputs[:1], c.scalars[n.inputs[1]]
	} else if c.isScalar(n, 0) {
		f.op, _ = code.WithNumber(true)
		f.operands, number = n.inputs[1:], c.scalars[n.inputs[0]]
	}
	i := loop.Instruction{Op: f.op}
	for k, operand := range f.operands {
		i.Args[k] = c.slot(operand)
	}
	if number >= 0 {
		i.Args[1] = number
	}
	for _, absorbed := range f.absorbed {
		c.releaseInputs(absorbed)
	}
	c.releaseInputs(n)
	i.Dst = dst
	if dst < 0 {
		i.Dst = c.register()
	}
	c.slots[n] = i.Dst
	c.append(i)
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
	c.Registers++
	return len(c.reads) + len(c.writes) + c.Registers - 1
}
