package main

import (
	"context"
	"errors"
	"flag"
	"fmt"

	"quarterturn/core/cmd/internal/term"
	"quarterturn/core/measure"
)

var probeHelp = `probe --model FILE --data PICTURES [--labels-per-class N] [--untrained] [--json]

Measures what each stage of a network knows about the classes of pictures, without
training it further: by the nearest neighbours of each test picture among the
training pictures, and by a linear classifier on the stage's features. With --views
also what several stages know together: a linear classifier of the features of
--stages, averaged over the views. With few labels of CIFAR-10 that named most pictures.

--preset sets flags together, which others given beside it change:
` + presetHelp("probe")

func addProbe(flags *flag.FlagSet, p *measure.Probe) {
	flags.IntVar(&p.LabelsPerClass, "labels-per-class", 0, "training `pictures` of each class whose label is used, chosen by the seed; 0 for all")
	flags.IntVar(&p.Draws, "draws", 1, "draw the labels so many `times`, with seeds from --seed on, and give means with their interval over the draws")
	flags.IntVar(&p.Neighbours, "neighbours", 20, "training `pictures` that vote on a test picture")
	flags.IntVar(&p.Cells, "cells", 1, "average each channel in so many `rows` and columns of cells instead of as a whole")
	flags.Uint64Var(&p.Seed, "seed", 1, "seed that chooses the pictures held out and the labels used")
}

func checkProbe(p measure.Probe) error {
	switch {
	case p.Neighbours < 1 || p.Cells < 1 || p.Draws < 1:
		return errors.New("probe: --neighbours, --cells and --draws are at least 1")
	case p.Draws > 1 && p.LabelsPerClass < 1:
		return errors.New("probe: with all labels there is nothing to draw: --draws needs --labels-per-class")
	}
	return nil
}

// probe is the command.
func probe(ctx context.Context, t *term.Terminal, args []string) error {
	l := newLook(t, "probe", probeHelp)
	var p measure.Probe
	addProbe(l.flags, &p)
	var together readingFlags
	together.add(l.flags)
	modelPath := l.flags.String("model", "", "safetensors `file` of the model")
	untrained := l.flags.Bool("untrained", false, "also measure the same network with the weights it would start from")
	asJSON := l.flags.Bool("json", false, "print a JSON object for each network")
	if err := parse(l.flags, args, 0); err != nil {
		return err
	}
	var err error
	if p.Reading, err = together.reading(l.flags, "probe"); err != nil {
		return err
	}
	if *modelPath == "" {
		return usageError{errors.New("probe: name a --model")}
	}
	if err := checkProbe(p); err != nil {
		return usageError{err}
	}
	all, side, err := subjects([]string{*modelPath}, *untrained, p.Seed)
	if err != nil {
		return err
	}
	if p.Backend, err = l.open(); err != nil {
		return err
	}
	set, err := l.data.open(t, side, p.Seed)
	if err != nil {
		return err
	}
	sayBudget(t, set, p.LabelsPerClass)
	p.Progress = l.progress.At
	for _, s := range all {
		result, err := p.Run(ctx, s, set)
		l.progress.Clear()
		if err != nil {
			return fmt.Errorf("probe: %w", err)
		}
		result.Data = l.data.path
		if err := term.PrintProbed(t, result, *asJSON); err != nil {
			return err
		}
	}
	return nil
}
