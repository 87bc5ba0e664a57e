package measure

import (
	"context"
	"fmt"

	"github.com/gomlx/compute"

	"quarterturn/core/checkpoint"
	"quarterturn/core/dataset"
	"quarterturn/core/embed"
	"quarterturn/core/fault"
	"quarterturn/core/rotation"
	"quarterturn/core/run"
	"quarterturn/core/stats"
	"quarterturn/core/train"
)

// A Score is an accuracy with its 95 % interval.
type Score struct {
	Accuracy float64 `json:"accuracy"`
	Low      float64 `json:"low"`
	High     float64 `json:"high"`
}

// NewScore compares guesses with labels. The interval is over pictures like those
// tested (Wilson).
func NewScore(guesses, labels []int32) Score {
	right := 0
	for i, guess := range guesses {
		if guess == labels[i] {
			right++
		}
	}
	return scoreOf(right, len(labels))
}

func scoreOf(right, all int) Score {
	share := stats.Wilson(right, all)
	return Score{share.Value, share.Low, share.High}
}

// MeanScore is the mean of repetitions on the same test pictures. The interval is
// over further repetitions, by Student's t; one alone keeps its own.
func MeanScore(scores []Score) Score {
	if len(scores) == 1 {
		return scores[0]
	}
	var accuracies []float64
	for _, s := range scores {
		accuracies = append(accuracies, s.Accuracy)
	}
	mean := stats.MeanInterval(accuracies)
	return Score{mean.Value, max(mean.Low, 0), min(mean.High, 1)}
}

// String writes percentages for people.
func (s Score) String() string {
	return fmt.Sprintf("%5.1f %% (%.1f to %.1f)", 100*s.Accuracy, 100*s.Low, 100*s.High)
}

// An Evaluation is how well a model does on pictures: a pretext model on each in
// its four turns, another on those with a label.
type Evaluation struct {
	Score
	Loss     float64 // Mean cross-entropy, in nats.
	Examples int
}

// Evaluate shows pictures to the subject. It is an error when there are none to
// measure with.
func Evaluate(ctx context.Context, backend compute.Backend, s Subject, pictures *dataset.Pictures, progress Progress) (Evaluation, error) {
	watch, doing := progress.about(s.Name), embed.Report{Phase: "naming pictures", Total: pictures.Len()}
	if s.Model.Task == run.Pretext {
		doing = embed.Report{Phase: "guessing turns", Total: rotation.Turns * pictures.Len()}
	}
	e, err := train.Evaluate(backend, s.Model, pictures, func(seen, _ int) error {
		doing.Done = seen
		watch(doing)
		return ctx.Err()
	})
	if err != nil {
		return Evaluation{}, err
	}
	if e.Examples == 0 {
		return Evaluation{}, fault.Errorf("measure", "of %d test pictures none can be measured with: hold some out, and a model that names pictures needs some with a label", pictures.Len())
	}
	// As if examples were independent, which the four turns of a picture are not quite.
	return Evaluation{Score: scoreOf(e.Right, e.Examples), Loss: e.Loss, Examples: e.Examples}, nil
}

// TrainedNumbers counts what training changes in a network.
func TrainedNumbers(m *checkpoint.Model) (n int) {
	for _, p := range m.Config.Parameters() {
		if p.Role.Trainable() {
			n += p.Size()
		}
	}
	return n
}
