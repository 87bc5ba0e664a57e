//go:build browser && !js

package browser

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"quarterturn/assets/models"
	"quarterturn/assets/pictures"
	"quarterturn/core/measure"
	"quarterturn/core/rotation"
	"quarterturn/core/run"
)

// percents reads the first percentage of each element.
func (p *Page) percents(selector string) (values []int) {
	p.t.Helper()
	for _, text := range p.Texts(selector) {
		number, _, _ := strings.Cut(text, " ")
		n, err := strconv.Atoi(number)
		p.check("read "+text, err)
		values = append(values, n)
	}
	return values
}

// TestKnown looks at what the built-in network knows: the map has as many points as were
// asked for, and its stages know more than those of random weights do. A second map has
// the same pictures, and points at the same one.
func TestKnown(t *testing.T) {
	p := openLab(t, Setting{})
	p.compareAt("What does it know?")
	p.Fill("#map-pictures", "300")
	p.Wait(".map-figure .map-marks")
	if label := p.Attribute(".map-hits", "aria-label"); !strings.Contains(label, "a map of 300 pictures") {
		t.Errorf("the map says %q", label)
	}
	p.WaitText(".purity", "10 nearest neighbours")
	p.WaitText(".map-words", "Silhouette")
	p.Until(`document.querySelectorAll(".probe-bar.blank").length == 8`)
	known, blank := p.percents(".probe-bar:not(.blank) text"), p.percents(".probe-bar.blank text")
	for i, name := range []string{"linear", "neighbours"} {
		if last := len(known) - 2 + i; known[last] <= blank[last] {
			t.Errorf("the last stage, %s: %d %% right, untrained %d %%", name, known[last], blank[last])
		}
	}
	p.Screenshot("known-one")

	p.Click(".known-bar .button")
	p.Until(`document.querySelectorAll(".map-figure .map-marks").length == 20`)
	Eval[bool](p, `(document.querySelector(".map-hits").focus(), true)`)
	p.Press(kb.ArrowRight)
	p.Until(`document.querySelectorAll(".map-ring").length == 2`)
	p.Press(kb.Enter)
	p.WaitText(".chosen-pictures", "1 picture chosen")
	p.Until(`document.querySelector(".chosen-pictures canvas[data-painted]") && document.querySelector(".pointed-picture[data-painted]")`)
	p.Click("#map-thumbs")
	p.Until(`document.querySelectorAll(".map-canvas[data-painted]").length == 2`)
	p.Screenshot("known-pictures")
}

// builtIn returns the files of the built-in set and network.
func builtIn(p *Page) (run.OpenPictures, []byte) {
	p.t.Helper()
	set, _ := pictures.Find(pictures.Default)
	open := run.OpenPictures{Set: set.Title}
	for _, path := range set.Files() {
		open.Files = append(open.Files, run.File{Path: filepath.Base(path), Bytes: p.asset(path)})
	}
	return open, p.asset(models.Small.Path())
}

func (p *Page) asset(path string) []byte {
	p.t.Helper()
	b, err := os.ReadFile(filepath.Join(root, "assets", path))
	p.check("read "+path, err)
	return b
}

// mostSure is the picture of whose turns a network is surest.
func mostSure(a run.Asked) int {
	best, most := 0, float32(0)
	for i, id := range a.IDs {
		sum := float32(0)
		for _, belief := range a.True[a.Turns*i : a.Turns*(i+1)] {
			sum += belief
		}
		if sum > most {
			best, most = id, sum
		}
	}
	return best
}

