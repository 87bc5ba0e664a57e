package main

import (
	"context"

	"quarterturn/core/measure"
)

// The file of a finished run that says how its validation pictures were named.
const confusionFile = "confusion.json"

// writeConfusion leaves how the validation pictures are named, if there are any.
func (d *runDir) writeConfusion(ctx context.Context) error {
	labels, guesses, err := d.trainer.Guesses(ctx)
	if err != nil || len(labels) == 0 || len(d.trainer.Classes()) > measure.MaxClasses {
		return err
	}
	b, err := measure.NewConfusion(d.trainer.Classes(), labels, guesses).Encode()
	if err != nil {
		return err
	}
	return d.files.Write(confusionFile, b)
}
