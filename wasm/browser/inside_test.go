//go:build browser && !js

package browser

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// TestLookInside goes from the station Turn into the built-in network: its maps are painted,
// an answer is explained, a channel lies over the picture, and another turn is seen.
func TestLookInside(t *testing.T) {
	p := openLab(t, Setting{})
	p.Click(".score .button:last-child") // Look inside.
	p.WaitText(".inside-says", "Where a grey patch lowers that most")
	p.Until(`document.querySelectorAll(".mosaic canvas[data-painted]").length == 5 && document.querySelectorAll(".inside-picture canvas[data-painted]").length == 2`)
	first := p.Text(".inside-says")
	p.photograph("inside")
	p.Click(".over-choice .segment:nth-child(2)")
	p.WaitText(".inside-says", "raises the answer")
	p.Screenshot("inside-gradcam")
	p.Click(".inside-part:nth-child(3) .mosaic")
	p.WaitText(".inside-says", "of the stage 1: coloured where it answers")
	p.Press(kb.ArrowRight)
	p.Until(`document.querySelectorAll(".tile-ring").length == 1 && document.querySelector(".inside-over").dataset.painted.startsWith("inside:over/channel/1/")`)
	p.Screenshot("inside-channel")
	p.Click(".over-choice .segment:nth-child(1)")
	p.Click(".turns-choice .segment:nth-child(3)")
	p.Until(`document.querySelector(".inside-beliefs .true").textContent.includes("180°")`)
	p.WaitText(".inside-says", "Where a grey patch lowers that most")
	if again := p.Text(".inside-says"); again == first || !strings.Contains(again, "It believes") {
		t.Errorf("turned upside down it says %q again", again)
	}
	p.Click(".inside-beliefs li:nth-child(1) button") // What speaks for 0°?
	p.WaitText(".inside-says", "“0°”")
}

// TestLookInsideARunAtWork sees kernels change while they are learnt.
func TestLookInsideARunAtWork(t *testing.T) {
	p := openLab(t, Setting{})
	p.Patience = slow
	p.startSmall(1000, 4)
	p.WaitText(".strip-value", "%")
	p.compareAt("Look inside")
	p.Fill("#inside-subject", "1")
	const kernels = `document.querySelector(".inside-part .mosaic canvas")?.dataset.painted`
	p.Until(kernels + `?.startsWith("inside:kernels/1/")`)
	for range 3 {
		before := Eval[string](p, kernels)
		p.Until(kernels + ` != ` + quote(before))
	}
	p.WaitText(".inside-says", "It believes")
	p.Screenshot("inside-at-work")
}
