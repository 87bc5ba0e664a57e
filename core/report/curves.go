package report

import (
	"fmt"
	"slices"

	"quarterturn/core/chart"
	"quarterturn/core/figure"
	"quarterturn/core/measure"
	"quarterturn/core/run"
	"quarterturn/core/stats"
	"quarterturn/core/verdict"
)

// curves draws accuracy and loss over epochs, two figures for each budget.
func (p *Page) curves() (figures []*drawing) {
	if p.Table == nil {
		return nil
	}
	for _, labels := range p.Table.Labels {
		var courses []Course
		for _, c := range p.Courses {
			if c.Labels == labels {
				courses = append(courses, c)
			}
		}
		if len(courses) == 0 {
			continue
		}
		figures = append(figures,
			p.curve(courses, "Accuracy, "+verdict.Budget(labels), "accuracy (%)", true, func(e run.Evaluated) float64 { return e.Accuracy }),
			p.curve(courses, "Loss, "+verdict.Budget(labels), "loss (nats)", false, func(e run.Evaluated) float64 { return e.Loss }))
	}
	return figures
}

// A stretch is the course of one number over epochs: its mean over seeds, and the
// lowest and highest of them.
type stretch struct {
	mean, low, high []chart.Point
	runs            int
}

// stretchOf takes the epochs that all runs were evaluated after.
func stretchOf(c Course, value func(run.Evaluated) float64) stretch {
	count := map[int][]float64{}
	for _, history := range c.Runs {
		for _, e := range history {
			count[e.Epoch] = append(count[e.Epoch], value(e))
		}
	}
	s := stretch{runs: len(c.Runs)}
	if len(c.Runs) == 0 {
		return s
	}
	for _, e := range c.Runs[0] {
		values := count[e.Epoch]
		if len(values) < len(c.Runs) {
			continue
		}
		low, high := values[0], values[0]
		for _, v := range values {
			low, high = min(low, v), max(high, v)
		}
		x := float64(e.Epoch)
		s.mean = append(s.mean, chart.Point{X: x, Y: stats.Mean(values)})
		s.low, s.high = append(s.low, chart.Point{X: x, Y: low}), append(s.high, chart.Point{X: x, Y: high})
	}
	return s
}

func (p *Page) curve(courses []Course, title, yTitle string, share bool, value func(run.Evaluated) float64) *drawing {
	var stretches []stretch
	x, highest := chart.Scale{High: 1}, p.Chance
	for _, c := range courses {
		s := stretchOf(c, value)
		stretches = append(stretches, s)
		for _, q := range s.high {
			x.High, highest = max(x.High, q.X), max(highest, q.Y)
		}
	}
	axes := figure.Axes{X: x, XTicks: figure.EpochTicks(x), XTitle: "epoch", YTitle: yTitle, Share: share}
	if axes.Y = lossScale(stretches); share {
		axes.Y = figure.ShareScale(highest)
	}
	f, plot := newDrawing(title, axes)
	f.Caption = "Mean over seeds; the band reaches from the lowest to the highest seed. On the test pictures."
	if p.Apart {
		f.Caption = "Mean over seeds; the band reaches from the lowest to the highest seed. On pictures held out for validation, which are not the test pictures."
	}
	if goesBeyond(stretches, axes.Y) {
		f.Caption += " An arrow says how high what is cut off goes."
	}
	if share && p.Chance > 0 {
		f.chance(plot, p.Chance)
	}
	f.Data = &Grid{Head: []string{"Epoch"}}
	for i, s := range stretches {
		at := p.armIndex(courses[i].Arm)
		if s.runs > 1 {
			f.Scene.Spread(plot, at, s.low, s.mean, s.high)
		} else {
			f.Scene.Course(plot, at, s.mean)
		}
		f.Legend = append(f.Legend, lineKey(at, fmt.Sprintf("%s, %s", courses[i].Arm, verdict.Count(s.runs, "seed"))))
		f.Data.Head = append(f.Data.Head, courses[i].Arm)
	}
	f.Data.Rows = curveRows(stretches, share)
	return f
}

// lossScale holds the curves and their bands.
func lossScale(stretches []stretch) chart.Scale {
	var lines [][]chart.Point
	for _, s := range stretches {
		lines = append(lines, s.mean, s.high)
	}
	return figure.LossScale(lines...)
}

