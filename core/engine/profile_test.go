package engine_test

import (
	"strings"
	"testing"
)

// TestProfile counts the steps of known kinds in two training steps.
func TestProfile(t *testing.T) {
	b := newEngine(t, 1)
	trainer := newTrainer(b, tiny, 1)
	mustStep(t, trainer)
	if p := b.StopProfile(); p != nil {
		t.Errorf("a profile without StartProfile: %v", p)
	}
	b.StartProfile()
	for range 2 {
		mustStep(t, trainer)
	}
	p := b.StopProfile()
	// Two blocks of two 3×3 convolutions, a projection, and the stem, whose input needs no gradient.
	want := map[string]int{"Convolution forward": 12, "Convolution input gradient": 10, "Convolution weight gradient": 12}
	for _, e := range p.Entries() {
		steps, ok := want[e.Kind]
		if !ok {
			continue
		}
		delete(want, e.Kind)
		if e.Steps != steps || e.Time <= 0 || e.FLOPs <= 0 {
			t.Errorf("%+v, want %d steps, a time and FLOPs", e, steps)
		}
	}
	if len(want) != 0 {
		t.Errorf("no entries for %v", want)
	}
	if text := p.String(); !strings.Contains(text, "Loop with sums") || !strings.Contains(text, "GFLOPS") {
		t.Errorf("the table lacks its columns:\n%s", text)
	}
}
