package engine_test

import (
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute/dtypes"
)

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

// TestArenaIsShared runs a small graph, a large one and the small one again: the
// larger one's arena serves both.
func TestArenaIsShared(t *testing.T) {
	b := newEngine(t, 1)
	rng := rand.New(rand.NewPCG(9, 1))
	var arenas []int
	var results [][]tensor
	small := []tensor{random(rng, dtypes.Float32, 20, 20), random(rng, dtypes.Float32, 30, 20)}
	large := []tensor{random(rng, dtypes.Float32, 20, 20), random(rng, dtypes.Float32, 3000, 20)}
	for _, in := range [][]tensor{small, large, small} {
		out, err := execute(b, in, updated, nil)
		if err != nil {
			t.Fatal(err)
		}
		arenas = append(arenas, b.ArenaBytes())
		results = append(results, out)
	}
	if arenas[0] >= arenas[1] || arenas[1] != arenas[2] {
		t.Errorf("arenas of %v bytes, want them to grow once", arenas)
	}
	compareOutputs(t, results[2], results[0], exact)
}
