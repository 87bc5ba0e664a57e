package engine

import (
	"fmt"

	"github.com/gomlx/compute"
)

// A planner builds a plan from ordered tasks.
type planner struct {
	*plan
	backend       *Backend
	blocks        []*block
	uses          map[*value]int // Index of the step after which an arena value is not read.
	reads, writes []*value       // Of the step that is being built, so far.
}

// makeInputs makes the parameters' values.
func (p *planner) makeInputs(f *Function) {
	for _, parameter := range f.parameters {
		v := p.newValue(parameter, placeInput)
		v.number = len(p.inputs)
		p.inputs = append(p.inputs, v)
	}
}

// makeOutputs makes the outputs' values, and returns the numbers of those that
// no task computes in place: inputs, constants, other names for a value, and what
// is an output already. They are copied.
func (p *planner) makeOutputs(f *Function) (copies []int) {
	p.outputs = make([]*value, len(f.outputs))
	taken := map[*node]bool{}
	for i, n := range f.outputs {
		if isSource(n) || taken[n] {
			copies = append(copies, i)
			p.outputs[i] = &value{place: placeOutput, number: i, shape: n.shape, bytes: n.bytes()}
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
	v := &value{place: at, shape: n.shape, bytes: n.bytes()}
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
	p.reads = append(p.reads, v)
	return v
}

// source gives a node that no task computes its memory.
func (p *planner) source(n *node) *value {
	if n.op == compute.OpTypeConstant {
		v := p.newValue(n, placeConstant)
		v.setMemory(n.constant)
		return v
	}
	of := n.inputs[0] // n is a Reshape, Bitcast or Part: parameters have their values.
	shared := of.plan.value
	if shared == nil {
		shared = p.source(of)
	}
	v := p.newValue(n, placeShared)
	v.shared = shared
	if n.op == opPart {
		v.offset = 4 * n.data.(int)
	}
	return v
}

// make returns the value of a node that the step being built computes.
func (p *planner) make(n *node) *value {
	v := n.plan.value
	if v == nil { // Not an output.
		v = p.newValue(n, placeArena)
		p.arena(v)
	}
	p.writes = append(p.writes, v)
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

// addStep ends the step that is being built.
func (p *planner) addStep(s step) {
	p.steps = append(p.steps, planned{step: s, named: s.form(), reads: p.reads, writes: p.writes})
	p.reads, p.writes = nil, nil
}

// build turns tasks into steps.
func (p *planner) build(tasks []*task) error {
	p.firstFinal = len(tasks)
	for i, t := range tasks {
		if t.commits() {
			p.firstFinal = min(p.firstFinal, i)
		}
		s, err := p.stepOf(t)
		if err != nil {
			return err
		}
		p.addStep(s)
	}
	return nil
}

func (p *planner) stepOf(t *task) (step, error) {
	if t.loop != nil {
		return p.loopStep(t.loop), nil
	}
	return p.newStep(t.node)
}

// copyOutputs adds the steps that copy outputs from other values.
func (p *planner) copyOutputs(f *Function, copies []int) {
	for _, i := range copies {
		p.writes = append(p.writes, p.outputs[i])
		p.addStep(copyStep{to: p.outputs[i], from: p.use(f.outputs[i])})
	}
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
	case n.op == opExchange:
		return p.exchangeStep(n), nil
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
