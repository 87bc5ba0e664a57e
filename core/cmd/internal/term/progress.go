package term

import (
	"fmt"

	"github.com/schollz/progressbar/v3"

	"quarterturn/core/embed"
)

// A Progress shows on standard error how far a long computation is: as a bar on
// a screen, else as a line for each phase.
type Progress struct {
	Terminal *Terminal

	subject string
	phase   embed.Phase
	bar     *progressbar.ProgressBar // Nil where err is not a screen.
}

// At says how far a phase of looking at a subject is. It is a measure.Progress.
func (p *Progress) At(subject string, r embed.Report) {
	if subject != p.subject || r.Phase != p.phase {
		p.Clear()
		p.subject, p.phase = subject, r.Phase
		if !p.Terminal.Bars && !p.Terminal.Quiet {
			fmt.Fprintf(p.Terminal.Err, "%s: %s\n", subject, r.Phase)
		}
		if p.bar = p.Terminal.NewBar(r.Total); p.bar != nil {
			p.bar.Describe(subject + ": " + string(r.Phase))
		}
	}
	if p.bar != nil {
		_ = p.bar.Set(r.Done)
	}
}

// Clear takes the bar away, so that something else can be written.
func (p *Progress) Clear() {
	if p.bar != nil {
		_ = p.bar.Clear()
		p.bar = nil
	}
	p.subject, p.phase = "", ""
}
