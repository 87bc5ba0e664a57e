package main

import (
	"errors"
	"flag"
	"fmt"
	"slices"

	"quarterturn/core/run"
	"quarterturn/core/study"
)

// pretextFlags are those of the networks that compare trains itself to begin with.
type pretextFlags struct {
	seeds, epochs int
}

func (f *pretextFlags) add(flags *flag.FlagSet) {
	flags.IntVar(&f.seeds, "pretext-seeds", 0, "`networks` to train to guess turns and to begin with, in the place of --from; at most as many as --seeds")
	flags.IntVar(&f.epochs, "pretext-epochs", run.Default(run.Pretext).Epochs, "`passes` over the pictures of each of these")
}

// plan adds the networks, and the arm that begins with them.
func (f *pretextFlags) plan(p *study.Plan, c *compareFlags, given map[string]bool) error {
	switch {
	case f.seeds == 0 && given["pretext-epochs"]:
		return errors.New("compare: --pretext-epochs is of the networks that --pretext-seeds trains: say how many")
	case f.seeds == 0 && !given["pretext-seeds"]:
		return nil
	case f.seeds < 1 || f.seeds > len(p.Seeds):
		return fmt.Errorf("compare: --pretext-seeds is %d, want 1 to %d, the number of seeds", f.seeds, len(p.Seeds))
	case len(c.from) > 0:
		return errors.New("compare: --pretext-seeds trains what --from names a file of: leave out one")
	}
	settings := layer{"epochs": fmt.Sprint(f.epochs)}
	for _, name := range []string{"depth", "width", "blocks", "side", "batch"} {
		if text, ok := c.settings.given[name]; ok {
			settings[name] = text
		}
	}
	pretext, err := wish{task: run.Pretext, builtIn: slices.Contains(builtIn(), c.data.path), given: settings}.config()
	if err != nil {
		return err
	}
	pretext, err = settled(pretext)
	p.Pretext = &study.Pretexts{Seeds: f.seeds, Settings: pretext}
	p.Arms = append([]study.Arm{{Name: "transfer", From: study.Pretext}}, p.Arms...)
	return err
}
