package train

import (
	"context"
	"encoding/json"
	"flag"
	"math"
	"os"
	"testing"

	"quarterturn/core/run"
)

var update = flag.Bool("update", false, "write testdata anew, natively")

// A history is what 200 steps of training gave on one platform.
type history struct {
	Losses  []float64 // Of each step, in nats.
	Guesses []int     // For each test picture, the likeliest class after the last step.
}

// TestPlatformsAgree trains for 200 steps and compares with what amd64 gave:
// losses within 1e-3 and the same guess for each of 40 pictures. Under js/wasm
// there is no fused multiply-add, so each sum of products is rounded differently;
// 200 steps carry such differences of 1e-7 on, and the rate is low enough that
// they do not grow out of hand.
func TestPlatformsAgree(t *testing.T) {
	const file = "testdata/steps.json"
	got := twoHundredSteps(t)
	if *update {
		b, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, append(b, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var want history
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	worst := 0.0
	for i, loss := range want.Losses {
		worst = max(worst, math.Abs(got.Losses[i]-loss))
		if diff := math.Abs(got.Losses[i] - loss); diff > 1e-3 {
			t.Fatalf("loss of step %d is %v, amd64 has %v", i+1, got.Losses[i], loss)
		}
	}
	t.Logf("largest difference of a loss: %.2g", worst)
	for i, guess := range want.Guesses {
		if got.Guesses[i] != guess {
			t.Errorf("picture %d is guessed as %d, amd64 guesses %d", i, got.Guesses[i], guess)
		}
	}
}

func twoHundredSteps(t *testing.T) (r history) {
	t.Helper()
	c := run.Default(run.Scratch)
	c.Network.Width, c.BatchSize, c.Epochs, c.LearningRate = 8, 40, 100, 0.003
	set := photographs(t, 8, 4)
	trainer := mustNew(t, c, set, nil, Options{})
	if err := trainer.Run(context.Background(), func(e run.Event) {
		if e, ok := e.(run.Progress); ok {
			r.Losses = append(r.Losses, e.Loss)
		}
	}); err != nil {
		t.Fatal(err)
	}
	if len(r.Losses) != 200 {
		t.Fatalf("%d steps, want 200", len(r.Losses))
	}
	for first := 0; first < set.Test.Len(); first += trainer.test.perStep {
		b := trainer.test.window(first)
		logits, err := trainer.forward.logits(b.images)
		if err != nil {
			t.Fatal(err)
		}
		for i := range b.labels {
			r.Guesses = append(r.Guesses, argMax(logits[i*c10:(i+1)*c10]))
		}
	}
	return r
}

// c10 is the number of classes of the photographs.
const c10 = 10
