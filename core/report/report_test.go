package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"

	"quarterturn/core/exam"
	"quarterturn/core/run"
	"quarterturn/core/verdict"
)

// sample returns a page that has everything.
func sample() *Page {
	var results []verdict.Result
	var p Page
	arms := []string{"transfer", "scratch"}
	for i, arm := range arms {
		for _, labels := range []int{20, 0} {
			course := Course{Arm: arm, Labels: labels}
			for seed := range 3 {
				right := 500 - 101*i + (10+i)*seed + min(labels, 1) // The seeds differ by 101, 100 and 99.
				results = append(results, verdict.Result{Arm: arm, Labels: labels, Seed: uint64(seed), Right: right, Examples: 1000})
				course.Runs = append(course.Runs, history(4, float64(right)/1000))
			}
			p.Courses = append(p.Courses, course)
			counts := exam.NewConfusion([]string{"cat", "dog"}, []int32{0, 0, 0, 1}, []int32{0, 0, 1, 1})
			p.Mixes = append(p.Mixes, Mix{Arm: arm, Labels: labels, Runs: 3, Counts: counts})
			p.Layouts = append(p.Layouts, Layout{
				Name: arm, Labels: labels, Points: [][2]float32{{0, 1}, {2, -3}, {4, 5}}, Of: []int32{0, 1, -1}, Classes: counts.Classes,
				Method: "t-SNE", Scores: &Scores{Neighbours: 10, ChancePurity: 0.1, FeaturePurity: 0.4, DrawnPurity: 0.3, FeatureSilhouette: -0.1, DrawnSilhouette: 0.2},
			})
		}
	}
	p.Title, p.Summary, p.Chance = "A report", []string{"12 runs."}, 0.5
	p.Table = verdict.Summarize(arms, results)
	for _, c := range p.Table.Comparisons {
		p.Verdicts = append(p.Verdicts, Verdict{c.Verdict(), c.IsClear()})
	}
	p.Turns = []Turns{{Name: "pretext", Detail: "ResNet-8", History: history(3, 0.6), Whole: true}, {Name: "other", History: history(2, 0.5)}}
	p.Arms = []Facts{{Title: "Arm transfer", List: []Fact{{"rate", "0.1"}}}}
	p.Facts = Facts{Title: "All", List: []Fact{{"command", "quarterturn compare"}}}
	p.Runs = &Grid{Head: []string{"Run"}, Rows: [][]string{{"runs/a"}}}
	p.Notes = []string{"left out: runs/b is not finished"}
	return &p
}

// history rises to an accuracy.
func history(epochs int, accuracy float64) (all []run.Evaluated) {
	for epoch := range epochs + 1 {
		share := float64(epoch) / float64(epochs)
		all = append(all, run.Evaluated{Epoch: epoch, Accuracy: accuracy * share, Loss: 2 - share, Examples: 1000})
	}
	return all
}

func written(t *testing.T, p *Page) string {
	t.Helper()
	var b bytes.Buffer
	if err := p.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestPage looks for each part, in order.
func TestPage(t *testing.T) {
	html := written(t, sample())
	at := 0
	for _, want := range []string{
		"<h1>A report</h1>", "12 runs.", "Accuracy by labels", "guessing blindly", `<li class="clear">With 20 labels a class transfer was 10.0 points better than scratch`,
		"<th scope=\"row\">20</th><td>51.1 % (48.6 to 53.6, n = 3)</td>", "All pairs", "transfer − scratch",
		"Accuracy, 20 labels a class", "Loss, 20 labels a class", "Accuracy, all labels", "With 20 labels a class</h3>", "t-SNE of 3 pictures",
		"10 neighbours 40 % are of the same class (by chance 10 %), silhouette -0.10; in the plot 30 % and +0.20",
		"What is taken for what", "Most often: cat taken for dog: 33 %.", "Guessing turns", "60.0 % (53.8 to 65.9) after epoch 3", "not finished",
		"Arm transfer", "quarterturn compare", "runs/a", "left out: runs/b is not finished",
	} {
		found := strings.Index(strings.ReplaceAll(html[at:], "\u00a0", " "), want)
		if found < 0 {
			t.Fatalf("there is no %q behind byte %d", want, at)
		}
		at += found
	}
}

// TestManyAreFolded: what nobody reads on the way to the rest is opened by who wants it.
func TestManyAreFolded(t *testing.T) {
	p := sample()
	for len(p.Verdicts) <= mostVerdicts {
		p.Verdicts = append(p.Verdicts, p.Verdicts[0])
	}
	for len(p.Mixes) <= mostDrawn {
		p.Mixes = append(p.Mixes, p.Mixes[0])
	}
	html := written(t, p)
	checkMarkup(t, html)
	for _, want := range []string{"<summary>All 8 comparisons in words</summary>", "<summary>All 7 drawings</summary>"} {
		if strings.Contains(written(t, sample()), want) || !strings.Contains(html, want) {
			t.Errorf("%q is not where there are many alone", want)
		}
	}
}

// TestPageIsSelfContained: it asks for nothing, runs nothing, and its markup
// closes what it opens.
func TestPageIsSelfContained(t *testing.T) {
	html := written(t, sample())
	for _, never := range []string{"<script", "http:", "https:", "@import", "src=", "href=", "<link", "javascript:"} {
		if strings.Contains(html, never) {
			t.Errorf("the page has %q", never)
		}
	}
	for _, url := range regexp.MustCompile(`url\([^)]*\)`).FindAllString(html, -1) {
		if !strings.HasPrefix(url, "url(#g") || !strings.Contains(html, `id="`+strings.Trim(url, "url(#)")+`"`) {
			t.Errorf("%s is not a mark of the page", url)
		}
	}
	checkMarkup(t, html)
}

func checkMarkup(t *testing.T, html string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(strings.TrimPrefix(html, "<!doctype html>")))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("the markup: %v", err)
		}
	}
}