// upsideDown writes a picture upside down into a folder that is named as its class.
func upsideDown(p *Page, thumb run.Thumb, class string) string {
	p.t.Helper()
	turned := make([]byte, len(thumb.Pixels))
	rotation.Turn(turned, thumb.Pixels, thumb.Side, 2)
	m := image.NewRGBA(image.Rect(0, 0, thumb.Side, thumb.Side))
	for i := range thumb.Side * thumb.Side {
		m.Set(i%thumb.Side, i/thumb.Side, color.RGBA{turned[3*i], turned[3*i+1], turned[3*i+2], 255})
	}
	folder := filepath.Join(p.t.TempDir(), class)
	p.check("make a folder", os.Mkdir(folder, 0o755))
	f, err := os.Create(filepath.Join(folder, "upside-down.png"))
	p.check("write a picture", err)
	defer f.Close()
	p.check("write a picture", png.Encode(f, m))
	return folder
}

// TestMistakes compares the confusion matrix with what a worker answers that is asked the
// same, and has a picture that stands on its head found, turned and left out.
func TestMistakes(t *testing.T) {
	p := openLab(t, Setting{})
	open, model := builtIn(p)
	w := p.StartWorker()
	w.Send(open)
	shown := Await[run.PicturesChanged](w)
	w.Send(run.Ask{Model: model, Of: run.OfTest})
	asked := Await[run.Asked](w)
	w.Terminate()

	p.compareAt("Mistakes")
	p.Click(".mistakes-matrix .numbers summary")
	p.Wait(".mistakes-matrix tbody td")
	want := make([]string, 16)
	counts := [16]int{}
	for i, label := range asked.Labels {
		counts[4*label+asked.Guesses[i]]++
	}
	for i, n := range counts {
		want[i] = strconv.Itoa(n)
	}
	if got := p.Texts(".mistakes-matrix tbody td"); !slices.Equal(got, want) {
		t.Errorf("the matrix counts %v, want %v", got, want)
	}
	Eval[bool](p, `(document.querySelector(".matrix-hits").focus(), true)`)
	p.Press(kb.ArrowRight) // Upright, taken to be turned by 90°.
	p.WaitText(".cell-pictures h3", want[1]+", the most confident first")
	sure := p.percents(".cell-pictures .tile-sure")
	if !slices.IsSortedFunc(sure, func(a, b int) int { return b - a }) || len(sure) == 0 {
		t.Errorf("its pictures are listed by %v per cent", sure)
	}
	p.photograph("mistakes-cell")

	id := mostSure(asked)
	thumb := shown.Added[slices.IndexFunc(shown.Added, func(t run.Thumb) bool { return t.ID == id })]
	p.show(1)
	before := p.pictures()
	p.Drop(".stations", upsideDown(p, thumb, shown.Classes[thumb.Class]))
	p.waitPictures(before + 1)
	p.compareAt("Mistakes")
	p.Click(".mistakes-bar .segment:nth-child(2)")
	p.Wait(".odd-card")
	const few = 5
	p.Until(fmt.Sprintf(`[...document.querySelectorAll(".odd-card")].slice(0, %d).some((e) => e.textContent.includes("upside-down.png"))`, few))
	at := 1 + Eval[int](p, `[...document.querySelectorAll(".odd-card")].findIndex((e) => e.textContent.includes("upside-down.png"))`)
	card := fmt.Sprintf(".odd-card:nth-child(%d)", at)
	if got := p.Text(card + " .odd-facts strong"); got != "Looks upside down," {
		t.Errorf("of what stands on its head it says %q", got)
	}
	p.photograph("odd-ones")
	p.Click(card + " .odd-tools .button:nth-of-type(1)")
	p.WaitText(card+" .odd-decided", "Turned by 180°")
	p.Click(".odd-ones > .row .button") // Undo.
	p.Until(`document.querySelector("` + card + ` .odd-decided").textContent == ""`)
	p.Click(card + " .odd-tools .button:nth-of-type(2)")
	p.WaitText(card+" .odd-decided", "Left out")
}

