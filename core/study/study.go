package study

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/gomlx/compute"

	"quarterturn/core/checkpoint"
	"quarterturn/core/dataset"
	"quarterturn/core/durable"
	"quarterturn/core/exam"
	"quarterturn/core/fault"
	"quarterturn/core/measure"
	"quarterturn/core/resnet"
	"quarterturn/core/run"
	"quarterturn/core/runs"
	"quarterturn/core/train"
)

// A Study is a plan at work in a folder: it trains what is missing there, several
// runs at a time, and goes on after whatever stopped it, to the same bits.
//
// Claim before Train, and Train before LayOut.
type Study struct {
	Plan   Plan
	Folder string
	Starts []Start      // Of the plan's arms, see Plan.Begin.
	Set    *dataset.Set // All runs' pictures.

	Told   runs.Spec           // Command, backend, hardware and keeping of all runs; the rest is the plan's.
	Retold func(*runs.Keeping) // Changes how a run that is there is kept, as this call was told; nil leaves it.
	Watch  Watcher
	Disk   durable.Files
	Now    func() time.Time // Nil is time.Now.
	Draw   func([]run.Evaluated) ([]durable.Content, error)

	// Runs are the plan's, and Trials and Pretexts what is done for them before. Prepare
	// lists them.
	Runs, Trials, Pretexts []Run

	pictures, blind string          // The fingerprints of the set, and of what trials see of it.
	memory          *measure.Memory // Of what is read of pictures: seeds and budgets share most of them.
	mu              sync.Mutex
	lost            map[string]bool // Trials that diverged, by name.
}

// A Watcher hears how a study goes. Its methods are called by several goroutines.
type Watcher interface {
	// Event is an event of a run.
	Event(r Run, e run.Event)
	// Say is a line about a run, for people.
	Say(r Run, line string)
	// Finished is called for each run that is done; outcome is nil of one that was
	// done before.
	Finished(r Run, outcome *runs.Outcome)
	// Failed is called for a run that broke off; the others go on.
	Failed(r Run, err error)
}

// memoryBytes bounds what is remembered of features: those of 200,000 pictures by the
// usual Reading of a ResNet-18.
const memoryBytes = 1 << 30

// Prepare lists the runs.
func (s *Study) Prepare() error {
	if len(s.Set.Test.Labelled()) == 0 {
		return fault.New("study", "there are no labelled pictures to compare on: hold some out")
	}
	s.pictures = train.Fingerprint(s.Set)
	s.memory = measure.NewMemory(memoryBytes)
	var networks []run.Network
	for _, start := range s.Starts {
		networks = append(networks, start.Network)
	}
	labels := s.Set.Train.Labels
	if err := s.checkBudgets(dataset.LargestClass(labels)); err != nil {
		return err
	}
	var err error
	if s.Runs, err = s.Plan.Runs(networks, func(budget int) int { return len(dataset.Budget(labels, budget, 1)) }); err != nil {
		return err
	}
	if s.Trials = s.Plan.trials(s.Runs); len(s.Trials) > 0 {
		if len(s.Set.Validating().Labelled()) == 0 || s.Set.Validation == nil {
			return fault.New("study", "there are no labelled pictures to choose rates by: hold some out for validation, or say the rate")
		}
		s.blind = train.Fingerprint(withoutTest(s.Set))
	}
	s.Pretexts = s.Plan.pretextRuns(s.Set.Train.Len())
	return nil
}

// checkBudgets refuses budgets that no class has pictures for: their rows would be those
// of all labels, under a number that is not so.
func (s *Study) checkBudgets(largest int) error {
	for _, n := range s.Plan.Labels {
		if n > largest {
			return fault.Errorf("study", "%d labels a class: no class has more than %d pictures to learn from; take fewer, or 0 for all", n, largest)
		}
	}
	return nil
}

// All are the runs of all parts, in the order in which they are done.
func (s *Study) All() []Run { return slices.Concat(s.Pretexts, s.Trials, s.Runs) }

// spec returns what a run is told that begins with something.
func (s *Study) spec(r Run, with begun) *runs.Spec {
	spec := s.Told
	spec.From, spec.Start = with.path, with.sum
	spec.Config, spec.PretextSeed = r.Config, r.Pretext
	if r.Arm >= 0 {
		spec.Arm, spec.Reading = s.Plan.Arms[r.Arm].Name, s.Plan.Arms[r.Arm].Reading
		if s.Plan.isTried(s.Plan.Arms[r.Arm]) {
			spec.Rates = s.Plan.Rates
		}
	}
	p := &s.Plan
	spec.Data, spec.Test, spec.HoldOut, spec.Validation, spec.Limit, spec.DataSeed = p.Data, p.Test, p.HoldOut, p.Validation, p.Limit, p.DataSeed
	return &spec
}

