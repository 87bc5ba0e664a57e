//go:build browser && !js

package browser

import (
	"bytes"
	"math"
	"path"
	"strconv"
	"strings"
	"testing"
	"time"

	"quarterturn/assets"
	"quarterturn/assets/pictures"
	"quarterturn/core/checkpoint"
	"quarterturn/core/run"
)

// photographs opens the built-in set of photographs, as the page does.
func photographs(t *testing.T) run.OpenPictures {
	t.Helper()
	set, _ := pictures.Find(pictures.Default)
	open := run.OpenPictures{Set: set.Title}
	for _, name := range set.Files() {
		content, err := assets.Files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		open.Files = append(open.Files, run.File{Path: path.Base(name), Bytes: content})
	}
	return open
}

// shortRun is a few steps of a tiny network: rounding has no time to grow.
func shortRun() run.Config {
	c := run.Default(run.Scratch)
	c.Network, c.Epochs, c.LabelsPerClass, c.LearningRate = run.Network{Blocks: []int{1, 1}, Width: 4}, 1, 10, 0.01
	return c
}

// order gives all workers of a group the same commands.
func order(workers []*Worker, commands ...run.Command) {
	for _, w := range workers {
		for _, c := range commands {
			w.Send(c)
		}
	}
}

// trained has workers compute a run, and returns the last evaluation and the model's
// file of the first. The others report nothing of the run.
func trained(t *testing.T, workers []*Worker, c run.Config) (run.Evaluated, []byte) {
	t.Helper()
	order(workers, run.Start{Config: c})
	var last run.Evaluated
	for finished := false; !finished; {
		switch e := workers[0].Next().(type) {
		case run.Evaluated:
			last = e
		case run.PhaseChanged:
			finished = e.Phase == run.Finished
		case run.Failed:
			t.Fatal(e.Reason)
		}
	}
	Await[run.Done](workers[0])
	for _, w := range workers[1:] {
		if e, ok := w.Next().(run.Done); !ok {
			t.Errorf("a worker that follows reports %+v", e)
		}
	}
	workers[0].Send(run.Save{})
	saved := Await[run.ModelSaved](workers[0])
	Await[run.Done](workers[0])
	return last, saved.Blob
}

// ready gives workers the pictures.
func ready(workers []*Worker, open run.OpenPictures) []*Worker {
	for _, w := range workers {
		Await[run.Ready](w)
		w.Send(open)
		Await[run.Done](w)
	}
	return workers
}

// TestGroup has two workers compute a run twice, and one worker: the two come to the same
// bits both times, and to about the same numbers as the one.
func TestGroup(t *testing.T) {
	p := OpenBare(t)
	p.Patience = time.Minute
	open := photographs(t)
	two := ready(p.StartGroup(2), open)
	first, weights := trained(t, two, shortRun())
	if _, again := trained(t, two, shortRun()); !bytes.Equal(weights, again) {
		t.Error("two workers came to different weights the second time")
	}
	second := two[1]
	second.Send(run.Save{})
	if follows := Await[run.ModelSaved](second).Blob; !sameWeights(t, weights, follows, 0) {
		t.Error("the second worker has other weights than the first")
	}
	one, alone := trained(t, ready([]*Worker{p.StartWorker()}, open), shortRun())
	if math.Abs(one.Loss-first.Loss) > 1e-4 || one.Examples != first.Examples {
		t.Errorf("two workers: %+v, one: %+v", first, one)
	}
	if bytes.Equal(alone, weights) {
		t.Error("two workers came to the bits of one: did they divide the run?")
	}
	if !sameWeights(t, weights, alone, 1e-4) {
		t.Error("two workers have other weights than one")
	}
}

// sameWeights compares two models' files within a difference.
func sameWeights(t *testing.T, a, b []byte, within float64) bool {
	t.Helper()
	m, err := checkpoint.Decode(a)
	if err != nil {
		t.Fatal(err)
	}
	n, err := checkpoint.Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range m.Weights {
		for i, v := range n.Weights[name] {
			if math.Abs(float64(v)-float64(values[i])) > within {
				return false
			}
		}
	}
	return true
}

// longRun would take minutes.
func longRun() run.Config {
	c := shortRun()
	c.Epochs = 1000
	return c
}

// TestGroupPausesAndStops holds a run, lets it go on and ends it: both workers end, and
// the next run works.
func TestGroupPausesAndStops(t *testing.T) {
	p := OpenBare(t)
	p.Patience = time.Minute
	two := ready(p.StartGroup(2), photographs(t))
	order(two, run.Start{Config: longRun()})
	Await[run.Progress](two[0])
	order(two, run.Pause{})
	awaitPhase(two[0], run.Paused)
	order(two, run.Resume{})
	awaitPhase(two[0], run.Training)
	Await[run.Progress](two[0])
	order(two, run.Stop{})
	awaitPhase(two[0], run.Stopped)
	Await[run.Done](two[0])
	Await[run.Done](two[1])
	order(two[1:], run.Stop{}) // Of nothing.
	if e, _ := trained(t, two, shortRun()); e.Step == 0 {
		t.Errorf("the next run ended with %+v", e)
	}
}

func awaitPhase(w *Worker, phase run.Phase) {
	for Await[run.PhaseChanged](w).Phase != phase {
	}
}

// TestGroupSurvivesItsWorkers kills one of two workers: the other says why it ends.
func TestGroupSurvivesItsWorkers(t *testing.T) {
	p := OpenBare(t)
	p.Patience = time.Minute
	two := ready(p.StartGroup(2), photographs(t))
	order(two, run.Start{Config: longRun()})
	Await[run.Progress](two[0])
	two[1].Terminate()
	if failed := Await[run.Failed](two[0]); !strings.Contains(failed.Reason, "does not answer any more") {
		t.Errorf("the run ended with %q", failed.Reason)
	}
	two[0].Send(run.Save{}) // What it learnt is still there.
	Await[run.ModelSaved](two[0])
}

// TestRunHasIdleCores starts a run on the page, which gets a worker for each core. When
// the second of them dies the run goes on, on as many.
func TestRunHasIdleCores(t *testing.T) {
	p := openLab(t, Setting{Before: `globalThis.ranks = [];
		Object.defineProperty(navigator, "hardwareConcurrency", {value: 2});
		globalThis.Worker = class extends Worker {
			postMessage(message, ...rest) {
				if (message?.shared) ranks.push([message.shared.rank, this]);
				super.postMessage(message, ...rest);
			}
		};`})
	p.setRun("scratch", 1000, 2)
	p.Click(startButton)
	const steps = `Number(/step ([\d,]+) of/.exec(document.querySelector(".lane .soft")?.textContent)?.[1].replaceAll(",", "") ?? 0)`
	p.Until(steps + ` > 1`)
	Eval[bool](p, `(ranks[1][1].onmessage({data: {fatal: "It ran out of memory."}}), true)`)
	before := Eval[int](p, steps)
	p.Until(`ranks.length == 4 && ` + steps + ` > ` + strconv.Itoa(before+1) + ` || document.querySelector(".lane .notice")`)
	if notices := p.Texts(".lane .notice"); len(notices) > 0 {
		t.Errorf("the run ended with %q", notices)
	}
	if got := Eval[string](p, `ranks.map(([rank]) => rank).join()`); got != "0,1,0,1" {
		t.Errorf("the run had workers of ranks %s", got)
	}
	p.Click(".start-row .stop")
	p.WaitText(".lane-phase", "stopped")
}
