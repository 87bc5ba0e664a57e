package figure

import (
	"quarterturn/core/chart"
	"quarterturn/core/run"
)

// Looks of the curves of one run: validation is a whole line, training is dashed.
const (
	validationClass = 0
	trainingClass   = 1
)

const (
	curvesWidth  = 940
	curvesHeight = 340
	curvesMargin = 8
	curvesTitle  = 26 // Height of the titles,
	curvesLegend = 30 // and of the legend, which is below so that it covers no curve.
	paneWidth    = (curvesWidth - 2*curvesMargin) / 2
)

// Curves draws loss and accuracy of one run over epochs, in training and on what it
// was evaluated on. Accuracies are shares, 0 to 1. What is not finite is left out.
func Curves(history []run.Evaluated) *Scene {
	s := &Scene{Width: curvesWidth, Height: curvesHeight}
	loss := lines(history, func(e run.Evaluated) (training, validation float64) { return e.TrainLoss, e.Loss })
	accuracy := lines(history, func(e run.Evaluated) (training, validation float64) { return e.TrainAccuracy, e.Accuracy })
	highest := 0.0
	for _, line := range accuracy {
		for _, q := range line {
			highest = max(highest, q.Y)
		}
	}
	x := epochs(history)
	left := Axes{X: x, Y: LossScale(loss[:]...), XTicks: EpochTicks(x), XTitle: "epoch", YTitle: "loss (nats)"}
	right := Axes{X: x, Y: ShareScale(highest), XTicks: EpochTicks(x), XTitle: "epoch", YTitle: "accuracy (%)", Share: true}
	s.pane(0, "Loss", left, loss)
	s.pane(1, "Accuracy", right, accuracy)
	s.curvesLegend()
	return s
}

// epochs is the scale of the epochs of a run.
func epochs(history []run.Evaluated) chart.Scale {
	x := chart.Scale{High: 1}
	for _, e := range history {
		x.High = max(x.High, float64(e.Epoch))
	}
	return x
}

// lines returns the courses of training and validation, by class. Before the first
// step nothing was trained on, and without pictures to validate with an evaluation
// says 0.
func lines(history []run.Evaluated, values func(run.Evaluated) (training, validation float64)) (all [2][]chart.Point) {
	for i, e := range history {
		training, validation := values(e)
		if i > 0 {
			all[trainingClass] = append(all[trainingClass], chart.Point{X: float64(e.Epoch), Y: training})
		}
		if e.Examples > 0 {
			all[validationClass] = append(all[validationClass], chart.Point{X: float64(e.Epoch), Y: validation})
		}
	}
	for i := range all {
		all[i] = finite(all[i])
	}
	return all
}

// pane draws the half of the curves that is so far to the right.
func (s *Scene) pane(at int, title string, axes Axes, lines [2][]chart.Point) {
	axes.Min = chart.Point{X: curvesMargin + paneWidth*float64(at), Y: curvesTitle}
	axes.Max = chart.Point{X: axes.Min.X + paneWidth, Y: curvesHeight - curvesLegend}
	s.Add(Text{At: chart.Point{X: axes.Min.X + marginLeft, Y: 22}, Size: Large, Bold: true, Tone: chart.Ink, Text: title})
	plot := s.Axes(axes)
	s.course(plot, trainingLine(), trainingClass, lines[trainingClass])
	s.course(plot, validationLine(), validationClass, lines[validationClass])
	for class, points := range lines {
		s.beyond(plot, class, points)
	}
}

func trainingLine() Line {
	return Line{Tone: chart.KindOf(trainingClass).Colour, Width: 1.8, Dash: []float64{5, 4}}
}

func validationLine() Line {
	return Line{Tone: chart.KindOf(validationClass).Colour, Width: 2.4}
}

func (s *Scene) curvesLegend() {
	const y = curvesHeight - 12
	for _, entry := range []struct {
		x     float64
		line  Line
		class int
		text  string
	}{
		{curvesMargin + marginLeft, validationLine(), validationClass, "validation: pictures it never saw"},
		{curvesMargin + marginLeft + 260, trainingLine(), trainingClass, "training: pictures it learns from"},
	} {
		entry.line.Points = []chart.Point{{X: entry.x, Y: y}, {X: entry.x + 34, Y: y}}
		s.Add(entry.line,
			Marks{Points: []chart.Point{{X: entry.x + 17, Y: y}}, Class: entry.class},
			Text{At: chart.Point{X: entry.x + 42, Y: y + 4}, Size: Normal, Tone: chart.Ink, Text: entry.text})
	}
}
