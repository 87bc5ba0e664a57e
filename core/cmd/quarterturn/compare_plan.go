package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"quarterturn/assets/pictures"
	"quarterturn/core/cmd/internal/files"
	"quarterturn/core/dataset"
	"quarterturn/core/run"
	"quarterturn/core/study"
)

// readPlan reads an experiment's file.
func (c *comparison) readPlan(path, name string) error {
	b, err := c.terminal.Disk.Read(path, study.MaxBytes)
	if err != nil {
		return usageError{files.InFlag(name, path, err)}
	}
	var about struct{ Data string }
	_ = json.Unmarshal(b, &about) // Mistakes are said below.
	f := compareFlags{data: dataFlags{path: about.Data, holdOut: dataset.DefaultHoldOut, validation: dataset.DefaultValidation}, seeds: 5, steps: 1000}
	if about.Data == "" {
		f.data.path = pictures.Default
	}
	if err := f.defaults(&c.Plan); err != nil {
		return err
	}
	if name == "--resume" {
		// What a plan of an earlier version means, which does not say.
		c.Plan.Validation, c.Plan.Settings.CarryOver = 0, false
	}
	usual := c.Plan.Settings.LearningRate
	if err := c.Plan.Decode(b); err != nil {
		return usageError{fmt.Errorf("%s %s: %w", name, path, err)}
	}
	if q := c.Plan.Pretext; q != nil && name == "--resume" && !bytes.Contains(b, []byte(`"carry-over"`)) {
		q.Settings.CarryOver = false
	}
	if p := &c.Plan; name == "--file" && p.Rates == nil && p.Validation > 0 && p.Settings.LearningRate == usual {
		p.Rates = study.RatesAround(usual)
	}
	return nil
}

// plan makes the plan that the flags describe.
func (f *compareFlags) plan(p *study.Plan, given map[string]bool) error {
	if err := f.defaults(p); err != nil {
		return err
	}
	var err error
	if f.labels != "" {
		if p.Labels, err = numbers("--labels", f.labels); err != nil {
			return err
		}
	}
	if f.epochs != "" {
		p.Steps = 0
		if p.Epochs, err = numbers("--epochs", f.epochs); err != nil {
			return err
		}
	}
	if p.Arms, err = f.arms(); err != nil {
		return err
	}
	if err := f.choosing(p, given); err != nil {
		return err
	}
	if err := f.pretext.plan(p, f, given); err != nil {
		return err
	}
	if f.reading.told.Views > 0 {
		p.Arms = withReadings(p.Arms, &f.reading.told)
	}
	for _, name := range []string{"depth", "width", "blocks"} {
		if given[name] && len(f.from) > 0 {
			return fmt.Errorf("compare: the checkpoint decides the network: leave out --%s", name)
		}
	}
	return p.Validate()
}

// choosing says which rates are tried.
func (f *compareFlags) choosing(p *study.Plan, given map[string]bool) (err error) {
	switch {
	case f.rates != "":
		if given["rate"] {
			return errors.New("compare: --rate says the learning rate and --rates that it is to be chosen: leave out one")
		}
		p.Rates, err = rates(f.rates)
	case !given["rate"] && p.Validation > 0:
		p.Rates = study.RatesAround(p.Settings.LearningRate)
	}
	return err
}

func rates(text string) (list []float64, err error) {
	for field := range strings.SplitSeq(text, ",") {
		rate, err := strconv.ParseFloat(strings.TrimSpace(field), 64)
		if err != nil {
			return nil, fmt.Errorf("compare: --rates %q: want numbers between commas, such as 0.02,0.05,0.1", text)
		}
		list = append(list, rate)
	}
	return list, nil
}

// defaults fills in what a file may leave out.
func (f *compareFlags) defaults(p *study.Plan) error {
	ours := slices.Contains(builtIn(), f.data.path)
	p.Labels = []int{20, 100, 0}
	if ours {
		p.Labels = []int{5, 20, 0}
	}
	c, err := wish{task: run.Scratch, builtIn: ours, given: f.settings.given}.config()
	if err != nil {
		return err
	}
	p.Settings, err = settled(c)
	p.Data, p.Test, p.HoldOut, p.Limit, p.DataSeed = f.data.path, f.data.test, f.data.holdOut, f.data.limit, 1
	p.Validation = f.data.validation
	p.Seeds, p.Steps = study.FirstSeeds(f.seeds), f.steps
	return err
}

func numbers(flag, text string) (list []int, err error) {
	for field := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(field))
		if err != nil {
			return nil, fmt.Errorf("compare: %s %q: want numbers between commas, such as 20,100,0", flag, text)
		}
		list = append(list, n)
	}
	return list, nil
}

// arms makes those of --from and --baselines.
func (f *compareFlags) arms() (arms []study.Arm, err error) {
	for _, from := range f.from {
		name, path, named := strings.Cut(from, "=")
		if !named {
			name, path = "transfer", from
		}
		arms = append(arms, study.Arm{Name: name, From: path})
	}
	for name := range strings.SplitSeq(f.baselines, ",") {
		switch name = strings.TrimSpace(name); name {
		case "":
		case study.Scratch, study.RandomFrozen:
			arms = append(arms, study.Arm{Name: name, From: name})
		default:
			return nil, fmt.Errorf("compare: no baseline %q, choose scratch, random-frozen or both", name)
		}
	}
	return arms, nil
}
