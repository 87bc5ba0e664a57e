package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"

	"github.com/gomlx/compute"

	"quarterturn/core/checkpoint"
	"quarterturn/core/dataset"
	"quarterturn/core/embed"
	"quarterturn/core/train"
)

const probeHelp = `probe --model FILE --data PICTURES [--labels-per-class N] [--untrained] [--json]

Measures what each stage of a network knows about the classes of pictures, without
training it further: by the nearest neighbours of each test picture among the
training pictures, and by a linear classifier on the stage's features.`

// probeSettings are what a probe is told.
type probeSettings struct {
	labelsPerClass int
	draws          int
	neighbours     int
	cells          int
	seed           uint64
	untrained      bool
	asJSON         bool
}

func (s *probeSettings) add(flags *flag.FlagSet) {
	flags.IntVar(&s.labelsPerClass, "labels-per-class", 0, "training `pictures` of each class whose label is used, chosen by the seed; 0 for all")
	flags.IntVar(&s.draws, "draws", 1, "draw the labels so many `times`, with seeds from --seed on, and give means with their interval over the draws")
	flags.IntVar(&s.neighbours, "neighbours", 20, "training `pictures` that vote on a test picture")
	flags.IntVar(&s.cells, "cells", 1, "average each channel in so many `rows` and columns of cells instead of as a whole")
	flags.Uint64Var(&s.seed, "seed", 1, "seed that chooses the pictures held out and the labels used")
	flags.BoolVar(&s.untrained, "untrained", false, "also measure the same network with the weights it would start from")
	flags.BoolVar(&s.asJSON, "json", false, "print a JSON object for each network")
}

func (s *probeSettings) check() error {
	switch {
	case s.neighbours < 1 || s.cells < 1 || s.draws < 1:
		return errors.New("probe: --neighbours, --cells and --draws are at least 1")
	case s.draws > 1 && s.labelsPerClass < 1:
		return errors.New("probe: with all labels there is nothing to draw: --draws needs --labels-per-class")
	}
	return nil
}

// probe is the command.
func probe(ctx context.Context, t *terminal, args []string) error {
	flags := newFlags(t, "probe", probeHelp)
	modelPath := flags.String("model", "", "safetensors `file` of the model")
	var data dataFlags
	data.add(flags)
	var settings probeSettings
	settings.add(flags)
	backendName := backendFlag(flags)
	if err := parse(flags, args, 0); err != nil {
		return err
	}
	if *modelPath == "" {
		return usageError{errors.New("probe: name a --model")}
	}
	if err := settings.check(); err != nil {
		return usageError{err}
	}
	from := sources{models: []string{*modelPath}, untrained: settings.untrained, backend: *backendName, data: &data, seed: settings.seed}
	models, backend, set, err := from.open(t)
	if err != nil {
		return err
	}
	for _, m := range models {
		p := prober{ctx: ctx, settings: settings, backend: backend, progress: &progress{terminal: t, prefix: m.name}}
		result, err := p.run(m, set)
		p.progress.clear()
		if err != nil {
			return err
		}
		result.Data = data.path
		if err := result.print(t, settings.asJSON); err != nil {
			return err
		}
	}
	return nil
}

// sources are what models are looked at with.
type sources struct {
	models    []string // Files.
	untrained bool     // Add a network like the first that has learnt nothing.
	backend   string
	data      *dataFlags
	seed      uint64
}

// open reads models, all for pictures of one side, and the pictures.
func (s sources) open(t *terminal) ([]namedModel, compute.Backend, *dataset.Set, error) {
	models, err := readModels(s.models, s.untrained, s.seed)
	if err != nil {
		return nil, nil, nil, err
	}
	side := sideOf(models[0].model)
	for _, m := range models {
		if got := sideOf(m.model); got != side {
			return nil, nil, nil, fmt.Errorf("%s was trained on pictures of side %d, %s of %d: take them one by one", m.name, got, models[0].name, side)
		}
	}
	backend, err := t.openBackend(s.backend)
	if err != nil {
		return nil, nil, nil, err
	}
	set, err := s.data.open(t, side, s.seed)
	return models, backend, set, err
}

