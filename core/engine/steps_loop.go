package engine

import (
	"quarterturn/core/engine/loop"
)

// A loopStep runs a loop on values.
type loopStep struct {
	*loop.Loop
	reads, writes, sums []*value
	numbers             []number
	partials            *value // nil without sums.
	arrays              loop.Arrays
}

// A number is an operand that is the same at all positions.
type number struct {
	value    *value // nil of a constant.
	constant float32
}

func (p *planner) loopStep(g *group) step {
	t := translate(g)
	s := &loopStep{
		Loop:  loop.New(t.Program),
		reads: p.each(t.reads, p.use),
	}
	for _, n := range t.numbers {
		if x, ok := n.scalarConstant(); ok {
			s.numbers = append(s.numbers, number{constant: x})
			continue
		}
		s.numbers = append(s.numbers, number{value: p.use(n)})
	}
	s.writes, s.sums = p.each(t.writes, p.make), p.each(t.sums, p.make)
	if len(s.sums) > 0 {
		s.partials = p.scratch(s.PartialFloats())
	}
	s.arrays = loop.Arrays{
		Reads: make([][]float32, len(s.reads)), Writes: make([][]float32, len(s.writes)),
		Sums: make([][]float32, len(s.sums)), Numbers: make([]float32, len(s.numbers)),
	}
	return s
}

// each returns what of makes of each node.
func (p *planner) each(nodes []*node, of func(*node) *value) []*value {
	values := make([]*value, len(nodes))
	for i, n := range nodes {
		values[i] = of(n)
	}
	return values
}

func (s *loopStep) form() string { return "loop " + s.Form() }

func (s *loopStep) run(x *execution) {
	s.bind()
	s.Run(x.backend.pool, x.backend.scratch, &s.arrays)
	s.release()
}

// bind points the arrays at the values' memory.
func (s *loopStep) bind() {
	point(s.arrays.Reads, s.reads)
	point(s.arrays.Writes, s.writes)
	point(s.arrays.Sums, s.sums)
	for i, n := range s.numbers {
		s.arrays.Numbers[i] = n.constant
		if n.value != nil {
			s.arrays.Numbers[i] = n.value.floats[0]
		}
	}
	if s.partials != nil {
		s.arrays.Partials = s.partials.floats
	}
}

func point(arrays [][]float32, at []*value) {
	for i, v := range at {
		arrays[i] = v.floats
	}
}

// release lets go of the memory: some is the client's.
func (s *loopStep) release() {
	clear(s.arrays.Reads)
	clear(s.arrays.Writes)
	clear(s.arrays.Sums)
	s.arrays.Partials = nil
}

// overwritable reports whether write w may have the memory of read r: the
// instructions allow it, and no other read is from there.
func (s *loopStep) overwritable(r, w int) bool {
	for k := range s.reads {
		if k != r && s.reads[k].owner() == s.reads[r].owner() {
			return false
		}
	}
	return s.MayOverwrite(r, w)
}
