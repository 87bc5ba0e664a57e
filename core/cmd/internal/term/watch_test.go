package term

import (
	"bytes"
	"testing"
	"time"

	"quarterturn/core/run"
)

// TestPlainProgress counts the lines of a run of 100 steps of a second each, where
// there is no screen: at most one each 30 s.
func TestPlainProgress(t *testing.T) {
	var said bytes.Buffer
	now := time.Unix(0, 0)
	w := &Watch{terminal: &Terminal{Err: &said}, now: func() time.Time { return now }}
	w.start(run.Started{Config: run.Default(run.Pretext), Steps: 100})
	said.Reset()
	for step := range 100 {
		now = now.Add(time.Second)
		w.progress(run.Progress{Step: step + 1, Loss: 1.25, ImagesPerSecond: 640, Remaining: 90 * time.Second})
	}
	const want = `step 30 of 100: loss 1.250, 640 images/s, 1 min 30 s left
step 60 of 100: loss 1.250, 640 images/s, 1 min 30 s left
step 90 of 100: loss 1.250, 640 images/s, 1 min 30 s left
`
	if said.String() != want {
		t.Errorf("it said\n%swant\n%s", said.String(), want)
	}
}
