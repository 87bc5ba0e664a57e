package report

import (
	"fmt"
	"slices"

	"quarterturn/core/figure"
	"quarterturn/core/verdict"
)

// plots are layouts of the same classes with the same budget, beside each other.
type plots struct {
	Title   string
	Legend  []key
	Figures []*drawing
	labels  int
}

// plotSide is the side of a layout.
const plotSide = 300

// plots draws the layouts, a row for each budget.
func (p *Page) plots() (all []plots, scores *Grid) {
	scores = &Grid{Head: []string{"Network", "Neighbours of the same class", "in the plot", "by chance", "Silhouette", "in the plot"}}
	for _, l := range p.Layouts {
		same := func(q plots) bool {
			return q.labels == l.Labels && slices.EqualFunc(q.Legend, l.Classes, func(k key, class string) bool { return k.Text == class })
		}
		at := slices.IndexFunc(all, same)
		if at < 0 {
			all, at = append(all, plots{Title: l.group(), Legend: l.legend(), labels: l.Labels}), len(all)
		}
		all[at].Figures = append(all[at].Figures, l.draw())
		scores.Rows = append(scores.Rows, l.row())
	}
	if len(scores.Rows) == 0 {
		scores = nil
	}
	return all, scores
}

func (l Layout) legend() (keys []key) {
	for i, class := range l.Classes {
		keys = append(keys, markKey(i, class))
	}
	return keys
}

func (l Layout) group() string {
	if l.Labels < 0 {
		return "Before any labels"
	}
	return "With " + verdict.Budget(l.Labels)
}

func (l Layout) title() string {
	if l.Labels < 0 {
		return l.Name + ", before any labels"
	}
	return l.Name + ", " + verdict.Budget(l.Labels)
}

// draw puts a mark at each point.
func (l Layout) draw() *drawing {
	d := &drawing{Title: l.Name, Caption: l.caption(), Scene: &figure.Scene{Width: plotSide, Height: plotSide}}
	area := figure.Square{Side: plotSide, Margin: 8}
	d.Scene.Names(area, d.Scene.Cloud(area, l.Points, l.Of), l.Of, l.Classes)
	return d
}

// caption gives the scores under a plot.
func (l Layout) caption() string {
	text := fmt.Sprintf("%s of %d pictures", l.Method, len(l.Points))
	if l.Detail != "" {
		text += ", " + l.Detail
	}
	if s := l.Scores; s != nil {
		text += fmt.Sprintf(". Of %d neighbours %.0f %% are of the same class (by chance %.0f %%), silhouette %+.2f; in the plot %.0f %% and %+.2f",
			s.Neighbours, 100*s.FeaturePurity, 100*s.ChancePurity, s.FeatureSilhouette, 100*s.DrawnPurity, s.DrawnSilhouette)
	}
	if text += "."; figure.AreNamed(l.Classes) {
		text += " " + figure.NamesNote
	}
	return text
}

func (l Layout) row() []string {
	s := l.Scores
	if s == nil {
		return []string{l.title(), "–", "–", "–", "–", "–"}
	}
	return []string{
		l.title(), percent(s.FeaturePurity), percent(s.DrawnPurity), percent(s.ChancePurity),
		fmt.Sprintf("%+.3f", s.FeatureSilhouette), fmt.Sprintf("%+.3f", s.DrawnSilhouette),
	}
}
