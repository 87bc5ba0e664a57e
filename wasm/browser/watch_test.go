//go:build browser && !js

package browser

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"quarterturn/assets/models"
)

// openWatch opens the page and goes to the recording.
func openWatch(t *testing.T, setting Setting) *Page {
	t.Helper()
	p := openLab(t, setting)
	p.show(5)
	p.Wait(".watch")
	return p
}

func (p *Page) waitEpoch(n int) {
	p.t.Helper()
	p.WaitText(".watch-place", fmt.Sprintf("Epoch %d of %d", n, models.Epochs))
}

func fetched(p *Page, file models.File) bool {
	return slices.ContainsFunc(p.Requests(), func(url string) bool { return strings.HasSuffix(url, file.Path()) })
}

// TestWatchByKeyboard goes through the recording without a mouse: by the slider,
// by the arrows, and by itself.
func TestWatchByKeyboard(t *testing.T) {
	p := openLab(t, Setting{})
	if fetched(p, models.Recording) || fetched(p, models.Strong) {
		t.Error("what should be fetched on demand was fetched with the page")
	}
	Eval[bool](p, `(longTasks.length = 0, true)`)
	p.Click(".teaser .button")
	p.Wait(".watch")
	if !fetched(p, models.Recording) {
		t.Errorf("%s was not among what was fetched", models.Recording.Name)
	}
	p.waitEpoch(models.Epochs)
	t.Logf("tasks over 50 ms while the recording came: %v", p.LongTasks())
	last := p.Texts(".watch .belief-value")
	if len(last) != 16 || last[0] == "" {
		t.Fatalf("the beliefs are %q, want 16", last)
	}

	p.Press(kb.ArrowLeft) // With the focus on nothing.
	p.waitEpoch(models.Epochs - 1)
	Eval[bool](p, `(document.querySelector("#epoch").focus(), true)`)
	p.Press(kb.Home)
	p.waitEpoch(0)
	if got := p.Texts(".watch .belief-value"); slices.Equal(got, last) {
		t.Error("before training the network believes what it does at the end")
	}
	p.Press(kb.ArrowRight)
	p.waitEpoch(1)
	if got := p.Attribute("#epoch", "aria-valuetext"); !strings.HasPrefix(got, "Epoch 1 of") {
		t.Errorf("the slider says %q", got)
	}

	p.Press(" ") // Play, from where it stands.
	p.WaitText(".watch-bar .button", "Pause")
	p.waitEpoch(3)
	p.Press(" ")
	p.WaitText(".watch-bar .button", "Play")
	p.WaitText("[aria-live]", "Stopped at Epoch")
	held := p.Text(".watch-place")
	time.Sleep(1200 * time.Millisecond) // Longer than an epoch is shown.
	if got := p.Text(".watch-place"); got != held {
		t.Errorf("it stands at %q, after it was held at %q", got, held)
	}
	p.Click(".tab:nth-child(2)")
	p.WaitGone(".watch")
	p.Wait("#train")
}

// TestWatchShowsPictures chooses pictures on the map and by the arrows, and sees
// that those of another set are not in the recording.
func TestWatchShowsPictures(t *testing.T) {
	p := openWatch(t, Setting{})
	p.Until(`(() => { const groups = [...document.querySelectorAll(".watch .map > g > g")]; return groups.length > 0 && groups.every((g) => g.children.length > 0); })()`) // They come in several frames.
	points := p.Count(".watch .map .point")
	if points < 100 {
		t.Errorf("the map has %d points", points)
	}
	point := fmt.Sprintf("#point-%d", points-1) // The uppermost.
	name := p.Text(".watch .chosen-name strong")
	p.Click(point)
	p.Until(`document.querySelector(".watch .chosen-name strong").textContent != ` + quote(name))
	p.Until(`document.querySelector(".watch .ring:not(.gone)").style.transform == document.querySelector("` + point + `").style.transform`)
	p.Until(`document.querySelectorAll(".watch .picture[data-painted]").length == 4`)

	before := p.Attribute(point, "style")
	Eval[bool](p, `(document.querySelector("#epoch").focus(), true)`)
	p.Press(kb.Home)
	p.Until(`document.querySelector("` + point + `").getAttribute("style") != ` + quote(before))

	p.Click(".watch .numbers-slot:nth-of-type(3) summary")
	p.Until(fmt.Sprintf(`document.querySelectorAll(".watch .numbers-slot:nth-of-type(3) tbody tr").length == %d`, models.Epochs+1))
	p.Click(".watch .numbers-slot:nth-of-type(4) summary")
	p.Until(fmt.Sprintf(`document.querySelectorAll(".watch .numbers-slot:nth-of-type(4) tbody tr").length == %d`, points))

	p.Click(".tab:nth-child(1)")
	p.Click(".station-pictures .segment:nth-child(2)") // Emoji.
	p.WaitText("#pictures", "in 8 classes")
	p.show(5)
	p.WaitText(".watch .notice", "none of them")
	p.Click(".watch .notice .strong") // Open the photographs.
	p.WaitGone(".watch .notice")
	p.Until(`document.querySelectorAll(".watch .panels .guessed").length == 4`)
}

