//go:build browser && !js

package browser

import (
	"os"
	"testing"
	"time"
)

// lookFor waits for a part of the station Compare.
func (p *Page) compare(part int) {
	p.t.Helper()
	p.show(4)
	p.Click(`.compare-parts .segment:nth-child(` + string(rune('0'+part)) + `)`)
}

func TestKnownTry(t *testing.T) {
	size := Setting{Width: 1280, Height: 800}
	if os.Getenv("DARK") != "" {
		size.Dark = true
	}
	p := openLab(t, size)
	p.Patience = 30 * time.Second
	p.compare(3)
	start := time.Now()
	p.Wait(".map-marks")
	t.Log("first map", time.Since(start))
	p.Until(`document.querySelector(".map-progress .soft").textContent.includes("t-SNE,")`)
	t.Log("tsne", time.Since(start))
	p.Screenshot("known-growing")
	p.Until(`document.querySelector(".probe-bar.blank") && document.querySelectorAll(".probe-bar").length >= 16`)
	t.Log("probed", time.Since(start))
	p.Screenshot("known-probed")
	p.Click(".known-bar .button")
	p.Until(`document.querySelectorAll(".plane .map-marks").length > 10`)
	time.Sleep(3 * time.Second)
	p.Screenshot("known-two")
	p.compare(4)
	p.Wait(".matrix")
	p.Screenshot("mistakes")
	t.Log(p.LongTasks())
}
