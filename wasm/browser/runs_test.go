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
	"time"

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
	p.Screenshot("runs-readout")
	Eval[bool](p, `(document.querySelector("`+slider+`").focus(), true)`)
	p.Press(kb.ArrowRight)
	p.WaitText("#compare .readout strong", "Epoch 3")
	if words := p.Attribute(slider, "aria-valuetext"); !strings.HasPrefix(words, "Epoch 3, From scratch training ") {
		t.Errorf("it is read as %q", words)
	}
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
	if problems := p.LongTasks(); len(problems) > 0 {
		t.Logf("tasks over 50 ms: %v", problems)
	}
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

// TestManyRuns has more runs than can be seen at once, most of which wait.
func TestManyRuns(t *testing.T) {
	for name, setting := range map[string]Setting{"desktop": {}, "phone": Phone} {
		t.Run(name, func(t *testing.T) {
			p := openLab(t, setting)
			p.show(4)
			p.Click(`.compare-parts .segment:nth-child(2)`)
			p.Click("#experiment-budgets")
			p.Fill("#seeds", "10")
			p.Click(".chance-form .strong")
			p.Wait(".strip.shown")
			p.Click(`.compare-parts .segment:nth-child(1)`)
			p.WaitText(".experiment-words", "Transfer, From scratch × ")
			p.Screenshot("runs-folded-" + name)
			start := time.Now()
			took := Eval[float64](p, `new Promise((done) => {
				const start = performance.now();
				new MutationObserver((_, o) => { if (document.querySelectorAll(".run-line").length > 50) { o.disconnect(); done(performance.now() - start); } }).observe(document.body, {childList: true, subtree: true});
				document.querySelector(".experiment-fold").click();
			})`)
			t.Logf("%d lines in %.0f ms, seen after %v", p.Count(".run-line"), took, time.Since(start))
			p.Screenshot("runs-unfolded-" + name)
			p.Click(".strip-fold")
			p.Wait(".strip.open")
			p.Screenshot("runs-strip-" + name)
			t.Logf("tasks over 50 ms: %v", p.LongTasks())
		})
	}
}
