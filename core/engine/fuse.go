package engine

import (
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"

	"quarterturn/core/engine/loop"
)

// notes are what the passes of compile note at a node.
type notes struct {
	live      bool
	consumers []*node // Each once.
	isOutput  bool

	// stored is whether the value gets memory. One that is not is computed
	// again by every loop that needs it.
	stored bool
	leaves []*node // Of a node that is not stored: the stored ones it reads, all of its size.
	ops    int     // Of a node that is not stored: how many ops it takes.
	tail   bool    // Only outputs need it, through elementwise ops.

	value *value
}

// canFuse reports whether a loop can compute n: a float32 elementwise op for which
// package loop has an instruction.
func canFuse(n *node) bool {
	if n.shape.DType != dtypes.Float32 || n.size() == 0 {
		return false
	}
	_, ok := instructionOf(n.op)
	return ok
}

// canSum reports whether n is a sum that a loop can take on the way: over the
// leading axes, or over all.
func canSum(n *node) bool {
	if n.op != compute.OpTypeReduceSum || n.shape.DType != dtypes.Float32 || n.inputs[0].size() == 0 || n.size() > loop.MaxRow {
		return false
	}
	return n.axes[len(n.axes)-1] == len(n.axes)-1 // Sorted, so they are 0, 1, ….
}

// inlines reports whether consumer, if a loop computes it, reads n at the same
// position or sums it up, so that n need not be stored for it.
func inlines(consumer *node) bool { return canFuse(consumer) || canSum(consumer) }

// markLive notes which nodes the outputs need and who needs them.
func markLive(f *Function) []*node {
	for _, output := range f.outputs {
		output.plan.isOutput = true
		output.plan.live = true
	}
	var live []*node
	for _, n := range slices.Backward(f.nodes) {
		if !n.plan.live {
			continue
		}
		live = append(live, n)
		for i, input := range n.inputs {
			input.plan.live = true
			if !slices.Contains(n.inputs[:i], input) {
				input.plan.consumers = append(input.plan.consumers, n)
			}
		}
	}
	for _, n := range live { // Consumers first.
		n.plan.tail = canFuse(n) && !slices.ContainsFunc(n.plan.consumers, func(c *node) bool { return !c.plan.tail })
	}
	slices.Reverse(live)
	return live
}

// A value needed in several loops is computed again in each rather than stored if
// that reads at most so many arrays and takes at most so many ops. Two arrays
// are a normalization with its residual, or the gradient of a ReLU behind one:
// their inputs are kept for the gradient anyway, and a pass over memory costs
// more than the arithmetic.
const (
	maxInlineLeaves = 2
	maxInlineOps    = 8
)

// decideStored decides which nodes get memory. live is in creation order.
func decideStored(live []*node) {
	for _, n := range live {
		p := &n.plan
		switch {
		case n.op == compute.OpTypeBroadcastInDim:
			p.stored = p.isOutput || slices.ContainsFunc(p.consumers, func(c *node) bool { return !isElementwise(c.op) && !canSum(c) })
		case !canFuse(n):
			p.stored = true
		default:
			p.gatherLeaves(n)
			p.stored = p.isOutput || slices.ContainsFunc(p.consumers, func(c *node) bool { return !inlines(c) })
			if len(p.consumers) > 1 && (len(p.leaves) > maxInlineLeaves || p.ops > maxInlineOps) {
				p.stored = true
			}
		}
	}
}

func (p *notes) gatherLeaves(n *node) {
	p.ops = instructionCost(n.op)
	for _, input := range n.inputs {
		switch {
		case input.op == compute.OpTypeBroadcastInDim:
		case input.plan.stored:
			if !slices.Contains(p.leaves, input) {
				p.leaves = append(p.leaves, input)
			}
		default:
			p.ops += input.plan.ops
			for _, leaf := range input.plan.leaves {
				if !slices.Contains(p.leaves, leaf) {
					p.leaves = append(p.leaves, leaf)
				}
			}
		}
	}
}

// A group is the nodes that one loop computes and stores, or sums up, all over
// the same positions.
type group struct {
	dims   []int
	row    int // Length of the sums' results, 0 if there are none yet.
	roots  []*node
	reads  []*node // Stored nodes that the roots need at the same position; may be roots.
	others []*node // Stored nodes that are broadcast into the loop.
	commit bool    // Writes outputs that no other kind of task reads.
}

// domain returns the dimensions of the positions that a loop for n visits.
func domain(n *node) []int {
	if canFuse(n) {
		return n.shape.Dimensions
	}
	return n.inputs[0].shape.Dimensions
}

// sumRow returns the length of a sum's result, 0 of what is no sum.
func sumRow(n *node) int {
	if canFuse(n) {
		return 0
	}
	return n.size()
}

// gather lists the stored nodes that computing n reads: reads at the same
// position, others in broadcasts.
func (g *group) gather(n *node) {
	for _, input := range n.inputs {
		switch {
		case input.op == compute.OpTypeBroadcastInDim && !input.plan.stored:
			if source := input.inputs[0]; !slices.Contains(g.others, source) {
				g.others = append(g.others, source)
			}
		case input.plan.stored:
			if !slices.Contains(g.reads, input) {
				g.reads = append(g.reads, input)
			}
		default:
			g.gather(input)
		}
	}
}

// newGroup returns the loop that computes n alone.
func newGroup(n *node) *group {
	g := &group{dims: domain(n), row: sumRow(n), roots: []*node{n}}
	g.commit = n.plan.isOutput && n.plan.tail
	g.gather(n)
	return g
}

// wants reports whether a loop gains from computing other's root too: it has the
// array in the cache already, or computes it.
func (g *group) wants(other *group) bool {
	if g.commit != other.commit || !slices.Equal(g.dims, other.dims) {
		return false
	}
	if g.row != 0 && other.row != 0 && g.row != other.row {
		return false
	}
	if volume(g.dims) <= smallLoop {
		return true // Handing out one loop instead of two is the gain.
	}
	return slices.ContainsFunc(other.reads, func(n *node) bool {
		return slices.Contains(g.reads, n) || slices.Contains(g.roots, n)
	})
}

// smallLoop is how many positions are so few that starting a loop costs as much
// as running it.
const smallLoop = 2048

func (g *group) absorb(other *group) {
	g.row = max(g.row, other.row)
	g.roots = append(g.roots, other.roots...)
	for _, n := range other.reads {
		if !slices.Contains(g.reads, n) {
			g.reads = append(g.reads, n)
		}
	}
	for _, n := range other.others {
		if !slices.Contains(g.others, n) {
			g.others = append(g.others, n)
		}
	}
}

func volume(dims []int) int {
	n := 1
	for _, d := range dims {
		n *= d
	}
	return n
}
