package main

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"quarterturn/core/cmd/internal/backends"
)

var update = flag.Bool("update", false, "write testdata/help anew")

// TestHelpOfACommand: help COMMAND is COMMAND --help, and a misspelt command or flag is
// answered with the one that is meant.
func TestHelpOfACommand(t *testing.T) {
	if got, want := mustCall(t, "help", "pretrain"), mustCall(t, "pretrain", "--help"); got != want {
		t.Errorf("help pretrain says\n%s", got)
	}
	for want, args := range map[string][]string{
		`no command "pretrin": is it pretrain?`:         {"pretrin"},
		`no command "finetun": is it finetune?`:         {"help", "finetun"},
		"not defined: -epoch: is it --epochs?":          {"pretrain", "--epoch", "3"},
		`no command "xyzzy"; quarterturn help lists`:    {"xyzzy"},
		"not defined: -xyzzy; see quarterturn pretrain": {"pretrain", "--xyzzy"},
	} {
		if code, _, said := call(t, args...); code != 2 || !strings.Contains(said, want) {
			t.Errorf("%q: exit code %d, %s, want %s", args, code, said, want)
		}
	}
}

// TestFlagsAreGrouped: no flag of a long list is left among those that the command
// itself is about, but these.
func TestFlagsAreGrouped(t *testing.T) {
	for command, own := range map[string]string{"pretrain": "", "finetune": "from probe stage"} {
		_, list, _ := strings.Cut(mustCall(t, command, "--help"), "\nFlags:\n")
		list, _, _ = strings.Cut(list, "\n\n")
		var names []string
		for line := range strings.Lines(list) {
			if name, ok := strings.CutPrefix(line, "  -"); ok {
				names = append(names, strings.Fields(name)[0])
			}
		}
		if got := strings.Join(names, " "); got != own {
			t.Errorf("%s has the flags %q in no group, want %q", command, got, own)
		}
	}
}

// TestHelp compares what people are told with what they were told: each change of a
// flag, a default or a range shows in the diff of testdata/help. What a build without
// XLA says of it is left out, so that both builds agree.
func TestHelp(t *testing.T) {
	names := []string{"help"}
	for _, c := range commands {
		names = append(names, c.name)
	}
	for _, name := range names {
		args := []string{name, "--help"}
		if name == "help" {
			args = args[:1]
		}
		got := strings.ReplaceAll(mustCall(t, args...), backends.XLAHelp, "{XLA}")
		path := filepath.Join("testdata", "help", name+".golden")
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if want := string(mustRead(t, path)); got != want {
			t.Errorf("%s says otherwise than %s:\n%swrite it anew with -update if that is meant", name, path, firstDifference(got, want))
		}
	}
}

// firstDifference shows the first lines that differ.
func firstDifference(got, want string) string {
	g, w := strings.SplitAfter(got, "\n"), strings.SplitAfter(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return "line " + strings.TrimRight(g[i], "\n") + "\nwant " + w[i]
		}
	}
	return "one is longer\n"
}
