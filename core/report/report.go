// Package report writes what an experiment came to as one HTML page.
//
// The page is a single file: styles and drawings are in it, it runs no script and
// asks for nothing from anywhere. It is light or dark as the reader's system is,
// fits a phone and prints. Colours are Okabe and Ito's and never stand alone: a mark,
// a dash or a word says the same. Every drawing has its data as a table.
//
// It decides how results look, and neither what they are nor where they come
// from. Accuracies are fractions, 0 to 1.
package report

import (
	_ "embed"
	"io"
	"strings"

	"quarterturn/core/chart"
	"quarterturn/core/exam"
	"quarterturn/core/figure"
	"quarterturn/core/internal/printable"
	"quarterturn/core/measure"
	"quarterturn/core/run"
	"quarterturn/core/verdict"
)

// A Page is what a report shows. Parts that are empty are left out.
type Page struct {
	Title    string
	Summary  []string // Sentences below the title.
	Words    []Words  // What people wrote about it.
	Verdicts []Verdict
	Table    *verdict.Table
	Chance   float64 // Accuracy of guessing blindly; 0 where that is not known.
	Apart    bool    // Courses are on pictures that are not the test pictures.
	Courses  []Course
	Mixes    []Mix
	Layouts  []Layout
	Turns    []Turns
	Arms     []Facts // How each was trained.
	Facts    Facts   // To rebuild it: commands, seeds, versions.
	Runs     *Grid
	Notes    []string // What was left out and why.
}

// Words are a person's own text, about a run or, without a title, about the whole.
type Words struct{ Title, Text string }

// A Verdict is a finding in words.
type Verdict struct {
	Text  string
	Clear bool // Chance is unlikely to have made it.
}

// A Course is how the runs of an arm and a budget went.
type Course struct {
	Arm    string
	Labels int
	Runs   [][]run.Evaluated // Of each seed.
}

// A Mix is how an arm with a budget named the test pictures, over its seeds.
type Mix struct {
	Arm    string
	Labels int
	Runs   int
	Counts *exam.Confusion
}

// A Layout is how a network lays pictures out in the plane.
type Layout struct {
	Name    string // Such as an arm's.
	Labels  int    // Budget; -1 before any.
	Detail  string
	Points  [][2]float32
	Of      []int32 // [len(Points)], an index of Classes or -1.
	Classes []string
	Method  string // Such as t-SNE.
	Scores  *Scores
}

// Scores say as numbers how well classes keep together: the share of a picture's
// neighbours that are of its class, and silhouettes, -1 to 1; each by the features
// themselves and in the drawing.
type Scores struct {
	Neighbours                       int
	ChancePurity                     float64
	FeaturePurity, FeatureSilhouette float64
	DrawnPurity, DrawnSilhouette     float64
}

// Turns are a pretext run: how well quarter turns are guessed.
type Turns struct {
	Name    string
	Detail  string
	History []run.Evaluated
	Whole   bool           // It is finished.
	Test    *measure.Score // On the test pictures, where others validated; nil without.
}

// Facts are names and values.
type Facts struct {
	Title string
	List  []Fact
}

// A Fact is a line of Facts.
type Fact struct{ Name, Value string }

// A Grid is a table of text.
type Grid struct {
	Head []string
	Rows [][]string
}

//go:embed style.css
var style string

// Write writes the page.
func (p *Page) Write(w io.Writer) error {
	_, err := io.WriteString(w, p.view().html())
	return err
}

// A view is a Page with its drawings and tables.
type view struct {
	*Page
	Style      string
	Markers    string
	Accuracies *Grid
	Rules      []string // Of the accuracies.
	Pairs      *Grid
	Budgets    *drawing
	Curves     []*drawing
	Matrices   []*matrix
	Plots      []plots
	PlotScores *Grid
	Rotations  *drawing
}

// unbroken keeps numbers on one line with their units.
var unbroken = strings.NewReplacer(" %", "\u00a0%", "p = ", "p\u00a0=\u00a0", "p < ", "p\u00a0<\u00a0")

func (p *Page) view() *view {
	for i := range p.Verdicts {
		p.Verdicts[i].Text = unbroken.Replace(p.Verdicts[i].Text)
	}
	v := &view{Page: p, Style: chart.StyleSheet() + style}
	if p.Table != nil && len(p.Table.Cells) > 0 {
		v.Accuracies, v.Pairs = p.accuracies(), p.pairs()
		v.Budgets = p.budgets()
		for _, rule := range p.Table.Rules() {
			v.Rules = append(v.Rules, unbroken.Replace(printable.Text(rule)))
		}
	}
	v.Curves = p.curves()
	for _, m := range p.Mixes {
		v.Matrices = append(v.Matrices, m.draw())
	}
	v.Plots, v.PlotScores = p.plots()
	v.Rotations = p.rotations()
	v.Markers = figure.Markers(v.scenes()...)
	return v
}

// scenes returns all that has marks on the page.
func (v *view) scenes() (all []*figure.Scene) {
	drawings := append([]*drawing{v.Budgets, v.Rotations}, v.Curves...)
	var keys []key
	for _, p := range v.Plots {
		drawings, keys = append(drawings, p.Figures...), append(keys, p.Legend...)
	}
	for _, d := range drawings {
		if d != nil {
			all, keys = append(all, d.Scene), append(keys, d.Legend...)
		}
	}
	for _, k := range keys {
		all = append(all, k.Scene)
	}
	return all
}
