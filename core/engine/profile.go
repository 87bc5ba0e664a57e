package engine

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// A Profile adds up the time that steps take, by form: what a step does and how,
// such as "loop affine-relu" or "convolution forward 3×3, bordered copy, packed
// {6×16}". What depends on the platform stands in braces.
type Profile struct {
	entries map[string]*ProfileEntry
	plans   []*plan // That ran, in the order of their first executions.
}

// A ProfileEntry is what the steps of one form took.
type ProfileEntry struct {
	Form  string
	Steps int // How many have run.
	Time  time.Duration
	FLOPs int // Of convolutions and matrix products, together; 0 of other steps.
}

// GFLOPS returns the rate, in 10⁹ operations per second; 0 of steps whose
// operations are not counted.
func (e ProfileEntry) GFLOPS() float64 { return float64(e.FLOPs) / float64(max(e.Time, 1)) }

// StartProfile starts measuring the executions that follow, from zero.
func (b *Backend) StartProfile() {
	b.running.Lock()
	defer b.running.Unlock()
	b.profile = &Profile{entries: map[string]*ProfileEntry{}}
}

// StopProfile ends measuring and returns what was measured, nil if there was no
// StartProfile.
func (b *Backend) StopProfile() *Profile {
	b.running.Lock()
	defer b.running.Unlock()
	p := b.profile
	b.profile = nil
	return p
}

// ArenaBytes returns how much memory intermediates take, all executables of the
// backend together. Inputs and outputs are not counted.
func (b *Backend) ArenaBytes() int {
	b.running.Lock()
	defer b.running.Unlock()
	return 8 * len(b.arena)
}

// saw notes that a plan runs.
func (p *Profile) saw(ran *plan) {
	if !slices.Contains(p.plans, ran) {
		p.plans = append(p.plans, ran)
	}
}

// Plans returns the plans that ran as text: a line for each step, with what it
// reads and writes.
func (p *Profile) Plans() []string {
	texts := make([]string, len(p.plans))
	for i, ran := range p.plans {
		texts[i] = ran.String()
	}
	return texts
}

func (p *Profile) add(s step, took time.Duration) {
	form := s.form()
	e := p.entries[form]
	if e == nil {
		e = &ProfileEntry{Form: form}
		p.entries[form] = e
	}
	e.Steps++
	e.Time += took
	if c, ok := s.(interface{ flops() int }); ok {
		e.FLOPs += c.flops()
	}
}

// Entries returns the entries, the longest time first.
func (p *Profile) Entries() []ProfileEntry {
	var entries []ProfileEntry
	for _, e := range slices.Collect(maps.Values(p.entries)) {
		entries = append(entries, *e)
	}
	slices.SortFunc(entries, func(a, b ProfileEntry) int {
		return cmp.Or(cmp.Compare(b.Time, a.Time), strings.Compare(a.Form, b.Form))
	})
	return entries
}

// String returns a table with a line for each form.
func (p *Profile) String() string {
	var total time.Duration
	for _, e := range p.entries {
		total += e.Time
	}
	var b strings.Builder
	for _, e := range p.Entries() {
		fmt.Fprintf(&b, "%6d× %10.3f ms %5.1f %%", e.Steps,
			float64(e.Time)/float64(time.Millisecond), 100*float64(e.Time)/float64(max(total, 1)))
		if e.FLOPs > 0 {
			fmt.Fprintf(&b, " %7.1f GFLOPS  %s\n", e.GFLOPS(), e.Form)
			continue
		}
		fmt.Fprintf(&b, "%16s%s\n", "", e.Form)
	}
	return b.String()
}
