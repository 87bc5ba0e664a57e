package assets

import (
	"testing"

	"quarterturn/assets/pictures"
	"quarterturn/core/checkpoint"
	"quarterturn/core/dataset"
	"quarterturn/core/engine"
	"quarterturn/core/train"
	"quarterturn/ui/state"
)

// TestModelKnowsTheOpeners checks the picture that opens each set: it is there,
// with a larger version to look at, and the built-in model guesses each of its
// turns with a belief of more than 0.9. The shipped model believes 0.98 and more,
// so kernels that add in another order stay far from the limit.
func TestModelKnowsTheOpeners(t *testing.T) {
	for _, set := range pictures.Sets() {
		t.Run(set.Name, func(t *testing.T) {
			sheets, err := Pictures(set.Name)
			if err != nil {
				t.Fatal(err)
			}
			learnt, name := sheets.Set.Train, state.Asset(set.Name).Opener()
			i := 0
			for i < learnt.Len() && (learnt.Name(i) != name || sheets.Preview[i] < 0) {
				i++
			}
			if i == learnt.Len() {
				t.Fatalf("no picture %q with a preview", name)
			}
			checkTurns(t, learnt, i)
		})
	}
}

func checkTurns(t *testing.T, p *dataset.Pictures, i int) {
	t.Helper()
	file, err := Model()
	if err != nil {
		t.Fatal(err)
	}
	model, err := checkpoint.Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	backend, err := engine.New(engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer backend.Finalize()
	predictor, err := train.NewPredictor(backend, model, p.Side)
	if err != nil {
		t.Fatal(err)
	}
	defer predictor.Close()
	turns, err := predictor.Turns(p.At(i))
	if err != nil {
		t.Fatal(err)
	}
	for k, guess := range turns {
		if guess[k] <= 0.9 {
			t.Errorf("%s turned by %d°: the model believes %v, want more than 0.9 at %d", p.Name(i), 90*k, guess, k)
		}
	}
}
