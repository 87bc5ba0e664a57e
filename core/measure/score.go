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

// NewScore compares guesses with labels of pictures, each by one draw of what chance
// decides, such as the labels learnt from: all of the same length. The interval is
// over pictures like those tested (Wilson), and of several draws over these too
// (stats.Crossed).
func NewScore(labels []int32, draws ...[]int32) Score {
	var table [][]float64
	right := 0
	for _, guesses := range draws {
		row := make([]float64, len(labels))
		for i, guess := range guesses {
			if guess == labels[i] {
				row[i] = 1
				right++
			}
		}
		table = append(table, row)
	}
	if len(draws) == 1 {
		return ScoreOf(stats.Wilson(right, len(labels)))
	}
	return ScoreOf(stats.Crossed(table).Share())
}

// ScoreOf is an interval of an accuracy as a Score.
func ScoreOf(i stats.Interval) Score { return Score{i.Value, i.Low, i.High} }

// EvaluatedScore is the accuracy of an evaluation with its interval over pictures, of
// which a pretext run sees each in its four turns. Where an earlier version did not
// tell how pictures differ, it is as wide as if all turns of a picture went together.
func EvaluatedScore(task run.Task, e run.Evaluated) Score {
	pictures := e.Examples
	if task == run.Pretext {
		pictures /= rotation.Turns
	} else {
		e.StandardError = 0 // Of examples that are pictures the share tells it.
	}
	return ScoreOf(stats.OfPictures(e.Accuracy, e.StandardError, pictures))
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
	Pictures int // That the examples are of, and the interval is over.
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
	result := Evaluation{Score: ScoreOf(stats.Wilson(e.Right, e.Examples)), Loss: e.Loss, Examples: e.Examples, Pictures: len(e.Shares)}
	if e.Examples != len(e.Shares) { // Turns of a picture are not independent.
		result.Score = ScoreOf(stats.Clusters(e.Shares).Share())
	}
	return result, nil
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
