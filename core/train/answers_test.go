package train

import (
	"errors"
	"math"
	"testing"

	"quarterturn/core/internal/parity"
	"quarterturn/core/run"
)

// TestAnswersArePredictions: of pictures in more than one batch, the beliefs of each in
// its four turns are those that Turns tells of it alone, within rounding.
func TestAnswersArePredictions(t *testing.T) {
	pictures := photographs(t, 20, 1).Train
	p, err := NewPredictor(parity.Backend(t), untrained(4, 1, 1), pictures.Side)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	a, err := p.Answers(run.Pretext, pictures, func(int) error { return nil })
	if err != nil || len(a.Labels) != 4*pictures.Len() {
		t.Fatalf("%d answers about %d pictures, %v", len(a.Labels), pictures.Len(), err)
	}
	for i := range pictures.Len() {
		turns, err := p.Turns(pictures.At(i))
		if err != nil {
			t.Fatal(err)
		}
		for k, belief := range turns {
			at := 4*i + k
			guess := belief[a.Guesses[at]]
			if a.Labels[at] != int32(k) || math.Abs(float64(guess-a.Sure[at])) > 1e-5 || math.Abs(float64(belief[k]-a.True[at])) > 1e-5 || guess < belief[argMax(belief)]-1e-5 {
				t.Errorf("picture %d in turn %d: label %d, guess %d, sure %v, of the label %v; Turns says %v", i, k, a.Labels[at], a.Guesses[at], a.Sure[at], a.True[at], belief)
			}
		}
	}
}

// TestAnswersAreNumbersOrNone: a network that has diverged says so, and one that is told
// to stop does.
func TestAnswersAreNumbersOrNone(t *testing.T) {
	pictures := photographs(t, 2, 1).Train
	m := untrained(4, 1)
	m.Weights["fc.bias"][1] = float32(math.NaN())
	p, err := NewPredictor(parity.Backend(t), m, pictures.Side)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if a, err := p.Answers(run.Pretext, pictures, func(int) error { return nil }); err == nil {
		t.Errorf("the network's beliefs are %v", a.Sure)
	}
	stop := errors.New("stop")
	if _, err := p.Answers(run.Pretext, pictures, func(int) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("stopped with %v, want %v", err, stop)
	}
}
