package study

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"quarterturn/core/durable"
	"quarterturn/core/fault"
	"quarterturn/core/runs"
)

// Names in the folder of a study.
const (
	PlanFile     = "experiment.json"
	startsFolder = "starts" // A folder for each arm with a checkpoint.
)

// ErrOther says that a folder has something else in it than the study at hand.
var ErrOther = errors.New("give the same, or choose another folder")

// Claim takes the folder for this process and leaves the plan in it. What is there
// must be of the same experiment.
func (s *Study) Claim() (io.Closer, error) {
	if err := s.Disk.MkdirAll(s.Folder); err != nil {
		return nil, err
	}
	lock, err := s.Disk.Lock(filepath.Join(s.Folder, ".lock"))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.Folder, err)
	}
	if err := errors.Join(s.checkPlan(), s.checkRuns()); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	if err := s.writePlan(); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return lock, nil
}

// checkPlan compares with the plan that is in the folder.
func (s *Study) checkPlan() error {
	path := filepath.Join(s.Folder, PlanFile)
	b, err := s.Disk.Read(path, MaxBytes)
	if durable.IsMissing(err) {
		return runs.Vacant(s.Disk, s.Folder)
	}
	if err != nil {
		return err
	}
	var there Plan
	if err := there.Decode(b); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := there.Extends(&s.Plan); err != nil {
		return fault.Errorf("study", "%s has another experiment: %w; %w", s.Folder, err, ErrOther)
	}
	return nil
}

// checkRuns compares the runs that are there with those of the plan.
func (s *Study) checkRuns() error {
	settled, err := s.settle()
	if err != nil {
		return err
	}
	for _, r := range s.All() {
		if cmp.Or(r.Part, OfRuns) == OfRuns && !settled {
			continue
		}
		b, err := s.Disk.Read(filepath.Join(s.FolderOf(r), runs.SpecFile), runs.MaxSpecBytes)
		if err != nil {
			continue // Not begun. What cannot be read is said when the run's turn comes.
		}
		there, err := runs.DecodeSpec(b)
		if err != nil {
			continue
		}
		with, err := s.begins(r)
		if err != nil {
			continue // Its pretext network is not there: it is said when the run's turn comes.
		}
		if what := there.Differs(s.spec(r, with)); what != "" {
			return fault.Errorf("study", "%s has a run with another %s: %w", s.FolderOf(r), what, ErrOther)
		}
	}
	return nil
}

func (s *Study) writePlan() error {
	b, err := json.MarshalIndent(s.Plan, "", "  ")
	if err != nil {
		return err
	}
	path := filepath.Join(s.Folder, PlanFile)
	if there, err := s.Disk.Read(path, MaxBytes); err == nil && bytes.Equal(there, append(b, '\n')) {
		return nil
	}
	if err := durable.Replace(s.Disk, path, append(b, '\n')); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}

// FolderOf returns the folder of a run, as a Job leaves it.
func (s *Study) FolderOf(r Run) string {
	return filepath.Join(s.Folder, string(cmp.Or(r.Part, OfRuns)), r.Name)
}
