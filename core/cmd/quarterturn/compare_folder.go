package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"quarterturn/core/durable"
	"quarterturn/core/study"
)

// claim takes the folder for this process and leaves the plan in it. What is there
// must be of the same experiment.
func (c *comparison) claim() (io.Closer, error) {
	disk := c.terminal.disk
	if err := disk.MkdirAll(c.out); err != nil {
		return nil, err
	}
	lock, err := disk.Lock(filepath.Join(c.out, ".lock"))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.out, err)
	}
	if err := errors.Join(c.checkPlan(), c.checkRuns()); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	if err := c.writePlan(); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return lock, nil
}

// checkPlan compares with the plan that is in the folder.
func (c *comparison) checkPlan() error {
	path := filepath.Join(c.out, experimentFile)
	b, err := c.terminal.disk.Read(path, study.MaxBytes)
	if isMissing(err) {
		return nil
	}
	if err != nil {
		return err
	}
	var there study.Plan
	if err := there.Decode(b); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := there.Extends(&c.plan); err != nil {
		return usageError{fmt.Errorf("%s has another experiment: %w; choose another --out", c.out, err)}
	}
	return nil
}

// checkRuns compares the runs that are there with those of the plan.
func (c *comparison) checkRuns() error {
	for _, r := range c.runs {
		b, err := c.terminal.disk.Read(filepath.Join(c.folder(r), configFile), maxSettingsBytes)
		if err != nil {
			continue // Not begun. What cannot be read is said when the run's turn comes.
		}
		there, err := decodeSettings(b)
		if err != nil {
			continue
		}
		if what := there.differs(c.settings(r)); what != "" {
			return usageError{fmt.Errorf("%s has a run with another %s: give the same, or choose another --out", c.folder(r), what)}
		}
	}
	return nil
}

// differs names the first thing in which the numbers of two runs may differ.
func (s settings) differs(other settings) string {
	for _, f := range []struct {
		what string
		a, b any
	}{
		{"configuration", s.Config, other.Config},
		{"start", s.start(), other.start()},
		{"set of pictures", []any{s.Data, s.Test, s.HoldOut, s.Limit, s.DataSeed}, []any{other.Data, other.Test, other.HoldOut, other.Limit, other.DataSeed}},
		{"backend", kindOf(s.Backend), kindOf(other.Backend)},
		{"precision or number of devices", s.Hardware.standard(), other.Hardware.standard()},
	} {
		if fmt.Sprintf("%+v", f.a) != fmt.Sprintf("%+v", f.b) {
			return f.what
		}
	}
	return ""
}

func (c *comparison) writePlan() error {
	b, err := json.MarshalIndent(c.plan, "", "  ")
	if err != nil {
		return err
	}
	path := filepath.Join(c.out, experimentFile)
	if there, err := c.terminal.disk.Read(path, study.MaxBytes); err == nil && bytes.Equal(there, append(b, '\n')) {
		return nil
	}
	if err := durable.Replace(c.terminal.disk, path, append(b, '\n')); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}

func (c *comparison) folder(r study.Run) string { return filepath.Join(c.out, "runs", r.Name) }

// settings returns what a run is told.
func (c *comparison) settings(r study.Run) settings {
	s := c.safety
	arm := c.plan.Arms[r.Arm]
	s.Command, s.Config, s.Arm = c.command, r.Config, arm.Name
	if arm.Trained() {
		s.From, s.Start = arm.From, arm.SHA256
	}
	s.Data, s.Test, s.HoldOut, s.Limit, s.DataSeed = c.plan.Data, c.plan.Test, c.plan.HoldOut, c.plan.Limit, c.plan.DataSeed
	s.Backend = c.threaded()
	return s
}
