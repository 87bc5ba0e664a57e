//go:build !js

// Package browser drives the page in headless Chromium against the real server,
// as a person would: tests say what to click and what to wait for.
//
// A Page collects what it says on the console and what it fetches. At the end
// of its test it fails on any error there and on any request that left the
// origin, so no test has to look for them.
package browser

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// A Setting is how a page is opened. The zero Setting is a desktop in light
// colours.
type Setting struct {
	Width, Height int64  // Of the window, in CSS pixels; 0 means 1280×800.
	Dark          bool   // Prefer dark colours.
	Offline       bool   // Has a service worker, which fetches the whole page after its first prediction.
	Before        string // Script that runs before those of the page, to take something away from it.
}

// Phone is a setting as wide as a telephone is.
var Phone = Setting{Width: 390, Height: 844}

// Find returns the path of Chromium: CHROMIUM, or the first of the names under
// which it and its relatives are installed.
func Find() (string, error) {
	names := []string{"chromium", "chromium-browser", "google-chrome"}
	if own := os.Getenv("CHROMIUM"); own != "" {
		names = []string{own}
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("browser: none of %q is installed: as root, apt-get install chromium, or set CHROMIUM to its path", names)
}

// Open starts a browser with a fresh profile and opens url in it. The browser
// ends with the test.
func Open(t testing.TB, url string, setting Setting) *Page {
	t.Helper()
	path, err := Find()
	if err != nil {
		t.Fatal(err)
	}
	record := newRecord(url)
	elsewhere := startElsewhere(t, record)
	profile := t.TempDir()
	allocator, stop := chromedp.NewExecAllocator(context.Background(), flags(path, profile, elsewhere)...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(allocator, chromedp.WithListener(record.hear))
	t.Cleanup(cancel)
	p := &Page{t: t, ctx: ctx, record: record, downloads: t.TempDir(), profile: profile, Patience: 20 * time.Second}
	t.Cleanup(p.judge)
	p.setUp(setting)
	p.do(chromedp.Navigate(url))
	return p
}

// OpenTab opens url in another tab of the page's browser.
func (p *Page) OpenTab(url string) *Page {
	p.t.Helper()
	ctx, cancel := chromedp.NewContext(p.ctx, chromedp.WithListener(p.record.hear))
	p.t.Cleanup(cancel)
	tab := &Page{t: p.t, ctx: ctx, record: p.record, downloads: p.downloads, profile: p.profile, Patience: p.Patience}
	tab.setUp(Setting{})
	tab.do(chromedp.Navigate(url))
	return tab
}

// flags are those of chromedp, for a machine without display, sandbox or a
// large /dev/shm. What Chromium fetches for itself is switched off; whatever
// leaves this computer all the same has to pass the proxy, which notes it.
func flags(path, profile, proxy string) []chromedp.ExecAllocatorOption {
	return append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.UserDataDir(profile),
		chromedp.ProxyServer(proxy),
		chromedp.NoSandbox,
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-domain-reliability", true),
		chromedp.Flag("no-pings", true),
		// A camera that shows a test picture and asks nobody.
		chromedp.Flag("use-fake-device-for-media-stream", true),
		chromedp.Flag("use-fake-ui-for-media-stream", true),
	)
}

// setUp prepares the window before the page is there.
func (p *Page) setUp(setting Setting) {
	p.t.Helper()
	if setting.Width == 0 {
		setting.Width, setting.Height = 1280, 800
	}
	scheme := "light"
	if setting.Dark {
		scheme = "dark"
	}
	p.do(chromedp.EmulateViewport(setting.Width, setting.Height))
	call(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	before := watchScript + setting.Before
	if !setting.Offline {
		before += ";delete Navigator.prototype.serviceWorker;"
	}
	call(p, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: before})
	_, err := chromedp.CallBrowser(p.ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorAllow, DownloadPath: p.downloads,
	})
	p.check("allow downloads", err)
}

// watchScript notes the tasks that keep the page from answering, for LongTasks,
// and when the first prediction was drawn, for FirstPrediction.
const watchScript = `globalThis.longTasks = [];
new PerformanceObserver((list) => longTasks.push(...list.getEntries().map((e) => e.duration))).observe({type: "longtask", buffered: true});
globalThis.firstPrediction = new Promise((resolve) => {
	const watcher = new MutationObserver(() => {
		if (!document.querySelector('.panels[aria-busy="false"]')) return;
		watcher.disconnect();
		requestAnimationFrame(() => resolve(performance.now()));
	});
	watcher.observe(document, {subtree: true, childList: true, attributes: true});
});
`
