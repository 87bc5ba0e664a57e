package engine

import (
	"time"

	"quarterturn/core/fault"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
)

// ErrInterrupted is what Execute returns after Backend.Interrupt.
var ErrInterrupted = fault.New("engine", "execution was interrupted")

// An executable is a compiled graph.
type executable struct {
	backend    *Backend
	plan       *plan
	names      []string
	parameters []shapes.Shape
	outputs    []shapes.Shape
	taken      []*buffer // The inputs of the running execution.
}

var _ compute.Executable = (*executable)(nil)

func newExecutable(b *Backend, f *Function, p *plan) *executable {
	e := &executable{backend: b, plan: p, names: f.names}
	for _, n := range f.parameters {
		e.parameters = append(e.parameters, n.shape)
	}
	for _, n := range f.outputs {
		e.outputs = append(e.outputs, n.shape)
	}
	return e
}

func (e *executable) Finalize() {
	e.backend.running.Lock()
	defer e.backend.running.Unlock()
	e.plan = nil
}

func (e *executable) Inputs() (names []string, inputShapes []shapes.Shape) {
	return e.names, e.parameters
}

func (e *executable) Outputs() []shapes.Shape { return e.outputs }

// Execute runs the graph. It waits while another executable of the backend runs.
//
// If it returns an error, ErrInterrupted included, no input has changed and none
// was taken, donated or not: the updates of donated buffers in place are the
// last steps of a plan, and are not interrupted.
func (e *executable) Execute(inputs []compute.Buffer, donate []bool, defaultDevice compute.DeviceNum) ([]compute.Buffer, error) {
	b := e.backend
	b.running.Lock()
	defer b.running.Unlock()
	if b.IsFinalized() || e.plan == nil {
		return nil, fault.Errorf("engine", "execution after Finalize")
	}
	if err := e.take(inputs, donate, defaultDevice); err != nil {
		clear(e.taken)
		return nil, err
	}
	x := execution{backend: b, plan: e.plan, inputs: e.taken, donate: donate}
	x.bind()
	defer x.releaseClient()
	outputs := x.makeOutputs(e.outputs)
	x.bindShared()
	if err := x.run(); err != nil {
		x.dropOutputs(outputs)
		return nil, err
	}
	x.endDonated()
	return outputs, nil
}

// take checks the inputs and keeps them as buffers of ours.
func (e *executable) take(inputs []compute.Buffer, donate []bool, device compute.DeviceNum) error {
	if len(inputs) != len(e.parameters) || donate != nil && len(donate) != len(inputs) {
		return fault.Errorf("engine", "%d inputs and %d flags of donation for %d parameters", len(inputs), len(donate), len(e.parameters))
	}
	if device != 0 {
		return fault.Errorf("engine", "device %d: there is only device 0", device)
	}
	e.taken = e.taken[:0]
	for i, input := range inputs {
		in, ok := input.(*buffer)
		if !ok || in.backend != e.backend {
			return fault.Errorf("engine", "input %q is a buffer of another backend", e.names[i])
		}
		if err := in.check(); err != nil {
			return fault.Errorf("engine", "input %q: %w", e.names[i], err)
		}
		if !in.shape.Equal(e.parameters[i]) {
			return fault.Errorf("engine", "input %q has shape %s, want %s", e.names[i], in.shape, e.parameters[i])
		}
		e.taken = append(e.taken, in)
	}
	return nil
}

// An execution is one run of a plan.
type execution struct {
	backend *Backend
	plan    *plan
	inputs  []*buffer
	donate  []bool // nil for none.
	failed  error  // Of the last step, where that can fail.
}

// bind points values at the arena and at the inputs, and counts how often each
// buffer is an input.
func (x *execution) bind() {
	x.bindArena()
	for i, v := range x.plan.inputs {
		x.inputs[i].given = 0
		v.setMemory(x.inputs[i].memory)
	}
	for _, in := range x.inputs {
		in.given++
	}
}

// bindArena points values at the arena, unless this plan was the last to run.
// Only one plan at a time does, so that an arena which was too small for another
// one is free once that has its own.
func (x *execution) bindArena() {
	b, p := x.backend, x.plan
	if b.bound == p {
		return
	}
	if b.bound != nil {
		b.bound.release(func(*value) bool { return true })
	}
	if len(b.arena) < p.arenaWords {
		b.arena = nil // The collector may take it before the new one is there.
		b.arena = make([]uint64, p.arenaWords)
	}
	b.bound = p
	for _, v := range p.values {
		if v.block != nil {
			v.setMemory(b.arena[v.block.offset:][:v.block.words])
		}
	}
}

