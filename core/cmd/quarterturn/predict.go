package main

import (
	"context"
	"errors"
	"fmt"

	"quarterturn/core/checkpoint"
	"quarterturn/core/cmd/internal/files"
	"quarterturn/core/cmd/internal/term"
	"quarterturn/core/dataset"
	"quarterturn/core/train"
)

const predictHelp = `predict PICTURE... --model FILE [--json]

Shows a picture to the model in its four turns and prints what it believes of
each. A pretext model guesses the turn, others name what is in the picture.`

// predict is the command. Flags may stand behind the pictures.
func predict(ctx context.Context, t *term.Terminal, args []string) error {
	flags := newFlags(t, "predict", predictHelp)
	modelPath := flags.String("model", "", "safetensors `file` of the model")
	asJSON := flags.Bool("json", false, "print one JSON object for each picture")
	classes := classesFlag(flags)
	backendName := backendFlag(flags)
	pictures, err := parseMixed(flags, args)
	if err != nil {
		return err
	}
	if len(pictures) == 0 || *modelPath == "" {
		return usageError{errors.New("predict: name a picture and a --model")}
	}
	m, err := files.Model("--model", *modelPath)
	if err != nil {
		return err
	}
	if err := assume(t, m, *classes); err != nil {
		return usageError{fmt.Errorf("predict: %w", err)}
	}
	backend, err := openBackend(t, *backendName)
	if err != nil {
		return err
	}
	p, err := train.NewPredictor(backend, m, sideOf(m))
	if err != nil {
		return err
	}
	var failed []error
	for _, file := range pictures {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := predictFile(t, p, m, file, *asJSON); err != nil {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

func predictFile(t *term.Terminal, p *train.Predictor, m *checkpoint.Model, file string, asJSON bool) error {
	data, err := files.Read(file, dataset.MaxFileBytes)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	pixels, err := dataset.Decode(file, data, sideOf(m))
	if err != nil {
		return err
	}
	turns, err := p.Turns(pixels)
	if err != nil {
		return err
	}
	if asJSON {
		return term.PrintTurnsJSON(t, file, m, turns)
	}
	term.PrintTurns(t, file, m, turns)
	return nil
}