// TestMistakesOfARun: names for names, by what the run was asked at its end, and the
// picture of the run beside that of the network that it started from.
func TestMistakesOfARun(t *testing.T) {
	p := openLab(t, Setting{})
	p.show(3)
	p.setRun("transfer", 1, 5)
	p.Click("#train .start .strong")
	p.WaitText(".lane-phase, .strip-phase", "finished")
	p.compareAt("Mistakes")
	p.Wait(".matrix-hits")
	if got := p.Count(".class-score"); got != 10 {
		t.Errorf("%d classes are scored, want 10", got)
	}
	right, _, _ := strings.Cut(p.Text(".mistakes-score strong"), " ")
	if strip := p.Text(".strip-value"); !strings.HasPrefix(strip, right) {
		t.Errorf("the matrix has %s %% right, the run %s", right, strip)
	}
	p.Screenshot("mistakes-of-a-run")
	p.compareAt("What does it know?")
	p.Until(`document.querySelector("#subject-0").value == "1" && document.querySelector(".map-marks")`)
}

// TestMapFollowsARun: the map of a run at work is laid out anew as the run is evaluated.
func TestMapFollowsARun(t *testing.T) {
	p := openLab(t, Setting{})
	p.startSmall(1000, 4)
	p.WaitText(".strip-value", "%")
	p.compareAt("What does it know?")
	p.Fill("#map-pictures", "300")
	p.Fill("#subject-0", "1")
	p.WaitText(".map-words", "the run goes on")
	p.WaitText(".map-words", fmt.Sprintf("of %d, the run goes on", measure.AgainIterations)) // From where it was.
	p.Screenshot("known-follows")
	p.Click(`.strip [aria-label^="Stop"]`)
}

// TestCorrectionsReachTheNextRun leaves a picture out between two equal runs, of which the
// second says that its pictures are others.
func TestCorrectionsReachTheNextRun(t *testing.T) {
	p := openLab(t, Setting{})
	count := p.pictures()
	p.startSmall(1, 4)
	p.WaitText(".lane-phase", "finished")
	p.compareAt("Mistakes")
	p.Click(".mistakes-bar .segment:nth-child(2)")
	p.Click(".odd-card:nth-child(1) .odd-tools .button:nth-of-type(3)")
	p.WaitText(".odd-decided", "Left out")
	p.show(1)
	p.waitPictures(count - 1)
	p.show(3)
	p.Click(startButton)
	p.Until(`document.querySelectorAll(".strip-line").length == 2 || document.querySelectorAll(".run-line").length == 2`)
	p.compareAt("Runs")
	p.WaitText(".run-line .run-row", "other pictures")
}

// BenchmarkFirstMap is how long a person waits from the click until 500 pictures are laid
// out, the analyst's start and the packing of the pictures included.
func BenchmarkFirstMap(b *testing.B) {
	var all time.Duration
	for b.Loop() {
		p := Open(b, Serve(b), Setting{})
		p.Patience = 3 * time.Minute
		p.waitPredicted()
		p.show(4)
		p.Wait(".compare-parts")
		click := time.Now()
		p.Click(segment("What does it know?"))
		p.Wait(".map-figure .map-marks")
		all += time.Since(click)
	}
	b.ReportMetric(all.Seconds()/float64(b.N), "s/map")
}

// TestKnownScreenshots photographs both parts.
func TestKnownScreenshots(t *testing.T) {
	for name, setting := range Settings {
		if os.Getenv("SCREENSHOTS") == "" && name != "phone" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			p := openLab(t, setting)
			p.compareAt("What does it know?")
			p.Wait(".map-figure .map-marks")
			p.Until(`document.querySelectorAll(".probe-bar.blank").length == 8`)
			p.Screenshot("known-" + name)
			p.compareAt("Mistakes")
			p.Wait(".matrix-hits")
			p.Click(".mix-ups .button")
			p.Wait(".cell-pictures .tile-sure")
			p.Screenshot("mistakes-" + name)
			p.Click(".mistakes-bar .segment:nth-child(2)")
			p.Wait(".odd-card")
			p.Until(`document.querySelector(".odd-picture[data-painted]")`)
			p.Screenshot("odd-" + name)
		})
	}
}