// goesBeyond reports whether a curve or its band is above the scale anywhere.
func goesBeyond(stretches []stretch, y chart.Scale) bool {
	return slices.ContainsFunc(stretches, func(s stretch) bool {
		return slices.ContainsFunc(s.high, func(q chart.Point) bool { return q.Y > y.High })
	})
}

// curveRows is the data of a figure of curves, by the epochs of any of them.
func curveRows(stretches []stretch, share bool) [][]string {
	byEpoch := map[int][]string{}
	var epochs []int
	for i, s := range stretches {
		for at, q := range s.mean {
			epoch := int(q.X)
			if byEpoch[epoch] == nil {
				byEpoch[epoch] = make([]string, len(stretches))
				epochs = append(epochs, epoch)
			}
			text := fmt.Sprintf("%.3f", q.Y)
			if share {
				text = percent(q.Y)
			}
			if s.runs > 1 && share {
				text += fmt.Sprintf(" (%.1f to %.1f)", 100*s.low[at].Y, 100*s.high[at].Y)
			} else if s.runs > 1 {
				text += fmt.Sprintf(" (%.3f to %.3f)", s.low[at].Y, s.high[at].Y)
			}
			byEpoch[epoch][i] = text
		}
	}
	return rowsOf(epochs, byEpoch)
}

// rotations draws the pretext runs.
func (p *Page) rotations() *drawing {
	if len(p.Turns) == 0 {
		return nil
	}
	x, highest := chart.Scale{High: 1}, 0.25
	for _, r := range p.Turns {
		for _, e := range r.History {
			x.High, highest = max(x.High, float64(e.Epoch)), max(highest, e.Accuracy)
		}
	}
	f, plot := newDrawing("Guessing turns", figure.Axes{
		X: x, Y: figure.ShareScale(highest), XTicks: figure.EpochTicks(x), XTitle: "epoch", YTitle: "rotation accuracy (%)", Share: true,
	})
	f.Caption = "Share of the test pictures' quarter turns that were guessed, by epoch of the pretext task."
	f.chance(plot, 0.25)
	f.Legend = append(f.Legend, chanceKey())
	f.Data = &Grid{Head: []string{"Run", "Epoch", "Rotation accuracy (95 % interval)", "Loss (nats)", "Turns"}}
	for i, r := range p.Turns {
		var points []chart.Point
		for _, e := range r.History {
			if e.Examples > 0 {
				points = append(points, chart.Point{X: float64(e.Epoch), Y: e.Accuracy})
			}
		}
		f.Scene.Course(plot, i, points)
		f.Legend = append(f.Legend, lineKey(i, r.Name+turnsText(r)))
		for _, e := range r.History {
			s := measure.EvaluatedScore(run.Pretext, e)
			f.Data.Rows = append(f.Data.Rows, []string{
				r.Name, fmt.Sprint(e.Epoch), fmt.Sprintf("%.1f %% (%.1f to %.1f)", 100*s.Accuracy, 100*s.Low, 100*s.High), fmt.Sprintf("%.3f", e.Loss), fmt.Sprint(e.Examples),
			})
		}
	}
	return f
}

// turnsText says where a pretext run ended, or is.
func turnsText(r Turns) string {
	if len(r.History) == 0 {
		return ""
	}
	last := r.History[len(r.History)-1]
	s := measure.EvaluatedScore(run.Pretext, last)
	text := fmt.Sprintf(": %.1f %% (%.1f to %.1f) after epoch %d", 100*s.Accuracy, 100*s.Low, 100*s.High, last.Epoch)
	if r.Test != nil {
		text += fmt.Sprintf(", on the test pictures %.1f %% (%.1f to %.1f)", 100*r.Test.Accuracy, 100*r.Test.Low, 100*r.Test.High)
	}
	if !r.Whole {
		text += ", not finished"
	}
	if r.Detail != "" {
		text += "; " + r.Detail
	}
	return text
}

// rowsOf returns rows by epoch, ascending.
func rowsOf(epochs []int, byEpoch map[int][]string) (rows [][]string) {
	slices.Sort(epochs)
	for _, epoch := range epochs {
		rows = append(rows, append([]string{fmt.Sprint(epoch)}, byEpoch[epoch]...))
	}
	return rows
}
