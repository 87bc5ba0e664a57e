package figure

import (
	"strconv"

	"quarterturn/core/chart"
)

const (
	matrixSide   = 250
	matrixMargin = 84
	matrixRight  = 36 // For the last column's name, which leans over.
	maxNumbered  = 12 // Classes: beyond, a number does not fit into its cell.
	matrixName   = 14 // Letters of a class.
)

// Matrix draws a confusion matrix: counts[i][j] pictures of class i were taken for
// class j. A cell's shade is its share of its row, and so is its number, in per cent.
func Matrix(classes []string, counts [][]int) *Scene {
	s := &Scene{Width: matrixMargin + matrixSide + matrixRight, Height: matrixMargin + matrixSide + 4}
	side := matrixSide / float64(max(len(classes), 1))
	for i, row := range counts {
		s.matrixRow(i, side, row)
		middle := matrixMargin + (float64(i)+0.5)*side
		name := Shorten(classes[i], matrixName)
		s.Add(
			Text{At: chart.Point{X: matrixMargin - 4, Y: middle + 3}, Anchor: End, Size: Small, Tone: chart.Ink, Text: name},
			Text{At: chart.Point{X: middle + 3, Y: matrixMargin - 4}, Turn: 60, Size: Small, Tone: chart.Ink, Text: name})
	}
	const low, high = matrixMargin, matrixMargin + matrixSide
	s.Add(Line{Points: []chart.Point{{X: low, Y: low}, {X: high, Y: low}, {X: high, Y: high}, {X: low, Y: high}, {X: low, Y: low}}, Tone: chart.Soft, Width: 1})
	return s
}

// matrixRow draws what the pictures of class i were taken for.
func (s *Scene) matrixRow(i int, side float64, row []int) {
	total := 0
	for _, count := range row {
		total += count
	}
	if total == 0 {
		return
	}
	y := matrixMargin + float64(i)*side
	for j, count := range row {
		x := matrixMargin + float64(j)*side
		share := float64(count) / float64(total)
		if count > 0 {
			cell := Rectangle(chart.Point{X: x, Y: y}, chart.Point{X: x + side, Y: y + side}, chart.Accent)
			cell.Opacity = share
			s.Add(cell)
		}
		if len(row) <= maxNumbered {
			tone := chart.Ink
			if share >= 0.5 {
				tone = chart.Sheet
			}
			s.Add(Text{
				At: chart.Point{X: x + side/2, Y: y + side/2 + 3}, Anchor: Middle, Size: Small, Tone: tone, Text: strconv.Itoa(int(100*share + 0.5)),
			})
		}
	}
}
