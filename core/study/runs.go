package study

import (
	"errors"
	"fmt"

	"quarterturn/core/fault"
	"quarterturn/core/measure"
	"quarterturn/core/run"
)

// A Run is one training of a plan.
type Run struct {
	Name    string // Of its folder, such as "transfer-20-seed1".
	Part    Part   // Empty is OfRuns.
	Arm     int    // Index in Plan.Arms; -1 for a pretext run.
	Labels  int
	Seed    uint64
	Pretext uint64 // The seed of the pretext network that it begins with, see Pretexts; 0 for none.
	Config  run.Config
	Steps   int // Of the whole run.
}

// A Part is what the runs of a study are for, and the folder that they are in.
type Part string

// The parts, in the order in which they are done.
const (
	OfPretext Part = "pretext" // To begin with.
	OfTrials  Part = "trials"  // To choose rates.
	OfRuns    Part = "runs"    // To be compared.
)

// Pictures is what the length of runs depends on: for a budget of labels, how many
// pictures there are to learn from.
type Pictures func(labels int) int

// Runs returns a plan's runs, the seeds of a budget after those of the budget
// before, and of each seed all arms: so that after an interruption as many pairs
// as possible are complete. networks are those of the arms, whose checkpoints
// decide them.
func (p *Plan) Runs(networks []run.Network, pictures Pictures) ([]Run, error) {
	var runs []Run
	for budget, labels := range p.Labels {
		for n, seed := range p.Seeds {
			for arm, a := range p.Arms {
				config, err := p.config(a, networks[arm], labels, seed)
				if err != nil {
					return nil, err
				}
				stepsPerEpoch := run.StepsPerEpoch(pictures(labels), config.BatchSize)
				config.Epochs = p.epochs(budget, stepsPerEpoch)
				if a.Reading != nil {
					config.Epochs, config.EvaluateEvery = 1, 0
				}
				if config.EvaluateEvery == 0 {
					config.EvaluateEvery = run.EvaluationsApart(config.Epochs)
				}
				config.WarmupEpochs = min(config.WarmupEpochs, float64(config.Epochs))
				if err := config.Validate(); err != nil {
					return nil, fmt.Errorf("arm %s: %w", a.Name, err)
				}
				runs = append(runs, Run{
					Name: runName(a.Name, labels, seed), Arm: arm, Labels: labels, Seed: seed, Pretext: p.pretextOf(a, n),
					Config: config, Steps: config.Epochs * stepsPerEpoch,
				})
			}
		}
	}
	return runs, nil
}

// pretextName names the folder of a pretext run.
func pretextName(seed uint64) string { return fmt.Sprintf("pretext-seed%d", seed) }

// runName names a run's folder.
func runName(arm string, labels int, seed uint64) string {
	if labels == 0 {
		return fmt.Sprintf("%s-all-seed%d", arm, seed)
	}
	return fmt.Sprintf("%s-%d-seed%d", arm, labels, seed)
}

// config returns an arm's settings for a budget and a seed.
func (p *Plan) config(a Arm, network run.Network, labels int, seed uint64) (run.Config, error) {
	c := p.Settings
	if len(a.Settings) > 0 {
		if err := a.settings(&c); err != nil {
			return c, err
		}
	}
	c = c.WithNetwork(network)
	c.Task, c.LabelsPerClass, c.Seed = run.Transfer, labels, seed
	if !a.Trained() {
		c.Task = run.Scratch
	}
	if a.From == RandomFrozen {
		c.FirstStage = len(network.Blocks) + 1
	}
	if a.Reading != nil { // Of the rest nothing is used.
		c.FirstStage, c.FreshStage = len(network.Blocks)+1, 0
		c.ScaledCrop, c.CentralCrop, c.PadCrop, c.Flip = 0, 0, 0, false
	}
	return c, nil
}

// settings sets what differs in an arm. What the plan decides is refused.
func (a Arm) settings(c *run.Config) error {
	all, err := settingsIn(a.Settings)
	if err != nil {
		return fault.Errorf("study", "arm %s: settings: %w", a.Name, err)
	}
	for _, name := range []string{"task", "depth", "blocks", "width", "hidden", "labels-per-class", "seed", "epochs"} {
		if all[name] != nil {
			return fault.Errorf("study", "arm %s: task, network, labels, seed and epochs are the plan's, not among an arm's settings", a.Name)
		}
	}
	if err := all.set(c); err != nil {
		return fault.Errorf("study", "arm %s: settings: %w", a.Name, err)
	}
	return nil
}

// epochs returns the length of the runs of a budget.
func (p *Plan) epochs(budget, stepsPerEpoch int) int {
	switch len(p.Epochs) {
	case 0:
		return run.EpochsOf(p.Steps, stepsPerEpoch)
	case 1:
		return p.Epochs[0]
	}
	return p.Epochs[budget]
}

// Extends returns an error unless a plan with p's runs may go on as q: with other
// arms, budgets and seeds perhaps, but the same where both have them.
func (p *Plan) Extends(q *Plan) error {
	if p.Data != q.Data || p.Test != q.Test || p.HoldOut != q.HoldOut || p.Validation != q.Validation || p.Limit != q.Limit || p.DataSeed != q.DataSeed {
		return errors.New("its pictures are others")
	}
	if fmt.Sprint(p.Rates) != fmt.Sprint(q.Rates) {
		return errors.New("it tries other rates")
	}
	for _, a := range p.Arms {
		for _, b := range q.Arms {
			if a.Name == b.Name && fmt.Sprint(readingOf(a)) != fmt.Sprint(readingOf(b)) {
				return fmt.Errorf("arm %s reads other features", a.Name)
			}
			if a.Name == b.Name && a.SHA256 != b.SHA256 {
				return fmt.Errorf("arm %s starts from %s, and there from another checkpoint", a.Name, a.From)
			}
		}
	}
	return nil
}

// readingOf is the Reading of an arm, the zero one for none.
func readingOf(a Arm) measure.Reading {
	if a.Reading == nil {
		return measure.Reading{}
	}
	return *a.Reading
}
