package term

import (
	"fmt"

	"quarterturn/core/dataset"
	"quarterturn/core/measure"
	"quarterturn/core/run"
	"quarterturn/core/runs"
	"quarterturn/core/verdict"
)

// Outcome says what came out of a run, and on which pictures.
func Outcome(o runs.Outcome) string {
	last := o.Last
	if o.Test == nil {
		if last.Examples == 0 {
			return "trained, without pictures to validate with"
		}
		return fmt.Sprintf("accuracy %.2f %% of %d, loss %.4f nats", 100*last.Accuracy, last.Examples, last.Loss)
	}
	score, pictures := measure.ScoreOf(o.Test.Score()), verdict.Count(len(o.Test.Labels)/o.Test.Turns, "picture")
	if o.Test.Turns > 1 {
		pictures += fmt.Sprintf(" in %d turns", o.Test.Turns)
	}
	text := fmt.Sprintf("accuracy %.2f %% (95 %% interval over pictures %.2f to %.2f) of %s", 100*score.Accuracy, 100*score.Low, 100*score.High, pictures)
	switch {
	case !o.Apart:
		return text + fmt.Sprintf(", loss %.4f nats; they validated it too", last.Loss)
	case last.Examples == 0:
		return "test: " + text
	}
	return "test: " + text + fmt.Sprintf(", looked at once; validation %.2f %% of %d, loss %.4f nats", 100*last.Accuracy, last.Examples, last.Loss)
}

// Describe says how many pictures there are. Naming is validated by those with a
// label.
func Describe(t *Terminal, set *dataset.Set, task run.Task) {
	count := func(p *dataset.Pictures) int {
		if task == run.Pretext {
			return p.Len()
		}
		return len(p.Labelled())
	}
	validation, test := "no pictures to validate with", ""
	if n := count(set.Validating()); n > 0 {
		validation = fmt.Sprintf("%d to validate with", n)
	}
	if n := count(set.Test); set.Validation != nil && n > 0 {
		test = fmt.Sprintf(", %d for the test", n)
	}
	fmt.Fprintf(t.Err, "%d pictures to learn from, %s%s, %d classes\n", set.Train.Len(), validation, test, len(set.Train.Classes))
}
