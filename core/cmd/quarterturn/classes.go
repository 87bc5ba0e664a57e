package main

import (
	"flag"
	"fmt"
	"strings"

	"quarterturn/core/checkpoint"
	"quarterturn/core/cmd/internal/term"
	"quarterturn/core/internal/printable"
	"quarterturn/core/run"
)

// classesFlag is that of what a model's logits are called, where its file does not say.
func classesFlag(flags *flag.FlagSet) *string {
	return flags.String("classes", "", "`names` of the model's classes between commas, in the order of its logits, for a file that does not name them")
}

// assume names the classes of a model as told, or else says what is taken for granted.
func assume(t *term.Terminal, m *checkpoint.Model, classes string) error {
	if classes == "" {
		if m.Assumed != "" {
			fmt.Fprintf(t.Err, "%s; --classes says otherwise\n", m.Assumed)
		}
		return nil
	}
	if m.Assumed == "" {
		return fmt.Errorf("--classes: the file names its classes itself: %s", inWords(m.Classes))
	}
	names := strings.Split(classes, ",")
	for i, name := range names {
		names[i] = printable.Text(strings.TrimSpace(name))
	}
	if len(names) != m.Config.Classes {
		return fmt.Errorf("--classes has %d names, the model %d logits", len(names), m.Config.Classes)
	}
	m.Classes, m.Task = names, run.Scratch
	return nil
}

// mapFlag is that of classes which the pictures call otherwise than the model.
func mapFlag(flags *flag.FlagSet) *string {
	return flags.String("map", "", "`pairs` between commas, such as cat=kitten,dog=puppy: what the model calls a class of the pictures")
}

// pairs reads the flag's value.
func pairs(text string) (map[string]string, error) {
	if text == "" {
		return nil, nil
	}
	all := map[string]string{}
	for pair := range strings.SplitSeq(text, ",") {
		from, to, ok := strings.Cut(pair, "=")
		if from, to = strings.TrimSpace(from), strings.TrimSpace(to); !ok || from == "" || to == "" {
			return nil, fmt.Errorf("--map %q: want pairs between commas, such as cat=kitten,dog=puppy", text)
		}
		all[from] = to
	}
	return all, nil
}
