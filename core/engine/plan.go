package engine

import (
	"fmt"

	"github.com/gomlx/compute"

	"quarterturn/core/engine/strided"
)

// A step is one piece of work of a plan, ready to run.
type step interface {
	run(x *execution)
	// form names what the step does and how, without shapes: steps of one form are
	// one line of a profile. What depends on the platform stands in braces.
	form() string
}

// A planned step is one with its form, and with what it reads and writes, for
// those who read plans and profiles.
type planned struct {
	step
	named         string // What form returns.
	reads, writes []*value
}

// A plan is a compiled graph: steps in order, and the memory they work in.
type plan struct {
	steps        []planned
	firstFinal   int // The first of the steps that overwrite donated memory.
	lastExchange int // With other ranks; -1 without.
	values       []*value
	inputs       []*value // By parameter.
	outputs      []*value // By output.
	pairs        []int    // By output: the parameter whose donated memory it takes, or -1.
	arenaWords   int
}

// compile turns a function into a plan. These are all passes, in order, but for
// those that a node takes when it is added to the graph: it is simplified
// (simplify.go), and is the same as an earlier one of the same value (Function.add).
func compile(b *Backend, f *Function) (*plan, error) {
	if err := foldConstants(b, f); err != nil { // What no parameter reaches is computed now.
		return nil, err
	}
	live := markLive(f) // What the outputs need, and who needs whom.
	if err := checkRanks(live); err != nil {
		return nil, err
	}
	decideStored(live)      // What gets memory; the rest is computed again by each loop that needs it.
	tasks := schedule(live) // Loops over as many nodes as gain from it, and the rest one by one, in order.
	p := &planner{plan: &plan{lastExchange: -1}, backend: b, uses: map[*value]int{}}
	p.makeInputs(f)
	copies := p.makeOutputs(f)
	if err := p.build(tasks); err != nil { // Nodes become programs and kernels, and get memory.
		return nil, err
	}
	p.pair(f, copies)        // Updates take the place of donated parameters.
	p.copyOutputs(f, copies) // What no step computes in place.
	p.endLifetimes()
	p.writeInPlace() // Loops write where they read for the last time.
	p.arenaWords = layOut(p.blocks)
	return p.plan, nil
}

// interruptible returns the last step before which an execution may be interrupted.
// A rank that came to the last exchange finishes: the others may have gone on from
// there.
func (p *plan) interruptible() int {
	if p.lastExchange >= 0 {
		return p.lastExchange
	}
	return p.firstFinal
}

// checkRanks returns an error if a node has more axes than layouts have.
func checkRanks(nodes []*node) error {
	for _, n := range nodes {
		if n.shape.Rank() > strided.MaxAxes {
			return fmt.Errorf("%s of shape %s: more than %d axes: %w", opName(n.op), n.shape, strided.MaxAxes, compute.ErrNotImplemented)
		}
	}
	return nil
}
