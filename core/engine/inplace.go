package engine

import "slices"

// pair finds, for outputs that only outputs depend on, a parameter of the same
// type whose memory it may overwrite if it is donated: an updated weight takes
// the place of the old one. copies are the outputs that are copied from other
// values after all loops.
func (p *planner) pair(f *Function, copies []int) {
	p.pairs = slices.Repeat([]int{-1}, len(f.outputs))
	copied := map[*value]bool{}
	for _, i := range copies {
		copied[storage(f.outputs[i]).plan.value] = true
	}
	for s := p.firstFinal; s < len(p.steps); s++ {
		if l, ok := p.steps[s].step.(*loopStep); ok {
			p.pairWrites(s, l, copied)
		}
	}
}

// pairWrites pairs what loop l, step s, writes with what it reads.
func (p *planner) pairWrites(s int, l *loopStep, taken map[*value]bool) {
	for w := range l.writes {
		out := l.writes[w]
		if out.place != placeOutput {
			continue
		}
		for r := range l.reads {
			in := l.reads[r]
			free := in.place == placeInput && !taken[in] && p.uses[in] == s && in.bytes == out.bytes
			if free && l.overwritable(r, w) {
				taken[in] = true
				p.pairs[out.number] = in.number
				break
			}
		}
	}
}

// endLifetimes notes the last step that reads each block.
func (p *planner) endLifetimes() {
	for v, last := range p.uses {
		if v.block != nil {
			v.block.last = max(v.block.last, last)
		}
	}
}

// writeInPlace lets loops write where they read for the last time.
func (p *planner) writeInPlace() {
	gone := map[*block]bool{}
	for s, st := range p.steps {
		if l, ok := st.step.(*loopStep); ok {
			p.reuse(s, l, gone)
		}
	}
	p.blocks = slices.DeleteFunc(p.blocks, func(b *block) bool { return gone[b] })
}

// reuse gives what loop l, step s, writes the blocks of what it reads for
// the last time.
func (p *planner) reuse(s int, l *loopStep, gone map[*block]bool) {
	for w := range l.writes {
		old := l.writes[w].block
		if old == nil {
			continue
		}
		for r := range l.reads {
			b := l.reads[r].owner().block
			if b != nil && b.last == s && b.words == old.words && l.overwritable(r, w) {
				b.last = old.last
				gone[old] = true
				p.moveTo(old, b)
				break
			}
		}
	}
}

// moveTo lets all values of one block use another.
func (p *planner) moveTo(from, to *block) {
	for _, v := range p.values {
		if v.block == from {
			v.block = to
		}
	}
}
