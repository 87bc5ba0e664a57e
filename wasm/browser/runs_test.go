//go:build browser && !js

package browser

import (
	"encoding/csv"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp/kb"
)

// runTiny trains a tiny network from scratch on few pictures, to the end.
func (p *Page) runTiny(epochs int) {
	p.t.Helper()
	p.show(3)
	p.setRun("scratch", epochs, 4)
	p.Fill("#field-width", "4")
	p.Click(startButton)
	p.WaitText(".lane-phase", "finished")
	p.Wait(".lane .strong") // Its weights are there.
}

// openRuns opens the table of runs, with one run in it.
func openRuns(t *testing.T, setting Setting) *Page {
	t.Helper()
	p := openLab(t, setting)
	p.runTiny(4)
	p.show(4)
	p.Click(`.compare-parts .segment:nth-child(1)`)
	p.Wait(".run-row .run-name")
	return p
}

// over moves the mouse over an element, at a share of its width.
func (p *Page) over(selector string, share float64) {
	p.t.Helper()
	at := Eval[[]float64](p, `(() => { const r = document.querySelector(`+quote(selector)+`).getBoundingClientRect(); return [r.x, r.y, r.width, r.height]; })()`)
	call(p, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: "mouseMoved", X: at[0] + share*at[2], Y: at[1] + at[3]/2})
}

const secondRow = ".runs-body > :nth-child(2) "

// TestRunsInTheTable does with a run what the table offers.
func TestRunsInTheTable(t *testing.T) {
	p := openRuns(t, Setting{})
	p.Fill(".run-name", "Tiny")
	p.WaitText(".strip-name strong", "Tiny")
	p.Click(".run-more")
	p.Fill(".note textarea", "I expect little of so few pictures.")
	p.Click(".run-actions .button:nth-child(1)") // Again.
	p.WaitText(secondRow+".news", "The same numbers as run 1 (Tiny): its weights are equal bit for bit.")
	p.WaitText(secondRow+".cell-changed", "the same again")
	if a, b := p.Text(".runs-body > :nth-child(1) .cell-number[data-heading^=Loss]"), p.Text(secondRow+".cell-number[data-heading^=Loss]"); a != b {
		t.Errorf("the losses are %s and %s", a, b)
	}
	p.Screenshot("runs-again")

	p.Click(".run-actions .button:nth-child(2)") // With one thing changed.
	p.WaitText(".edits", "The settings of run 1 (Tiny). Changed so far: nothing yet.")
	p.Fill("#field-labels-per-class", "8")
	p.WaitText(".edits", "labels per class 4 → 8.")
	p.Screenshot("runs-change")
	p.Click(startButton)
	p.WaitGone(".edits")
	p.show(4)
	p.WaitText(".runs-body > :nth-child(3) .cell-changed", "labels per class 4 → 8")
	p.WaitText(".runs-body > :nth-child(3) .cell-phase", "finished")

	p.Click(".runs-head [aria-sort]:nth-child(5) .column")
	p.Click(".runs-head [aria-sort]:nth-child(5) .column")
	p.Wait(".runs-head [aria-sort=descending]:nth-child(5)")
	p.Click(".runs-body > :nth-child(3) .sign")
	p.Wait(".runs-body > :nth-child(1) .pinned")
	if p.Count(secondRow+".run-panel") == 0 {
		p.Click(secondRow + ".run-more")
	}
	p.Click(secondRow + ".button.stop")
	p.WaitText(".undo", "Deleted run")
	p.Until(`document.querySelectorAll(".runs-body > *").length == 2`)
	p.Click(".undo .button")
	p.Until(`document.querySelectorAll(".runs-body > *").length == 3`)
	p.WaitGone(".undo")
}

