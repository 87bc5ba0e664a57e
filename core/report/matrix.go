package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"quarterturn/core/exam"
	"quarterturn/core/figure"
	"quarterturn/core/verdict"
)

// A matrix is a confusion matrix as a figure, with what was mixed up most.
type matrix struct {
	drawing
	Mixed []string
}

const (
	maxDrawn  = 40 // Classes: beyond, a cell is no more than a dot.
	mostMixed = 3
)

// draw shades each cell by its share of its row.
func (m Mix) draw() *matrix {
	c := m.Counts
	d := &matrix{drawing: drawing{
		Title:   m.Arm + ", " + verdict.Budget(m.Labels),
		Caption: fmt.Sprintf("Rows are what the pictures are, columns what they were taken for, in per cent of a row; %s.", verdict.Count(m.Runs, "run")),
		Data:    m.table(),
	}}
	d.Mixed = mixedUp(c)
	if n := len(c.Classes); n <= maxDrawn {
		d.Scene = figure.Matrix(c.Classes, c.Counts)
	} else {
		d.Caption += fmt.Sprintf(" %d classes are too many to draw.", n)
	}
	return d
}

// table is the data: counts, for as many classes as a table can have.
func (m Mix) table() *Grid {
	if len(m.Counts.Classes) > maxDrawn {
		return nil
	}
	g := &Grid{Head: append([]string{"Is, taken for"}, m.Counts.Classes...)}
	for i, row := range m.Counts.Counts {
		cells := []string{m.Counts.Classes[i]}
		for _, count := range row {
			cells = append(cells, strconv.Itoa(count))
		}
		g.Rows = append(g.Rows, cells)
	}
	return g
}

// inWords says what was mixed up most; empty for nothing.
func (m *matrix) inWords() string {
	if len(m.Mixed) == 0 {
		return ""
	}
	return "Most often: " + strings.Join(m.Mixed, "; ") + "."
}

// mixedUp says in words which mistakes are the commonest.
func mixedUp(c *exam.Confusion) (lines []string) {
	type mistake struct {
		from, to, count int
		share           float64
	}
	var all []mistake
	for i, row := range c.Counts {
		total := 0
		for _, count := range row {
			total += count
		}
		for j, count := range row {
			if i != j && count > 0 {
				all = append(all, mistake{i, j, count, float64(count) / float64(total)})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b mistake) int { return cmp.Compare(b.share, a.share) })
	for _, m := range all[:min(mostMixed, len(all))] {
		lines = append(lines, fmt.Sprintf("%s taken for %s: %.0f %%", c.Classes[m.from], c.Classes[m.to], 100*m.share))
	}
	return lines
}
