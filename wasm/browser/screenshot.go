//go:build !js

package browser

import (
	"os"
	"path/filepath"

	"github.com/chromedp/chromedp"
)

// Settings are the sizes and colours in which every state has to look right.
var Settings = map[string]Setting{
	"desktop": {Width: 1280, Height: 800},
	"phone":   Phone,
	"dark":    {Width: 1280, Height: 800, Dark: true},
}

// Screenshot saves the whole page as NAME.png in the folder that SCREENSHOTS
// names; without one it does nothing.
func (p *Page) Screenshot(name string) {
	p.t.Helper()
	folder := os.Getenv("SCREENSHOTS")
	if folder == "" {
		return
	}
	picture, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(100))
	p.check("photograph the page", err)
	p.check("make the folder of screenshots", os.MkdirAll(folder, 0o755))
	p.check("save a screenshot", os.WriteFile(filepath.Join(folder, name+".png"), picture, 0o644))
}
