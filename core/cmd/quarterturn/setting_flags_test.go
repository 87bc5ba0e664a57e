package main

import (
	"flag"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"

	"quarterturn/core/cmd/internal/term"
	"quarterturn/core/run"
)

// settingNames lists the flags of a set that are settings of the table.
func settingNames(flags *flag.FlagSet) (names []string) {
	flags.VisitAll(func(f *flag.Flag) {
		switch f.Value.(type) {
		case settingFlag, truthFlag:
			names = append(names, f.Name)
		}
	})
	return names
}

// TestFlagsAreOfTheTable: each command has the settings that make a difference to
// what it learns, with the table's words and the defaults for pictures of one's own.
func TestFlagsAreOfTheTable(t *testing.T) {
	pretrain, finetune := learning{name: "pretrain"}, learning{name: "finetune"}
	comparison := comparison{terminal: &term.Terminal{}}
	compared, _ := comparison.flags()
	for _, tt := range []struct {
		flags *flag.FlagSet
		not   string // Settings that the command decides otherwise.
	}{
		{pretrain.flags(&term.Terminal{}, "").FlagSet, "task hidden labels-per-class first-stage fresh-stage stage-decay central-crop"},
		{finetune.flags(&term.Terminal{}, "").FlagSet, "task hidden one-turn"},
		{compared, "task hidden epochs seed evaluate-every labels-per-class first-stage fresh-stage stage-decay central-crop one-turn"},
	} {
		var want []string
		for _, s := range run.Settings() {
			if slices.Contains(strings.Fields(tt.not), s.Name) {
				continue
			}
			want = append(want, s.Name)
			if f := tt.flags.Lookup(s.Name); f == nil || f.Usage != s.Usage() {
				t.Errorf("--%s of %s is %+v, want the usage %q", s.Name, tt.flags.Name(), f, s.Usage())
			}
		}
		slices.Sort(want)
		if got := settingNames(tt.flags); !slices.Equal(got, want) {
			t.Errorf("%s has the settings %v, want %v", tt.flags.Name(), got, want)
		}
		if f := tt.flags.Lookup("depth"); f.DefValue != "18" {
			t.Errorf("%s: --depth is %s", tt.flags.Name(), f.DefValue)
		}
	}
}

func TestSettingFlags(t *testing.T) {
	for _, tt := range []struct {
		args string
		want layer  // What was given.
		err  string // Of what cannot be.
	}{
		{"", layer{}, ""},
		{"--rate 0.5 --flip=false --one-turn", layer{"rate": "0.5", "flip": "false", "one-turn": "true"}, ""},
		{"--depth 10 --blocks 1,2 --width 3", layer{"depth": "10", "blocks": "1,2", "width": "3"}, ""},
		{"--epochs 3 --epochs 4", layer{"epochs": "4"}, ""},
		{"--epochs many", nil, `invalid value "many" for flag -epochs: want a whole number, such as 10`},
		{"--blocks 1;2", nil, "want numbers between commas"},
		{"--depth 9", nil, "want 8, 10, 14, 18, 20 or 34"},
		{"--flip=perhaps", nil, "want true or false"},
	} {
		var f settingFlags
		flags := flag.NewFlagSet("", flag.ContinueOnError)
		flags.SetOutput(io.Discard)
		f.add(flags, run.Default(run.Pretext), mattersTo(run.Pretext))
		err := flags.Parse(strings.Fields(tt.args))
		if tt.err == "" && (err != nil || !reflect.DeepEqual(f.given, tt.want)) || tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
			t.Errorf("%s: given %v, %v, want %v %s", tt.args, f.given, err, tt.want, tt.err)
		}
	}
}

// TestHelpLeavesOutZeros: as for flags of the package's own, a default that is nothing
// is not told.
func TestHelpLeavesOutZeros(t *testing.T) {
	help := mustCall(t, "finetune", "--help")
	for _, not := range []string{"(default 0)", "(default false)", "(default )"} {
		if strings.Contains(help, not) {
			t.Errorf("--help has %s:\n%s", not, help)
		}
	}
	for _, want := range []string{"(default true)", "-pad-crop pixels\n", "0 to half of --side, 0 for none (default 4)", "-one-turn"} {
		if (want == "-one-turn") == strings.Contains(help, want) {
			t.Errorf("--help and %q:\n%s", want, help)
		}
	}
}
