//go:build browser && !js

package browser

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
)

// A busyLine is how the page behaves while two runs train.
type busyLine struct {
	INPMS         float64 `json:"interaction_p75_ms"` // From the input to the next paint.
	Interactions  int     `json:"interactions"`
	LongestBusyMS float64 `json:"longest_task_processor_ms"`
	LongestTaskMS float64 `json:"longest_task_ms"`
	StopMS        float64 `json:"stop_ms"` // From the click until the page says that the run has stopped.
}

// watchInteractions notes how long each interaction takes to its next paint.
const watchInteractions = `globalThis.interactions = new Map();
new PerformanceObserver((list) => list.getEntries().forEach((e) => {
	if (e.interactionId) interactions.set(e.interactionId, Math.max(e.duration, interactions.get(e.interactionId) ?? 0));
})).observe({type: "event", durationThreshold: 16, buffered: true});
addEventListener("click", () => { globalThis.clicked = performance.now(); }, true);`

// BenchmarkBusyPage has two runs train and a person go from station to station and from
// picture to picture meanwhile, and prints a JSON line.
func BenchmarkBusyPage(b *testing.B) {
	p := Open(b, Serve(b), Setting{Before: watchInteractions})
	p.Patience = 2 * time.Minute
	p.WaitPrediction()
	p.setRun("transfer", 1000, 10)
	p.Click("#race")
	p.Click(startButton)
	p.Until(`[...document.querySelectorAll(".strip-phase")].filter((e) => e.textContent.includes("left")).length == 2`)
	var line busyLine
	for b.Loop() {
		tasks := p.traceTasks(func() {
			for i := range 30 {
				switch i % 3 {
				case 0:
					p.Click(".tab:nth-child(4)")
				case 1:
					p.Click(".tab:nth-child(3)")
				default:
					p.Press("\t")
				}
				time.Sleep(200 * time.Millisecond)
			}
		})
		for _, task := range tasks {
			line.LongestTaskMS = max(line.LongestTaskMS, milliseconds(task.Took))
			line.LongestBusyMS = max(line.LongestBusyMS, milliseconds(task.Processor))
		}
		took := Eval[[]float64](p, `[...interactions.values()]`)
		slices.Sort(took)
		if line.Interactions = len(took); len(took) > 0 {
			line.INPMS = took[len(took)*3/4]
		}
		p.Click(`.strip [aria-label^="Stop"]`)
		line.StopMS = Eval[float64](p, `new Promise((resolve) => { const look = () => [...document.querySelectorAll(".strip-phase")].some((e) => e.textContent.includes("stopped")) ? resolve(performance.now() - clicked) : setTimeout(look, 5); look(); })`)
		p.check("write", json.NewEncoder(os.Stdout).Encode(line))
	}
}

// BenchmarkHiddenPage compares how fast a run is with the page before a person's eyes and
// behind another tab.
func BenchmarkHiddenPage(b *testing.B) {
	p := Open(b, Serve(b), Setting{})
	p.Patience = 2 * time.Minute
	p.WaitPrediction()
	p.setRun("scratch", 1000, 0)
	p.Click(startButton)
	p.WaitText(".strip-phase", "left")
	for b.Loop() {
		var speeds [2][]float64
		for range 3 {
			for i := range speeds {
				front := p
				if i == 1 {
					front = p.OpenTab("about:blank")
				}
				call(front, page.BringToFront, cdp.Empty{})
				time.Sleep(time.Second)
				before := p.step()
				time.Sleep(15 * time.Second)
				speeds[i] = append(speeds[i], float64(p.step()-before)/15)
			}
		}
		fmt.Fprintf(os.Stdout, `{"steps_per_second_seen":%.2f,"steps_per_second_hidden":%.2f}`+"\n", median(speeds[0]), median(speeds[1]))
	}
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// step reads how far the run on the board is.
func (p *Page) step() int {
	p.t.Helper()
	text := p.Text(".lane-foot p")
	_, text, _ = strings.Cut(text, "step ")
	number, _, _ := strings.Cut(text, " ")
	n, err := strconv.Atoi(strings.ReplaceAll(strings.Trim(number, ","), ",", ""))
	p.check("read the step of "+text, err)
	return n
}

// BenchmarkOpeningWithRuns is the time to the first prediction with no runs kept, and with
// 20 of them.
func BenchmarkOpeningWithRuns(b *testing.B) {
	p := Open(b, Serve(b), Setting{})
	p.Patience = 4 * time.Minute
	p.WaitPrediction()
	again := func() int64 {
		var took []time.Duration
		for range setting(b, "STEPS", 7) {
			time.Sleep(2 * time.Second)
			p.Reload()
			took = append(took, p.FirstPrediction())
		}
		slices.Sort(took)
		return took[len(took)/2].Milliseconds()
	}
	for b.Loop() {
		none := again()
		p.setExperiment(1, 4, 10)
		p.Click("#experiment-early")
		p.Click(".chance-form .strong")
		p.WaitText(".found-head output", "20 of 20 runs done")
		time.Sleep(3 * time.Second)
		fmt.Fprintf(os.Stdout, `{"first_prediction_no_runs_ms":%d,"first_prediction_20_runs_ms":%d}`+"\n", none, again())
	}
}
