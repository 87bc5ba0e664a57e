package engine_test

import (
	"math"
	"testing"
)

var tiny = network{blocks: []int{1, 1}, width: 4, classes: 4, size: 8, batch: 8}

func TestTrainingMatchesStock(t *testing.T) {
	ours := newTrainer(newEngine(t, 2), tiny, 1)
	theirs := newTrainer(newStock(t), tiny, 1)
	for step := range 10 {
		got, err := ours.step(0.1)
		if err != nil {
			t.Fatal(err)
		}
		want, err := theirs.step(0.1)
		if err != nil {
			t.Fatal(err)
		}
		if diff := math.Abs(float64(got - want)); !(diff < 1e-4) {
			t.Fatalf("loss of step %d is %v, the stock backend has %v", step, got, want)
		}
	}
}
