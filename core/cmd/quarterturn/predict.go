package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"quarterturn/core/checkpoint"
	"quarterturn/core/dataset"
	"quarterturn/core/internal/printable"
	"quarterturn/core/rotation"
	"quarterturn/core/run"
	"quarterturn/core/train"
)

const predictHelp = `predict PICTURE... --model FILE [--json]

Shows a picture to the model in its four turns and prints what it believes of
each. A pretext model guesses the turn, others name what is in the picture.`

// predict is the command. Flags may stand behind the pictures.
func predict(ctx context.Context, t *terminal, args []string) error {
	flags := newFlags(t, "predict", predictHelp)
	modelPath := flags.String("model", "", "safetensors `file` of the model")
	asJSON := flags.Bool("json", false, "print one JSON object for each picture")
	backendName := backendFlag(flags)
	files, err := parseMixed(flags, args)
	if err != nil {
		return err
	}
	if len(files) == 0 || *modelPath == "" {
		return usageError{errors.New("predict: name a picture and a --model")}
	}
	m, err := readModel("--model", *modelPath)
	if err != nil {
		return err
	}
	backend, err := t.openBackend(*backendName)
	if err != nil {
		return err
	}
	p, err := train.NewPredictor(backend, m, sideOf(m))
	if err != nil {
		return err
	}
	var failed []error
	for _, file := range files {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := predictFile(t, p, m, file, *asJSON); err != nil {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

func predictFile(t *terminal, p *train.Predictor, m *checkpoint.Model, file string, asJSON bool) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
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
		return printJSON(t, file, m, turns)
	}
	printTable(t, file, m, turns)
	return nil
}

// printTable prints a row for each turn and a column for each class, or only the
// likeliest classes where there are many.
func printTable(t *terminal, file string, m *checkpoint.Model, turns [rotation.Turns]run.Guess) {
	fmt.Fprintln(t.out, printable.Text(file))
	fmt.Fprintf(t.out, "  %-14s %s\n", "turned by", "the model believes")
	for k, guess := range turns {
		var cells []string
		for i, p := range guess {
			cells = append(cells, fmt.Sprintf("%s %5.1f %%", printable.Text(m.Classes[i]), 100*p))
		}
		best := 0
		for i, p := range guess {
			if p > guess[best] {
				best = i
			}
		}
		if len(cells) > rotation.Turns {
			cells = []string{cells[best]}
		}
		mark := "  "
		if m.Task == run.Pretext {
			mark = map[bool]string{true: "✓ ", false: "✗ "}[best == k]
		}
		fmt.Fprintf(t.out, "  %-14s %s%s\n", fmt.Sprintf("%d°", rotation.Degrees(k)), mark, strings.Join(cells, "   "))
	}
}

func printJSON(t *terminal, file string, m *checkpoint.Model, turns [rotation.Turns]run.Guess) error {
	type turn struct {
		Degrees       int       `json:"degrees"` // Counter-clockwise.
		Probabilities run.Guess `json:"probabilities"`
	}
	result := struct {
		File    string   `json:"file"`
		Task    run.Task `json:"task"`
		Classes []string `json:"classes"`
		Turns   []turn   `json:"turns"`
	}{File: file, Task: m.Task, Classes: m.Classes}
	for k, guess := range turns {
		result.Turns = append(result.Turns, turn{rotation.Degrees(k), guess})
	}
	return json.NewEncoder(t.out).Encode(result)
}
