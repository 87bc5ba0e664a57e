// Package exam is what networks answered when they were shown test pictures: answer by
// answer, and counted. It links nothing that computes, so that a page can have it.
package exam

import (
	"quarterturn/core/fault"
	"quarterturn/core/stats"
)

// Answers are what a network took each test picture for. Those of several networks on
// the same pictures tell how much of a difference is the pictures' choice.
type Answers struct {
	Classes []string `json:"classes"`
	Turns   int      `json:"turns"`   // Examples of each picture: 1, or 4 where turns were guessed.
	Labels  []int32  `json:"labels"`  // [Pictures·Turns], indices of Classes
	Guesses []int32  `json:"guesses"` // [Pictures·Turns]
}

// maxTurns is that of an Answers.
const maxTurns = 4

// Check returns an error unless the answers are such as a network gives.
func (a *Answers) Check() error {
	switch n := len(a.Classes); {
	case n < 2 || n > MaxClasses:
		return fault.Errorf("exam", "answers of %d classes, want 2 to %d", n, MaxClasses)
	case a.Turns < 1 || a.Turns > maxTurns:
		return fault.Errorf("exam", "answers about pictures in %d turns, want 1 to %d", a.Turns, maxTurns)
	case len(a.Labels) == 0 || len(a.Labels)%a.Turns != 0 || len(a.Guesses) != len(a.Labels):
		return fault.Errorf("exam", "%d answers to %d questions in %d turns", len(a.Guesses), len(a.Labels), a.Turns)
	}
	for i, label := range a.Labels {
		if !a.hasClass(label) || !a.hasClass(a.Guesses[i]) {
			return fault.Errorf("exam", "answer %d is class %d for class %d of %d", i, a.Guesses[i], label, len(a.Classes))
		}
	}
	return nil
}

func (a *Answers) hasClass(i int32) bool { return i >= 0 && int(i) < len(a.Classes) }

// Shares returns of each picture the share of its answers that are right, [Pictures].
func (a *Answers) Shares() []float64 {
	shares := make([]float64, len(a.Labels)/a.Turns)
	for i, label := range a.Labels {
		if a.Guesses[i] == label {
			shares[i/a.Turns] += 1 / float64(a.Turns)
		}
	}
	return shares
}

// Score is the share of right answers, with its 95 % interval over pictures like
// these: Wilson's, and of turns, which are not independent, by clusters.
func (a *Answers) Score() stats.Interval {
	if a.Turns == 1 {
		return stats.Wilson(a.Confusion().Right())
	}
	return stats.Clusters(a.Shares()).Share()
}

// Confusion counts the answers.
func (a *Answers) Confusion() *Confusion { return NewConfusion(a.Classes, a.Labels, a.Guesses) }
