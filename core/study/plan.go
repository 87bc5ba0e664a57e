// Package study plans comparisons, carries them out and says what came of them: ways to
// train, called arms, each with several budgets of labels and several seeds.
//
// It decides which runs an experiment has and how long each is, trains the networks that
// arms begin with and chooses their rates where it is asked to (Study.Train), and says
// what the accuracies mean: intervals over seeds and test pictures at once, tests
// corrected for their number, and a verdict in words. It draws nothing. Accuracies are
// fractions, 0 to 1.
package study

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"unicode"

	"quarterturn/core/dataset"
	"quarterturn/core/fault"
	"quarterturn/core/internal/strict"
	"quarterturn/core/measure"
	"quarterturn/core/run"
)

// What an Arm's From says in place of a checkpoint's path. RandomFrozen keeps all
// but the head at its random weights: what a network knows before it learns.
const (
	Scratch      = "scratch"
	RandomFrozen = "random-frozen"
)

// Limits of a plan. They are far above what anybody waits for.
const (
	MaxArms     = 32
	MaxBudgets  = 32
	MaxSeeds    = 1000
	MaxRuns     = 10_000
	MaxBytes    = 1 << 20 // Of a plan's file.
	maxNameRune = 60
)

// A Plan is a whole experiment: each arm with each budget and each seed is a run.
// Its JSON is the file that a person writes; what the file leaves out stays as it
// was before Decode.
type Plan struct {
	Data       string     `json:"data"`                // The pictures, as on the command line.
	Test       string     `json:"test,omitempty"`      // Test pictures from elsewhere.
	HoldOut    float64    `json:"hold-out"`            // Share of each class for the test, where the data has no test pictures.
	Validation float64    `json:"validation"`          // Share of the training pictures that runs are validated and rates chosen with; 0 for the test pictures.
	Limit      int        `json:"limit,omitempty"`     // Training pictures used; 0 for all.
	DataSeed   uint64     `json:"data-seed,omitempty"` // Chooses the pictures held out and those within Limit, the same for all runs; from 1.
	Arms       []Arm      `json:"arms"`
	Labels     []int      `json:"labels"`            // Budgets: labelled pictures of each class; 0 for all.
	Seeds      Seeds      `json:"seeds"`             // Of weights, labels, order and variation.
	Steps      int        `json:"steps,omitempty"`   // About so many steps for each run; see Epochs.
	Epochs     []int      `json:"epochs,omitempty"`  // Instead: passes over the pictures, one number for all budgets or one for each.
	Rates      []float64  `json:"rates,omitempty"`   // Learning rates tried for each arm and budget, see Study.Trials; empty for that of the settings.
	Pretext    *Pretexts  `json:"pretext,omitempty"` // Of arms from Pretext.
	Settings   run.Config `json:"-"`                 // Of all arms, "settings" in the file. Task, network, budget, seed and epochs are the plan's.
}

// An Arm is one way to train.
type Arm struct {
	Name     string           `json:"name"`
	From     string           `json:"from"`               // A checkpoint's path, Pretext, Scratch or RandomFrozen.
	Network  *run.Network     `json:"network,omitempty"`  // Nil for the checkpoint's, or without one for the plan's.
	Settings json.RawMessage  `json:"settings,omitempty"` // Those that differ from the plan's, by their names in run.Settings.
	Reading  *measure.Reading `json:"reading,omitempty"`  // Instead of training: how the features of From, or of random weights, are read.
	SHA256   string           `json:"sha256,omitempty"`   // Of the checkpoint, once it was read.
}

// Trained reports whether an arm starts from a checkpoint.
func (a Arm) Trained() bool { return a.From != Scratch && a.From != RandomFrozen }

// Seeds are what runs of an arm and a budget differ by. In JSON a single number n
// stands for 1 to n.
type Seeds []uint64

// FirstSeeds returns 1 to n.
func FirstSeeds(n int) Seeds {
	var seeds Seeds
	for i := range min(n, MaxSeeds+1) { // One more than allowed is refused all the same.
		seeds = append(seeds, uint64(i+1))
	}
	return seeds
}

// UnmarshalJSON takes a list or the number of seeds.
func (s *Seeds) UnmarshalJSON(b []byte) error {
	if n, err := strconv.Atoi(string(b)); err == nil {
		*s = FirstSeeds(n)
		return nil
	}
	var list []uint64
	if err := json.Unmarshal(b, &list); err != nil {
		return errors.New("seeds are a number of them, or a list such as [1, 2, 3]")
	}
	*s = list
	return nil
}

// Decode reads a plan over the defaults that p holds. Names that a plan has not
// are refused: they are misspelt.
func (p *Plan) Decode(b []byte) error {
	if len(b) > MaxBytes {
		return fault.Errorf("study", "a plan of %d bytes, want at most %d", len(b), MaxBytes)
	}
	arms := p.Arms
	p.Arms = nil // Else an arm would inherit what it leaves out from the default in its place.
	if err := strict.JSON(b, p); err != nil {
		return fault.Errorf("study", "%w", err)
	}
	if p.Arms == nil {
		p.Arms = arms
	}
	return p.Validate()
}

