package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"quarterturn/assets/pictures"
	"quarterturn/core/checkpoint"
	"quarterturn/core/run"
	"quarterturn/core/stats"
	"quarterturn/core/train"
)

const shrinkHelp = `shrink --model runs/NAME/best.safetensors --out FILE --data PICTURES [FLAGS]

Writes a pretext model for the page: its weights as float16, half the bytes, and
in the file a card for people. The card says what the model learnt from, how, and
how well the shrunk model does: the turns that it guesses of the test pictures of
--data and of the built-in sets, and what its stages know of the classes of
--probe. Command and seed come from the run's config.json beside the model.`

// shrinkSettings are what a shrinking is told.
type shrinkSettings struct {
	model    string
	out      string
	testedOn string
	probe    string
	crop     int
	card     run.Card // What can be said without measuring.
	probing  probeSettings
}

func (s *shrinkSettings) add(flags *flag.FlagSet) {
	s.probing = probeSettings{draws: 1, neighbours: 20, cells: 1, seed: 1}
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

// shrink is the command.
func shrink(ctx context.Context, t *terminal, args []string) error {
	flags := newFlags(t, "shrink", shrinkHelp)
	var settings shrinkSettings
	settings.add(flags)
	var data dataFlags
	data.add(flags)
	backendName := backendFlag(flags)
	if err := parse(flags, args, 0); err != nil {
		return err
	}
	if settings.model == "" || settings.out == "" {
		return usageError{errors.New("shrink: name the --model and the file to write with --out")}
	}
	m, err := settings.read()
	if err != nil {
		return err
	}
	backend, err := t.openBackend(*backendName)
	if err != nil {
		return err
	}
	settings.testedOn = cmp.Or(settings.testedOn, titleOf(data.path))
	shown := &progress{terminal: t, prefix: filepath.Base(settings.out)}
	c := carder{prober: prober{ctx: ctx, settings: settings.probing, backend: backend, progress: shown}, settings: settings}
	err = c.measure(t, m, &data)
	shown.clear()
	if err != nil {
		return err
	}
	b, err := checkpoint.EncodeHalf(m)
	if err != nil {
		return err
	}
	if err := writeFile(t.disk, settings.out, b); err != nil {
		return inFlag("--out", settings.out, err)
	}
	return printCard(t, m.Card, fmt.Sprintf("%s, %v, %d bytes", settings.out, m.Config.Network, len(b)))
}

// read returns the model as it will be in the file, its weights rounded, with what
// its card can say without measuring.
func (s *shrinkSettings) read() (*checkpoint.Model, error) {
	m, err := readModel("--model", s.model)
	if err != nil {
		return nil, err
	}
	if m.Task != run.Pretext {
		return nil, usageError{fmt.Errorf("--model %s: it names pictures: the page is given models of pretrain, which guess turns", s.model)}
	}
	if err := s.lookUp(m); err != nil {
		return nil, err
	}
	if s.crop >= 0 {
		m.Side, m.Crop = sideOf(m), s.crop
	}
	if m.Crop > sideOf(m) {
		return nil, usageError{fmt.Errorf("shrink: --crop is %d, want at most the side of %d", m.Crop, sideOf(m))}
	}
	if s.card.Data == "" || s.card.Command == "" {
		return nil, usageError{fmt.Errorf("there is no %s beside %s: say with --learnt-from, --command and --trained-seed how it was trained", configFile, s.model)}
	}
	for _, p := range m.Config.Parameters() {
		if p.Role.Trainable() {
			s.card.Parameters += p.Size()
		}
	}
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
	path := filepath.Join(filepath.Dir(s.model), configFile)
	info, err := os.Stat(path)
	if err != nil || info.Size() > maxSettingsBytes {
		return nil // Somebody moved the file.
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	of, err := decodeSettings(b)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	s.card.Data = cmp.Or(s.card.Data, titleOf(of.Data))
	s.card.Command = cmp.Or(s.card.Command, shownCommand(of.Command))
	s.card.Seed = cmp.Or(s.card.Seed, of.Config.Seed)
	m.Crop = cmp.Or(m.Crop, of.Config.Crop()) // Models did not always say it.
	return nil
}

// A carder measures what a card says.
type carder struct {
	prober
	settings shrinkSettings
}

// measure fills in the scores and the probe of a model's card.
func (c carder) measure(t *terminal, m *checkpoint.Model, data *dataFlags) error {
	tested := []dataFlags{*data}
	for _, name := range builtIn() {
		if name != data.path {
			tested = append(tested, dataFlags{path: name})
		}
	}
	for i, d := range tested {
		title := titleOf(d.path) + ", test pictures"
		if i == 0 {
			title = c.settings.testedOn
		}
		score, err := c.score(t, m, &d, title)
		if err != nil {
			return err
		}
		m.Card.Scores = append(m.Card.Scores, score)
	}
	probed := dataFlags{path: c.settings.probe, holdOut: data.holdOut, limit: data.limit}
	set, err := probed.open(t, sideOf(m), c.prober.settings.seed)
	if err != nil {
		return err
	}
	result, err := c.prober.run(namedModel{filepath.Base(c.settings.out), m}, set)
	if err != nil {
		return err
	}
	m.Card.Probe = run.CardProbe{
		Pictures: titleOf(probed.path), Train: result.Train, Test: result.Test, Neighbours: result.Neighbours, Chance: result.Chance,
	}
	for _, s := range result.Stages {
		m.Card.Probe.Stages = append(m.Card.Probe.Stages, run.CardStage{Stage: partName(s.Stage), Neighbours: run.Share(s.Neighbour), Linear: run.Share(s.Linear)})
	}
	return nil
}

// score counts the turns of test pictures that the model guesses.
func (c carder) score(t *terminal, m *checkpoint.Model, data *dataFlags, title string) (run.CardScore, error) {
	set, err := data.open(t, sideOf(m), c.prober.settings.seed)
	if err != nil {
		return run.CardScore{}, err
	}
	e, err := train.Evaluate(c.backend, m, set.Test, func(seen, _ int) error {
		c.progress.at("guessing turns of "+title, seen, 4*set.Test.Len())
		return c.ctx.Err()
	})
	if err != nil {
		return run.CardScore{}, err
	}
	if e.Examples == 0 {
		return run.CardScore{}, fmt.Errorf("%s has no test pictures: hold some out with --hold-out", data.path)
	}
	share := stats.Wilson(e.Right, e.Examples)
	return run.CardScore{Pictures: title, Examples: e.Examples, Right: run.Share{Accuracy: e.Accuracy, Low: share.Low, High: share.High}}, nil
}

// printCard writes a card for people.
func printCard(t *terminal, c run.Card, title string) error {
	fmt.Fprintf(t.out, "%s\n  learnt from %s, %d trained numbers\n  %s\n  licence %s\n", title, c.Data, c.Parameters, c.Command, c.Licence)
	for _, s := range c.Scores {
		fmt.Fprintf(t.out, "  %-50s %v of %d turns\n", s.Pictures, score(s.Right), s.Examples)
	}
	fmt.Fprintf(t.out, "  what the stages know of %s, by %d neighbours and by a linear probe:\n", c.Probe.Pictures, c.Probe.Neighbours)
	for _, s := range c.Probe.Stages {
		fmt.Fprintf(t.out, "  %-9s %-25v  %v\n", s.Stage, score(s.Neighbours), score(s.Linear))
	}
	_, err := fmt.Fprintf(t.out, "  %-9s %5.1f %%\n", "chance", 100*c.Probe.Chance)
	return err
}
