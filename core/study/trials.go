package study

import (
	"errors"
	"fmt"
	"math"
	"strconv"

	"quarterturn/core/dataset"
	"quarterturn/core/fault"
	"quarterturn/core/runs"
	"quarterturn/core/train"
	"quarterturn/core/verdict"
)

// Trials choose the learning rate of each arm with each budget: one run for each rate
// of the plan's, all arms the same ones, as long as those that count and of a seed that
// none of them has. The pictures held out for validation choose; no trial sees a test
// picture. A comparison of arms of which one has its best rate and another has not is
// one of rates (Bouthillier et al. 2021, arXiv 2103.03098).

// trialSeed is that of all trials.
const trialSeed = 1_000_000

// MaxRates bounds the rates of a plan.
const MaxRates = 12

// RatesAround returns the usual grid: a rate itself, a third and a ninth of it, for what
// a checkpoint has taught already, and three times it, with two digits.
func RatesAround(rate float64) []float64 {
	var grid []float64
	for _, factor := range []float64{1.0 / 9, 1.0 / 3, 1, 3} {
		two, _ := strconv.ParseFloat(strconv.FormatFloat(rate*factor, 'g', 2, 64), 64)
		grid = append(grid, two)
	}
	return grid
}

func (p *Plan) validateRates() error {
	if len(p.Rates) > MaxRates {
		return fault.Errorf("study", "%d rates, want at most %d", len(p.Rates), MaxRates)
	}
	for _, rate := range p.Rates {
		if !(rate > 0 && rate <= 100) {
			return fault.Errorf("study", "a rate is %v, want a number above 0, up to 100", rate)
		}
	}
	if len(p.Rates) > 0 && p.Validation == 0 {
		return fault.New("study", "rates are chosen by pictures held out for validation, and validation is 0: the test pictures must not choose")
	}
	for _, seed := range p.Seeds {
		if seed == trialSeed && len(p.Rates) > 0 {
			return fault.Errorf("study", "seed %d is that of the trials: choose another", seed)
		}
	}
	return nil
}

// isTried reports whether the rate of an arm is chosen by trials: not where its own
// settings have one.
func (p *Plan) isTried(a Arm) bool {
	if len(p.Rates) == 0 || a.Reading != nil {
		return false
	}
	if len(a.Settings) == 0 {
		return true
	}
	own, err := settingsIn(a.Settings)
	return err == nil && own["rate"] == nil
}

// trials lists the runs that choose.
func (p *Plan) trials(all []Run) (trials []Run) {
	for _, r := range all {
		if r.Seed != p.Seeds[0] || !p.isTried(p.Arms[r.Arm]) {
			continue
		}
		for _, rate := range p.Rates {
			t := r
			t.Part, t.Seed, t.Config.Seed, t.Config.LearningRate = OfTrials, trialSeed, trialSeed, rate
			t.Name = fmt.Sprintf("%s-%s-rate%v", p.Arms[r.Arm].Name, verdict.ShortBudget(r.Labels), rate)
			trials = append(trials, t)
		}
	}
	return trials
}

// withoutTest is what trials see.
func withoutTest(set *dataset.Set) *dataset.Set {
	blind := *set
	blind.Test = set.Test.Subset(nil)
	return &blind
}

// settle gives the runs the rates that the trials chose. It reports whether all trials
// that a run hangs on are done; one that diverged is.
func (s *Study) settle() (bool, error) {
	for i := range s.Runs {
		r := &s.Runs[i]
		if !s.Plan.isTried(s.Plan.Arms[r.Arm]) {
			continue
		}
		best, done, err := s.chosen(*r)
		if err != nil || !done {
			return false, err
		}
		r.Config.LearningRate = best
	}
	return true, nil
}

// chosen returns the rate with the highest validation accuracy among the trials of a
// run's arm and budget; of equal ones that with the lowest loss, then the lowest.
func (s *Study) chosen(r Run) (rate float64, done bool, err error) {
	highest, lowest := -1.0, math.Inf(1)
	for _, t := range s.Trials {
		if t.Arm != r.Arm || t.Labels != r.Labels {
			continue
		}
		if s.hasDiverged(t) {
			continue
		}
		if !s.IsFinished(t) {
			return 0, false, nil
		}
		record, err := runs.Read(s.Disk, s.FolderOf(t))
		if err != nil {
			return 0, false, err
		}
		if last := record.Last(); last.Accuracy > highest || last.Accuracy == highest && last.Loss < lowest {
			rate, highest, lowest = t.Config.LearningRate, last.Accuracy, last.Loss
		}
	}
	if highest < 0 {
		return 0, false, fault.Errorf("study", "with %s of arm %s every rate diverged: give lower ones", verdict.Budget(r.Labels), s.Plan.Arms[r.Arm].Name)
	}
	return rate, true, nil
}

// A trial that diverged has told what it had to. That is not written down: in another
// process it diverges again.
func (s *Study) diverged(r Run, err error) bool {
	if r.Part != OfTrials || !errors.Is(err, train.ErrDiverged) {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lost == nil {
		s.lost = map[string]bool{}
	}
	s.lost[r.Name] = true
	return true
}

func (s *Study) hasDiverged(r Run) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lost[r.Name]
}

// RatesChosen says which rates the trials chose, a sentence for each arm and budget;
// empty before they are done. One at the end of the grid may not be the best there is.
func (s *Study) RatesChosen() (lines []string) {
	if settled, err := s.settle(); err != nil || !settled {
		return nil
	}
	for _, r := range s.Runs {
		if r.Seed != s.Plan.Seeds[0] || !s.Plan.isTried(s.Plan.Arms[r.Arm]) {
			continue
		}
		line := fmt.Sprintf("rate of %s with %s: %v", s.Plan.Arms[r.Arm].Name, verdict.Budget(r.Labels), r.Config.LearningRate)
		low, high := s.Plan.Rates[0], s.Plan.Rates[0]
		for _, rate := range s.Plan.Rates {
			low, high = min(low, rate), max(high, rate)
		}
		switch r.Config.LearningRate {
		case high:
			line += ", the highest tried: a higher one may be better"
		case low:
			line += ", the lowest tried: a lower one may be better"
		}
		lines = append(lines, line)
	}
	return lines
}
