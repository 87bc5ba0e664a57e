package term

import (
	"fmt"
	"time"

	"github.com/schollz/progressbar/v3"

	"quarterturn/core/internal/printable"
	"quarterturn/core/run"
)

// A Watch shows a run's events to a person.
type Watch struct {
	terminal *Terminal
	bar      *progressbar.ProgressBar // Nil where err is not a screen.
	now      func() time.Time
	said     time.Time // When a person last read something, where there is no bar.
	steps    int       // Of the whole run.
	epochs   int
	rate     float64
}

// plainEvery is the time between lines of progress where there is no bar.
const plainEvery = 30 * time.Second

// NewWatch returns a Watch.
func NewWatch(t *Terminal) *Watch { return &Watch{terminal: t, now: time.Now} }

// See takes one event.
func (w *Watch) See(e run.Event) {
	switch e := e.(type) {
	case run.Started:
		w.start(e)
	case run.Progress:
		w.rate = e.ImagesPerSecond
		w.progress(e)
	case run.Evaluated:
		w.evaluated(e)
	}
}

func (w *Watch) start(e run.Started) {
	w.epochs, w.steps, w.said = e.Config.Epochs, e.Steps, w.now()
	w.tell("%v, %d trained numbers, %d steps of %d examples\n",
		e.Config.Network, e.Parameters, e.Steps, e.Config.BatchSize)
	w.bar = w.terminal.NewBar(e.Steps)
}

// progress moves the bar, or now and then prints a line.
func (w *Watch) progress(e run.Progress) {
	if w.bar != nil {
		w.bar.Describe(fmt.Sprintf("loss %.3f  %s images/s  %s left", e.Loss, Rate(e.ImagesPerSecond), Left(e.Remaining)))
		_ = w.bar.Set(e.Step)
		return
	}
	if w.now().Sub(w.said) >= plainEvery {
		w.tell("step %d of %d: loss %.3f, %s images/s, %s left\n",
			e.Step, w.steps, e.Loss, Rate(e.ImagesPerSecond), Left(e.Remaining))
	}
}

// Say prints a line for a person, in the place of the bar.
func (w *Watch) Say(line string) { w.tell("%s\n", printable.Lines(line)) }

func (w *Watch) tell(format string, args ...any) {
	if w.bar != nil {
		_ = w.bar.Clear()
	}
	fmt.Fprintf(w.terminal.Err, format, args...)
	w.said = w.now()
}

func (w *Watch) evaluated(e run.Evaluated) {
	switch {
	case e.Step > 0:
		validation := ""
		if e.Examples > 0 {
			validation = fmt.Sprintf("; validation %.4f, %.2f %%", e.Loss, 100*e.Accuracy)
		}
		w.tell("epoch %d of %d: training %.4f, %.2f %%%s; %s images/s\n",
			e.Epoch, w.epochs, e.TrainLoss, 100*e.TrainAccuracy, validation, Rate(w.rate))
	case e.Examples > 0:
		w.tell("before training: loss %.4f, accuracy %.2f %%\n", e.Loss, 100*e.Accuracy)
	}
}

// Close takes the bar away.
func (w *Watch) Close() {
	if w.bar != nil {
		_ = w.bar.Clear()
	}
}
