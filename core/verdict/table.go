// Package verdict says what finished runs came to: a table of arms and budgets with
// intervals over seeds and pictures, the differences between arms with their tests, and
// both in words. It knows nothing of how runs are made or kept, and links nothing that
// computes: the page and the command say the same of the same answers. Accuracies are
// fractions, 0 to 1.
package verdict

import (
	"cmp"
	"math"
	"slices"

	"quarterturn/core/exam"
	"quarterturn/core/stats"
)

// A Result is what a finished run came to on the test pictures, at the end of its last
// epoch: choosing the best epoch by the pictures it is measured on would flatter it.
type Result struct {
	Arm      string
	Labels   int // Labelled pictures of each class; 0 for all.
	Seed     uint64
	Right    int // Of Examples, which is at least 1.
	Examples int
	Answers  *exam.Answers // To each test picture; nil where only the count is known, as of earlier versions.
	Pretext  string        // Tells apart what runs of an arm began with; empty for random weights.
}

// Accuracy returns the fraction classified correctly.
func (r Result) Accuracy() float64 { return float64(r.Right) / float64(r.Examples) }

// What an interval is over. Over seeds it says how another run would come out on these
// pictures; over pictures, all that can be said of a single run, how it would do on
// other pictures, and nothing of other runs; over both how another run would do on
// others, which is what is asked.
const (
	OverBoth     = "seeds and pictures"
	OverSeeds    = "seeds"
	OverPictures = "pictures"
)

// A Cell is an arm with one budget.
type Cell struct {
	Arm      string         `json:"arm"`
	Labels   int            `json:"labels"`
	Seeds    []uint64       `json:"seeds"`      // Ascending.
	Each     []float64      `json:"accuracies"` // In their order.
	Accuracy stats.Interval `json:"accuracy"`   // Mean, with its 95 % interval.
	Over     string         `json:"over"`       // OverBoth, OverSeeds where the answers are not known, or OverPictures for one seed.
	Pretext  int            `json:"pretext"`    // Different networks that the runs began with; 0 for random weights.
	results  []Result       // Sorted by seed.
}

// A Comparison is a pair of arms with the same budget, over the seeds that both
// have.
type Comparison struct {
	Labels     int            `json:"labels"`
	A          string         `json:"a"`
	B          string         `json:"b"`
	Difference stats.Interval `json:"difference"` // Of the accuracies, A's less B's, with its 95 % interval.
	Over       string         `json:"over"`
	Seeds      int            `json:"seeds"`            // That both have, at least 1.
	P          *float64       `json:"p,omitempty"`      // Two-sided, see Comparison.judge; nil for one seed, and where there is nothing to test.
	Margin     *float64       `json:"margin,omitempty"` // Both are equal within it, see stats.Estimate; nil where P is.
	Tests      int            `json:"tests,omitempty"`  // Comparisons looked at together, of which Holm is; 0 for this alone.
	Holm       *float64       `json:"holm,omitempty"`   // P corrected for Tests.
}

// A Table is what an experiment came to.
type Table struct {
	Arms        []string     `json:"arms"`
	Labels      []int        `json:"labels"` // Budgets, ascending, all labels last.
	Cells       []Cell       `json:"cells"`  // Those with results.
	Comparisons []Comparison `json:"comparisons"`
}

// Summarize makes the table of results, with the arms in the given order. Of
// results that agree in arm, budget and seed the first counts.
func Summarize(arms []string, results []Result) *Table {
	t := &Table{Arms: arms, Cells: []Cell{}, Comparisons: []Comparison{}}
	for _, r := range results {
		if !slices.Contains(t.Labels, r.Labels) {
			t.Labels = append(t.Labels, r.Labels)
		}
	}
	slices.SortFunc(t.Labels, CompareBudgets)
	for _, labels := range t.Labels {
		var row []Cell
		for _, arm := range arms {
			if c := newCell(arm, labels, results); len(c.results) > 0 {
				row = append(row, c)
			}
		}
		t.Cells = append(t.Cells, row...)
		t.compare(row)
	}
	return t
}

// CompareBudgets orders numbers of labels ascending, with 0, for all, last.
func CompareBudgets(a, b int) int {
	return cmp.Compare(uint(a-1), uint(b-1)) // -1 becomes the largest.
}

