package main

import (
	"flag"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"quarterturn/assets"
	"quarterturn/assets/pictures"
	"quarterturn/core/dataset"
	"quarterturn/core/internal/printable"
	"quarterturn/core/run"
)

// configFlags are the flags that make up a run's configuration.
type configFlags struct {
	config   run.Config
	schedule string
	depth    int
	width    int
	blocks   string
	fixed    *run.Network // The checkpoint's, in the place of the three above.
}

// headAlone is what --first-stage says for a run that trains only the head.
const headAlone = -1

// add registers the flags with the defaults of c.
func (f *configFlags) add(flags *flag.FlagSet, c run.Config) {
	f.config = c
	flags.IntVar(&f.depth, "depth", c.Network.Depth(), "weighted layers of the `network`: 8, 10, 14, 18, 20 or 34")
	flags.StringVar(&f.blocks, "blocks", "", "blocks of each stage, such as 2,2,2,2, instead of --depth")
	flags.IntVar(&f.width, "width", c.Network.Width, "`channels` of the first stage")
	flags.IntVar(&f.config.Side, "side", c.Side, "side of the network's input in `pixels`")
	flags.IntVar(&f.config.Epochs, "epochs", c.Epochs, "passes over the training pictures")
	flags.IntVar(&f.config.EvaluateEvery, "evaluate-every", c.EvaluateEvery, "`epochs` from one evaluation and checkpoint to the next, for many short ones; 0 is 1")
	flags.IntVar(&f.config.BatchSize, "batch", c.BatchSize, "`examples` of a step; in pretraining a picture in its four turns is four")
	flags.Float64Var(&f.config.LearningRate, "rate", c.LearningRate, "highest learning rate")
	flags.Float64Var(&f.config.Momentum, "momentum", c.Momentum, "Nesterov momentum")
	flags.Float64Var(&f.config.WeightDecay, "weight-decay", c.WeightDecay, "weight decay of convolutions and the head")
	flags.StringVar(&f.schedule, "schedule", string(c.Schedule), "course of the learning rate: cosine, onecycle, step or constant")
	flags.Float64Var(&f.config.WarmupEpochs, "warmup", c.WarmupEpochs, "`epochs` over which the rate rises to --rate")
	flags.IntVar(&f.config.ScaledCrop, "scaled-crop", c.ScaledCrop, "side in `pixels` of a random crop that is scaled back, and of the central one in evaluations; 0 for none")
	flags.IntVar(&f.config.PadCrop, "pad-crop", c.PadCrop, "random shift by up to so many `pixels`")
	flags.BoolVar(&f.config.Flip, "flip", c.Flip, "mirror half of the pictures")
	flags.Float64Var(&f.config.LabelSmoothing, "label-smoothing", c.LabelSmoothing, "`share` of each label that is spread over all classes")
	flags.Float64Var(&f.config.AverageDecay, "average", c.AverageDecay, "`decay` of the moving average of the weights that is evaluated and kept, such as 0.999; 0 for none")
	flags.Uint64Var(&f.config.Seed, "seed", c.Seed, "seed of weights, order and variations")
}

// Without --data a run takes a few hundred pictures, on which the large
// network takes half an hour and, at its rate, diverges at first.
const (
	builtInDepth = 8
	builtInWidth = 16
	builtInBatch = 64
	builtInRate  = 0.05
)

var builtInHelp = fmt.Sprintf("Without --data it learns from the built-in photographs, and unless given\n--depth is %d, --width %d, --batch %d and --rate %v.", builtInDepth, builtInWidth, builtInBatch, builtInRate)

// forBuiltIn sets what was not given to what is right for the built-in pictures.
func (f *configFlags) forBuiltIn(given map[string]bool) {
	if !given["depth"] {
		f.depth = builtInDepth
	}
	if !given["width"] {
		f.width = builtInWidth
	}
	if !given["batch"] {
		f.config.BatchSize = builtInBatch
	}
	if !given["rate"] {
		f.config.LearningRate = builtInRate
	}
}

// build returns the configuration as given.
func (f *configFlags) build() (run.Config, error) {
	f.config.Schedule = run.Schedule(f.schedule)
	network, err := f.network()
	if err != nil {
		return f.config, usageError{err}
	}
	if f.fixed != nil {
		network = *f.fixed
	}
	f.config.Network = network
	if f.config.FirstStage == headAlone {
		f.config.FirstStage = len(network.Blocks) + 1
	}
	if err := f.config.Validate(); err != nil {
		return f.config, usageError{err}
	}
	return f.config, nil
}

