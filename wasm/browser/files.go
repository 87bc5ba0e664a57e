//go:build !js

package browser

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// Choose gives files to a file input, as its dialog would.
func (p *Page) Choose(selector string, files ...string) {
	p.t.Helper()
	p.do(chromedp.SetUploadFiles(chromedp.CSS(selector), p.absolute(files)))
}

// Drop drags files, or folders, from outside onto an element and drops them.
func (p *Page) Drop(selector string, files ...string) {
	p.t.Helper()
	p.Wait(selector)
	x, y := p.middle(selector)
	data := &input.DragData{Items: []*input.DragDataItem{}, Files: p.absolute(files), DragOperationsMask: 1} // Copy.
	for _, kind := range []input.DispatchDragEventType{"dragEnter", "dragOver", "drop"} {
		call(p, input.DispatchDragEvent, input.DispatchDragEventParams{Type: kind, X: x, Y: y, Data: data})
	}
}

// Paste pastes a file into the page, as after copying a picture elsewhere. The
// type is a media type such as image/png.
func (p *Page) Paste(file, mediaType string) {
	p.t.Helper()
	data, err := os.ReadFile(file)
	p.check("paste", err)
	Eval[bool](p, fmt.Sprintf(`(() => {
		const bytes = Uint8Array.from(atob(%s), (c) => c.charCodeAt(0));
		const clipboardData = new DataTransfer();
		clipboardData.items.add(new File([bytes], %s, {type: %s}));
		return document.body.dispatchEvent(new ClipboardEvent("paste", {clipboardData, bubbles: true, cancelable: true}));
	})()`, quote(base64.StdEncoding.EncodeToString(data)), quote(filepath.Base(file)), quote(mediaType)))
}

// Download returns the path of the file that the page saves after do.
func (p *Page) Download(do func()) string {
	p.t.Helper()
	before := p.downloaded()
	do()
	for deadline := time.Now().Add(p.Patience); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		for name := range p.downloaded() {
			if !before[name] {
				return filepath.Join(p.downloads, name)
			}
		}
	}
	p.t.Fatalf("browser: nothing was saved within %v", p.Patience)
	return ""
}

// downloaded lists the files that are saved completely: Chromium gives them
// their names at the end.
func (p *Page) downloaded() map[string]bool {
	p.t.Helper()
	entries, err := os.ReadDir(p.downloads)
	p.check("list downloads", err)
	names := make(map[string]bool)
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".crdownload") && !strings.HasPrefix(entry.Name(), ".") {
			names[entry.Name()] = true
		}
	}
	return names
}

func (p *Page) absolute(files []string) []string {
	p.t.Helper()
	all := make([]string, len(files))
	for i, file := range files {
		path, err := filepath.Abs(file)
		p.check("find "+file, err)
		all[i] = path
	}
	return all
}
