package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"

	"quarterturn/core/run"
	"quarterturn/core/stats"
	"quarterturn/core/train"
)

const evalHelp = `eval --model FILE --data PICTURES [--json]

Measures a model on the test pictures: a pretext model on each in its four turns,
another on those with a label.`

// evaluate is the command eval.
func evaluate(ctx context.Context, t *terminal, args []string) error {
	flags := newFlags(t, "eval", evalHelp)
	modelPath := flags.String("model", "", "safetensors `file` of the model")
	asJSON := flags.Bool("json", false, "print a JSON object")
	var data dataFlags
	data.add(flags)
	crop := flags.Int("crop", -1, "side in `pixels` of the central crop that is shown, scaled back; 0 for whole pictures, -1 for what the model was trained on")
	seed := flags.Uint64("seed", 1, "seed that chooses the pictures held out")
	backendName := backendFlag(flags)
	if err := parse(flags, args, 0); err != nil {
		return err
	}
	if *modelPath == "" {
		return usageError{errors.New("eval: name a --model")}
	}
	m, err := readModel("--model", *modelPath)
	if err != nil {
		return err
	}
	backend, err := t.openBackend(*backendName)
	if err != nil {
		return err
	}
	set, err := data.open(t, sideOf(m), *seed)
	if err != nil {
		return err
	}
	if m.Task == "" && m.Config.Classes == 4 {
		m.Task = run.Pretext
	}
	if *crop >= 0 {
		m.Side, m.Crop = sideOf(m), *crop
	}
	if m.Crop > sideOf(m) {
		return usageError{fmt.Errorf("eval: --crop is %d, want at most the side of %d", m.Crop, sideOf(m))}
	}
	e, err := train.Evaluate(backend, m, set.Test, func(int, int) error { return ctx.Err() })
	if err != nil {
		return err
	}
	if e.Examples == 0 {
		return fmt.Errorf("eval: of %d test pictures none can be measured with: hold some out with --hold-out, and a model that names pictures needs some with a label", set.Test.Len())
	}
	return printEvaluation(t, e, *asJSON)
}

func printEvaluation(t *terminal, e train.Evaluation, asJSON bool) error {
	share := stats.Wilson(e.Right, e.Examples) // As if examples were independent, which the four turns of a picture are not quite.
	if asJSON {
		return json.NewEncoder(t.out).Encode(map[string]any{
			"accuracy": e.Accuracy, "low": share.Low, "high": share.High, "loss": e.Loss, "examples": e.Examples,
		})
	}
	_, err := fmt.Fprintf(t.out, "accuracy %.2f %% (95 %% interval %.2f to %.2f) of %d, loss %.4f nats\n",
		100*e.Accuracy, 100*share.Low, 100*share.High, e.Examples, e.Loss)
	return err
}

// parseMixed parses flags that may stand before, between and behind positional
// arguments, and returns the latter.
func parseMixed(flags *flag.FlagSet, args []string) (positional []string, err error) {
	for {
		if err := parse(flags, args, len(args)); err != nil {
			return nil, err
		}
		if flags.NArg() == 0 {
			return positional, nil
		}
		positional = append(positional, flags.Arg(0))
		args = flags.Args()[1:]
	}
}
