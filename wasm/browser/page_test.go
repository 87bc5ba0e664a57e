//go:build browser && !js

package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
)

// odd are pictures of other packages' tests: good and broken ones.
const odd = "../../core/dataset/testdata/"

// slow is the patience with a machine that runs other things too.
const slow = 60 * time.Second

// openLab opens the page and waits until the first picture is predicted, which
// takes no click.
func openLab(t *testing.T, setting Setting) *Page {
	t.Helper()
	p := Open(t, Serve(t), setting)
	p.Patience = slow
	p.waitPredicted()
	return p
}

// waitPredicted waits for the bars of all four turns.
func (p *Page) waitPredicted() {
	p.t.Helper()
	p.Until(`document.querySelector(".panels[aria-busy=false]")`)
}

// pictures returns how many pictures the page says there are.
func (p *Page) pictures() int {
	p.t.Helper()
	number, _, _ := strings.Cut(p.Text(".count"), " ")
	n, err := strconv.Atoi(strings.ReplaceAll(number, ",", ""))
	p.check("read the count "+number, err)
	return n
}

// waitPictures waits until the page counts n pictures.
func (p *Page) waitPictures(n int) {
	p.t.Helper()
	p.WaitText(".count", fmt.Sprintf("%d picture", n))
}

func TestFirstPredictionNeedsNoClick(t *testing.T) {
	p := openLab(t, Setting{})
	percents := p.Texts(".belief-value")
	if len(percents) != 16 {
		t.Fatalf("there are %d bars, want 4 for each of 4 turns", len(percents))
	}
	for turn := range 4 {
		sum := 0
		for _, text := range percents[4*turn : 4*turn+4] {
			n, err := strconv.Atoi(strings.TrimSuffix(text, " %"))
			if err != nil {
				t.Fatal(err)
			}
			sum += n
		}
		if sum < 98 || sum > 102 { // Each of four is rounded by at most half a per cent.
			t.Errorf("the beliefs of turn %d sum to %d %%, want 100", turn, sum)
		}
	}
	if got := p.Count(".belief.guessed"); got != 4 {
		t.Errorf("%d guesses are marked, want 4", got)
	}
	p.Until(`document.querySelectorAll(".picture[data-painted]").length == 4`)
	colours := Eval[int](p, `new Set(document.querySelector(".picture").getContext("2d").getImageData(0, 0, 32, 32).data).size`)
	if colours < 8 {
		t.Errorf("the picture has %d values of colour: it is not painted", colours)
	}
	t.Logf("the first prediction was there after %.0f ms; tasks over 50 ms: %v", Eval[float64](p, `performance.now()`), p.LongTasks())
}

func TestPicturesAreChosenDroppedAndPasted(t *testing.T) {
	p := openLab(t, Setting{})
	n := p.pictures()
	p.Choose("#choose-files", odd+"exif-F-6.jpg")
	p.waitPictures(n + 1)
	p.WaitText(".chosen-name", "exif-F-6.jpg")
	p.waitPredicted()

	p.Drop(".stations", odd+"webp-lossy.webp", odd+"jpeg-gray.jpg")
	p.waitPictures(n + 3)
	p.WaitText(".chosen-name", "jpeg-gray.jpg") // The first by name.

	p.Paste(odd+"png-palette-alpha.png", "image/png")
	p.waitPictures(n + 4)
	p.WaitText(".chosen-name", "png-palette-alpha.png")

	p.Click(".tools .button:nth-of-type(2)") // Undo takes out the one that was pasted.
	p.waitPictures(n + 3)
	p.WaitText(".chosen-name", "jpeg-gray.jpg")
}

