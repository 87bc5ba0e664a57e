package main

import (
	"quarterturn/core/durable"
	"quarterturn/core/figure"
	"quarterturn/core/figure/raster"
	"quarterturn/core/run"
)

// Pixels of a unit of a figure: enough for a slide. Curves are drawn after each
// evaluation, so that they have fewer.
const (
	pngScale    = 2
	curvesScale = 1.5
)

// drawCurves draws loss and accuracy over epochs as SVG and PNG.
func drawCurves(history []run.Evaluated) ([]durable.Content, error) {
	scene := figure.Curves(history)
	pixels, err := raster.PNG(scene, curvesScale)
	return []durable.Content{{Name: "curves.svg", Bytes: []byte(scene.SVG())}, {Name: "curves.png", Bytes: pixels}}, err
}