// TestFiguresHaveTheirData: each drawing of numbers has a table, and no number in a
// drawing is anything but one.
func TestFiguresHaveTheirData(t *testing.T) {
	html := written(t, sample())
	figures := strings.Split(html, "<figure>")[1:]
	if len(figures) != 1+4+4+4+1 {
		t.Errorf("%d figures", len(figures))
	}
	for _, f := range figures {
		f, _, _ = strings.Cut(f, "</figure>")
		if !strings.Contains(f, "t-SNE") && !strings.Contains(f, "The data as a table") {
			t.Errorf("no table in %.80s", f)
		}
		if !strings.Contains(f, `role="img" aria-label="`) {
			t.Errorf("no label in %.80s", f)
		}
	}
	if bad := regexp.MustCompile(`NaN|Inf|ZgotmplZ|%!`).FindString(html); bad != "" {
		t.Errorf("the page has %s", bad)
	}
}

// TestNamesAreText: whatever a run calls its arms, classes and files stays text.
func TestNamesAreText(t *testing.T) {
	const evil = `</title><script>alert(1)</script>"'><img src=x onerror=y>`
	p := sample()
	p.Title, p.Summary, p.Notes = evil, []string{evil}, []string{evil}
	p.Verdicts = []Verdict{{Text: evil}}
	p.Table = verdict.Summarize([]string{evil}, []verdict.Result{{Arm: evil, Right: 1, Examples: 2}})
	p.Courses = []Course{{Arm: evil, Runs: [][]run.Evaluated{history(2, 1)}}}
	p.Mixes[0].Arm, p.Mixes[0].Counts.Classes[0] = evil, evil
	p.Layouts[0].Name, p.Layouts[0].Detail, p.Layouts[0].Classes = evil, evil, []string{evil, evil}
	p.Turns[0].Name, p.Turns[0].Detail = evil, evil
	p.Facts, p.Arms = Facts{evil, []Fact{{evil, evil}}}, []Facts{{evil, []Fact{{evil, evil}}}}
	p.Runs = &Grid{[]string{evil}, [][]string{{evil, evil}}}
	html := written(t, p)
	if strings.Contains(html, "<script") || strings.Contains(html, "<img") || strings.Count(html, "</title>") != 1 {
		t.Error("a name became markup")
	}
	checkMarkup(t, html)
}

// TestEmptyParts: a page of little has no empty sections, and of nothing at all
// is still a page.
func TestEmptyParts(t *testing.T) {
	for name, p := range map[string]*Page{
		"nothing":      {Title: "x"},
		"pretext only": {Title: "x", Turns: []Turns{{Name: "a", History: history(2, 0.3)}, {Name: "not begun"}}, Table: verdict.Summarize(nil, nil)},
		"one run": {Title: "x", Table: verdict.Summarize([]string{"a"}, []verdict.Result{{Arm: "a", Labels: 1, Right: 0, Examples: 3}}),
			Courses: []Course{{Arm: "a", Labels: 1, Runs: [][]run.Evaluated{{{Epoch: 1, Loss: 1e30}}}}, {Arm: "a", Labels: 1}},
			Layouts: []Layout{{Name: "a", Labels: 1, Points: [][2]float32{{1, 1}}, Of: []int32{-1}}}},
	} {
		html := written(t, p)
		checkMarkup(t, html)
		if bad := regexp.MustCompile(`NaN|Inf|ZgotmplZ|%!|<tbody></tbody>`).FindString(html); bad != "" {
			t.Errorf("%s: the page has %s", name, bad)
		}
		if strings.Contains(html, "What came of it") {
			t.Errorf("%s: there are findings", name)
		}
	}
}

// TestManyClasses: a matrix that would be dots is described, not drawn.
func TestManyClasses(t *testing.T) {
	var classes []string
	for i := range 100 {
		classes = append(classes, fmt.Sprint("class", i))
	}
	m := Mix{Arm: "a", Runs: 1, Counts: exam.NewConfusion(classes, []int32{3, 3}, []int32{4, 3})}.draw()
	if m.Scene != nil || m.Data != nil || !strings.Contains(m.Caption, "100 classes") || m.Mixed[0] != "class3 taken for class4: 50 %" {
		t.Errorf("%v, %q, %q", m.Scene, m.Caption, m.Mixed)
	}
}

// TestTonesAreDefined: the style sheet has every colour that the page asks for, and
// sets it for light and for dark.
func TestTonesAreDefined(t *testing.T) {
	html := written(t, sample())
	for _, use := range regexp.MustCompile(`var\((--[a-z0-9-]+)\)`).FindAllStringSubmatch(html, -1) {
		if strings.Count(html, use[1]+":") < 2 {
			t.Fatalf("%s is used and not defined twice", use[1])
		}
	}
}
