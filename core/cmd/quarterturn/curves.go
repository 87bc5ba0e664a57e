package main

import (
	"bytes"
	"fmt"
	"image/color"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"

	"quarterturn/core/durable"
	"quarterturn/core/run"
)

// Colours that people with any colour vision tell apart (Okabe and Ito 2008);
// training is dashed as well.
var (
	trainingColor   = color.RGBA{0xe6, 0x9f, 0x00, 0xff}
	validationColor = color.RGBA{0x00, 0x72, 0xb2, 0xff}
)

const (
	curvesWidth  = 24 * vg.Centimeter
	curvesHeight = 10 * vg.Centimeter
)

// drawCurves draws loss and accuracy over epochs as SVG and PNG.
func drawCurves(history []run.Evaluated) ([]durable.Content, error) {
	loss, err := curve(history, "Loss (nats)",
		func(e run.Evaluated) float64 { return e.TrainLoss }, func(e run.Evaluated) float64 { return e.Loss })
	if err != nil {
		return nil, err
	}
	accuracy, err := curve(history, "Accuracy (%)",
		func(e run.Evaluated) float64 { return 100 * e.TrainAccuracy }, func(e run.Evaluated) float64 { return 100 * e.Accuracy })
	if err != nil {
		return nil, err
	}
	svg := vgsvg.New(curvesWidth, curvesHeight)
	sideBySide(draw.New(svg), loss, accuracy)
	png := vgimg.New(curvesWidth, curvesHeight)
	sideBySide(draw.New(png), loss, accuracy)
	var vector, pixels bytes.Buffer
	if _, err := svg.WriteTo(&vector); err != nil {
		return nil, err
	}
	if _, err := (vgimg.PngCanvas{Canvas: png}).WriteTo(&pixels); err != nil {
		return nil, err
	}
	return []durable.Content{{Name: "curves.svg", Bytes: vector.Bytes()}, {Name: "curves.png", Bytes: pixels.Bytes()}}, nil
}

func sideBySide(c draw.Canvas, left, right *plot.Plot) {
	middle := c.Size().X / 2
	left.Draw(draw.Crop(c, 0, -middle, 0, 0))
	right.Draw(draw.Crop(c, middle, 0, 0, 0))
}

// curve draws a training and a validation line over epochs.
func curve(history []run.Evaluated, title string, training, validation func(run.Evaluated) float64) (*plot.Plot, error) {
	p := plot.New()
	p.Title.Text = title
	p.X.Label.Text = "Epoch"
	p.Legend.Top = true
	if err := addLine(p, "training", points(history[min(1, len(history)):], training), trainingColor, true); err != nil {
		return nil, err
	}
	return p, addLine(p, "validation", points(validated(history), validation), validationColor, false)
}

// validated returns the evaluations of which there is something to draw: without
// pictures to validate with they say 0.
func validated(history []run.Evaluated) []run.Evaluated {
	return slices.DeleteFunc(slices.Clone(history), func(e run.Evaluated) bool { return e.Examples == 0 })
}

func points(history []run.Evaluated, value func(run.Evaluated) float64) plotter.XYs {
	var xys plotter.XYs
	for _, e := range history {
		xys = append(xys, plotter.XY{X: float64(e.Epoch), Y: value(e)})
	}
	return xys
}

func addLine(p *plot.Plot, name string, xys plotter.XYs, c color.Color, dashed bool) error {
	if len(xys) == 0 {
		return nil
	}
	line, dots, err := plotter.NewLinePoints(xys)
	if err != nil {
		return fmt.Errorf("drawing %s: %w", name, err)
	}
	line.Color, dots.Color = c, c
	line.Width = vg.Points(1.5)
	if dashed {
		line.Dashes = []vg.Length{vg.Points(5), vg.Points(3)}
		dots.Shape = draw.TriangleGlyph{}
	}
	p.Add(line, dots)
	p.Legend.Add(name, line, dots)
	return nil
}
