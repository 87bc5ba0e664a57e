package lab

import (
	"slices"
	"testing"

	"quarterturn/core/run"
)

// TestLook: it believes what the predictor says of the same turn, explains what it was
// asked to, and has a map for each channel of each part.
func TestLook(t *testing.T) {
	d, model := newDesk(t), builtIn(t)
	d.do(openPhotographs(t))
	predicted := only[run.Predicted](t, d.do(run.LoadModel{Name: "m", Blob: model}, run.Predict{ID: 1}))[0]
	for quarters, want := range predicted.Turns {
		events := d.do(run.Look{Model: model, ID: 1, Quarters: quarters, Answer: run.ItsGuess})
		looked, explained := only[run.Looked](t, events)[0], only[run.Explained](t, events)[0]
		guess := slices.Index(want, slices.Max(want))
		if looked.Quarters != quarters || explained.Answer != guess || len(explained.Occlusion) != Side*Side || len(explained.CAM) != explained.CAMSide*explained.CAMSide {
			t.Errorf("turned %d it guesses %d: seen %+v, explained %+v", quarters, guess, looked, explained)
		}
		for i, belief := range looked.Belief {
			if diff := belief - want[i]; diff > 1e-5 || diff < -1e-5 { // Of one picture, and of four together.
				t.Errorf("turned %d it believes %v, and predicts %v", quarters, looked.Belief, want)
			}
		}
		if fell := slices.Max(explained.Occlusion); fell <= 0 || fell > 1 {
			t.Errorf("turned %d no patch lowers the belief in %d: by %g at most", quarters, guess, fell)
		}
	}
	looked := only[run.Looked](t, d.do(run.Look{Model: model, ID: 1, Answer: 0}))[0]
	for i, part := range looked.Parts {
		if len(part.Values) != part.Channels*part.Side*part.Side || part.Most <= 0 || slices.Max(part.Values) != 255 {
			t.Errorf("part %d, %s: %d maps of side %d in %d bytes, at most %g", i, part.Name, part.Channels, part.Side, len(part.Values), part.Most)
		}
	}
	if len(looked.Kernels) != 3*looked.KernelSide*looked.KernelSide*looked.Parts[0].Channels {
		t.Errorf("%d numbers of kernels of side %d", len(looked.Kernels), looked.KernelSide)
	}
	random := only[run.Looked](t, d.do(run.Look{Model: model, ID: 1, Untrained: true, Seed: 1}))[0]
	if slices.Equal(random.Kernels, looked.Kernels) {
		t.Error("the untrained network has the trained kernels")
	}
}
