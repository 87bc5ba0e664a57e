package train

import (
	"math"
	"testing"

	"quarterturn/core/resnet"
	"quarterturn/core/run"
)

// TestAverage follows every weight for three steps and keeps its average by the
// formula, in float64.
func TestAverage(t *testing.T) {
	c := config(run.Scratch, 1)
	c.AverageDecay, c.FirstStage = 0.15, 1
	trainer := mustNew(t, c, photographs(t, 8, 1), nil, Options{})
	want := map[string][]float64{}
	for _, p := range trainer.net.Parameters() {
		for _, v := range valueOf(t, trainer, p.Path()) {
			want[p.Name] = append(want[p.Name], float64(v))
		}
	}
	for step, kept := range []float64{0.1, 0.15, 0.15} { // (1+0)/(10+0), then the decay.
		if got := trainer.average.kept(step); math.Abs(float64(got)-kept) > 1e-7 {
			t.Errorf("step %d keeps %v, want %v", step, got, kept)
		}
		if _, _, err := trainer.callStep(trainer.train.batch(step), 0.1); err != nil {
			t.Fatal(err)
		}
		trainer.steps++
		for _, p := range trainer.net.Parameters() {
			for i, v := range valueOf(t, trainer, p.Path()) {
				want[p.Name][i] = kept*want[p.Name][i] + (1-kept)*float64(v)
			}
		}
	}
	m, err := trainer.Model()
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range m.Weights {
		for i, v := range values {
			// Three roundings of float32.
			if diff := math.Abs(float64(v) - want[name][i]); diff > 3e-7*max(1, math.Abs(want[name][i])) {
				t.Fatalf("%s[%d] is %v, want %v", name, i, v, want[name][i])
			}
		}
	}
	weights, err := weightsOf(trainer.store, trainer.net, resnet.Parameter.Path)
	if err != nil || weights["fc.bias"][0] == m.Weights["fc.bias"][0] {
		t.Errorf("the weights are their averages (%v)", err)
	}
}
