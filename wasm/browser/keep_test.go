//go:build browser && !js

package browser

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/storage"

	"quarterturn/assets/pictures"
	"quarterturn/core/run"
)

// survivor is the run that is to survive: a tiny network on a quarter of the built-in
// photographs, whose epochs are quick enough to be kept between two kills.
func survivor() run.Start {
	c := run.Default(run.Scratch)
	c.Network, c.Epochs, c.BatchSize, c.LabelsPerClass, c.AverageDecay = run.Network{Blocks: []int{1, 1}, Width: 4}, 40, 16, 4, 0.9
	return run.Start{Config: c, Key: "a-1"}
}

// openPhotographs opens the built-in photographs.
func openPhotographs(p *Page) run.OpenPictures {
	p.t.Helper()
	set, _ := pictures.Find(pictures.Default)
	open := run.OpenPictures{Set: set.Title}
	for _, path := range set.Files() {
		b, err := os.ReadFile(filepath.Join(root, "assets", path))
		p.check("read "+path, err)
		open.Files = append(open.Files, run.File{Path: filepath.Base(path), Bytes: b})
	}
	return open
}

// packPhotographs has a worker pack a quarter of the built-in photographs.
func packPhotographs(p *Page) run.UnpackPictures {
	p.t.Helper()
	w := p.StartWorker()
	defer w.Terminate()
	w.Send(openPhotographs(p))
	var rest []int
	for _, thumb := range Await[run.PicturesChanged](w).Added {
		if thumb.ID%4 > 0 {
			rest = append(rest, thumb.ID)
		}
	}
	w.Send(run.RemovePictures{IDs: rest})
	w.Send(run.PackPictures{})
	return run.UnpackPictures{Blob: Await[run.PicturesPacked](w).Blob}
}

// begin starts a run in a new worker.
func begin(p *Page, packed run.UnpackPictures, start run.Start) *Worker {
	p.t.Helper()
	w := p.StartWorker()
	w.Send(packed)
	w.Send(start)
	return w
}

// end lets a run end, and returns the sum of its weights.
func end(w *Worker) string {
	w.page.t.Helper()
	for {
		if phase := Await[run.PhaseChanged](w).Phase; phase == run.Finished {
			break
		}
	}
	w.Send(run.Save{})
	defer w.Terminate()
	return Await[run.ModelSaved](w).SHA256
}

// An expectation is what the run needs, and the sum of the weights that it ends with when
// nothing happens and nothing is kept.
type expectation struct {
	packed run.UnpackPictures
	want   string
}

var expected expectation

// expect returns the expectation, which is the same in each browser of a machine.
func expect(p *Page) expectation {
	p.t.Helper()
	if expected.want == "" {
		packed, start := packPhotographs(p), survivor()
		start.Key = ""
		expected = expectation{packed, end(begin(p, packed, start))}
	}
	return expected
}

// TestRunSurvivesKillsOfItsWorker ends workers at 20 random moments of runs. Each goes on
// in another worker, and all end with the weights of an undisturbed one.
func TestRunSurvivesKillsOfItsWorker(t *testing.T) {
	p := OpenBare(t)
	survive(t, p, func(w *Worker) { w.Terminate() })
}

// TestRunSurvivesReloads loads the whole tab again at 20 random moments.
func TestRunSurvivesReloads(t *testing.T) {
	p := OpenBare(t)
	survive(t, p, func(*Worker) {
		p.Reload()
		p.compileWorker()
	})
}

func survive(t *testing.T, p *Page, kill func(*Worker)) {
	e := expect(p)
	random := rand.New(rand.NewPCG(7, 0))
	start := survivor()
	resumed := 0
	for kills := 0; kills < 20; kills++ {
		w := begin(p, e.packed, start)
		started := Await[run.Started](w)
		if r, ok := w.Next().(run.Resumed); ok {
			resumed++
			if r.Step == started.Steps { // Over before it was killed: another one.
				if got := end(w); got != e.want {
					t.Fatalf("after %d kills it ended with the weights %s, want %s", kills, got, e.want)
				}
				start.Key = fmt.Sprintf("a-%d", kills+2)
				continue
			}
		}
		w.passBy(random.IntN(60))
		kill(w)
	}
	if got := end(begin(p, e.packed, start)); got != e.want {
		t.Errorf("it ended with the weights %s, want %s", got, e.want)
	}
	t.Logf("%d of 20 went on from what was kept", resumed)
	if resumed < 10 {
		t.Errorf("%d of 20 runs went on from what was kept, want most", resumed)
	}
}

// passBy waits for so many events, or the last of them.
func (w *Worker) passBy(events int) {
	w.page.t.Helper()
	const tagOfDone = 15
	w.page.Until(fmt.Sprintf(`%[1]s.frames.length >= %[2]d || Uint8Array.fromBase64(%[1]s.frames.at(-1))[1] === %[3]d`, w.js, w.read+events, tagOfDone))
}