// IsFinished reports whether everything that a run leaves behind is there. The
// confusion matrix is the last of it, if there is one of so many classes. What it
// holds does not matter: another try would come to the same.
func (s *Study) IsFinished(r Run) bool {
	found, err := runs.Read(s.Disk, s.FolderOf(r))
	switch {
	case err != nil || !found.Finished:
		return false
	case r.Part == OfTrials:
		return true
	case r.Part == OfPretext:
		return s.Set.Test.Len() == 0 || durable.Has(s.Disk, s.FolderOf(r), runs.AnswersFile)
	}
	return (len(s.Set.Test.Classes) > exam.MaxClasses || durable.Has(s.Disk, s.FolderOf(r), runs.ConfusionFile))
}

// Missing returns the runs that are not finished, and tells the watcher of the
// others.
func (s *Study) Missing() (missing []Run) {
	for _, r := range s.All() {
		if s.IsFinished(r) {
			s.Watch.Finished(r, nil)
		} else {
			missing = append(missing, r)
		}
	}
	return missing
}

// Train does what is missing, as many runs at a time as there are backends: first those
// that others begin with, then those that choose their rates. A run that fails does not
// keep the others of its part from going on: failed says which did, and stopped is
// ctx's error.
func (s *Study) Train(ctx context.Context, backends []compute.Backend) (failed, stopped error) {
	for _, part := range [][]Run{s.Pretexts, s.Trials} {
		if failed, stopped := s.trainPart(ctx, backends, part); failed != nil || stopped != nil {
			return failed, stopped
		}
	}
	if _, err := s.settle(); err != nil {
		return err, nil
	}
	return s.trainPart(ctx, backends, s.Runs)
}

// trainPart does the runs of a part that are not finished.
func (s *Study) trainPart(ctx context.Context, backends []compute.Backend, part []Run) (failed, stopped error) {
	missing := slices.DeleteFunc(slices.Clone(part), s.IsFinished)
	var workers sync.WaitGroup
	var problems []error
	next := make(chan Run)
	for _, backend := range backends {
		workers.Go(func() {
			for r := range next {
				err := s.trainOne(ctx, backend, r)
				if err == nil || errors.Is(err, context.Canceled) || s.diverged(r, err) { // Not what could not be saved when it was stopped.
					continue
				}
				s.Watch.Failed(r, err)
				s.mu.Lock()
				problems = append(problems, fmt.Errorf("%s: %w", r.Name, err))
				s.mu.Unlock()
			}
		})
	}
	hand(ctx, missing, next)
	workers.Wait()
	if len(problems) > 0 {
		failed = fmt.Errorf("%d of %d runs failed: %w", len(problems), len(part), errors.Join(problems...))
	}
	return failed, ctx.Err()
}

// hand gives runs out until ctx is done.
func hand(ctx context.Context, missing []Run, to chan<- Run) {
	defer close(to)
	for _, r := range missing {
		if ctx.Err() != nil {
			return
		}
		select {
		case to <- r:
		case <-ctx.Done():
		}
	}
}

// trainOne does a run, or goes on with it.
func (s *Study) trainOne(ctx context.Context, backend compute.Backend, r Run) error {
	with, err := s.begins(r)
	if err != nil {
		return err
	}
	from, err := s.modelOf(r, with)
	if err != nil {
		return err
	}
	job := runs.Job{
		Spec: *s.spec(r, with), Folder: s.FolderOf(r), From: from, Start: with.sum,
		Disk: s.Disk, Now: s.Now, Draw: s.Draw,
		Say:    func(line string) { s.Watch.Say(r, line) },
		Report: func(e run.Event) { s.Watch.Event(r, e) },
	}
	set, pictures := s.Set, s.pictures
	if r.Part == OfTrials {
		set, pictures = withoutTest(s.Set), s.blind
	}
	defer job.Close()
	if runs.HasRun(s.Disk, job.Folder) {
		if err := job.Resume(); err != nil {
			return err
		}
		if s.Retold != nil {
			s.Retold(&job.Spec.Keeping)
		}
	}
	outcome, err := s.do(ctx, backend, &job, set, pictures)
	switch {
	case errors.Is(err, context.Canceled):
		s.Watch.Say(r, fmt.Sprintf("stopped after step %d", outcome.Step))
	case err != nil && outcome.Saved != "":
		s.Watch.Say(r, outcome.Saved)
	case err == nil:
		if outcome.Failed() {
			s.Watch.Say(r, fmt.Sprintf("it ended at a loss of %.4g nats, where guessing blindly has %.2f: its rate is too high", outcome.Last.Loss, outcome.Blind))
		}
		s.Watch.Finished(r, &outcome)
	}
	return err
}

// do trains a job's run, or reads features where the run is of an arm that does.
func (s *Study) do(ctx context.Context, backend compute.Backend, job *runs.Job, set *dataset.Set, pictures string) (runs.Outcome, error) {
	if job.Spec.Reading == nil {
		return job.Run(ctx, backend, set, pictures)
	}
	if job.From == nil {
		c := job.Spec.Config
		net := resnet.Config{Network: c.Network, Classes: len(set.Train.Classes)}
		job.From = &checkpoint.Model{Config: net, Side: c.Side, Weights: checkpoint.Initial(net, c.Seed)}
	}
	return job.Read(ctx, measure.Reader{Backend: backend, Memory: s.memory}, set, pictures)
}
