package state

import (
	"quarterturn/core/run"
	"quarterturn/core/stats"
)

// turns are the examples that a picture is to a pretext run and to a score.
const turns = 4

// Elsewhere says of the newest evaluation how a run would do on other pictures of the
// kind: in 95 of 100 sets of as many its accuracy lies there. Empty before the first.
func (r *Run) Elsewhere() string {
	if len(r.History) == 0 {
		return ""
	}
	e := r.History[len(r.History)-1]
	i := stats.OfPictures(e.Accuracy, 0, e.Examples)
	if r.Config.Task == run.Pretext {
		i = stats.OfPictures(e.Accuracy, e.StandardError, e.Examples/turns)
	}
	return "On other pictures " + between(i)
}

// ScoreElsewhere is the same of a whole score, for a sentence that has the score.
func (t *Turn) ScoreElsewhere() string {
	s := t.Score
	if s.Seen < s.All || s.StandardError == 0 {
		return ""
	}
	return " (of other pictures " + between(stats.OfPictures(float64(s.Right)/float64(s.Seen), s.StandardError, s.All/turns)) + ")"
}

// between writes an interval without the digits that it makes doubtful.
func between(i stats.Interval) string {
	return Decimal(100*i.Low, 0) + " to " + Percent(i.High, 0)
}
