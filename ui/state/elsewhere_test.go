package state

import (
	"testing"

	"quarterturn/core/notebook"
	"quarterturn/core/run"
)

func TestElsewhere(t *testing.T) {
	evaluated := []run.Evaluated{{Accuracy: 0.475, Examples: 160, StandardError: 0.04}}
	for task, want := range map[run.Task]string{
		run.Scratch: "On other pictures 40 to 55 %", // Wilson's of 76 of 160.
		run.Pretext: "On other pictures 40 to 56 %", // Of 40 pictures, t of 39 degrees.
	} {
		l := &Run{Run: notebook.Run{Config: run.Config{Task: task}, History: evaluated}}
		if got := l.Elsewhere(); got != want {
			t.Errorf("%s: %q, want %q", task, got, want)
		}
	}
	if got := (&Run{}).Elsewhere(); got != "" {
		t.Errorf("before an evaluation: %q", got)
	}
}

func TestScoreElsewhere(t *testing.T) {
	turn := &Turn{Score: run.Scored{Seen: 632, Right: 420, All: 632, StandardError: 0.032}}
	if got := turn.ScoreElsewhere(); got != " (of other pictures 60 to 72 %)" {
		t.Errorf("%q", got)
	}
	turn.Score.Seen--
	if got := turn.ScoreElsewhere(); got != "" {
		t.Errorf("of a score that goes on: %q", got)
	}
}
