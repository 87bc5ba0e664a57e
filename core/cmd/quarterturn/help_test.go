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
