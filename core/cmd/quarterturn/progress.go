package main

import (
	"fmt"
	"time"

	"github.com/schollz/progressbar/v3"

	"quarterturn/core/embed"
)

// newBar returns a progress bar of so many steps, or nil where nobody would see it.
func (t *terminal) newBar(steps int) *progressbar.ProgressBar {
	if !t.bars {
		return nil
	}
	return progressbar.NewOptions(steps,
		progressbar.OptionSetWriter(t.err),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionSetWidth(24),
		progressbar.OptionSetPredictTime(false), // Ours count evaluations too.
		progressbar.OptionClearOnFinish(),
	)
}

// A progress shows on standard error how far a long computation is: as a bar on
// a screen, else as a line for each phase.
type progress struct {
	terminal *terminal
	subject  string
	phase    embed.Phase
	bar      *progressbar.ProgressBar // Nil where err is not a screen.
}

// at says how far a phase of looking at a subject is. It is a measure.Progress.
func (p *progress) at(subject string, r embed.Report) {
	if subject != p.subject || r.Phase != p.phase {
		p.clear()
		p.subject, p.phase = subject, r.Phase
		if !p.terminal.bars && !p.terminal.quiet {
			fmt.Fprintf(p.terminal.err, "%s: %s\n", subject, r.Phase)
		}
		if p.bar = p.terminal.newBar(r.Total); p.bar != nil {
			p.bar.Describe(subject + ": " + string(r.Phase))
		}
	}
	if p.bar != nil {
		_ = p.bar.Set(r.Done)
	}
}

// clear takes the bar away, so that something else can be written.
func (p *progress) clear() {
	if p.bar != nil {
		_ = p.bar.Clear()
		p.bar = nil
	}
	p.subject, p.phase = "", ""
}
