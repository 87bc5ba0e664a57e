package report

import (
	"fmt"
	"slices"
	"strings"

	"quarterturn/core/chart"
	"quarterturn/core/figure"
	"quarterturn/core/verdict"
)

// accuracies is the table of arms and budgets.
func (p *Page) accuracies() *Grid {
	g := &Grid{Head: append([]string{"Labels a class"}, p.Table.Arms...)}
	for _, labels := range p.Table.Labels {
		row := []string{verdict.ShortBudget(labels)}
		for _, arm := range p.Table.Arms {
			row = append(row, p.Table.Cell(arm, labels).String())
		}
		g.Rows = append(g.Rows, row)
	}
	return g
}

// pairs is the table of all comparisons.
func (p *Page) pairs() *Grid {
	g := &Grid{Head: []string{"Labels a class", "Compared", "Difference in points", "95 % interval", "Seeds", "p", "Equal within"}}
	for _, c := range p.Table.Comparisons {
		test, within := "–", "–"
		if c.P != nil {
			within = fmt.Sprintf("%.1f", 100**c.Margin)
			test = strings.TrimPrefix(strings.TrimPrefix(verdict.PText(*c.P), "p "), "= ")
		}
		over := fmt.Sprintf("%+.1f to %+.1f", 100*c.Difference.Low, 100*c.Difference.High)
		if c.Over != verdict.OverBoth {
			over += " (over " + c.Over + " alone)"
		}
		g.Rows = append(g.Rows, []string{
			verdict.ShortBudget(c.Labels), c.A + " − " + c.B, fmt.Sprintf("%+.1f", 100*c.Difference.Value), over, fmt.Sprint(c.Seeds), test, within,
		})
	}
	if len(g.Rows) == 0 {
		return nil
	}
	return g
}

// budgets draws accuracy over labels, with error bars.
func (p *Page) budgets() *drawing {
	t := p.Table
	highest := p.Chance
	for _, c := range t.Cells {
		highest = max(highest, c.Accuracy.High)
	}
	var ticks []chart.Tick
	for i, labels := range t.Labels {
		ticks = append(ticks, chart.Tick{Value: float64(i), Label: verdict.ShortBudget(labels)})
	}
	f, plot := newDrawing("Accuracy by labels", figure.Axes{
		X: chart.Scale{Low: -0.5, High: float64(len(t.Labels)) - 0.5}, Y: figure.ShareScale(highest),
		XTicks: ticks, XTitle: "labels a class", YTitle: "accuracy (%)", Share: true,
	})
	f.Caption = "Mean accuracy on the test pictures after the last epoch. Bars are 95 % intervals, over seeds and test pictures, or for a single seed over test pictures."
	if p.Chance > 0 {
		f.chance(plot, p.Chance)
		f.Legend = append(f.Legend, chanceKey())
	}
	for i, arm := range t.Arms {
		p.budgetLine(f.Scene, plot, arm, i)
		f.Legend = append(f.Legend, lineKey(i, arm))
	}
	f.Data = p.accuracies()
	return f
}

// budgetLine adds an arm. Arms stand beside each other, so that no bar hides
// another.
func (p *Page) budgetLine(s *figure.Scene, plot chart.Plot, arm string, i int) {
	aside := (float64(i) - float64(len(p.Table.Arms)-1)/2) * min(0.12, 0.6/float64(len(p.Table.Arms)))
	var points []chart.Point
	for at, labels := range p.Table.Labels {
		c := p.Table.Cell(arm, labels)
		if c == nil {
			continue
		}
		x := float64(at) + aside
		points = append(points, chart.Point{X: x, Y: c.Accuracy.Value})
		s.ErrorBar(plot, i, x, chart.Scale{Low: c.Accuracy.Low, High: c.Accuracy.High})
	}
	s.Course(plot, i, points)
}

// armIndex returns an arm's colour and mark.
func (p *Page) armIndex(arm string) int {
	if p.Table == nil {
		return 0
	}
	return max(slices.Index(p.Table.Arms, arm), 0)
}