// TestFoldersBecomeClasses drops a folder with two classes in it as a new set.
func TestFoldersBecomeClasses(t *testing.T) {
	p := openLab(t, Setting{})
	folder := t.TempDir()
	for _, name := range []string{"mine/blue/a.png", "mine/blue/b.png", "mine/red/c.png"} {
		copyFile(t, odd+"png-16bit-rgb.png", filepath.Join(folder, name))
	}
	p.Click("#join")
	p.Drop(".stations", filepath.Join(folder, "mine"))
	p.waitPictures(3)
	if got := p.Texts(".shelf h3"); len(got) != 2 || !strings.HasPrefix(got[0], "blue") || !strings.HasPrefix(got[1], "red") {
		t.Errorf("the shelves are %q, want blue and red", got)
	}
	p.Click(".tools .button:nth-of-type(2)") // Undo.
	p.WaitText(".count", " in 10 classes")
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, content, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestBrokenFilesAreListed(t *testing.T) {
	p := openLab(t, Setting{})
	n := p.pictures()
	p.Choose("#choose-files", odd+"made-empty.jpg", odd+"gif-5bpp.gif", odd+"made-truncated-header.jpg", odd+"made-huge-header.png")
	p.waitPictures(n + 1)
	p.Until(`document.querySelectorAll(".broken li").length == 3`)
	items := strings.Join(p.Texts(".broken li"), "\n")
	for _, name := range []string{"made-empty.jpg: ", "made-truncated-header.jpg: ", "made-huge-header.png: "} {
		if !strings.Contains(items, name) {
			t.Errorf("%q is not in the list of broken files:\n%s", name, items)
		}
	}
	p.Click(".broken .button")
	p.WaitGone(".broken")
}

// TestPicturesByKeyboard goes through the pictures, removes one and takes that
// back without a mouse.
func TestPicturesByKeyboard(t *testing.T) {
	p := openLab(t, Setting{})
	n := p.pictures()
	chosen := `document.querySelector(".thumb[aria-selected=true]")?.dataset.id`
	p.Wait(`.thumb[aria-selected=true]`) // Its shelf is revealed after the first prediction.
	first := Eval[string](p, chosen)
	Eval[bool](p, `(document.querySelector(".thumb[aria-selected=true]").focus(), true)`)
	p.Press(kb.ArrowRight)
	p.Until(chosen + ` != ` + quote(first))
	second := Eval[string](p, chosen)
	p.Until(`document.activeElement.dataset.id == ` + quote(second)) // The focus goes along.
	p.waitPredicted()
	p.Press(kb.Delete)
	p.waitPictures(n - 1)
	p.Click(".tools .button:nth-of-type(2)")
	p.waitPictures(n)
	if got := Eval[string](p, chosen); got != second {
		t.Errorf("picture %s is chosen after Undo, want %s", got, second)
	}
}

// setRun fills in a short run: few pictures, so that a test takes seconds.
func (p *Page) setRun(task string, epochs, labels int) {
	p.t.Helper()
	p.Click("#task-" + task)
	p.Fill("#field-epochs", strconv.Itoa(epochs))
	if task != "pretext" {
		p.Fill("#field-labels-per-class", strconv.Itoa(labels))
	}
	p.Fill("#field-batch", "16")
}

// startSmall has a small network learn names from few pictures, from scratch.
func (p *Page) startSmall(epochs, labels int) {
	p.t.Helper()
	p.show(3)
	p.setRun("scratch", epochs, labels)
	p.Fill("#field-width", "4")
	p.Click(startButton)
}

const startButton = ".start-row .strong"

// losses returns a column of the table behind the curves: the validation loss.
func (p *Page) losses() []float64 {
	p.t.Helper()
	var losses []float64
	for _, text := range p.Texts("#train .numbers td:nth-child(5)") {
		loss, err := strconv.ParseFloat(text, 64)
		p.check("read a loss", err)
		losses = append(losses, loss)
	}
	return losses
}

func TestTransferRunsToTheEnd(t *testing.T) {
	p := openLab(t, Setting{})
	p.setRun("transfer", 4, 8)
	Eval[bool](p, `(longTasks.length = 0, true)`)
	p.Click(startButton)
	p.Patience = 3 * time.Minute
	p.WaitText(".lane-phase", "finished")
	t.Logf("tasks over 50 ms while training: %v", p.LongTasks())
	p.Click("#train .numbers summary")
	p.Wait("#train .numbers td")
	losses := p.losses()
	if len(losses) != 5 {
		t.Fatalf("the table has %d evaluations, want one before and one after each of 4 epochs", len(losses))
	}
	if losses[4] >= losses[0] {
		t.Errorf("the validation loss went from %v to %v nats, want it to fall", losses[0], losses[4])
	}
	// An M and four Ls: a point for each evaluation. The second curve of the
	// first chart is that of validation; the first is of the steps.
	curve := p.Attribute(".chart .validation .line", "d")
	if got := strings.Count(curve, "M") + strings.Count(curve, "L"); got != 5 {
		t.Errorf("the validation curve %q has %d points, want 5", curve, got)
	}
	if got := strings.Count(p.Attribute(".chart .training .line", "d"), "L"); got < 10 {
		t.Errorf("the training curve has %d points, want one for each of 20 steps", got+1)
	}
}

func TestPauseResumeAndStop(t *testing.T) {
	p := openLab(t, Setting{})
	p.setRun("scratch", 1000, 2)
	p.Click(startButton)
	const steps = `Number(/step ([\d,]+) of/.exec(document.querySelector(".lane .soft")?.textContent)?.[1].replaceAll(",", "") ?? 0)`
	p.Until(steps + ` > 2`)
	p.Click(".start-row .quiet") // Pause.
	p.WaitText(".lane-phase", "paused")
	held := Eval[int](p, steps)
	p.Click(startButton) // Resume.
	p.Until(steps + ` > ` + strconv.Itoa(held))

	// From the click to the answer: a step, what waits on the event loop, and the
	// harness's own polling of 50 ms. A stop that waited for an evaluation or an
	// epoch's end would still be quick here, but one that waited for the run's
	// would take minutes.
	start := time.Now()
	p.Click(".start-row .stop")
	p.WaitText(".lane-phase", "stopped")
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("stopping took %v", took)
	}
	p.Wait(startButton) // Another run can be started.
	if got := Eval[int](p, steps); got < held {
		t.Errorf("the run is at step %d after it was at %d", got, held)
	}
}

