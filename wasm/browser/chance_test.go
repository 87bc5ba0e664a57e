//go:build browser && !js

package browser

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// setExperiment asks the station Compare for arms with so many seeds, each with few
// epochs.
func (p *Page) setExperiment(epochs, labels, seeds int) {
	p.t.Helper()
	p.setRun("transfer", epochs, labels)
	p.compareAt("Is it chance?")
	p.Fill("#seeds", strconv.Itoa(seeds))
}

// compareAt goes to a part of the station Compare.
func (p *Page) compareAt(title string) {
	p.t.Helper()
	p.Click(".tab:nth-child(4)")
	p.Click(segment(title))
}

// segment is the button of a part of the station Compare.
func segment(title string) string {
	return `.compare-parts .segment:nth-child(` + strconv.Itoa(1+slices.Index([]string{"Runs", "Is it chance?", "What does it know?", "Look inside", "Mistakes", "Report"}, title)) + `)`
}

// TestIsItChance races two arms with three seeds, and reads the verdict.
func TestIsItChance(t *testing.T) {
	p := openLab(t, Setting{})
	p.Patience = 3 * time.Minute
	p.setExperiment(3, 5, 3)
	p.Screenshot("chance-asked")
	p.Click("#experiment-early") // All seeds.
	p.Click(".chance-form .strong")
	p.WaitText(".found-head output", "6 of 6 runs done")
	said := p.Text(".finding-words")
	if !strings.Contains(said, "With 5 labels a class transfer was ") || !strings.Contains(said, "3 seeds, p ") {
		t.Errorf("the verdict is %q", said)
	}
	if got := p.Text(".finding .soft"); !strings.Contains(got, "One run of each would have said") {
		t.Errorf("of one run it says %q", got)
	}
	p.photograph("chance-found")
	p.Click(segment("Runs"))
	p.Screenshot("compare-runs")
	p.Until(`document.querySelector(".strip") && !document.querySelector(".sign[aria-label^=Stop]")`)
	time.Sleep(3 * time.Second) // What has changed is written a little later.
	p.Reload()
	p.waitPredicted()
	p.compareAt("Runs")
	p.WaitText("#compare", "6 of 6 done")
	p.compareAt("Is it chance?")
	p.WaitText(".finding-words", said)
}

// TestLabelBudget races two arms at each number of labels, the smallest first, and draws
// what there is while the rest is waited for.
func TestLabelBudget(t *testing.T) {
	p := openLab(t, Setting{})
	p.Patience = 4 * time.Minute
	p.setExperiment(1, 5, 1)
	p.Click("#experiment-budgets")
	p.Click("#experiment-early")
	p.Click("#arm-scratch") // Not this one.
	p.Click("#arm-random-frozen")
	p.Click(".chance-form .strong")
	p.Until(`document.querySelector(".found-chart .curve .marks").getAttribute("d")`)
	if done := p.Text(".found-head output"); strings.HasPrefix(done, "14 of 14") {
		t.Errorf("nothing was drawn before %q", done)
	}
	p.Screenshot("budget-growing")
	p.WaitText(".found-head output", "14 of 14 runs done")
	for _, budget := range []string{"1", "2", "5", "10", "20", "50", "all"} {
		if !slices.Contains(p.Texts(".found-chart .axes text"), budget) {
			t.Errorf("the chart has no %s labels a class", budget)
		}
	}
	p.photograph("budget-found")
}
