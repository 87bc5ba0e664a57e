package verdict

import (
	"fmt"
	"math"

	"quarterturn/core/stats"
)

// Chance is the p from which on a difference may be chance, by convention.
const Chance = 0.05

// FewestSeeds are the seeds below which nothing is called more than chance: two that
// happen to agree make any p.
const FewestSeeds = 3

// IsClear reports whether chance is unlikely to have made a difference, among all
// that were looked at with it.
func (c Comparison) IsClear() bool { return c.isSmall() && c.Seeds >= FewestSeeds }

// IsClearAfter is IsClear for somebody who looked, or may look, so many times.
func (c Comparison) IsClearAfter(looks float64) bool {
	return c.IsClear() && *c.p()*looks < Chance
}

// p is that of all comparisons that were looked at together, where there are some.
func (c Comparison) p() *float64 {
	if c.Holm != nil {
		return c.Holm
	}
	return c.P
}

// isSmall reports whether the p is.
func (c Comparison) isSmall() bool {
	p := c.p()
	return p != nil && *p < Chance
}

// isEqual reports whether a difference is too small for a sentence. One that is no chance
// is told all the same, with as many digits as it takes.
func (c Comparison) isEqual() bool { return math.Abs(100*c.Difference.Value) < 0.05 && !c.IsClear() }

// points writes a fraction in points, with more than one decimal where the difference
// needs them.
func (c Comparison) points(v float64) string {
	if math.Abs(100*c.Difference.Value) < 0.05 && c.IsClear() {
		return fmt.Sprintf("%.2g", 100*v)
	}
	return fmt.Sprintf("%.1f", 100*v+0) // No negative zero.
}

// Verdict says in words what a comparison came to.
func (c Comparison) Verdict() string {
	return fmt.Sprintf("With %s %s (%s): %s.", Budget(c.Labels), c.finding(), c.evidence(), c.judgement())
}

// finding names the better one first.
func (c Comparison) finding() string {
	switch {
	case c.isEqual():
		return fmt.Sprintf("%s and %s came out the same", c.A, c.B)
	case c.Difference.Value > 0:
		return fmt.Sprintf("%s was %s points better than %s", c.A, c.points(c.Difference.Value), c.B)
	}
	return fmt.Sprintf("%s was %s points worse than %s", c.A, c.points(-c.Difference.Value), c.B)
}

// evidence gives the interval in the direction of the finding.
func (c Comparison) evidence() string {
	if c.isSame() {
		return fmt.Sprintf("the same difference with each of %d seeds, which leaves nothing to test", c.Seeds)
	}
	low, high := c.Difference.Low, c.Difference.High
	if c.Difference.Value < 0 && !c.isEqual() {
		low, high = -high, -low
	}
	interval := fmt.Sprintf("95 %% interval %s to %s", c.points(low), c.points(high))
	if c.P == nil {
		return interval + " over the test pictures, one seed"
	}
	if c.Over == OverSeeds {
		interval += " over seeds alone"
	}
	text := fmt.Sprintf("%s, %d seeds, %s", interval, c.Seeds, PText(*c.P))
	if c.Tests > 1 {
		text += fmt.Sprintf(", of %d comparisons %s", c.Tests, PText(*c.Holm))
	}
	return text
}

// isSame reports whether several seeds differ by the same, so that their interval is
// empty and says nothing.
func (c Comparison) isSame() bool { return c.P == nil && c.Seeds > 1 }

func (c Comparison) judgement() string {
	switch {
	case c.IsClear():
		return "not chance"
	case c.isSmall():
		return fmt.Sprintf("but %d seeds may agree by chance; more would tell", c.Seeds)
	case c.Seeds > 1 && c.Seeds < 5:
		return "this may be chance" + c.atMost() + "; more seeds would tell"
	case c.Seeds > 1:
		return "this may be chance" + c.atMost()
	case c.Difference.Low <= 0 && c.Difference.High >= 0:
		return "this may be chance, already by the choice of the test pictures"
	}
	return "more than the choice of the test pictures explains, but another seed may come out otherwise: only more seeds tell"
}

