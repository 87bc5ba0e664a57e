package measure

import (
	"encoding/json"

	"quarterturn/core/exam"
	"quarterturn/core/fault"
	"quarterturn/core/internal/strict"
)

// Limits of the files of an examination.
const (
	MaxAnswersBytes   = 64 << 20
	MaxConfusionBytes = 16 << 20
)

// EncodeAnswers returns the JSON of answers.
func EncodeAnswers(a *exam.Answers) ([]byte, error) {
	b, err := json.Marshal(a)
	return append(b, '\n'), err
}

// DecodeAnswers reads the JSON of answers, which is not trusted.
func DecodeAnswers(b []byte) (*exam.Answers, error) {
	if len(b) > MaxAnswersBytes {
		return nil, fault.Errorf("measure", "answers of %d bytes, want at most %d", len(b), MaxAnswersBytes)
	}
	var a exam.Answers
	if err := strict.JSON(b, &a); err != nil {
		return nil, fault.Errorf("measure", "answers: %w", err)
	}
	return &a, a.Check()
}

// EncodeConfusion returns the JSON of a confusion matrix.
func EncodeConfusion(c *exam.Confusion) ([]byte, error) {
	b, err := json.Marshal(c)
	return append(b, '\n'), err
}

// DecodeConfusion reads the JSON of a confusion matrix, which is not trusted.
func DecodeConfusion(b []byte) (*exam.Confusion, error) {
	if len(b) > MaxConfusionBytes {
		return nil, fault.Errorf("measure", "a confusion matrix of %d bytes, want at most %d", len(b), MaxConfusionBytes)
	}
	var c exam.Confusion
	if err := strict.JSON(b, &c); err != nil {
		return nil, fault.Errorf("measure", "confusion matrix: %w", err)
	}
	return &c, c.Check()
}
