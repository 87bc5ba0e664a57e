package main

import (
	"fmt"

	"quarterturn/core/run"
)

// A wish is what somebody said of a run, as far as its configuration hangs on it.
type wish struct {
	task    run.Task
	builtIn bool  // The pictures are ours.
	preset  layer // Nil for none.
	probe   bool  // Only a small classifier learns, on features that stay.
	frozen  bool  // Only the head learns, on random weights.
	given   layer // The flags.
}

// A layer is settings as text, by their names.
type layer map[string]string

// layers are what a wish amounts to, on run.Default: each is over those above it.
func (w wish) layers() []layer {
	return []layer{
		manyPictures,
		when(w.builtIn, fewPictures),
		w.preset,
		when(w.probe, stillPictures),
		when(w.given["central-crop"] != "", layer{"pad-crop": "0"}), // They exclude each other.
		when(w.frozen, layer{"first-stage": fmt.Sprint(run.HeadAlone)}),
		w.given,
	}
}

func when(wished bool, l layer) layer {
	if wished {
		return l
	}
	return nil
}

var (
	// Pictures of one's own are taken for many.
	manyPictures = layer{"depth": "18", "width": "64", "batch": "128", "rate": "0.1", "labels-per-class": "0"}

	// Without --data a run takes a few hundred pictures, on which the large network
	// takes half an hour and, at its rate, diverges at first.
	fewPictures = layer{"depth": "8", "width": "16", "batch": "64", "rate": "0.05"}

	// Features of pictures that stay the same are computed once.
	stillPictures = layer{"flip": "false", "pad-crop": "0"}
)

var builtInHelp = fmt.Sprintf("Without --data it learns from the built-in photographs, and unless given\n--depth is %s, --width %s, --batch %s and --rate %s.",
	fewPictures["depth"], fewPictures["width"], fewPictures["batch"], fewPictures["rate"])

// config returns the configuration of a wish, which a checkpoint's network may still
// change.
func (w wish) config() (run.Config, error) {
	c := run.Default(w.task)
	for _, l := range w.layers() {
		for _, s := range run.Settings() { // In its order, as --blocks is over --depth.
			if text, ok := l[s.Name]; ok {
				if err := s.Set(&c, text); err != nil {
					return c, usageError{err}
				}
			}
		}
	}
	return c, nil
}

// settled returns a configuration whose network is known, if it can be.
func settled(c run.Config) (run.Config, error) {
	c = c.WithNetwork(c.Network)
	if err := c.Validate(); err != nil {
		return c, usageError{err}
	}
	return c, nil
}
