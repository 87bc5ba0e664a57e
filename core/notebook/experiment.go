package notebook

import (
	"strings"

	"quarterturn/core/fault"
	"quarterturn/core/run"
	"quarterturn/core/verdict"
)

// Budgets are what a budget of labels is tried with, as far as the pictures go.
var Budgets = []int{1, 2, 5, 10, 20, 50}

// Limits of an experiment. A tab that is asked for more would be at it for days.
const (
	MaxSeeds = 20
	MaxRuns  = 1000 // Of a notebook.
)

// BudgetsFor returns the budgets that pictures allow, of which the largest class has so
// many to learn from: those below it, and all.
func BudgetsFor(largest int) []int {
	var all []int
	for _, n := range Budgets {
		if n < largest {
			all = append(all, n)
		}
	}
	return append(all, 0)
}

// Plan returns an experiment's runs: the seeds of a budget after those of the budget
// before, and of each seed all arms, as package study does, so that as many pairs as
// possible are complete at any time. base is the configuration of a transfer. pictures
// says how many examples there are for a budget. With several budgets all runs are of
// about as many steps as base is with its own.
func (e Experiment) Plan(base run.Config, pictures func(labels int) int) ([]Run, error) {
	if e.Seeds < 1 || e.Seeds > MaxSeeds {
		return nil, fault.Errorf("notebook", "%d seeds, want 1 to %d", e.Seeds, MaxSeeds)
	}
	if len(e.Arms) == 0 || len(e.Labels) == 0 {
		return nil, fault.New("notebook", "choose at least one arm and one number of labels")
	}
	steps := base.Epochs * run.StepsPerEpoch(pictures(base.LabelsPerClass), base.BatchSize)
	var all []Run
	for _, labels := range e.Labels {
		for seed := range e.Seeds {
			for _, arm := range e.Arms {
				c := arm.Config(base)
				c.LabelsPerClass, c.Seed = labels, uint64(seed+1)
				if len(e.Labels) > 1 {
					c.Epochs = run.EpochsOf(steps, run.StepsPerEpoch(pictures(labels), c.BatchSize))
				}
				c.WarmupEpochs = min(c.WarmupEpochs, float64(c.Epochs))
				c.EvaluateEvery = run.EvaluationsApart(c.Epochs)
				if err := c.Validate(); err != nil {
					return nil, fault.Errorf("notebook", "%s: %w", arm.Title(), err)
				}
				all = append(all, Run{Experiment: e.ID, Arm: arm, Config: c})
			}
		}
	}
	return all, nil
}

// Results are what the finished runs of an experiment came to.
func (e Experiment) Results(runs []*Run) (all []verdict.Result) {
	for _, r := range runs {
		if r.Experiment != e.ID || r.Phase != run.Finished || r.Answers == nil {
			continue
		}
		right, examples := r.Answers.Confusion().Right()
		all = append(all, verdict.Result{
			Arm: string(r.Arm), Labels: r.Config.LabelsPerClass, Seed: r.Config.Seed,
			Right: right, Examples: examples, Answers: r.Answers, Pretext: r.From.SHA256,
		})
	}
	return all
}

// Table is what the experiment came to so far.
func (e Experiment) Table(runs []*Run) *verdict.Table {
	names := make([]string, len(e.Arms))
	for i, a := range e.Arms {
		names[i] = string(a)
	}
	return verdict.Summarize(names, e.Results(runs))
}

// Findings are the comparisons of its table that are worth a sentence.
func (e Experiment) Findings(t *verdict.Table) []verdict.Comparison {
	return t.Findings(func(arm string) verdict.Kind { return Arm(arm).Kind() })
}

// Verdict is the terminal's sentence, with arms called as the page calls them where their
// names in files are no words.
func (e Experiment) Verdict(c verdict.Comparison) string {
	c.A, c.B = inSentence(c.A), inSentence(c.B)
	return c.Verdict()
}

func inSentence(arm string) string {
	if !strings.Contains(arm, "-") {
		return arm
	}
	return strings.ToLower(Arm(arm).Title())
}

// IsDecided reports whether chance is ruled out in each comparison that all budgets
// have. Who looks after each seed has several chances to be misled, so that a difference
// must be as many times less likely as there may be looks (Bonferroni).
func (e Experiment) IsDecided(t *verdict.Table) bool {
	if len(t.Labels) < len(e.Labels) {
		return false
	}
	found := e.Findings(t)
	looks := float64(max(e.Seeds-verdict.FewestSeeds+1, 1))
	for _, c := range found {
		if !c.IsClearAfter(looks) {
			return false
		}
	}
	return len(found) > 0
}
