package study

import (
	"cmp"
	"math"
	"slices"

	"quarterturn/core/stats"
)

// A Result is what a finished run came to, at the end of its last epoch: choosing
// the best epoch by the pictures it is measured on would flatter it.
type Result struct {
	Arm      string
	Labels   int // Labelled pictures of each class; 0 for all.
	Seed     uint64
	Right    int // Of Examples, which is at least 1.
	Examples int
}

// Accuracy returns the fraction classified correctly.
func (r Result) Accuracy() float64 { return float64(r.Right) / float64(r.Examples) }

// What an interval is over. Over seeds it says how another run would come out; over
// pictures, all that can be said of a single run, how it would do on other
// pictures, and nothing of other runs.
const (
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
	Over     string         `json:"over"`       // OverSeeds, or OverPictures for one seed.
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
	Seeds      int            `json:"seeds"`       // That both have, at least 1.
	P          *float64       `json:"p,omitempty"` // Of a paired t-test, two-sided; nil for one seed, and where all seeds differ by the same.
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
	if len(c.results) == 1 {
		c.Accuracy, c.Over = stats.Wilson(c.results[0].Right, c.results[0].Examples), OverPictures
		return c
	}
	c.Accuracy = stats.MeanInterval(c.Each)
	c.Accuracy.Low, c.Accuracy.High = max(c.Accuracy.Low, 0), min(c.Accuracy.High, 1)
	return c
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
	c = Comparison{Labels: a.Labels, A: a.Arm, B: b.Arm, Over: OverSeeds}
	var x, y []float64
	var first, second Result
	for _, r := range a.results {
		at := slices.IndexFunc(b.results, func(o Result) bool { return o.Seed == r.Seed })
		if at < 0 {
			continue
		}
		first, second = r, b.results[at]
		x, y = append(x, first.Accuracy()), append(y, second.Accuracy())
	}
	c.Seeds = len(x)
	if c.Seeds == 1 {
		c.Over = OverPictures
		c.Difference = stats.Shares(first.Right, first.Examples, second.Right, second.Examples)
		return c, true
	}
	d := stats.Paired(x, y)
	c.Difference = d.Interval
	if !math.IsNaN(d.P) {
		c.P = &d.P
	}
	return c, c.Seeds > 0
}

// PictureSpread returns how far the accuracies are from those on other pictures of
// the kind, at most: half of the widest of Wilson's intervals. An interval over seeds
// knows nothing of it, since all seeds are measured on the same pictures. Differences of
// arms suffer less: a picture that is hard is so for both.
func (t *Table) PictureSpread() (widest float64) {
	for _, c := range t.Cells {
		for _, r := range c.results {
			s := stats.Wilson(r.Right, r.Examples)
			widest = max(widest, (s.High-s.Low)/2)
		}
	}
	return widest
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
