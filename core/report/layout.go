package report

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"quarterturn/core/study"
)

// plots are layouts of the same classes with the same budget, beside each other.
type plots struct {
	Title   string
	Legend  []key
	Figures []*figure
	labels  int
}

const (
	plotSide   = 300
	plotMargin = 8
)

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
		keys = append(keys, key{Glyph: glyphID(i), Text: class})
	}
	return keys
}

func (l Layout) group() string {
	if l.Labels < 0 {
		return "Before any labels"
	}
	return "With " + study.Budget(l.Labels)
}

func (l Layout) title() string {
	if l.Labels < 0 {
		return l.Name + ", before any labels"
	}
	return l.Name + ", " + study.Budget(l.Labels)
}

// draw puts a mark at each point, a path for each class. The axes have no meaning
// and the same scale.
func (l Layout) draw() *figure {
	f := &figure{Title: l.Name, Width: strconv.Itoa(plotSide), Height: strconv.Itoa(plotSide), Caption: l.caption()}
	f.Shapes = append(f.Shapes, shape{Class: "well", D: fmt.Sprintf("M0 0h%dv%dh-%dZ", plotSide, plotSide, plotSide)})
	x0, y0, half := l.frame()
	paths := make([]strings.Builder, len(l.Classes)+1) // The last is of what has no class.
	for i, at := range l.Points {
		class := int(l.Of[i])
		if class < 0 {
			class = len(l.Classes)
		}
		command := byte('L')
		if paths[class].Len() == 0 {
			command = 'M'
		}
		px := plotSide/2 + (float64(at[0])-x0)/half*(plotSide/2-plotMargin)
		py := plotSide/2 - (float64(at[1])-y0)/half*(plotSide/2-plotMargin)
		fmt.Fprintf(&paths[class], "%c%.0f %.0f", command, px, py)
	}
	for class := range paths {
		glyph := "g-none"
		if class < len(l.Classes) {
			glyph = glyphID(class)
		}
		if paths[class].Len() > 0 {
			f.Shapes = append(f.Shapes, shape{Class: "points", D: paths[class].String(), Glyph: glyph})
		}
	}
	return f
}

// frame returns the middle of a square around all points and half its side.
func (l Layout) frame() (x, y, half float64) {
	low, high := [2]float64{math.Inf(1), math.Inf(1)}, [2]float64{math.Inf(-1), math.Inf(-1)}
	for _, at := range l.Points {
		for i, v := range at {
			low[i], high[i] = min(low[i], float64(v)), max(high[i], float64(v))
		}
	}
	if len(l.Points) == 0 {
		return 0, 0, 1
	}
	return (low[0] + high[0]) / 2, (low[1] + high[1]) / 2, max(high[0]-low[0], high[1]-low[1], 1e-9) / 2
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
	return text + "."
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
