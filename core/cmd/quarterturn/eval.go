package main

import (
	"context"
	"errors"
	"flag"
	"fmt"

	"quarterturn/core/checkpoint"
	"quarterturn/core/cmd/internal/files"
	"quarterturn/core/cmd/internal/term"
	"quarterturn/core/dataset"
	"quarterturn/core/measure"
	"quarterturn/core/run"
	"quarterturn/core/verdict"
)

const evalHelp = `eval --model FILE --data PICTURES [--json]

Measures a model on the test pictures: a pretext model on each in its four turns,
another on those with a label.`

// evaluate is the command eval.
func evaluate(ctx context.Context, t *term.Terminal, args []string) error {
	l := newLook(t, "eval", evalHelp)
	modelPath := l.flags.String("model", "", "safetensors `file` of the model")
	asJSON := l.flags.Bool("json", false, "print a JSON object")
	crop := l.flags.Int("crop", -1, "side in `pixels` of the central crop that is shown, scaled back; 0 for whole pictures, -1 for what the model was trained on")
	seed := l.flags.Uint64("seed", 1, "seed that chooses the pictures held out")
	classes, renamed := classesFlag(l.flags), mapFlag(l.flags)
	if err := parse(l.flags, args, 0); err != nil {
		return err
	}
	names, err := pairs(*renamed)
	if err != nil {
		return usageError{fmt.Errorf("eval: %w", err)}
	}
	l.data.testAlone, l.data.turns = true, true // Classes are matched by name below.
	if *modelPath == "" {
		return usageError{errors.New("eval: name a --model")}
	}
	m, err := files.Model("--model", *modelPath)
	if err != nil {
		return err
	}
	if err := errors.Join(assume(t, m, *classes), setCrop(m, *crop)); err != nil {
		return usageError{fmt.Errorf("eval: %w", err)}
	}
	backend, err := l.open()
	if err != nil {
		return err
	}
	set, err := l.data.open(t, sideOf(m), *seed)
	if err != nil {
		return err
	}
	test, used := set.Test, set.Test.Len()
	if m.Task != run.Pretext {
		used = len(test.Labelled())
		if test, err = measure.Named(test, m.Classes, names); err != nil {
			return fmt.Errorf("eval: %w; --map says which is which", err)
		}
	}
	describeTest(t, set, used, l.data.holdOut)
	e, err := measure.Evaluate(ctx, backend, measure.Subject{Name: *modelPath, Model: m}, test, nil)
	if err != nil {
		return fmt.Errorf("eval: %w", err)
	}
	return term.PrintEvaluation(t, e, *asJSON)
}

// describeTest says which pictures are measured with, and how many of them are used.
func describeTest(t *term.Terminal, set *dataset.Set, used int, share float64) {
	n := verdict.Count(set.Test.Len(), "picture")
	if used < set.Test.Len() {
		n = fmt.Sprintf("the %d with a label of %s", used, n)
	} else if !set.HeldOut {
		n = "all " + n
	}
	if set.HeldOut {
		fmt.Fprintf(t.Err, "measured with %s, %v of each class, held out of %d: --hold-out 1 takes all\n", n, share, set.Train.Len()+set.Test.Len())
		return
	}
	fmt.Fprintf(t.Err, "measured with %s of the test\n", n)
}

// setCrop has a model see central crops of a side instead of those that it was
// trained on; a negative side leaves it as it is.
func setCrop(m *checkpoint.Model, crop int) error {
	if crop >= 0 {
		m.Side, m.Crop = sideOf(m), crop
	}
	if m.Crop > sideOf(m) {
		return fmt.Errorf("--crop is %d, want at most the side of %d", m.Crop, sideOf(m))
	}
	return nil
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
