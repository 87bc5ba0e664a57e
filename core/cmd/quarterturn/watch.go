package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/schollz/progressbar/v3"

	"quarterturn/core/fault"
	"quarterturn/core/run"
	"quarterturn/core/train"
)

// A watch shows a run's events to a person and hands them to its folder.
type watch struct {
	terminal *terminal
	dir      *runDir
	bar      *progressbar.ProgressBar // Nil where err is not a screen.
	now      func() time.Time
	said     time.Time // When a person last read something, where there is no bar.
	steps    int       // Of the whole run.
	epochs   int
	rate     float64
	err      error // Of the last attempt to write; the run goes on.
	also     func(run.Event)
}

// plainEvery is the time between lines of progress where there is no bar.
const plainEvery = 30 * time.Second

func newWatch(t *terminal, dir *runDir) *watch {
	return &watch{terminal: t, dir: dir, now: time.Now}
}

// see takes one event.
func (w *watch) see(e run.Event) {
	if w.also != nil {
		w.also(e)
	}
	switch e := e.(type) {
	case run.Started:
		w.start(e)
	case run.Progress:
		w.rate = e.ImagesPerSecond
		w.progress(e)
		w.wrote(w.dir.step(e.Step))
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

// tell prints what goes well, unless it is one of many runs that somebody watches
// as a whole.
func (w *watch) tell(format string, args ...any) {
	if !w.terminal.quiet {
		w.printf(format, args...)
	}
}

// printf prints for a person, in the place of the bar.
func (w *watch) printf(format string, args ...any) {
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
	w.wrote(w.dir.record(e))
}

// wrote says what could not be written. That does not end a run: the earlier
// checkpoint is as it was, and there may be room again when the next is due.
func (w *watch) wrote(err error) {
	w.err = err
	if err == nil || errors.Is(err, train.ErrDiverged) { // With that the run is about to end.
		return
	}
	w.printf("could not save everything at step %d: %v; %s, and the run goes on\n",
		w.dir.trainer.Steps(), err, w.dir.newestSaved())
	w.dir.note("not saved", fault.Reason(err))
}

// saveRest makes up for what is not written when a run ends.
func (w *watch) saveRest() error {
	if w.err != nil {
		w.err = errors.Join(w.dir.writeMetrics(), w.dir.drawCurves())
	}
	if w.err == nil && w.dir.isSaved() {
		return w.dir.publish()
	}
	return errors.Join(w.err, w.dir.save())
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
