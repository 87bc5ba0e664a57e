package main

import (
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"quarterturn/core/run"
)

// A group is flags that belong together in a command's help.
type group struct {
	title string
	flags []string
}

// groups are in the order in which people decide. What is in none of them is what the
// command itself is about, and comes first.
var groups = []group{
	{"Pictures", []string{"data", "test", "hold-out", "validation", "limit", "labels-per-class", "split", "damaged", "strict", "cache"}},
	{"Network", []string{"depth", "blocks", "width", "hidden", "side", "first-stage", "fresh-stage"}},
	{"Training", []string{"epochs", "steps", "batch", "rate", "rates", "schedule", "warmup", "momentum", "weight-decay", "stage-decay", "label-smoothing", "average", "carry-over", "seed", "preset"}},
	{"How pictures are varied", []string{"scaled-crop", "central-crop", "pad-crop", "flip", "one-turn"}},
	{"Keeping", []string{"out", "resume", "run", "save-every", "keep", "on-nan", "evaluate-every"}},
	{"Machine", []string{"backend", "devices", "precision", "parallel"}},
}

// fewFlags are those that need no groups.
const fewFlags = 14

// printGroups lists a command's flags.
func printGroups(w io.Writer, flags *flag.FlagSet) {
	var names []string
	flags.VisitAll(func(f *flag.Flag) { names = append(names, f.Name) })
	if len(names) <= fewFlags {
		printSome(w, "Flags", flags, names)
		return
	}
	grouped := map[string]bool{}
	for _, g := range groups {
		for _, name := range g.flags {
			grouped[name] = true
		}
	}
	own := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return grouped[name] })
	printSome(w, "Flags", flags, own)
	for _, g := range groups {
		printSome(w, g.title, flags, slices.DeleteFunc(slices.Clone(g.flags), func(name string) bool { return !slices.Contains(names, name) }))
	}
}

// printSome lists some of a command's flags under a title, as package flag does.
func printSome(w io.Writer, title string, flags *flag.FlagSet, names []string) {
	if len(names) == 0 {
		return
	}
	some := flag.NewFlagSet("", flag.ContinueOnError)
	some.SetOutput(w)
	for _, name := range names {
		f := flags.Lookup(name)
		some.Var(f.Value, f.Name, f.Usage)
		some.Lookup(name).DefValue = f.DefValue // Not what was given before --help.
	}
	fmt.Fprintf(w, "\n%s:\n", title)
	some.PrintDefaults()
}

// nearestFlag returns the flag that an unknown one may be meant for, or "".
func nearestFlag(flags *flag.FlagSet, err error) string {
	unknown, ok := strings.CutPrefix(err.Error(), "flag provided but not defined: -")
	if !ok {
		return ""
	}
	var names []string
	flags.VisitAll(func(f *flag.Flag) { names = append(names, f.Name) })
	return run.Nearest(strings.TrimLeft(unknown, "-"), names)
}
