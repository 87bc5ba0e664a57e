package measure

import (
	"encoding/json"

	"quarterturn/core/fault"
	"quarterturn/core/internal/strict"
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

// Limits of Answers.
const (
	MaxAnswersBytes = 64 << 20
	maxTurns        = 4
)

// Encode returns the JSON.
func (a *Answers) Encode() ([]byte, error) {
	b, err := json.Marshal(a)
	return append(b, '\n'), err
}

// DecodeAnswers reads the JSON of Answers, which is not trusted.
func DecodeAnswers(b []byte) (*Answers, error) {
	if len(b) > MaxAnswersBytes {
		return nil, fault.Errorf("measure", "answers of %d bytes, want at most %d", len(b), MaxAnswersBytes)
	}
	var a Answers
	if err := strict.JSON(b, &a); err != nil {
		return nil, fault.Errorf("measure", "answers: %w", err)
	}
	return &a, a.check()
}

func (a *Answers) check() error {
	switch n := len(a.Classes); {
	case n < 2 || n > MaxClasses:
		return fault.Errorf("measure", "answers of %d classes, want 2 to %d", n, MaxClasses)
	case a.Turns < 1 || a.Turns > maxTurns:
		return fault.Errorf("measure", "answers about pictures in %d turns, want 1 to %d", a.Turns, maxTurns)
	case len(a.Labels) == 0 || len(a.Labels)%a.Turns != 0 || len(a.Guesses) != len(a.Labels):
		return fault.Errorf("measure", "%d answers to %d questions in %d turns", len(a.Guesses), len(a.Labels), a.Turns)
	}
	for i, label := range a.Labels {
		if !a.hasClass(label) || !a.hasClass(a.Guesses[i]) {
			return fault.Errorf("measure", "answer %d is class %d for class %d of %d", i, a.Guesses[i], label, len(a.Classes))
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

// Score is the share of right answers, with an interval over pictures.
func (a *Answers) Score() Score {
	if a.Turns == 1 {
		return NewScore(a.Labels, a.Guesses)
	}
	return scoreOf(stats.Clusters(a.Shares()).Share())
}

// Confusion counts the answers.
func (a *Answers) Confusion() *Confusion { return NewConfusion(a.Classes, a.Labels, a.Guesses) }
