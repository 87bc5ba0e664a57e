package engine_test

import "testing"

// TestMemory holds the plan of a training step to what a tab can spare. It
// counts intermediates, and inputs and outputs: images, weights and momenta, of
// which the updated ones take the place of the old.
func TestMemory(t *testing.T) {
	tests := []struct {
		name string
		network
		mebibytes float64
	}{
		{"ResNet-8 width 16", resnet8, 96},
		{"ResNet-18 width 64", resnet18, 450},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g, states := compile(newEngine(t, 2), "step", tt.step)
			arena := g.Executable().(interface{ ArenaBytes() int }).ArenaBytes()
			total := arena + 4*tt.batch*tt.size*tt.size*3
			for _, s := range states {
				size := 4
				for _, d := range s.dims {
					size *= d
				}
				if s.trained {
					size *= 2
				}
				total += size
			}
			if got := float64(total) / (1 << 20); got > tt.mebibytes {
				t.Errorf("a step takes %.0f MiB, want at most %.0f", got, tt.mebibytes)
			} else {
				t.Logf("%.1f MiB, of which %.1f for intermediates", got, float64(arena)/(1<<20))
			}
		})
	}
}

// TestNoAllocation wants a training step to allocate no more than the interface
// asks for: two objects per output and a few slices.
func TestNoAllocation(t *testing.T) {
	if raceEnabled {
		t.Skip("-race allocates")
	}
	trainer := newTrainer(newEngine(t, 1), tiny, 1)
	for range 3 {
		mustStep(t, trainer)
	}
	limit := float64(len(trainer.states) + 2 + 20)
	if got := testing.AllocsPerRun(20, func() { mustStep(t, trainer) }); got > limit {
		t.Errorf("%v allocations per step, want at most %v: one per output and a few", got, limit)
	}
}
