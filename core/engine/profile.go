package engine

import (
	"cmp"
	"fmt"
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

func (p *Profile) add(s planned, took time.Duration) {
	e := p.entries[s.named]
	if e == nil {
		e = &ProfileEntry{Form: s.named}
		p.entries[s.named] = e
	}
	e.Steps++
	e.Time += took
	if c, ok := s.step.(interface{ flops() int }); ok {
		e.FLOPs += c.flops()
	}
}

// Entries returns the entries, the longest time first.
func (p *Profile) Entries() []ProfileEntry {
	var entries []ProfileEntry
	for _, e := range p.entries {
		entries = append(entries, *e)
	}
	slices.SortFunc(entries, func(a, b ProfileEntry) int {
		return cmp.Or(cmp.Compare(b.Time, a.Time), strings.Compare(a.Form, b.Form))
	})
	return entries
}

// Time returns how long all steps together took.
func (p *Profile) Time() time.Duration {
	var total time.Duration
	for _, e := range p.entries {
		total += e.Time
	}
	return total
}

// Table prints a line for each form, the longest time first: milliseconds and
// steps in each of so many executions, the share of the time, and of what counts
// operations the rate and its share of the machine's peak, 0 if that is not known.
func (p *Profile) Table(executions int, peakGFLOPS float64) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%9s %7s %6s %7s %8s  %s\n", "ms", "share", "steps", "GFLOPS", "of peak", "form")
	total := max(p.Time(), 1)
	for _, e := range p.Entries() {
		rate, share := "", ""
		if e.FLOPs > 0 {
			rate = fmt.Sprintf("%.1f", e.GFLOPS())
		}
		if e.FLOPs > 0 && peakGFLOPS > 0 {
			share = fmt.Sprintf("%.0f %%", 100*e.GFLOPS()/peakGFLOPS)
		}
		fmt.Fprintf(&b, "%9.3f %5.1f %% %6d %7s %8s  %s\n", float64(e.Time)/float64(time.Millisecond)/float64(executions),
			100*float64(e.Time)/float64(total), e.Steps/executions, rate, share, e.Form)
	}
	return b.String()
}
