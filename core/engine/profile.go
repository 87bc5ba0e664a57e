package engine

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// A Profile adds up the time that steps take, by kind. Kinds are names such as
// "Convolution forward" and "Loop with sums".
type Profile struct {
	entries map[string]*ProfileEntry
}

// A ProfileEntry is what one kind of step took.
type ProfileEntry struct {
	Kind  string
	Steps int // How many have run.
	Time  time.Duration
	FLOPs int // Of convolutions and matrix products, together.
}

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

func (p *Profile) add(s step, took time.Duration) {
	kind := s.kind()
	e := p.entries[kind]
	if e == nil {
		e = &ProfileEntry{Kind: kind}
		p.entries[kind] = e
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
		return cmp.Or(cmp.Compare(b.Time, a.Time), strings.Compare(a.Kind, b.Kind))
	})
	return entries
}

// String returns a table with a line per kind.
func (p *Profile) String() string {
	var total time.Duration
	for _, e := range p.entries {
		total += e.Time
	}
	var b strings.Builder
	for _, e := range p.Entries() {
		fmt.Fprintf(&b, "%-28s %6d× %10.3f ms %5.1f %%", e.Kind, e.Steps,
			float64(e.Time)/float64(time.Millisecond), 100*float64(e.Time)/float64(max(total, 1)))
		if e.FLOPs > 0 {
			fmt.Fprintf(&b, " %7.1f GFLOPS", float64(e.FLOPs)/float64(max(e.Time, 1)))
		}
		b.WriteByte('\n')
	}
	return b.String()
}