func newCell(arm string, labels int, results []Result) Cell {
	c := Cell{Arm: arm, Labels: labels, Over: OverSeeds}
	for _, r := range results {
		if r.Arm == arm && r.Labels == labels && !slices.ContainsFunc(c.results, func(o Result) bool { return o.Seed == r.Seed }) {
			c.results = append(c.results, r)
		}
	}
	slices.SortFunc(c.results, func(a, b Result) int { return cmp.Compare(a.Seed, b.Seed) })
	for _, r := range c.results {
		c.Seeds, c.Each = append(c.Seeds, r.Seed), append(c.Each, r.Accuracy())
	}
	c.Pretext = differentStarts(c.results)
	c.judge()
	return c
}

// judge computes the mean with its interval.
func (c *Cell) judge() {
	switch {
	case len(c.results) == 0:
	case len(c.results) == 1:
		c.Accuracy, c.Over = stats.Wilson(c.results[0].Right, c.results[0].Examples), OverPictures
	case answered(c.results):
		c.Accuracy, c.Over = stats.Crossed(crossed(c.results, nil)).Share(), OverBoth
	default:
		c.Accuracy = stats.MeanInterval(c.Each)
		c.Accuracy.Low, c.Accuracy.High = max(c.Accuracy.Low, 0), min(c.Accuracy.High, 1)
	}
}

// compare adds the pairs of a budget's arms, each that comes earlier with each
// that comes later.
func (t *Table) compare(row []Cell) {
	for i, a := range row {
		for _, b := range row[i+1:] {
			if c, ok := newComparison(a, b); ok {
				t.Comparisons = append(t.Comparisons, c)
			}
		}
	}
}

func newComparison(a, b Cell) (c Comparison, ok bool) {
	c = Comparison{Labels: a.Labels, A: a.Arm, B: b.Arm}
	var of, less []Result
	for _, r := range a.results {
		if at := slices.IndexFunc(b.results, func(o Result) bool { return o.Seed == r.Seed }); at >= 0 {
			of, less = append(of, r), append(less, b.results[at])
		}
	}
	c.Seeds = len(of)
	if c.Seeds == 0 {
		return c, false
	}
	c.judge(of, less)
	return c, true
}

// judge tests the difference of pairs of runs that share a seed, with the first of
// stats.Crossed and Student's paired test that the runs allow. Where all that is known
// of them is a count, pictures are not among what chance decides, and the interval is
// too narrow by their part.
func (c *Comparison) judge(of, less []Result) {
	var e stats.Estimate
	switch known := answered(slices.Concat(of, less)); {
	case known:
		c.Over = OverBoth
		e = stats.Crossed(crossed(of, less))
	case c.Seeds == 1:
		c.Over = OverPictures
		c.Difference = stats.Shares(of[0].Right, of[0].Examples, less[0].Right, less[0].Examples)
		return
	default:
		c.Over = OverSeeds
		e = stats.Crossed(counted(of, less))
	}
	c.Difference = e.Interval()
	if c.Seeds == 1 {
		c.Over = OverPictures
		return
	}
	if p := e.P(); !math.IsNaN(p) {
		margin := e.Margin()
		c.P, c.Margin = &p, &margin
	}
}

// PictureSpread returns how far accuracies whose interval is over seeds alone are from
// those on other pictures of the kind, at most: half of the widest of Wilson's
// intervals. It is 0 where all intervals know of the pictures.
func (t *Table) PictureSpread() (widest float64) {
	for _, c := range t.Cells {
		if c.Over != OverSeeds {
			continue
		}
		for _, r := range c.results {
			s := stats.Wilson(r.Right, r.Examples)
			widest = max(widest, (s.High-s.Low)/2)
		}
	}
	return widest
}

// OnePretext lists the arms whose runs all began with the same network, so that nothing
// here tells how another pretext run would have come out.
func (t *Table) OnePretext() (arms []string) {
	for _, c := range t.Cells {
		if c.Pretext == 1 && !slices.Contains(arms, c.Arm) {
			arms = append(arms, c.Arm)
		}
	}
	return arms
}

// Cell returns that of an arm and a budget, or nil where there are no results.
func (t *Table) Cell(arm string, labels int) *Cell {
	for i, c := range t.Cells {
		if c.Arm == arm && c.Labels == labels {
			return &t.Cells[i]
		}
	}
	return nil
}

// Classes returns how many classes the pictures were named by, 0 where it is not known.
func (t *Table) Classes() int {
	for _, c := range t.Cells {
		if a := c.results[0].Answers; a != nil {
			return len(a.Classes)
		}
	}
	return 0
}
