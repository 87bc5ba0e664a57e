package main

import (
	"fmt"
	"time"

	"github.com/schollz/progressbar/v3"

	"quarterturn/core/run"
	"quarterturn/core/train"
)

// A watch shows a run's events to a person and hands evaluations to its folder.
type watch struct {
	terminal *terminal
	dir      *runDir
	trainer  *train.Trainer
	bar      *progressbar.ProgressBar // Nil where err is not a screen.
	epochs   int
	rate     float64
	err      error // The first failure to write; the run goes on.
}

func newWatch(t *terminal, dir *runDir, trainer *train.Trainer) *watch {
	return &watch{terminal: t, dir: dir, trainer: trainer}
}

// see takes one event.
func (w *watch) see(e run.Event) {
	switch e := e.(type) {
	case run.Started:
		w.start(e)
	case run.Progress:
		w.rate = e.ImagesPerSecond
		if w.bar != nil {
			w.bar.Describe(fmt.Sprintf("loss %.3f  %s images/s  %s left", e.Loss, rate(e.ImagesPerSecond), left(e.Remaining)))
			_ = w.bar.Set(e.Step)
		}
	case run.Evaluated:
		w.evaluated(e)
	}
}

func (w *watch) start(e run.Started) {
	w.epochs = e.Config.Epochs
	fmt.Fprintf(w.terminal.err, "%v, %d trained numbers, %d steps of %d examples\n",
		e.Config.Network, e.Parameters, e.Steps, e.Config.BatchSize)
	if w.terminal.bars {
		w.bar = progressbar.NewOptions(e.Steps,
			progressbar.OptionSetWriter(w.terminal.err),
			progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionSetWidth(24),
			progressbar.OptionSetPredictTime(false), // Ours counts evaluations too.
			progressbar.OptionClearOnFinish(),
		)
	}
}

func (w *watch) evaluated(e run.Evaluated) {
	if w.bar != nil {
		_ = w.bar.Clear()
	}
	if e.Step == 0 {
		fmt.Fprintf(w.terminal.err, "before training: loss %.4f, accuracy %.2f %%\n", e.Loss, 100*e.Accuracy)
	} else {
		fmt.Fprintf(w.terminal.err, "epoch %d of %d: training %.4f, %.2f %%; validation %.4f, %.2f %%; %s images/s\n",
			e.Epoch, w.epochs, e.TrainLoss, 100*e.TrainAccuracy, e.Loss, 100*e.Accuracy, rate(w.rate))
	}
	if err := w.dir.record(e, w.trainer); err != nil {
		fmt.Fprintf(w.terminal.err, "could not save epoch %d: %v\n", e.Epoch, err)
		if w.err == nil {
			w.err = err
		}
	}
}

func (w *watch) close() {
	if w.bar != nil {
		_ = w.bar.Clear()
	}
	if err := w.dir.close(); w.err == nil {
		w.err = err
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
