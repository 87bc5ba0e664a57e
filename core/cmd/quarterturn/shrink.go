package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"path/filepath"

	"quarterturn/assets/pictures"
	"quarterturn/core/checkpoint"
	"quarterturn/core/cmd/internal/files"
	"quarterturn/core/cmd/internal/term"
	"quarterturn/core/measure"
	"quarterturn/core/run"
	"quarterturn/core/runs"
)

const shrinkHelp = `shrink --model runs/NAME/best.safetensors --out FILE --data PICTURES [FLAGS]

Writes a pretext model for the page: its weights as float16, half the bytes, and
in the file a card for people. The card says what the model learnt from, how, and
how well the shrunk model does: the turns that it guesses of the test pictures of
--data and of the built-in sets, and what its stages know of the classes of
--probe. Command and seed come from the run's config.json beside the model, or from
the card that it has.`

// shrinkSettings are what a shrinking is told.
type shrinkSettings struct {
	model    string
	out      string
	testedOn string
	probe    string
	crop     int
	card     run.Card // What can be said without measuring.
}

func (s *shrinkSettings) add(flags *flag.FlagSet) {
	flags.StringVar(&s.model, "model", "", "safetensors `file` of the model")
	flags.StringVar(&s.out, "out", "", "`file` to write")
	flags.StringVar(&s.testedOn, "tested-on", "", "what --data is, in `words` for people (default its last part)")
	flags.StringVar(&s.probe, "probe", pictures.Default, "`pictures` to probe the stages with, as --data")
	flags.IntVar(&s.crop, "crop", -1, "side in `pixels` of the central crop that the model wants; -1 for what it or its run says")
	flags.StringVar(&s.card.Data, "learnt-from", "", "what the model learnt from, in `words` for people (default the last part of its run's --data)")
	flags.StringVar(&s.card.Licence, "licence", "Apache-2.0, as Quarterturn's", "licence of the weights")
	flags.StringVar(&s.card.Command, "command", "", "`command` that trained it, if there is no config.json")
	flags.Uint64Var(&s.card.Seed, "trained-seed", 0, "its seed, if there is no config.json")
}

// shrinkSeed chooses the pictures held out where the data has no test pictures.
const shrinkSeed = 1

// shrink is the command.
func shrink(ctx context.Context, t *term.Terminal, args []string) error {
	l := newLook(t, "shrink", shrinkHelp)
	var settings shrinkSettings
	settings.add(l.flags)
	if err := parse(l.flags, args, 0); err != nil {
		return err
	}
	if settings.model == "" || settings.out == "" {
		return usageError{errors.New("shrink: name the --model and the file to write with --out")}
	}
	m, err := settings.read()
	if err != nil {
		return err
	}
	if err := settings.measure(ctx, l, m); err != nil {
		return err
	}
	b, err := checkpoint.EncodeHalf(m)
	if err != nil {
		return err
	}
	if err := files.Write(t.Disk, settings.out, b); err != nil {
		return files.InFlag("--out", settings.out, err)
	}
	return term.PrintCard(t, m.Card, fmt.Sprintf("%s, %v, %d bytes", settings.out, m.Config.Network, len(b)))
}

// read returns the model as it will be in the file, its weights rounded, with what
// its card can say without measuring.
func (s *shrinkSettings) read() (*checkpoint.Model, error) {
	m, err := files.Model("--model", s.model)
	if err != nil {
		return nil, err
	}
	if m.Task != run.Pretext {
		return nil, usageError{fmt.Errorf("--model %s: it names pictures: the page is given models of pretrain, which guess turns", s.model)}
	}
	if err := s.lookUp(m); err != nil {
		return nil, err
	}
	s.keep(m.Card)
	if err := setCrop(m, s.crop); err != nil {
		return nil, usageError{fmt.Errorf("shrink: %w", err)}
	}
	if s.card.Data == "" || s.card.Command == "" {
		return nil, usageError{fmt.Errorf("there is no %s beside %s: say with --learnt-from, --command and --trained-seed how it was trained", runs.SpecFile, s.model)}
	}
	s.card.Parameters = measure.TrainedNumbers(m)
	m.Card = s.card
	b, err := checkpoint.EncodeHalf(m)
	if err != nil {
		return nil, err
	}
	return checkpoint.Decode(b)
}

// lookUp fills in what was not given from the settings of the run that the model
// lies in, if it does.
func (s *shrinkSettings) lookUp(m *checkpoint.Model) error {
	path := filepath.Join(filepath.Dir(s.model), runs.SpecFile)
	b, err := files.Read(path, runs.MaxSpecBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // Somebody moved the file.
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	of, err := runs.DecodeSpec(b)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	s.card.Data = cmp.Or(s.card.Data, titleOf(of.Data))
	s.card.Command = cmp.Or(s.card.Command, of.Shown())
	s.card.Seed = cmp.Or(s.card.Seed, of.Config.Seed)
	m.Crop = cmp.Or(m.Crop, of.Config.Crop()) // Models did not always say it.
	return nil
}

// keep fills in what the card that a model has already says of its training, so that a
// shrunk model can be measured anew.
func (s *shrinkSettings) keep(c run.Card) {
	s.card.Data = cmp.Or(s.card.Data, c.Data)
	s.card.Command = cmp.Or(s.card.Command, c.Command)
	s.card.Seed = cmp.Or(s.card.Seed, c.Seed)
}

// measure fills in the scores and the probe of a model's card.
func (s *shrinkSettings) measure(ctx context.Context, l *look, m *checkpoint.Model) error {
	backend, err := l.open()
	if err != nil {
		return err
	}
	defer l.progress.Clear()
	tested := []dataFlags{l.data}
	for _, name := range builtIn() {
		if name != l.data.path {
			tested = append(tested, dataFlags{path: name, how: l.data.how})
		}
	}
	for i, data := range tested {
		title := titleOf(data.path) + ", test pictures"
		if i == 0 {
			title = cmp.Or(s.testedOn, titleOf(data.path))
		}
		data.turns = true
		set, err := data.open(l.terminal, sideOf(m), shrinkSeed)
		if err != nil {
			return err
		}
		e, err := measure.Evaluate(ctx, backend, measure.Subject{Name: title, Model: m}, set.Test, l.progress.At)
		if err != nil {
			return fmt.Errorf("shrink: --data %s: %w", data.path, err)
		}
		if i == 0 { // What the run said was of other pictures, and of weights not yet rounded.
			m.Accuracy = e.Accuracy
		}
		m.Card.Scores = append(m.Card.Scores, run.CardScore{Pictures: title, Examples: e.Examples, Right: run.Share(e.Score)})
	}
	probed := dataFlags{path: s.probe, how: l.data.how, holdOut: l.data.holdOut, limit: l.data.limit}
	set, err := probed.open(l.terminal, sideOf(m), shrinkSeed)
	if err != nil {
		return err
	}
	result, err := measure.Probe{Backend: backend, Progress: l.progress.At, Neighbours: 20, Seed: shrinkSeed}.
		Run(ctx, measure.Subject{Name: filepath.Base(s.out), Model: m}, set)
	if err != nil {
		return fmt.Errorf("shrink: %w", err)
	}
	m.Card.Probe = result.Card(titleOf(probed.path))
	return nil
}