// atMost says which differences can be excluded. That a difference may be chance does not
// say that there is none.
func (c Comparison) atMost() string {
	if c.Margin == nil || *c.Margin > 1 {
		return ""
	}
	return fmt.Sprintf(", and is at most %s points either way", c.points(*c.Margin))
}

// PText writes a p with as many digits as mean something.
func PText(p float64) string {
	switch {
	case p < 0.0001:
		return "p < 0.0001"
	case p < 0.1:
		return fmt.Sprintf("p = %.2g", p)
	}
	return fmt.Sprintf("p = %.2f", p)
}

// Budget names a number of labels a class in a sentence.
func Budget(labels int) string {
	switch labels {
	case 0:
		return "all labels"
	case 1:
		return "1 label a class"
	}
	return fmt.Sprintf("%d labels a class", labels)
}

// ShortBudget names a number of labels a class in a table.
func ShortBudget(labels int) string {
	if labels == 0 {
		return "all"
	}
	return fmt.Sprint(labels)
}

// Count writes how many of something there are, whose plural has an s.
func Count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// String writes the accuracy in per cent, with its interval and the number of seeds. No
// cell, which is nil, is a dash.
func (c *Cell) String() string {
	if c == nil {
		return "–"
	}
	return fmt.Sprintf("%.1f %% (%.1f to %.1f, n = %d)", 100*c.Accuracy.Value, 100*c.Accuracy.Low, 100*c.Accuracy.High, len(c.Seeds))
}

// Rules say in sentences how the numbers of a table were made.
func (t *Table) Rules() []string {
	rules := []string{
		"Accuracy on the test pictures after the last epoch: mean and 95 % interval, over other seeds and other pictures, of n seeds; of n = 1 over other pictures alone.",
	}
	if spread := t.PictureSpread(); spread > 0 {
		rules = append(rules, fmt.Sprintf("Runs of an earlier version did not keep their answers: their intervals are over seeds alone, and on other pictures all may be up to %.1f points higher or lower.", 100*spread))
	}
	for _, arm := range t.OnePretext() {
		rules = append(rules, fmt.Sprintf("All runs of %s begin with one pretext run: another may have come out otherwise.", arm))
	}
	return rules
}

// A Kind is what an arm knows before it sees labels.
type Kind int

// The kinds: Pretrained starts from a checkpoint, Fresh from random weights, and
// Frozen keeps random weights but for what lies on top.
const (
	Pretrained Kind = iota
	Fresh
	Frozen
)

// Findings returns the comparisons that a reader asks for first: whether what is
// pretrained is better than what starts from nothing, and which of several
// pretrained arms is. Where there are none of these, it returns all. Each is corrected
// for being one of them (stats.Holm).
func (t *Table) Findings(kind func(arm string) Kind) []Comparison {
	var first, rest []Comparison
	for _, c := range t.Comparisons {
		if kind(c.A) != Pretrained && kind(c.B) == Pretrained {
			c = c.reversed()
		}
		if kind(c.A) == Pretrained && kind(c.B) != Frozen {
			first = append(first, c)
		} else {
			rest = append(rest, c)
		}
	}
	if len(first) == 0 {
		first = rest
	}
	return corrected(first)
}

// corrected fills in what the p of comparisons are together.
func corrected(all []Comparison) []Comparison {
	ps := make([]float64, len(all))
	tests := 0
	for i, c := range all {
		ps[i] = math.NaN()
		if c.P != nil {
			ps[i] = *c.P
			tests++
		}
	}
	for i, p := range stats.Holm(ps) {
		if !math.IsNaN(p) {
			all[i].Holm, all[i].Tests = &p, tests
		}
	}
	return all
}

// reversed swaps the two arms.
func (c Comparison) reversed() Comparison {
	c.A, c.B = c.B, c.A
	d := c.Difference
	c.Difference.Value, c.Difference.Low, c.Difference.High = -d.Value, -d.High, -d.Low
	return c
}
