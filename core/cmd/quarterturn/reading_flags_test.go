package main

import (
	"strings"
	"testing"

	"quarterturn/core/measure"
	"quarterturn/core/study"
)

// TestReadingFlags: the preset sets what was not given, and what cannot be is refused.
func TestReadingFlags(t *testing.T) {
	model := untrainedFile(t, "m.safetensors", 1)
	out := mustCall(t, "probe", "--model", model, "--labels-per-class", "5", "--preset", "few-labels", "--views", "1", "--stages", "0x2,1")
	if !strings.Contains(out, "0x2,1") || !strings.Contains(out, "read together, 1 view") {
		t.Errorf("the table has no reading:\n%s", out)
	}
	for args, want := range map[string]string{
		"--views 3":            "3 views",
		"--stages 1":           "give both",
		"--stages 1x3":         "with 1, 2 or 4 cells",
		"--preset recipe":      "probe has few-labels",
		"--views 1 --stages 7": "reading stage 7",
	} {
		code, _, errors := call(t, append([]string{"probe", "--model", model}, strings.Fields(args)...)...)
		if code == 0 || !strings.Contains(errors, want) {
			t.Errorf("%s: exit code %d, %q, want %q", args, code, errors, want)
		}
	}
}

// TestReadingArmsOfCompare: each network that an arm begins with is read too, but none that
// is trained from scratch.
func TestReadingArmsOfCompare(t *testing.T) {
	arms := []study.Arm{{Name: "transfer", From: "a"}, {Name: "other", From: "b"}, {Name: study.Scratch, From: study.Scratch}, {Name: study.RandomFrozen, From: study.RandomFrozen}}
	var names []string
	for _, a := range withReadings(arms, &measure.Reading{Views: 2}) {
		if a.Reading != nil {
			names = append(names, a.Name+" from "+a.From)
		}
	}
	if got := strings.Join(names, ", "); got != "few-labels from a, other-few-labels from b, random-few-labels from random-frozen" {
		t.Errorf("arms that read: %s", got)
	}
}
