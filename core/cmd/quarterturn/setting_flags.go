package main

import (
	"errors"
	"flag"
	"slices"

	"quarterturn/core/run"
)

// settingFlags are the flags of a run's settings, and what was said by them.
type settingFlags struct {
	config run.Config // What --help shows as defaults, and then what was said last.
	given  layer
}

// add registers the settings of the table that make a difference to all of the
// tasks, but for some.
func (f *settingFlags) add(flags *flag.FlagSet, defaults run.Config, has func(*run.Setting) bool) {
	f.config, f.given = defaults, layer{}
	for _, s := range run.Settings() {
		switch {
		case s.Name == "task" || s.Name == "hidden" || !has(s): // The command's and the probe's.
		case s.Kind == run.Truth:
			flags.Var(truthFlag{settingFlag{s, f}}, s.Name, s.Usage())
		default:
			flags.Var(settingFlag{s, f}, s.Name, s.Usage())
		}
	}
}

// mattersTo returns what finds the settings of any of the tasks.
func mattersTo(tasks ...run.Task) func(*run.Setting) bool {
	return func(s *run.Setting) bool { return slices.ContainsFunc(tasks, s.MattersTo) }
}

// A settingFlag is a setting as package flag takes it.
type settingFlag struct {
	setting *run.Setting
	flags   *settingFlags
}

// String returns what the setting is. That of no setting is "0", by which package flag knows which
// defaults are not worth telling.
func (f settingFlag) String() string {
	if f.setting == nil {
		return "0"
	}
	return f.setting.Text(&f.flags.config)
}

func (f settingFlag) Set(text string) error {
	if f.setting.Set(&f.flags.config, text) != nil {
		return errors.New("want " + f.setting.Want())
	}
	f.flags.given[f.setting.Name] = text
	return nil
}

// A truthFlag is one whose name alone says true.
type truthFlag struct{ settingFlag }

func (f truthFlag) String() string {
	if f.setting == nil {
		return "false"
	}
	return f.settingFlag.String()
}

func (truthFlag) IsBoolFlag() bool { return true }