// TestSaveAndLoadPredictTheSame saves a trained network, leaves it, loads the
// file and compares all bars.
func TestSaveAndLoadPredictTheSame(t *testing.T) {
	p := openLab(t, Setting{})
	p.setRun("scratch", 1, 4)
	p.Click(startButton)
	p.Patience = 2 * time.Minute
	p.Click(".lane .strong") // Use for prediction.
	p.WaitText(".upright-words", "Says")
	want := p.Texts(".belief")
	file := p.Download(func() { p.Click(".lane .quiet") })
	p.Click(".model button") // Back to the built-in network.
	p.WaitText(".upright-words", "undone")
	p.waitPredicted()
	if slices.Equal(p.Texts(".belief"), want) {
		t.Fatal("the built-in network believes the same: the test shows nothing")
	}
	p.Choose("#choose-model", file)
	p.WaitText(".model strong", filepath.Base(file))
	p.WaitText(".upright-words", "Says")
	if got := p.Texts(".belief"); !slices.Equal(got, want) {
		t.Errorf("after loading, the bars are\n%q, want\n%q", got, want)
	}
}

func TestRefusedNetworkIsExplained(t *testing.T) {
	p := openLab(t, Setting{})
	name := p.Text(".model strong")
	p.Choose("#choose-model", odd+"README.md")
	p.WaitText(".alarms .notice", "could not be loaded")
	if got := p.Text(".model strong"); got != name {
		t.Errorf("the network is %q now, want still %q", got, name)
	}
	if !Eval[bool](p, `document.documentElement.scrollHeight <= innerHeight`) {
		t.Error("with the alarm, the page is higher than its window")
	}
	button := `document.querySelector("` + startButton + `").getBoundingClientRect().bottom`
	if !Eval[bool](p, button+` <= document.querySelector("#train").getBoundingClientRect().bottom`) {
		t.Error("with the alarm, Start is out of sight")
	}
	p.Click(".alarms .button")
	p.WaitGone(".alarms .notice")
}

