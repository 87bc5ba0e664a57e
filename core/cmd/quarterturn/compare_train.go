package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/gomlx/compute"

	"quarterturn/core/cmd/internal/backends"
	"quarterturn/core/cmd/internal/term"
	"quarterturn/core/fault"
	"quarterturn/core/internal/printable"
	"quarterturn/core/measure"
	"quarterturn/core/report"
	"quarterturn/core/runs"
	"quarterturn/core/study"
	"quarterturn/core/verdict"
)

// openBackends opens one for each run at a time. The first says what it found.
func (c *comparison) openBackends() error {
	open := func(name string) (compute.Backend, error) { return openBackend(c.terminal, name) }
	for range c.parallel {
		backend, err := open(c.threaded())
		if err != nil {
			return err
		}
		c.backends = append(c.backends, backend)
		open = backends.Open // Quietly.
	}
	for _, r := range c.All() {
		if err := checkHardware(c.Told.Hardware, c.backends[0], r.Config.BatchSize); err != nil {
			return err
		}
	}
	return nil
}

func (c *comparison) closeBackends() {
	for _, backend := range c.backends {
		backend.Finalize()
	}
	c.backends = nil
}

// train does what is missing, on a board.
func (c *comparison) train(ctx context.Context) (failed, stopped error) {
	board := term.NewBoard(c.terminal, c.All())
	c.Watch = board
	missing := c.Missing()
	board.Begin(fmt.Sprintf("%s: %s, %s, %s; %d to do, %d at a time\n", verdict.Count(len(c.All()), "run"), verdict.Count(len(c.Plan.Arms), "arm"),
		verdict.Count(len(c.Plan.Labels), "budget"), verdict.Count(len(c.Plan.Seeds), "seed"), len(missing), c.parallel))
	defer board.Close()
	failed, stopped = c.Train(ctx, c.backends)
	for _, line := range c.RatesChosen() {
		board.Note(line)
	}
	return failed, stopped
}

// layOut draws the pictures' places by all networks.
func (c *comparison) layOut(ctx context.Context) error {
	if c.points == 0 {
		return nil
	}
	backend, err := backends.Open(c.backend)
	if err != nil {
		return err
	}
	defer backend.Finalize()
	calm := *c.terminal
	calm.Quiet = true // A line for each of its phases is too much of many models.
	shown := &term.Progress{Terminal: &calm}
	defer shown.Clear()
	return c.LayOut(ctx, measure.Embedder{Backend: backend, Progress: shown.At}, c.points, func(line string) {
		shown.Clear()
		fmt.Fprintln(c.terminal.Err, printable.Lines(line))
	})
}

// howFlags are the flags that --resume needs besides the folder, since they are not the
// experiment's but decide its numbers.
func (c *comparison) howFlags() (flags string) {
	if c.backend != backends.Engine {
		flags += " --backend " + runs.Quoted([]string{c.backend})
	}
	h := c.Told.Hardware.Standard()
	if h.Devices != 0 {
		flags += fmt.Sprintf(" --devices %d", h.Devices)
	}
	if h.Precision != "" {
		flags += fmt.Sprintf(" --precision %s", h.Precision)
	}
	if c.Told.OnNaN != runs.StopOnNaN {
		flags += " --on-nan " + c.Told.OnNaN // For the runs that have not begun.
	}
	return flags
}

// reportFinished writes the report of the runs that are finished, if there are any: whoever
// stops early wants to know what came of it so far.
func (c *comparison) reportFinished() {
	e, path := study.Collect(c.Disk, []string{c.Folder}), c.reportPath()
	if len(e.Records) == 0 {
		return
	}
	if err := writeReport(c.Disk, report.Of(e, e.Table()), path); err != nil {
		fmt.Fprintln(c.terminal.Err, printable.Lines(fault.Reason(err)))
		return
	}
	fmt.Fprintf(c.terminal.Err, "%s of %d finished, drawn in %s\n", verdict.Count(len(e.Records), "run"), len(c.Runs), path) // Not those that only chose a rate.
}

// stopped draws what is finished, says how to go on, and returns why it stopped. What failed
// was said already.
func (c *comparison) stopped(reason, failed error) error {
	if errors.Is(reason, context.Canceled) {
		c.reportFinished()
		saved := "everything is saved"
		if failed != nil {
			saved = "everything is saved but of the runs that failed, see above"
		}
		fmt.Fprintf(c.terminal.Err, "stopped, %s; go on with: quarterturn compare --resume %s%s\n", saved, c.Folder, c.howFlags())
	}
	return reason
}
