package main

import (
	"fmt"
	"time"

	"github.com/schollz/progressbar/v3"

	"quarterturn/core/internal/printable"
	"quarterturn/core/run"
)

// A watch shows a run's events to a person.
type watch struct {
	terminal *terminal
	bar      *progressbar.ProgressBar // Nil where err is not a screen.
	now      func() time.Time
	said     time.Time // When a person last read something, where there is no bar.
	steps    int       // Of the whole run.
	epochs   int
	rate     float64
}

// plainEvery is the time between lines of progress where there is no bar.
const plainEvery = 30 * time.Second

func newWatch(t *terminal) *watch { return &watch{terminal: t, now: time.Now} }

// see takes one event.
func (w *watch) see(e run.Event) {
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

func (w *watch) start(e run.Started) {
	w.epochs, w.steps, w.said = e.Config.Epochs, e.Steps, w.now()
	w.tell("%v, %d trained numbers, %d steps of %d examples\n",
		e.Config.Network, e.Parameters, e.Steps, e.Config.BatchSize)
	w.bar = w.terminal.newBar(e.Steps)
}

// progress moves the bar, or now and then prints a line.
func (w *watch) progress(e run.Progress) {
	if w.bar != nil {
		w.bar.Describe(fmt.Sprintf("loss %.3f  %s images/s  %s left", e.Loss, rate(e.ImagesPerSecond), left(e.Remaining)))
		_ = w.bar.Set(e.Step)
		return
	}
	if w.now().Sub(w.said) >= plainEvery {
		w.tell("step %d of %d: loss %.3f, %s images/s, %s left\n",
			e.Step, w.steps, e.Loss, rate(e.ImagesPerSecond), left(e.Remaining))
	}
}

// say prints a line for a person, in the place of the bar.
func (w *watch) say(line string) { w.tell("%s\n", printable.Lines(line)) }

func (w *watch) tell(format string, args ...any) {
	if w.bar != nil {
		_ = w.bar.Clear()
	}
	fmt.Fprintf(w.terminal.err, format, args...)
	w.said = w.now()
}

func (w *watch) evaluated(e run.Evaluated) {
	switch {
	case e.Step > 0:
		validation := ""
		if e.Examples > 0 {
			validation = fmt.Sprintf("; validation %.4f, %.2f %%", e.Loss, 100*e.Accuracy)
		}
		w.tell("epoch %d of %d: training %.4f, %.2f %%%s; %s images/s\n",
			e.Epoch, w.epochs, e.TrainLoss, 100*e.TrainAccuracy, validation, rate(w.rate))
	case e.Examples > 0:
		w.tell("before training: loss %.4f, accuracy %.2f %%\n", e.Loss, 100*e.Accuracy)
	}
}

func (w *watch) close() {
	if w.bar != nil {
		_ = w.bar.Clear()
	}
}

// rate writes images per second with three digits.
func rate(v float64) string {
	if v >= 100 {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.3g", v)
}

// left writes a time as people say it.
func left(d time.Duration) string {
	switch {
	case d >= time.Hour:
		return fmt.Sprintf("%d h %02d min", int(d.Hours()), int(d.Minutes())%60)
	case d >= time.Minute:
		return fmt.Sprintf("%d min %02d s", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%d s", int(d.Seconds()))
}