// broken serves the page with a file that is missing or damaged for the first
// times.
func broken(t *testing.T, file models.File, missing, damaged int) string {
	t.Helper()
	asked := 0
	return ServeChanged(t, func(path string, r *http.Response) {
		if path != "/assets/"+file.Path() {
			return
		}
		asked++
		switch {
		case asked <= missing:
			Replace(r, http.StatusNotFound, nil)
		case asked <= missing+damaged:
			r.Header.Set("Cache-Control", "no-store")
			content, err := os.ReadFile("../../assets/" + file.Path())
			if err != nil {
				t.Error(err)
			}
			Replace(r, http.StatusOK, bytes.Replace(content, []byte("photographs"), []byte("photogrephs"), 1))
		}
	})
}

func TestBrokenRecordingIsExplained(t *testing.T) {
	p := Open(t, broken(t, models.Recording, 1, 1), Setting{})
	p.Patience = 60 * time.Second
	p.waitPredicted()
	p.Expect("404")
	p.show(5)
	p.WaitText(".watch-wait .notice", "answered 404")
	p.Click(".watch-wait .strong")
	p.WaitText(".watch-wait .notice", "damaged")
	p.Click(".watch-wait .strong")
	p.waitEpoch(models.Epochs)
}

// TestStrongNetwork fetches it, reads its card, and goes back.
func TestStrongNetwork(t *testing.T) {
	p := Open(t, broken(t, models.Strong, 1, 0), Setting{})
	p.Patience = 60 * time.Second
	p.waitPredicted()
	p.Expect("404")
	const strong, small = ".model-choice .segment:nth-child(2)", ".model-choice .segment:nth-child(1)"
	p.Click(strong)
	p.WaitText(".model .notice", "answered 404")
	p.waitPredicted() // With the small one, still.
	p.Click(".model .notice .strong")
	p.Wait(strong + `[aria-pressed="true"]`)
	p.WaitText(".model strong", "Stronger")
	p.waitPredicted()
	p.Click(".card-slot summary")
	p.Wait(".card-facts")
	card := p.Text(".card-facts")
	for _, want := range []string{"CIFAR-10", "quarterturn pretrain", "Apache-2.0", "Seed", "lossless", "stage 3", " to "} {
		if !strings.Contains(card, want) {
			t.Errorf("the card does not say %q:\n%s", want, card)
		}
	}
	p.Click(small)
	p.Wait(small + `[aria-pressed="true"]`)
	p.WaitText(".model strong", "Small")
}

// TestWatchScreenshots photographs a recording and a network's card.
func TestWatchScreenshots(t *testing.T) {
	for name, setting := range Settings {
		if os.Getenv("SCREENSHOTS") == "" && name != "phone" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			p := openLab(t, setting)
			p.Click(".card-slot summary")
			p.Wait(".card-facts")
			p.Screenshot("card-" + name)
			p.show(5)
			p.Wait(".watch")
			p.Until(`document.querySelectorAll(".watch .picture[data-painted]").length == 4`)
			time.Sleep(time.Second) // The marks glide to their places.
			p.Screenshot("watch-" + name)
			Eval[bool](p, `(document.querySelector("#epoch").focus(), true)`)
			p.Press(kb.Home)
			p.waitEpoch(0)
			time.Sleep(time.Second)
			p.Screenshot("watch-start-" + name)
			p.Click(".watch .numbers-slot summary")
			p.Wait(".watch .numbers-slot tbody tr")
			p.Screenshot("watch-table-" + name)
		})
	}
}
