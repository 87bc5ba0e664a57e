package main

import (
	"fmt"
	"math"
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
	low, high := interval(right, len(labels))
	return score{float64(right) / float64(len(labels)), low, high}
}

// meanScore is the mean of repetitions on the same test pictures. The interval is
// over further repetitions, by Student's t; one alone keeps its own.
func meanScore(scores []score) score {
	if len(scores) == 1 {
		return scores[0]
	}
	n := float64(len(scores))
	var mean, squares float64
	for _, s := range scores {
		mean += s.Accuracy / n
	}
	for _, s := range scores {
		squares += (s.Accuracy - mean) * (s.Accuracy - mean)
	}
	spread := student(len(scores)-1) * math.Sqrt(squares/(n-1)/n)
	return score{mean, max(mean-spread, 0), min(mean+spread, 1)}
}

func (s score) String() string {
	return fmt.Sprintf("%5.1f %% (%.1f to %.1f)", 100*s.Accuracy, 100*s.Low, 100*s.High)
}

// student is the number of deviations within which Student's t with so many
// degrees of freedom lies in 95 of 100 cases. Up to two it is exact; beyond, the
// normal distribution's number is corrected by Cornish and Fisher's series in 1/freedom
// (Abramowitz and Stegun 26.7.5), to within two thousandths.
func student(freedom int) float64 {
	const z = 1.959964
	switch freedom {
	case 1:
		return math.Tan(0.475 * math.Pi)
	case 2:
		return 0.95 * math.Sqrt(2/(1-0.95*0.95))
	}
	v := float64(freedom)
	z2 := z * z
	g1 := z * (z2 + 1) / 4
	g2 := z * ((5*z2+16)*z2 + 3) / 96
	g3 := z * (((3*z2+19)*z2+17)*z2 - 15) / 384
	g4 := z * ((((79*z2+776)*z2+1482)*z2-1920)*z2 - 945) / 92160
	return z + g1/v + g2/(v*v) + g3/(v*v*v) + g4/(v*v*v*v)
}
