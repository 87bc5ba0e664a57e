package engine

import (
	"math/bits"
	"slices"

	"github.com/gomlx/compute"
)

// A task is a piece of work to be ordered: a loop, or one node of another kind.
type task struct {
	loop  *group
	node  *node  // nil of a loop.
	order int    // Creation order of its first node.
	deps  bitset // Tasks that must come before, directly or not.
}

// A scheduler turns nodes into tasks and orders them.
type scheduler struct {
	tasks    []*task
	exchange int           // The last exchange so far, -1 for none.
	of       map[*node]int // The task that computes a stored node.
}

// schedule returns the tasks that compute the live nodes, in an order that
// respects who needs whom: creation order where there is a choice, which for a
// graph of GoMLX's autodiff frees activations early. Loops that only write
// outputs come last: see Executable.Execute on interruption.
func schedule(live []*node) []*task {
	s := &scheduler{of: map[*node]int{}, exchange: -1}
	for _, n := range live {
		switch {
		case isSource(n) || !n.plan.stored && !canSum(n):
		case canFuse(n) || canSum(n):
			s.addLoop(newGroup(n))
		default:
			s.addNode(n)
		}
	}
	return s.sorted()
}

// isSource reports whether n has its value from the start, or shares that of
// another node.
func isSource(n *node) bool {
	switch n.op {
	case compute.OpTypeParameter, compute.OpTypeConstant, compute.OpTypeReshape, compute.OpTypeBitcast, opPart:
		return true
	}
	return false
}

// storage returns the node whose memory n's value is in.
func storage(n *node) *node {
	for n.op == compute.OpTypeReshape || n.op == compute.OpTypeBitcast || n.op == opPart {
		n = n.inputs[0]
	}
	return n
}

// dependencies returns the tasks behind the given stored nodes, except one.
func (s *scheduler) dependencies(except int, lists ...[]*node) bitset {
	var deps bitset
	for _, list := range lists {
		for _, n := range list {
			if i, ok := s.of[storage(n)]; ok && i != except {
				deps = deps.with(i).union(s.tasks[i].deps)
			}
		}
	}
	return deps
}

func (s *scheduler) addNode(n *node) {
	var sources []*node
	for _, input := range n.inputs {
		if input.op == compute.OpTypeBroadcastInDim && !input.plan.stored {
			input = input.inputs[0]
		}
		sources = append(sources, input)
	}
	deps := s.dependencies(-1, sources)
	if n.op == opExchange {
		if s.exchange >= 0 {
			deps = deps.with(s.exchange).union(s.tasks[s.exchange].deps)
		}
		s.exchange = len(s.tasks)
	}
	s.of[n] = len(s.tasks)
	s.tasks = append(s.tasks, &task{node: n, order: n.id, deps: deps})
}

// addLoop adds g as a task, or joins it to a loop that gains from it, if no task
// would then have to come both before and after that loop.
func (s *scheduler) addLoop(g *group) {
	root := g.roots[0]
	for i, t := range slices.Backward(s.tasks) {
		if t.loop == nil || !t.loop.wants(g) {
			continue
		}
		deps := s.dependencies(i, g.reads, g.others)
		if deps.has(i) || slices.ContainsFunc(g.others, func(n *node) bool { return s.isAt(n, i) }) ||
			slices.ContainsFunc(g.reads, func(n *node) bool { return s.isAt(n, i) && !slices.Contains(t.loop.roots, n) }) ||
			slices.ContainsFunc(g.reads, func(n *node) bool { return s.isAt(n, i) && !canFuse(n) }) {
			continue
		}
		t.loop.absorb(g)
		s.of[root] = i
		s.addDependencies(i, deps)
		return
	}
	s.of[root] = len(s.tasks)
	s.tasks = append(s.tasks, &task{loop: g, order: root.id, deps: s.dependencies(-1, g.reads, g.others)})
}

// isAt reports whether task i computes what n is or shares memory with.
func (s *scheduler) isAt(n *node, i int) bool {
	at, ok := s.of[storage(n)]
	return ok && at == i
}

// addDependencies makes task i, and all that depend on it, depend on deps.
func (s *scheduler) addDependencies(i int, deps bitset) {
	s.tasks[i].deps = s.tasks[i].deps.union(deps)
	for _, t := range s.tasks {
		if t.deps.has(i) {
			t.deps = t.deps.union(deps)
		}
	}
}

// sorted returns the tasks in order: of those whose dependencies are done, the
// one created first.
func (s *scheduler) sorted() []*task {
	done := bitset(nil)
	isDone := make([]bool, len(s.tasks))
	var order []*task
	for len(order) < len(s.tasks) {
		next := -1
		for i, t := range s.tasks {
			if isDone[i] || !done.includes(t.deps) {
				continue
			}
			if next < 0 || t.before(s.tasks[next]) {
				next = i
			}
		}
		isDone[next] = true
		done = done.with(next)
		order = append(order, s.tasks[next])
	}
	return order
}

func (t *task) before(other *task) bool {
	if c, o := t.commits(), other.commits(); c != o {
		return o
	}
	return t.order < other.order
}

func (t *task) commits() bool { return t.loop != nil && t.loop.commit }

// A bitset is a set of small numbers. Methods that change it return a new one.
type bitset []uint64

func (b bitset) has(i int) bool { return i/64 < len(b) && b[i/64]>>(i%64)&1 != 0 }

func (b bitset) with(i int) bitset {
	w := make(bitset, max(len(b), i/64+1))
	copy(w, b)
	w[i/64] |= 1 << (i % 64)
	return w
}

func (b bitset) union(o bitset) bitset {
	if len(o) == 0 {
		return b
	}
	w := make(bitset, max(len(b), len(o)))
	copy(w, b)
	for i, x := range o {
		w[i] |= x
	}
	return w
}

func (b bitset) includes(o bitset) bool {
	for i, x := range o {
		var have uint64
		if i < len(b) {
			have = b[i]
		}
		if bits.OnesCount64(x&^have) != 0 {
			return false
		}
	}
	return true
}
