package main

import (
	"fmt"
	"time"

	"github.com/schollz/progressbar/v3"

	"quarterturn/core/embed"
)

// A progress shows on standard error how far a long computation is: as a bar on
// a screen, else as a line for each phase.
type progress struct {
	terminal *terminal
	prefix   string // What all is about, such as a model's name.
	phase    string
	bar      *progressbar.ProgressBar // Nil where err is not a screen.
}

// at says that so much of a phase is done.
func (p *progress) at(phase string, done, total int) {
	if phase != p.phase {
		p.clear()
		p.phase = phase
		if !p.terminal.bars && !p.terminal.quiet {
			fmt.Fprintf(p.terminal.err, "%s: %s\n", p.prefix, phase)
		}
	}
	if !p.terminal.bars {
		return
	}
	if p.bar == nil {
		p.bar = progressbar.NewOptions(total,
			progressbar.OptionSetWriter(p.terminal.err),
			progressbar.OptionSetDescription(p.prefix+": "+phase),
			progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionSetWidth(24),
			progressbar.OptionClearOnFinish(),
		)
	}
	_ = p.bar.Set(done)
}

// watch is at for package embed.
func (p *progress) watch(r embed.Report) { p.at(string(r.Phase), r.Done, r.Total) }

// about begins another subject.
func (p *progress) about(prefix string) {
	p.clear()
	p.prefix, p.phase = prefix, ""
}

// clear takes the bar away, so that something else can be written.
func (p *progress) clear() {
	if p.bar != nil {
		_ = p.bar.Clear()
		p.bar = nil
	}
}
