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
	want := map[string]int{"convolution forward": 12, "convolution input gradient": 10, "convolution weight gradient": 12, "matrix product": 6}
	for _, e := range p.Entries() {
		if e.Steps <= 0 || e.Time <= 0 {
			t.Errorf("%+v, want steps and a time", e)
		}
		counted := false
		for form := range want {
			if strings.HasPrefix(e.Form, form) {
				counted = true
				want[form] -= e.Steps
			}
		}
		if (e.FLOPs > 0) != counted || (e.GFLOPS() > 0) != counted {
			t.Errorf("%+v: FLOPs are those of convolutions and matrix products", e)
		}
	}
	for form, missing := range want {
		if missing != 0 {
			t.Errorf("%d steps of %s are missing", missing, form)
		}
	}
	if plans := p.Plans(); len(plans) != 1 || !strings.Contains(plans[0], "not interrupted from here on") {
		t.Errorf("two steps of one graph ran the plans %q", plans)
	}
	if text := p.Table(2, 100); !strings.Contains(text, "loop sum-squares\n") || !strings.Contains(text, " %  matrix product") {
		t.Errorf("the table lacks its columns:\n%s", text)
	}
}