// release lets go of the memory of some values.
func (p *plan) release(which func(*value) bool) {
	for _, v := range p.values {
		if v.place != placeConstant && which(v) {
			v.memory, v.floats = nil, nil
		}
	}
}

// releaseClient lets go of the client's memory: inputs, outputs, and what shares
// theirs. Who held a plan would else hold old weights too.
func (x *execution) releaseClient() {
	x.plan.release(func(v *value) bool { return v.owner().block == nil })
	clear(x.inputs)
}

// bindShared points values at the memory they share. It comes after all others
// are bound.
func (x *execution) bindShared() {
	for _, v := range x.plan.values {
		if v.place == placeShared { // Comes after the value whose memory it has.
			v.shareMemory()
		}
	}
}

// overwrites returns the donated input whose memory output i takes, nil if it
// gets its own.
func (x *execution) overwrites(i int) *buffer {
	pair := x.plan.pairs[i]
	if pair < 0 || x.donate == nil || !x.donate[pair] || x.inputs[pair].given > 1 {
		return nil
	}
	return x.inputs[pair]
}

func (x *execution) makeOutputs(outputShapes []shapes.Shape) []compute.Buffer {
	outputs := make([]compute.Buffer, len(outputShapes))
	for i, shape := range outputShapes {
		out := &buffer{backend: x.backend, shape: shape, live: true}
		if in := x.overwrites(i); in != nil {
			out.memory = in.memory
		} else {
			out.memory = x.backend.memory.get(wordsOf(shape))
		}
		x.plan.outputs[i].setMemory(out.memory)
		outputs[i] = out
	}
	return outputs
}

// dropOutputs ends outputs that the client will not get. Inputs keep their
// memory.
func (x *execution) dropOutputs(outputs []compute.Buffer) {
	for i, output := range outputs {
		if x.overwrites(i) == nil {
			output.Finalize()
		}
	}
}

// endDonated ends the donated inputs. Memory that no output took is free again.
func (x *execution) endDonated() {
	for i := range x.plan.outputs {
		if in := x.overwrites(i); in != nil {
			in.live, in.memory = false, nil
		}
	}
	for i, in := range x.inputs {
		if x.donate != nil && x.donate[i] {
			in.Finalize()
		}
	}
}

// run does the steps. It stops before one if asked to, except among the last
// ones, which overwrite donated memory.
func (x *execution) run() error {
	b := x.backend
	if b.profile != nil {
		b.profile.saw(x.plan)
	}
	for i, s := range x.plan.steps {
		if i <= x.plan.interruptible() {
			x.yield()
			if b.interrupted.Swap(false) {
				return ErrInterrupted
			}
		}
		if b.profile == nil {
			s.run(x)
		} else {
			start := time.Now()
			s.run(x)
			b.profile.add(s, time.Since(start))
		}
		if x.failed != nil {
			return x.failed
		}
	}
	return nil
}

// yield gives the event loop a turn if the last one is long ago, or it is urgent.
func (x *execution) yield() {
	b := x.backend
	if b.options.Yield == nil {
		return
	}
	if now := time.Now(); now.Sub(b.yielded) >= b.options.YieldEvery || b.isUrgent(now) {
		b.options.Yield()
		b.yielded = time.Now()
	}
}

// lookEvery is the time between two calls of Urgent: in a browser one takes a microsecond,
// and small ops hardly take longer.
const lookEvery = time.Millisecond

func (b *Backend) isUrgent(now time.Time) bool {
	if b.options.Urgent == nil || now.Sub(b.looked) < lookEvery {
		return false
	}
	b.looked = now
	return b.options.Urgent()
}

// ArenaBytes returns how much memory the graph's intermediates take. Inputs and
// outputs, which the client owns, are not counted.
func (e *executable) ArenaBytes() int { return 8 * e.plan.arenaWords }

// Plan returns the plan as text: a line for each step, with what it reads and
// writes.
func (e *executable) Plan() string { return e.plan.String() }