// A namedModel is a model and what to call it.
type namedModel struct {
	name  string
	model *checkpoint.Model
}

// readModels reads models, and makes an untrained one with the first's network if
// it is asked for.
func readModels(paths []string, untrained bool, seed uint64) (models []namedModel, err error) {
	for _, path := range paths {
		m, err := readModel("--model", path)
		if err != nil {
			return nil, err
		}
		models = append(models, namedModel{path, m})
	}
	if untrained {
		first := models[0].model
		m := &checkpoint.Model{Config: first.Config, Side: first.Side, Weights: checkpoint.Initial(first.Config, seed)}
		models = append(models, namedModel{"untrained", m})
	}
	return models, nil
}

// A probeResult is what was measured of one network. Accuracies are fractions.
type probeResult struct {
	Model          string       `json:"model"`
	Network        string       `json:"network"`
	Data           string       `json:"data"`
	Seed           uint64       `json:"seed"`
	LabelsPerClass int          `json:"labels_per_class"` // 0 for all.
	Draws          int          `json:"draws"`            // Of the labels.
	Train          int          `json:"train"`            // Pictures with labels to learn from, in a draw,
	Test           int          `json:"test"`             // and to be tested on.
	Neighbours     int          `json:"neighbours"`
	Cells          int          `json:"cells"`
	Classes        int          `json:"classes"`
	Chance         float64      `json:"chance"` // Of naming always the commonest class of all training pictures.
	Stages         []stageProbe `json:"stages"`
}

// A stageProbe is what was measured of one stage.
type stageProbe struct {
	Stage     int   `json:"stage"` // 0 is the stem.
	Features  int   `json:"features"`
	Neighbour score `json:"neighbours"`
	Linear    score `json:"linear"`
}

// A prober measures one network.
type prober struct {
	ctx      context.Context
	settings probeSettings
	backend  compute.Backend
	progress *progress
}

func (p prober) run(m namedModel, set *dataset.Set) (*probeResult, error) {
	draws, learn := p.draw(set.Train)
	test := set.Test.Subset(set.Test.Labelled())
	if err := enoughToProbe(learn.Len(), test.Len(), len(learn.Classes)); err != nil {
		return nil, err
	}
	result := &probeResult{
		Model: m.name, Network: m.model.Config.Network.String(), Seed: p.settings.seed,
		LabelsPerClass: p.settings.labelsPerClass, Draws: len(draws), Train: len(draws[0]), Test: test.Len(),
		Neighbours: min(p.settings.neighbours, len(draws[0])), Cells: p.settings.cells,
		Classes: len(learn.Classes), Chance: commonest(set.Train.Labels, test.Labels),
	}
	extraction := train.Extraction{Cells: p.settings.cells}
	for part := range m.model.Config.Head() {
		extraction.Parts = append(extraction.Parts, part)
	}
	known, err := p.extract(extraction, m.model, learn, "features of the training pictures")
	if err != nil {
		return nil, err
	}
	asked, err := p.extract(extraction, m.model, test, "features of the test pictures")
	if err != nil {
		return nil, err
	}
	for part := range known {
		p.progress.about(m.name + ", " + partName(part))
		stage, err := p.stage(known[part], asked[part], draws, learn, test, result.Neighbours)
		if err != nil {
			return nil, fmt.Errorf("probe: %s: %w", partName(part), err)
		}
		stage.Stage = part
		result.Stages = append(result.Stages, stage)
	}
	return result, nil
}

// enoughToProbe refuses too few pictures that have a class.
func enoughToProbe(learn, test, classes int) error {
	if learn == 0 || test == 0 || classes < 2 {
		return fmt.Errorf("probe: %d training and %d test pictures of %d classes: put each class's pictures into a folder of its own", learn, test, classes)
	}
	return nil
}

// draw chooses the pictures whose labels are used: learn holds those of any draw,
// each draw their indices in it.
func (p prober) draw(pictures *dataset.Pictures) (draws [][]int, learn *dataset.Pictures) {
	at := map[int]int{} // By index in pictures, the index in learn.
	var all []int
	for i := range p.settings.draws {
		drawn := dataset.Budget(pictures.Labels, p.settings.labelsPerClass, p.settings.seed+uint64(i))
		for n, index := range drawn {
			if _, there := at[index]; !there {
				at[index] = len(all)
				all = append(all, index)
			}
			drawn[n] = at[index]
		}
		draws = append(draws, drawn)
	}
	return draws, pictures.Subset(all)
}