func TestScoreCountsEveryTurn(t *testing.T) {
	p := openLab(t, Setting{})
	all := 4 * p.pictures()
	p.Click(".score .strong")
	p.Patience = 3 * time.Minute
	p.WaitText(".score output", fmt.Sprintf("of %d,%03d turned pictures", all/1000, all%1000))
	p.Wait(".score .strong")
}

// TestDeadWorkersAreReplaced has a worker say its last words, as worker.js would.
func TestDeadWorkersAreReplaced(t *testing.T) {
	keep := `globalThis.workers = [];
		globalThis.Worker = class extends Worker { constructor(...a) { super(...a); workers.push(this); } };`
	p := openLab(t, Setting{Before: keep})
	n := p.pictures()
	Eval[bool](p, `(workers[0].onmessage({data: {fatal: "It ran out of memory."}}), true)`)
	p.WaitText(".alarms .notice", "It ran out of memory.")
	p.Click(".alarms .strong") // Restart.
	p.WaitGone(".alarms .notice")
	p.waitPictures(n)
	p.waitPredicted()

	p.setRun("scratch", 1000, 2)
	p.Click(startButton)
	p.WaitText(".lane-phase", "training")
	started := Eval[int](p, `workers.length`)
	Eval[bool](p, `(workers.at(-1).onmessage({data: {fatal: "It ran out of memory."}}), true)`)
	p.Until(fmt.Sprintf(`workers.length > %d`, started)) // The run goes on in another, once.
	p.WaitText(".lane-phase", "training")
	Eval[bool](p, `(workers.at(-1).onmessage({data: {fatal: "It ran out of memory."}}), true)`)
	p.WaitText(".lane .notice", "It ran out of memory.")
	p.Click(".lane .notice .strong") // Go on.
	p.WaitText(".lane-phase", "training")
	p.Click(".start-row .stop")
	p.WaitText(".lane-phase", "stopped")
}

func TestLooksAreKept(t *testing.T) {
	p := openLab(t, Setting{})
	p.Click(".theme") // Light.
	p.Click(".theme") // Dark.
	p.Click(".looks .button")
	p.Until(`document.documentElement.dataset.theme == "dark" && document.documentElement.dataset.projector == "on"`)
	p.Reload()
	p.Until(`document.documentElement.dataset.theme == "dark" && document.documentElement.dataset.projector == "on"`)
	p.Click(".tab:nth-child(3)")
	p.Wait("#train")
	p.WaitGone("#turn")
}

// TestPageScreenshots photographs the stations at rest, in a race and after it.
func TestPageScreenshots(t *testing.T) {
	for name, setting := range Settings {
		if os.Getenv("SCREENSHOTS") == "" && name != "phone" {
			continue // Nobody looks, and the other tests reach these states at a desktop's size.
		}
		t.Run(name, func(t *testing.T) {
			p := openLab(t, setting)
			p.Until(`document.querySelectorAll(".picture[data-painted]").length == 4`)
			p.Screenshot("turn-" + name)
			p.show(1)
			p.Screenshot("pictures-" + name)
			p.show(3)
			p.Screenshot("train-" + name)
			p.setRun("transfer", 6, 10)
			p.Click("#race")
			p.Click(startButton)
			p.Patience = 3 * time.Minute
			p.Until(`document.querySelector(".chart .validation .line")?.getAttribute("d").split("L").length > 3`)
			p.Screenshot("race-" + name)
			p.Until(`document.querySelectorAll(".lane .strong").length == 2`)
			p.Screenshot("raced-" + name)
			p.Click(".lane .strong")
			p.WaitText(".upright-words", "Says")
			p.show(2)
			p.Screenshot("names-" + name)
		})
	}
}

// show goes to a station where only one is shown at a time.
func (p *Page) show(number int) {
	p.t.Helper()
	tab := fmt.Sprintf(".tab:nth-child(%d)", number)
	if Eval[bool](p, `document.querySelector(`+quote(tab)+`).checkVisibility()`) {
		p.Click(tab)
	}
}
