package study

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/gomlx/compute"

	"quarterturn/core/dataset"
	"quarterturn/core/durable"
	"quarterturn/core/fault"
	"quarterturn/core/measure"
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

	Runs []Run // Of the plan; Prepare lists them.

	pictures string // The set's fingerprint.
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

// Prepare lists the runs.
func (s *Study) Prepare() error {
	if len(s.Set.Test.Labelled()) == 0 {
		return fault.New("study", "there are no labelled pictures to compare on: hold some out")
	}
	s.pictures = train.Fingerprint(s.Set)
	var networks []run.Network
	for _, start := range s.Starts {
		networks = append(networks, start.Network)
	}
	labels := s.Set.Train.Labels
	var err error
	s.Runs, err = s.Plan.Runs(networks, func(budget int) int { return len(dataset.Budget(labels, budget, 1)) })
	return err
}

// spec returns what a run is told.
func (s *Study) spec(r Run) *runs.Spec {
	spec, arm := s.Told, s.Plan.Arms[r.Arm]
	spec.Config, spec.Arm = r.Config, arm.Name
	if arm.Trained() {
		spec.From, spec.Start = arm.From, arm.SHA256
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
	return err == nil && found.Finished &&
		(len(s.Set.Test.Classes) > measure.MaxClasses || durable.Has(s.Disk, s.FolderOf(r), runs.ConfusionFile))
}

// Missing returns the runs that are not finished, and tells the watcher of the
// others.
func (s *Study) Missing() (missing []Run) {
	for _, r := range s.Runs {
		if s.IsFinished(r) {
			s.Watch.Finished(r, nil)
		} else {
			missing = append(missing, r)
		}
	}
	return missing
}

// Train does the runs, as many at a time as there are backends. A run that fails
// does not keep the others from going on: failed says which did, and stopped is
// ctx's error.
func (s *Study) Train(ctx context.Context, backends []compute.Backend, missing []Run) (failed, stopped error) {
	var workers sync.WaitGroup
	var mu sync.Mutex
	var problems []error
	next := make(chan Run)
	for _, backend := range backends {
		workers.Go(func() {
			for r := range next {
				err := s.trainOne(ctx, backend, r)
				if err == nil || errors.Is(err, context.Canceled) { // Not what could not be saved when it was stopped.
					continue
				}
				s.Watch.Failed(r, err)
				mu.Lock()
				problems = append(problems, fmt.Errorf("%s: %w", r.Name, err))
				mu.Unlock()
			}
		})
	}
	hand(ctx, missing, next)
	workers.Wait()
	if len(problems) > 0 {
		failed = fmt.Errorf("%d of %d runs failed: %w", len(problems), len(s.Runs), errors.Join(problems...))
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
	job := runs.Job{
		Spec: *s.spec(r), Folder: s.FolderOf(r), From: s.Starts[r.Arm].Model, Start: s.Plan.Arms[r.Arm].SHA256,
		Disk: s.Disk, Now: s.Now, Draw: s.Draw,
		Say:    func(line string) { s.Watch.Say(r, line) },
		Report: func(e run.Event) { s.Watch.Event(r, e) },
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
	outcome, err := job.Run(ctx, backend, s.Set, s.pictures)
	switch {
	case errors.Is(err, context.Canceled):
		s.Watch.Say(r, fmt.Sprintf("stopped after step %d", outcome.Step))
	case err != nil && outcome.Saved != "":
		s.Watch.Say(r, outcome.Saved)
	case err == nil:
		s.Watch.Finished(r, &outcome)
	}
	return err
}