// overwriteNewest fills the newest copy of the run's state with garbage.
const overwriteNewest = `(async () => {
	const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle("quarterturn");
	const slots = await Promise.all([0, 1].map(async (n) => {
		const handle = await folder.getFileHandle("run+a-1+state." + n);
		const header = new DataView(await (await handle.getFile()).arrayBuffer());
		return {handle, generation: header.getBigUint64(12, true)};
	}));
	slots.sort((a, b) => Number(b.generation - a.generation));
	const writable = await slots[0].handle.createWritable();
	await writable.write("garbage".repeat(1000));
	await writable.close();
	return true;
})()`

// TestDamagedCopyInTheBrowser overwrites the newest copy of a run's state.
func TestDamagedCopyInTheBrowser(t *testing.T) {
	p := OpenBare(t)
	e := expect(p)
	w := begin(p, e.packed, survivor())
	Await[run.Kept](w)
	Await[run.Kept](w)
	Await[run.Kept](w)
	w.Terminate()
	Eval[bool](p, overwriteNewest)
	w = begin(p, e.packed, survivor())
	if got := Await[run.Noticed](w).Text; !strings.Contains(got, "the newest copy of the run's state was damaged") {
		t.Errorf("it says %q", got)
	}
	if r := Await[run.Resumed](w); r.Step == 0 {
		t.Error("it began anew")
	}
	if got := end(w); got != e.want {
		t.Errorf("it ended with the weights %s, want %s", got, e.want)
	}
}

// TestFullBrowser leaves a run no room. It says so, goes on, and is kept once there is.
func TestFullBrowser(t *testing.T) {
	p := OpenBare(t)
	e := expect(p)
	origin := Eval[string](p, `location.origin`)
	little, much := 1000.0, 1e9
	call(p, storage.OverrideQuotaForOrigin, storage.OverrideQuotaForOriginParams{Origin: origin, QuotaSize: &little})
	w := begin(p, e.packed, survivor())
	if got := Await[run.Noticed](w).Text; !strings.Contains(got, "there is no room left in what the browser keeps") {
		t.Errorf("it says %q", got)
	}
	call(p, storage.OverrideQuotaForOrigin, storage.OverrideQuotaForOriginParams{Origin: origin, QuotaSize: &much})
	Await[run.Kept](w)
	if got := end(w); got != e.want {
		t.Errorf("it ended with the weights %s, want %s", got, e.want)
	}
}

// TestFullBrowserIsSaid: the page says that there is no room, and offers a way out.
func TestFullBrowserIsSaid(t *testing.T) {
	p := openLab(t, Setting{})
	origin, little := Eval[string](p, `location.origin`), 1000.0
	call(p, storage.OverrideQuotaForOrigin, storage.OverrideQuotaForOriginParams{Origin: origin, QuotaSize: &little})
	p.startSmall(2, 4)
	p.WaitText(".lane-phase", "finished") // All the same.
	p.compareAt("Report")
	p.WaitText(".kept .notice", "Not everything could be kept")
	p.Screenshot("kept-full")
}

// TestRunSurvivesInADatabase is a browser that cannot replace files at once.
func TestRunSurvivesInADatabase(t *testing.T) {
	p := openBare(t, `delete FileSystemFileHandle.prototype.createWritable`)
	e := expect(p)
	w := begin(p, e.packed, survivor())
	Await[run.Kept](w)
	Await[run.Kept](w)
	w.Terminate()
	w = begin(p, e.packed, survivor())
	if r := Await[run.Resumed](w); r.Step == 0 {
		t.Error("it began anew")
	}
	if got := end(w); got != e.want {
		t.Errorf("it ended with the weights %s, want %s", got, e.want)
	}
}

// TestRunWithNothingToKeepItIn is a browser that allows nothing: the run ends as it
// should.
func TestRunWithNothingToKeepItIn(t *testing.T) {
	p := openBare(t, `delete FileSystemFileHandle.prototype.createWritable; Object.defineProperty(globalThis, "indexedDB", {value: undefined})`)
	e := expect(p)
	if got := end(begin(p, e.packed, survivor())); got != e.want {
		t.Errorf("it ended with the weights %s, want %s", got, e.want)
	}
}

// untilKept waits until pictures are kept.
const untilKept = `(async () => {
	const top = await navigator.storage.getDirectory();
	for (;;) {
		try {
			const folder = await top.getDirectoryHandle("quarterturn");
			const file = await (await folder.getFileHandle("pictures.0")).getFile();
			if (file.size > 0) return true;
		} catch {} // Not there yet.
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
})()`

// TestPicturesComeBack ends the worker that has the collection, and finds it in the next
// one under the same IDs.
func TestPicturesComeBack(t *testing.T) {
	p := OpenBare(t)
	w := p.StartWorker()
	w.Send(openPhotographs(p))
	want := Await[run.PicturesChanged](w).Added
	w.Send(run.RemovePictures{IDs: []int{2}})
	Await[run.PicturesChanged](w)
	Eval[bool](p, untilKept)
	w.Terminate()
	w = p.StartWorker()
	w.Send(run.RestorePictures{})
	var got []run.Thumb
	for len(got) < len(want)-1 {
		got = append(got, Await[run.PicturesChanged](w).Added...)
	}
	if !reflect.DeepEqual(got, slices.Delete(want, 2, 3)) {
		t.Errorf("%d pictures came back otherwise than they were", len(got))
	}
}
