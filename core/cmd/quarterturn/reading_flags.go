package main

import (
	"errors"
	"flag"
	"fmt"

	"quarterturn/core/dataset"
	"quarterturn/core/measure"
	"quarterturn/core/study"
)

// readingFlags are those of a measure.Reading.
type readingFlags struct {
	preset string
	told   measure.Reading
}

func (f *readingFlags) add(flags *flag.FlagSet) {
	flags.StringVar(&f.preset, "preset", "", "a `name` for several flags: few-labels")
	flags.TextVar(&f.told.Stages, "stages", measure.ReadStages(nil), "with --views, the `stages` read together, such as 3x2,4 for stage 3 in 2×2 cells and stage 4 as a whole (default the last as a whole and the one before it in 2×2 cells)")
	flags.IntVar(&f.told.Views, "views", 0, "read several stages together, averaged over so many `views` of each picture: 1 as it is, 2 its mirror image too, 10 both also shifted to the corners; 0 for not")
}

// reading returns what the flags of a command say, nil for none.
func (f *readingFlags) reading(flags *flag.FlagSet, command string) (*measure.Reading, error) {
	preset, err := presetOf(f.preset, command)
	if err != nil {
		return nil, err
	}
	given := map[string]bool{}
	flags.Visit(func(g *flag.Flag) { given[g.Name] = true })
	for name, value := range preset {
		if given[name] {
			continue
		}
		if err := flags.Set(name, value); err != nil {
			return nil, usageError{fmt.Errorf("--preset %s: --%s %s: %w", f.preset, name, value, err)}
		}
	}
	if f.told.Views == 0 {
		if len(f.told.Stages) > 0 {
			return nil, usageError{errors.New(command + ": --stages says what --views reads: give both")}
		}
		return nil, nil
	}
	if _, err := dataset.Views(f.told.Views, dataset.DefaultSide); err != nil {
		return nil, usageError{fmt.Errorf("--views: %w", err)}
	}
	return &f.told, nil
}

// few is the name of the arm that reads what another trains: of transfer it is enough.
const few = "few-labels"

// withReadings puts an arm that reads the features of each network beside those that train
// it, random ones too: so that a table shows what labels are worth to either.
func withReadings(arms []study.Arm, reading *measure.Reading) (all []study.Arm) {
	for _, a := range arms {
		all = append(all, a)
		name := a.Name + "-" + few
		switch {
		case a.From == study.Scratch:
			continue
		case a.From == study.RandomFrozen:
			name = "random-" + few
		case a.Name == "transfer":
			name = few
		}
		all = append(all, study.Arm{Name: name, From: a.From, Reading: reading})
	}
	return all
}
