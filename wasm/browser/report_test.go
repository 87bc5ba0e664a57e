//go:build browser && !js

package browser

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestReportIsSaved races two arms with two seeds, writes notes, and reads the report that
// it saves as a file of its own.
func TestReportIsSaved(t *testing.T) {
	p := openLab(t, Setting{})
	p.Patience = 2 * time.Minute
	p.setExperiment(2, 4, 2)
	p.Click("#experiment-early") // All seeds.
	p.Click(".chance-form .strong")
	p.WaitText(".found-head output", "4 of 4 runs done")
	said := p.Text(".finding-words")
	p.Click(segment("What does it know?"))
	p.Fill("#map-pictures", "300")
	p.Wait(".map-figure .map-marks")
	p.Click(segment("Report"))
	p.WaitText(".report-save output", "4 runs of 4 and 1 map") // Once it is drawn to its end.
	if got := p.Text(".report-part .finding-words"); got != said {
		t.Errorf("the part Report says %q, want %q", got, said)
	}
	const hostile = `<script>document.title = "mine"</script>`
	p.Fill("#note-all", "I asked whether it helps. "+hostile)
	p.Fill(".report-note textarea", "The first one.")
	p.photograph("report-part")
	path := p.Download(func() { p.Click(".report-save .strong") })
	html := string(p.read(path))
	p.WaitText(".report-save output", "Saved as quarterturn-report.html.")
	for _, want := range []string{"I asked whether it helps. &lt;script&gt;", "The first one.", "default-src 'none'", "t-SNE of 300 pictures"} {
		if !strings.Contains(html, want) {
			t.Errorf("the report has no %q", want)
		}
	}
	for _, no := range []string{"<script", "http-equiv=\"refresh\"", "src=", "<link", "@import"} {
		if strings.Contains(html, no) {
			t.Errorf("the report has %q", no)
		}
	}
	if plain := strings.ReplaceAll(html, "\u00a0", " "); !strings.Contains(plain, said) {
		t.Errorf("the report does not say %q", said)
	}
	if os.Getenv("SCREENSHOTS") != "" { // It is from elsewhere, which pages are not to be.
		p.OpenTab("file://" + path).photograph("report-saved")
		p.record.allow("file://" + path)
	}
}

// allow forgives that a URL was fetched.
func (r *record) allow(url string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.strays = slices.DeleteFunc(r.strays, func(stray string) bool { return stray == url })
}
