//go:build browser && !js

package browser

import (
	"testing"
	"time"
)

// TestTwoTabs: the second tab says that the first has the lab, sees its runs, trains
// nothing, and takes the lab over when it is asked to, with the run that is at work.
func TestTwoTabs(t *testing.T) {
	url := Serve(t)
	first := Open(t, url, Setting{})
	first.Patience = slow
	first.WaitPrediction()
	first.startSmall(1000, 4)
	first.WaitText(".strip-value", "%")

	second := first.OpenTab(url)
	second.WaitText(".alarms .notice", "Another tab holds the lab")
	second.show(3)
	second.setRun("scratch", 1, 4)
	second.Click(startButton)
	second.WaitText("#train", "Another tab holds the lab: take it over to train here.")
	second.Screenshot("tabs-second")
	second.Click(".alarms .strong") // Take the lab over.
	first.WaitText(".alarms .notice", "Another tab took the lab over")
	first.Screenshot("tabs-first")
	second.WaitGone(".alarms .notice, #train .notice")
	second.WaitText(".strip-phase", "left") // It goes on here.
	second.Screenshot("tabs-second-took")
	second.Click(`.strip [aria-label^="Stop"]`)
	second.compareAt("Runs")
	second.WaitText(".run-line", "stopped")
	time.Sleep(3 * time.Second) // What has changed is written a little later, or when a person leaves the tab.

	first.Click(".alarms .strong") // Take it back.
	second.WaitText(".alarms .notice", "Another tab took the lab over")
	first.WaitGone(".alarms .notice")
	first.compareAt("Runs")
	first.WaitText(".run-line", "stopped")
}
