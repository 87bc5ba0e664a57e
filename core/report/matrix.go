package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"quarterturn/core/measure"
	"quarterturn/core/study"
)

// A matrix is a confusion matrix as a figure, with what was mixed up most.
type matrix struct {
	figure
	Mixed []string
}

const (
	matrixSide   = 250
	matrixMargin = 84
	matrixRight  = 36 // For the last column's name, which leans over.
	maxDrawn     = 40 // Classes: beyond, a cell is no more than a dot.
	maxNumbered  = 12 // Classes: beyond, a number does not fit into its cell.
	mostMixed    = 3
	maxLetters   = 14
)

// draw shades each cell by its share of its row.
func (m Mix) draw() *matrix {
	c := m.Counts
	d := &matrix{figure: figure{
		Title:   m.Arm + ", " + study.Budget(m.Labels),
		Caption: fmt.Sprintf("Rows are what the pictures are, columns what they were taken for, in per cent of a row; %s.", study.Count(m.Runs, "run")),
		Width:   strconv.Itoa(matrixMargin + matrixSide + matrixRight), Height: strconv.Itoa(matrixMargin + matrixSide + 4),
		Data: m.table(),
	}}
	d.Mixed = mixedUp(c)
	if n := len(c.Classes); n <= maxDrawn {
		for i, row := range c.Counts {
			d.row(i, n, row, c.Classes[i])
		}
		d.Shapes = append(d.Shapes, shape{Class: "axis", D: fmt.Sprintf("M%d %dh%dv%dh-%dZ", matrixMargin, matrixMargin, matrixSide, matrixSide, matrixSide)})
	} else {
		d.Caption += fmt.Sprintf(" %d classes are too many to draw.", n)
	}
	return d
}

// row draws what the pictures of class i were taken for.
func (d *matrix) row(i, n int, row []int, class string) {
	side := float64(matrixSide) / float64(n)
	at := func(k int) float64 { return matrixMargin + float64(k)*side }
	total := 0
	for _, count := range row {
		total += count
	}
	for j, count := range row {
		share := float64(count) / float64(max(total, 1))
		d.Shapes = append(d.Shapes, shape{
			Class: "cell", D: fmt.Sprintf("M%.1f %.1fh%.1fv%.1fh-%.1fZ", at(j), at(i), side, side, side), Light: strconv.FormatFloat(share, 'f', 2, 64),
		})
		if n <= maxNumbered && total > 0 {
			class := "middle number"
			if share >= 0.5 {
				class += " on"
			}
			d.Words = append(d.Words, word{Class: class, X: tenth(at(j) + side/2), Y: tenth(at(i) + side/2 + 3), Text: strconv.Itoa(int(100*share + 0.5))})
		}
	}
	if n <= maxDrawn {
		name := shortened(class)
		d.Words = append(d.Words,
			word{Class: "end small", X: strconv.Itoa(matrixMargin - 4), Y: tenth(at(i) + side/2 + 3), Text: name},
			word{Class: "small", X: "0", Y: "0", Text: name, Turn: fmt.Sprintf("translate(%.1f %d) rotate(-60)", at(i)+side/2+3, matrixMargin-4)})
	}
}

func shortened(name string) string {
	if letters := []rune(name); len(letters) > maxLetters {
		return string(letters[:maxLetters-1]) + "…"
	}
	return name
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

// mixedUp says in words which mistakes are the commonest.
func mixedUp(c *measure.Confusion) (lines []string) {
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