// TestCurvesAreReadAndSaved points at an epoch, switches curves off, and saves what is
// left in all three ways.
func TestCurvesAreReadAndSaved(t *testing.T) {
	p := openRuns(t, Setting{Dark: true})
	const slider = "#compare .chart .pointer-range"
	p.middle(slider)
	p.over(slider, 0.5)
	p.WaitText("#compare .readout strong", "Epoch 2")
	p.WaitText("#compare .readout", "From scratch, training")
	Eval[bool](p, `(document.querySelector("`+slider+`").focus(), true)`)
	p.Press(kb.ArrowRight)
	p.WaitText("#compare .readout strong", "Epoch 3")
	if words := p.Attribute(slider, "aria-valuetext"); !strings.HasPrefix(words, "Epoch 3, From scratch training ") {
		t.Errorf("it is read as %q", words)
	}
	p.Screenshot("runs-readout")
	p.Click("#compare-log")
	p.WaitText("#compare figcaption .soft", "logarithmic")

	path := p.Download(func() { p.Click("#compare .chart .export:nth-child(3)") })
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil || len(rows) < 10 || rows[0][3] != "Accuracy (%)" {
		t.Errorf("the CSV is %v, %v", rows, err)
	}

	markup := string(p.read(p.Download(func() { p.Click("#compare .chart .export:nth-child(2)") })))
	for decoder := xml.NewDecoder(strings.NewReader(markup)); ; {
		_, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{">Accuracy<", "in %, over epochs", "From scratch", "rgb(0, 114, 178)", `fill="#ffffff"`} {
		if !strings.Contains(markup, want) {
			t.Errorf("the SVG has no %q", want)
		}
	}
	for _, no := range []string{"class=", "style=", "var(", "rgb(74, 159, 224)"} {
		if strings.Contains(markup, no) {
			t.Errorf("the SVG has %q", no)
		}
	}
	if theme := Eval[bool](p, `"theme" in document.documentElement.dataset && document.documentElement.dataset.theme != "auto"`); theme {
		t.Error("the page stays in light colours")
	}
	saved := p.Download(func() { p.Click("#compare .chart .export:nth-child(1)") })
	picture, err := os.Open(saved)
	if err != nil {
		t.Fatal(err)
	}
	defer picture.Close()
	if config, err := png.DecodeConfig(picture); err != nil || config.Width < 2*460 {
		t.Errorf("the PNG is %v, %v", config, err)
	}
	p.keepFile(saved)

	p.Click("#compare .legend-toggle")
	p.Until(`document.querySelectorAll("#compare .chart .curve").length == 0`)
}

// read returns the bytes of a file.
func (p *Page) read(path string) []byte {
	p.t.Helper()
	content, err := os.ReadFile(path)
	p.check("read", err)
	return content
}

// keepFile leaves a file among the screenshots.
func (p *Page) keepFile(path string) {
	if folder := os.Getenv("SCREENSHOTS"); folder != "" {
		p.check("keep", os.WriteFile(folder+"/saved.png", p.read(path), 0o644))
	}
}

// TestManyRuns has more runs than are built at once, most of which wait.
func TestManyRuns(t *testing.T) {
	p := openLab(t, Setting{})
	p.show(4)
	p.Click(`.compare-parts .segment:nth-child(2)`)
	p.Click("#experiment-budgets")
	p.Fill("#seeds", "10")
	p.Click(".chance-form .strong")
	p.Wait(".strip.shown")
	p.Click(`.compare-parts .segment:nth-child(1)`)
	p.WaitText(".experiment-words", "Transfer, From scratch × 7 budgets × 10 seeds: 0 of 140 done")
	p.Click(".experiment-fold")
	p.WaitText(".runs-foot", "Show more of the 41 lines below")
	p.Until(`document.querySelectorAll(".run-line").length == 99`)
	p.Click(".runs-foot .button")
	p.Until(`document.querySelectorAll(".run-line").length == 140`)
	p.Click(".strip-fold")
	p.Wait(".strip.open")
	p.Click(".strip-fold")
	p.Wait(".strip:not(.open)")
	t.Logf("tasks over 50 ms: %v", p.LongTasks())
}

// sizes are those in which every state of the runs is looked at.
var sizes = map[string]Setting{
	"desktop": {Width: 1280, Height: 800}, "tablet": {Width: 820, Height: 1180, Dark: true}, "phone": Phone, "projector": {Width: 1920, Height: 1080},
}

// photograph takes a picture of a state in all sizes.
func (p *Page) photograph(name string) {
	p.t.Helper()
	if os.Getenv("SCREENSHOTS") == "" {
		return
	}
	for size, setting := range sizes {
		call(p, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: setting.Width, Height: setting.Height, DeviceScaleFactor: 1})
		colours := "light"
		if setting.Dark {
			colours = "dark"
		}
		call(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: colours}}})
		p.Screenshot(name + "-" + size)
	}
	call(p, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: 1280, Height: 800, DeviceScaleFactor: 1})
}

// TestScreenshotsOfRuns walks through the states of the strip and of the table of runs.
func TestScreenshotsOfRuns(t *testing.T) {
	p := openLab(t, Setting{})
	p.photograph("strip-none")
	p.startSmall(500, 4)
	p.WaitText(".strip-value", "%")
	p.photograph("strip-one")
	p.Click(`.strip [aria-label^="Stop"]`)
	p.WaitText(".lane-phase", "stopped")
	p.show(4)
	p.Click(`.compare-parts .segment:nth-child(1)`)
	p.Click(".run-more")
	p.Fill(".note textarea", "I expect little of so few pictures.")
	p.photograph("runs-open")
	p.Click(".run-actions .button:nth-child(2)")
	p.Fill("#field-labels-per-class", "8")
	p.WaitText(".edits", "labels per class 4 → 8.")
	p.photograph("runs-change")
	p.Fill("#field-epochs", "2")
	p.Click(startButton)
	p.WaitText(".lane-phase", "finished")
	p.show(4)
	p.Click(`.compare-parts .segment:nth-child(2)`)
	p.Click("#experiment-budgets")
	p.Fill("#seeds", "3")
	p.Click(".chance-form .strong")
	p.WaitText(".strip", "waiting")
	p.Click(`.compare-parts .segment:nth-child(1)`)
	p.Click(".experiment-fold")
	p.Until(`document.querySelectorAll(".run-line").length > 30`)
	p.photograph("runs-many")
	p.Click(".strip-fold")
	p.Wait(".strip.open")
	p.photograph("strip-open")
}