// Validate returns an error that names the first thing which cannot be.
func (p *Plan) Validate() error {
	switch {
	case p.Data == "":
		return fault.New("study", "no data: name the pictures")
	case len(p.Arms) < 1 || len(p.Arms) > MaxArms:
		return fault.Errorf("study", "%d arms, want 1 to %d", len(p.Arms), MaxArms)
	case len(p.Labels) < 1 || len(p.Labels) > MaxBudgets:
		return fault.Errorf("study", "%d budgets of labels, want 1 to %d", len(p.Labels), MaxBudgets)
	case len(p.Seeds) < 1 || len(p.Seeds) > MaxSeeds:
		return fault.Errorf("study", "%d seeds, want 1 to %d", len(p.Seeds), MaxSeeds)
	case len(p.Arms)*len(p.Labels)*len(p.Seeds) > MaxRuns:
		return fault.Errorf("study", "%d runs, want at most %d", len(p.Arms)*len(p.Labels)*len(p.Seeds), MaxRuns)
	case p.Limit < 0:
		return fault.Errorf("study", "limit is %d, want 0 or more", p.Limit)
	case p.DataSeed == 0: // It would be left out of the file, and read as the default again.
		return fault.New("study", "data-seed is 0, want 1 or more")
	case !(p.HoldOut >= 0 && p.HoldOut <= 1):
		return fault.Errorf("study", "hold-out is %v, want 0 to 1", p.HoldOut)
	case !dataset.IsValidationShare(p.Validation):
		return fault.Errorf("study", "validation is %v, want 0 to %v", p.Validation, dataset.LargestValidation)
	}
	return errors.Join(p.validateBudgets(), p.validateArms(), p.validateRates(), p.validatePretext())
}

func (p *Plan) validateBudgets() error {
	for i, n := range p.Labels {
		if n < 0 || slices.Contains(p.Labels[:i], n) {
			return fault.Errorf("study", "%d labels a class: want different numbers from 0, for all, up", n)
		}
	}
	for i, seed := range p.Seeds {
		if slices.Contains(p.Seeds[:i], seed) {
			return fault.Errorf("study", "seed %d is there twice", seed)
		}
	}
	switch {
	case p.Steps < 0 || len(p.Epochs) == 0 && p.Steps == 0:
		return fault.Errorf("study", "%d steps, want at least 1, or epochs", p.Steps)
	case len(p.Epochs) > 1 && len(p.Epochs) != len(p.Labels):
		return fault.Errorf("study", "%d numbers of epochs for %d budgets: want one, or one for each", len(p.Epochs), len(p.Labels))
	}
	for _, n := range p.Epochs {
		if n < 1 || n > run.MaxEpochs {
			return fault.Errorf("study", "%d epochs, want 1 to %d", n, run.MaxEpochs)
		}
	}
	return nil
}

func (p *Plan) validateArms() error {
	for i, a := range p.Arms {
		if err := checkName(a.Name); err != nil {
			return err
		}
		if slices.ContainsFunc(p.Arms[:i], func(b Arm) bool { return b.Name == a.Name }) {
			return fault.Errorf("study", "two arms are called %s", a.Name)
		}
		if a.From == "" {
			return fault.Errorf("study", "arm %s: from is empty, want a checkpoint, %s, %s or %s", a.Name, Pretext, Scratch, RandomFrozen)
		}
		if err := a.checkReading(); err != nil {
			return err
		}
	}
	return nil
}

// checkReading refuses what an arm that reads features has no use for.
func (a Arm) checkReading() error {
	switch {
	case a.Reading == nil:
		return nil
	case a.From == Scratch:
		return fault.Errorf("study", "arm %s reads features and trains nothing: from %s is for arms that train; read %s", a.Name, Scratch, RandomFrozen)
	case len(a.Settings) > 0:
		return fault.Errorf("study", "arm %s reads features and trains nothing: leave out its settings", a.Name)
	}
	if err := a.Reading.Check(run.MaxStages); err != nil {
		return fmt.Errorf("arm %s: %w", a.Name, err)
	}
	return nil
}

// checkName refuses what could not be a folder's name anywhere, or not be read.
func checkName(name string) error {
	runes := []rune(name)
	if len(runes) < 1 || len(runes) > maxNameRune {
		return fault.Errorf("study", "an arm's name has %d letters, want 1 to %d", len(runes), maxNameRune)
	}
	for i, r := range runes {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && (i == 0 || r != '-' && r != '_' && r != '+' && r != '.') {
			return fault.Errorf("study", "arm %q: want a name of letters, digits and -_+. that begins with one of the first two", name)
		}
	}
	return nil
}
