// Package term is where the command talks to a person: results on standard output,
// progress on standard error, as bars on a screen and as lines elsewhere.
package term

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"

	"quarterturn/core/durable"
)

// A Terminal is where the program talks.
type Terminal struct {
	Out, Err io.Writer
	Bars     bool          // Err is a person's screen: draw progress bars.
	Quiet    bool          // Only what goes wrong is of interest.
	Disk     durable.Files // Where runs are kept.
}

// NewBar returns a progress bar of so many steps, or nil where nobody would see it.
func (t *Terminal) NewBar(steps int) *progressbar.ProgressBar {
	if !t.Bars {
		return nil
	}
	return progressbar.NewOptions(steps,
		progressbar.OptionSetWriter(t.Err),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionSetWidth(24),
		progressbar.OptionSetPredictTime(false), // Ours count evaluations too.
		progressbar.OptionClearOnFinish(),
	)
}

// Rate writes images per second with three digits.
func Rate(v float64) string {
	if v >= 100 {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.3g", v)
}

// Left writes a time as people say it.
func Left(d time.Duration) string {
	switch {
	case d >= time.Hour:
		return fmt.Sprintf("%d h %02d min", int(d.Hours()), int(d.Minutes())%60)
	case d >= time.Minute:
		return fmt.Sprintf("%d min %02d s", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%d s", int(d.Seconds()))
}
