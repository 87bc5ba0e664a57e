package main

import (
	"errors"

	"quarterturn/core/figure"
	"quarterturn/core/figure/raster"
)

// Pixels of a unit of a figure: enough for a slide. Curves are drawn after each
// evaluation, so that they have fewer.
const (
	pngScale    = 2
	curvesScale = 1.5
)

// drawCurves writes loss and accuracy over epochs as SVG and PNG.
func (d *runDir) drawCurves() error {
	scene := figure.Curves(d.history)
	pixels, err := raster.PNG(scene, curvesScale)
	if err != nil {
		return err
	}
	return errors.Join(d.files.Write("curves.svg", []byte(scene.SVG())), d.files.Write("curves.png", pixels))
}
