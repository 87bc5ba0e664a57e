package main

import (
	"fmt"

	"quarterturn/core/stats"
)

// A score is an accuracy with its 95 % interval, all 0 to 1.
type score struct {
	Accuracy float64 `json:"accuracy"`
	Low      float64 `json:"low"`
	High     float64 `json:"high"`
}

// newScore compares guesses with labels. The interval is over pictures like those
// tested.
func newScore(guesses, labels []int32) score {
	right := 0
	for i, guess := range guesses {
		if guess == labels[i] {
			right++
		}
	}
	share := stats.Wilson(right, len(labels))
	return score{share.Value, share.Low, share.High}
}

// meanScore is the mean of repetitions on the same test pictures. The interval is
// over further repetitions, by Student's t; one alone keeps its own.
func meanScore(scores []score) score {
	if len(scores) == 1 {
		return scores[0]
	}
	var accuracies []float64
	for _, s := range scores {
		accuracies = append(accuracies, s.Accuracy)
	}
	mean := stats.MeanInterval(accuracies)
	return score{mean.Value, max(mean.Low, 0), min(mean.High, 1)}
}

func (s score) String() string {
	return fmt.Sprintf("%5.1f %% (%.1f to %.1f)", 100*s.Accuracy, 100*s.Low, 100*s.High)
}
