package engine

import (
	"fmt"

	"github.com/gomlx/compute"
)

// A step is one piece of work of a plan, ready to run.
type step interface {
	run(x *execution)
	kind() string // For the profile.
}

// A plan is a compiled graph: steps in order, and the memory they work in.
type plan struct {
	steps      []step
	firstFinal int // From this step on an execution is not interrupted.
	values     []*value
	inputs     []*value // By parameter.
	outputs    []*value // By output.
	pairs      []int    // By output: the parameter whose donated memory it takes, or -1.
	arenaWords int
}

// newPlan compiles a function.
func newPlan(b *Backend, f *Function) (*plan, error) {
	if err := foldConstants(b, f); err != nil {
		return nil, err
	}
	return newPlanOf(b, f)
}

// newPlanOf is newPlan without folding.
func newPlanOf(b *Backend, f *Function) (*plan, error) {
	live := markLive(f)
	for _, n := range live {
		if n.shape.Rank() > maxAxes {
			return nil, fmt.Errorf("%s of shape %s: more than %d axes: %w", opName(n.op), n.shape, maxAxes, compute.ErrNotImplemented)
		}
	}
	decideStored(live)
	p := &planner{
		plan:    &plan{inputs: make([]*value, len(f.parameters)), outputs: make([]*value, len(f.outputs))},
		backend: b,
		uses:    map[*value]int{},
	}
	return p.plan, p.build(f, live)
}

// A planner builds a plan from ordered tasks.
type planner struct {
	*plan
	backend *Backend
	blocks  []*block
	uses    map[*value]int // Index of the step after which an arena value is not read.
}

// build turns live nodes into steps and memory.
func (p *planner) build(f *Function, live []*node) error {
	for i, parameter := range f.parameters {
		p.inputs[i] = p.newValue(parameter, placeInput)
		p.inputs[i].number = i
	}
	copies := p.makeOutputs(f)
	tasks := schedule(live)
	p.firstFinal = len(tasks)
	for i, t := range tasks {
		if t.commits() {
			p.firstFinal = min(p.firstFinal, i)
		}
		if err := p.addTask(t); err != nil {
			return err
		}
	}
	p.pair(f, copies)
	for _, i := range copies {
		p.addStep(copyStep{to: p.outputs[i], from: p.use(f.outputs[i])})
	}
	p.layOut()
	return nil
}

// makeOutputs makes the outputs' values, and returns the numbers of those that
// no task computes in place: inputs, constants, other names for a value, and what
// is an output already. They are copied.
func (p *planner) makeOutputs(f *Function) (copies []int) {
	taken := map[*node]bool{}
	for i, n := range f.outputs {
		if isSource(n) || taken[n] {
			copies = append(copies, i)
			p.outputs[i] = &value{place: placeOutput, number: i, bytes: n.bytes()}
			p.values = append(p.values, p.outputs[i])
			continue
		}
		taken[n] = true
		p.outputs[i] = p.newValue(n, placeOutput)
		p.outputs[i].number = i
	}
	return copies
}

// newValue gives a node memory.
func (p *planner) newValue(n *node, at place) *value {
	v := &value{place: at, bytes: n.bytes()}
	n.plan.value = v
	p.values = append(p.values, v)
	return v
}

// use returns the value of a stored node as an operand of the step that is being
// built.
func (p *planner) use(n *node) *value {
	v := n.plan.value
	if v == nil {
		v = p.source(n)
	}
	p.uses[v.owner()] = len(p.steps)
	return v
}

// source gives a node that no task computes its memory.
func (p *planner) source(n *node) *value {
	if n.op == compute.OpTypeConstant {
		v := p.newValue(n, placeConstant)
		v.setMemory(n.constant)
		return v
	}
	shared := p.use(n.inputs[0]) // A Reshape or Bitcast; parameters have theirs.
	v := p.newValue(n, placeShared)
	v.shared = shared
	return v
}

// make returns the value of a node that the step being built computes.
func (p *planner) make(n *node) *value {
	if v := n.plan.value; v != nil {
		return v // An output.
	}
	v := p.newValue(n, placeArena)
	p.arena(v)
	return v
}

// scratch returns memory for the step being built only.
func (p *planner) scratch(floats int) *value {
	v := &value{bytes: 4 * floats}
	p.values = append(p.values, v)
	p.arena(v)
	return v
}

func (p *planner) arena(v *value) {
	now := len(p.steps)
	v.block = &block{words: (v.bytes + 7) / 8, first: now, last: now}
	p.blocks = append(p.blocks, v.block)
	p.uses[v] = now
}

func (p *planner) addStep(s step) { p.steps = append(p.steps, s) }

func (p *planner) addTask(t *task) error {
	if t.loop != nil {
		p.addLoop(newLoop(t.loop))
		return nil
	}
	s, err := p.newStep(t.node)
	if err != nil {
		return err
	}
	p.addStep(s)
	return nil
}

func (p *planner) addLoop(l *loop) {
	for i := range l.reads {
		l.reads[i].value = p.use(l.reads[i].node)
	}
	for i := range l.scalars {
		if n := l.scalars[i].node; n != nil {
			l.scalars[i].value = p.use(n)
		}
	}
	for i := range l.writes {
		l.writes[i].value = p.make(l.writes[i].node)
	}
	for i := range l.sums {
		l.sums[i].value = p.make(l.sums[i].node)
	}
	if len(l.sums) > 0 {
		l.partials = p.scratch(l.partial * l.chunks())
	}
	p.addStep(l)
}

// newStep returns the step that computes a node other than a loop's.
func (p *planner) newStep(n *node) (step, error) {
	switch {
	case n.op == opConvolution:
		return p.convolutionStep(n), nil
	case n.op == opMatMul:
		return p.matMulStep(n), nil
	case n.op == opShift:
		return &shiftStep{out: p.make(n), in: p.use(n.inputs[0]), shape: n.inputs[0].shape, axis: n.axes[0]}, nil
	case n.op == opRandomBits:
		return &randomStep{bits: p.make(n), state: p.use(n.inputs[0])}, nil
	case n.op == opRandomState:
		return &randomStep{next: p.make(n), state: p.use(n.inputs[0]), draws: (n.data.(int) + 7) / 8}, nil
	case n.op == compute.OpTypeConvGeneral:
		return p.generalConvStep(n), nil
	case n.op == compute.OpTypeArgMinMax:
		return p.argStep(n), nil
	case isReduction(n.op):
		return p.reduceStep(n), nil
	case isMove(n.op):
		return p.moveStep(n), nil
	case isElementwise(n.op):
		return p.slowStep(n), nil
	}
	return nil, fmt.Errorf("no step for op %s: %w", opName(n.op), compute.ErrNotImplemented)
}