func (f *configFlags) network() (run.Network, error) {
	if f.blocks == "" {
		return run.NetworkOfDepth(f.depth, f.width)
	}
	network := run.Network{Width: f.width}
	for _, field := range strings.Split(f.blocks, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(field))
		if err != nil {
			return network, fmt.Errorf("--blocks %q: want numbers between commas, such as 2,2,2,2", f.blocks)
		}
		network.Blocks = append(network.Blocks, n)
	}
	return network, nil
}

// dataFlags say which pictures to use.
type dataFlags struct {
	path    string
	test    string
	turns   bool // Classes do not matter.
	holdOut float64
	limit   int
}

func (f *dataFlags) add(flags *flag.FlagSet) {
	flags.StringVar(&f.path, "data", pictures.Default,
		"`pictures`: a folder or archive (CIFAR-10's binary format, or a folder for each class), or a built-in set: "+strings.Join(builtIn(), ", "))
	flags.StringVar(&f.test, "test", "", "`pictures` to validate with, as for --data, in the place of those that --data has")
	flags.Float64Var(&f.holdOut, "hold-out", dataset.DefaultHoldOut, "`share` of each class kept for validation, where the data has no test pictures")
	flags.IntVar(&f.limit, "limit", 0, "use only so many training `pictures`, chosen by the seed; 0 for all")
}

// builtIn lists the names of the sets that the program brings along.
func builtIn() (names []string) {
	for _, set := range pictures.Sets() {
		names = append(names, set.Name)
	}
	return names
}

// open reads the pictures and tells what could not be used.
func (f *dataFlags) open(t *terminal, side int, seed uint64) (*dataset.Set, error) {
	options := dataset.Options{Side: side, HoldOut: holdOutOption(f.holdOut), Seed: seed}
	if f.test != "" {
		options.HoldOut = -1
	}
	set, err := readSet(t, "--data", f.path, options)
	if err != nil {
		return nil, err
	}
	if f.test != "" {
		if err := f.replaceTest(t, set); err != nil {
			return nil, err
		}
	}
	if f.limit > 0 && f.limit < set.Train.Len() {
		chosen := dataset.Order(seed, 0, set.Train.Len())[:f.limit]
		slices.Sort(chosen)
		set.Train = set.Train.Subset(chosen)
	}
	return set, nil
}

// replaceTest takes the test pictures from --test: those that it calls so, or all
// where it does not divide them.
func (f *dataFlags) replaceTest(t *terminal, set *dataset.Set) error {
	other, err := readSet(t, "--test", f.test, dataset.Options{Side: set.Train.Side, HoldOut: -1})
	if err != nil {
		return err
	}
	test := other.Test
	if test.Len() == 0 {
		test = other.Train
	}
	if !f.turns && !slices.Equal(test.Classes, set.Train.Classes) {
		return fmt.Errorf("--test %s: its classes are %s, those of --data %s: both need the same, in the same order", f.test, inWords(test.Classes), inWords(set.Train.Classes))
	}
	set.Test = test
	return nil
}

// inWords lists classes, of many the first few.
func inWords(classes []string) string {
	const shown = 10
	if len(classes) == 0 {
		return "none"
	}
	text := printable.Text(strings.Join(classes[:min(shown, len(classes))], ", "))
	if len(classes) > shown {
		text += fmt.Sprintf(" and %d more", len(classes)-shown)
	}
	return text
}

// readSet reads the pictures that a flag names and tells what could not be used.
func readSet(t *terminal, flag, path string, options dataset.Options) (*dataset.Set, error) {
	set, err := read(flag, path, options)
	if err != nil {
		return nil, err
	}
	const shown = 10
	for i, p := range set.Problems {
		if i == shown {
			fmt.Fprintf(t.err, "problems not shown: %d\n", len(set.Problems)-shown)
			break
		}
		fmt.Fprintf(t.err, "%s: %s\n", printable.Text(p.File), printable.Text(p.Reason))
	}
	for _, notice := range set.Notices {
		fmt.Fprintln(t.err, printable.Text(notice))
	}
	return set, nil
}

func read(flag, path string, options dataset.Options) (*dataset.Set, error) {
	if slices.Contains(builtIn(), path) {
		sheets, err := assets.Pictures(path)
		if err != nil {
			return nil, err
		}
		if got := sheets.Set.Train.Side; got != options.Side {
			return nil, usageError{fmt.Errorf("the built-in pictures need side %d, and this is %d: pictures of your own, given with --data, take any side", got, options.Side)}
		}
		return sheets.Set, nil
	}
	set, err := dataset.Open(path, options)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", flag, err)
	}
	return set, nil
}

// holdOutOption translates a share: dataset takes 0 for its default and a
// negative one for none.
func holdOutOption(share float64) float64 {
	if share == 0 {
		return -1
	}
	return share
}