// extract takes features as matrices, one for each part.
func (p prober) extract(e train.Extraction, m *checkpoint.Model, pictures *dataset.Pictures, phase string) ([]embed.Matrix, error) {
	e.Between = func(done int) error {
		p.progress.at(phase, done, pictures.Len())
		return p.ctx.Err()
	}
	features, err := e.Run(p.backend, m, pictures)
	if err != nil {
		return nil, err
	}
	matrices := make([]embed.Matrix, len(features))
	for i, part := range e.Parts {
		if matrices[i], err = embed.NewMatrix(features[i], e.Width(m.Config, part, pictures.Side)); err != nil {
			return nil, err
		}
	}
	return matrices, nil
}

// stage measures one stage by its features of the training and test pictures.
func (p prober) stage(known, asked embed.Matrix, draws [][]int, learn, test *dataset.Pictures, neighbours int) (stageProbe, error) {
	var near, linear []score
	for _, drawn := range draws {
		labels := make([]int32, len(drawn))
		for i, index := range drawn {
			labels[i] = learn.Labels[index]
		}
		a, b, err := p.measure(known.Pick(drawn), asked, labels, test.Labels, len(learn.Classes), neighbours)
		if err != nil {
			return stageProbe{}, err
		}
		near, linear = append(near, a), append(linear, b)
	}
	return stageProbe{Features: known.Cols, Neighbour: meanScore(near), Linear: meanScore(linear)}, nil
}

// measure scores the neighbours' votes and the linear probe for one draw.
func (p prober) measure(known, asked embed.Matrix, labels, want []int32, classes, neighbours int) (near, linear score, err error) {
	found, err := embed.Nearest(p.ctx, known.Unit(), asked.Unit(), neighbours, p.progress.watch)
	if err != nil {
		return near, linear, err
	}
	classifier, err := embed.Probe{Watch: p.progress.watch}.Fit(p.ctx, known, labels, classes)
	if err != nil {
		return near, linear, err
	}
	guesses, err := classifier.Predict(asked)
	return newScore(found.Vote(labels, classes), want), newScore(guesses, want), err
}

// commonest is the accuracy of always naming the class that most of the pictures
// learnt from have.
func commonest(learnt, tested []int32) float64 {
	counts := map[int32]int{}
	best := int32(dataset.Unlabelled)
	for _, label := range learnt {
		if label == dataset.Unlabelled {
			continue
		}
		counts[label]++
		if n := counts[label]; n > counts[best] || n == counts[best] && label < best {
			best = label
		}
	}
	right := 0
	for _, label := range tested {
		if label == best {
			right++
		}
	}
	return float64(right) / float64(len(tested))
}

// partName is what people call a part.
func partName(part int) string {
	if part == 0 {
		return "stem"
	}
	return fmt.Sprintf("stage %d", part)
}

// print writes a table, or the JSON object.
func (r *probeResult) print(t *terminal, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(t.out).Encode(r)
	}
	drawn, over := "", ""
	if r.Draws > 1 {
		drawn, over = fmt.Sprintf(", drawn %d times", r.Draws), " over draws"
	}
	fmt.Fprintf(t.out, "%s, %s: %d pictures with labels%s, tested on %d\n", r.Model, r.Network, r.Train, drawn, r.Test)
	fmt.Fprintf(t.out, "  %-9s %9s  %-25s  %s\n", "", "features", fmt.Sprintf("%d nearest neighbours", r.Neighbours), "linear probe (95 % interval"+over+")")
	for _, s := range r.Stages {
		fmt.Fprintf(t.out, "  %-9s %9d  %-25s  %v\n", partName(s.Stage), s.Features, s.Neighbour, s.Linear)
	}
	_, err := fmt.Fprintf(t.out, "  %-9s %9s  %5.1f %%\n", "chance", "", 100*r.Chance)
	return err
}
