package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRangesAreTold: numbers that no run can have are refused before anything is
// opened, with the range.
func TestRangesAreTold(t *testing.T) {
	for _, tt := range []struct{ flag, value, want string }{
		{"keep", "-5", "want a whole number from 0 up"},
		{"devices", "0", "want a whole number from 1 up"},
		{"devices", "-1", "want a whole number from 1 up"},
		{"devices", "two", "want a whole number from 1 up"},
		{"hold-out", "7", "want a number from 0 to 1"},
		{"hold-out", "-3", "want a number from 0 to 1"},
		{"hold-out", "NaN", "want a number from 0 to 1"},
		{"damaged", "NaN", "want a number from 0 to 1"},
		{"limit", "-1", "want a whole number from 0 up"},
		{"validation", "NaN", "want 0 to 0.5"},
		{"rate", "NaN", "want 0 to 100"},
		{"epochs", "0", "want 1 to 10000"},
	} {
		code, _, said := call(t, "pretrain", "--"+tt.flag, tt.value, "--out", filepath.Join(t.TempDir(), "run"))
		if code != 2 || !strings.Contains(said, tt.flag) || !strings.Contains(said, tt.want) {
			t.Errorf("--%s %s: exit code %d, %s, want %s", tt.flag, tt.value, code, said, tt.want)
		}
	}
}

// TestBudgetsBeyondTheClasses: a comparison has no row for labels that no class has, and
// a run says that it takes all.
func TestBudgetsBeyondTheClasses(t *testing.T) {
	out := filepath.Join(t.TempDir(), "compare")
	code, _, said := call(t, "compare", "--baselines", "scratch", "--labels", "5,200", "--seeds", "1", "--rate", "0.05", "--points", "0", "--out", out)
	if code == 0 || !strings.Contains(said, "200 labels a class: no class has more than") {
		t.Errorf("exit code %d, %s", code, said)
	}
	if found, err := os.ReadDir(filepath.Join(out, "runs")); err == nil && len(found) > 0 {
		t.Errorf("%d runs were begun", len(found))
	}
}

// TestRunThatDoesNotLearn takes steps that throw the weights far away: the loss stays a
// number, and the end is an error that says so.
func TestRunThatDoesNotLearn(t *testing.T) {
	out := filepath.Join(t.TempDir(), "run")
	code, printed, said := call(t, "pretrain", "--limit", "40", "--depth", "8", "--width", "2", "--batch", "16", "--epochs", "1",
		"--scaled-crop", "0", "--rate", "100", "--momentum", "0", "--weight-decay", "0", "--warmup", "0", "--schedule", "constant", "--out", out)
	if code != 1 || !strings.Contains(said, "it has learnt nothing. Start again with a lower --rate") || strings.Contains(printed, "files in") {
		t.Errorf("exit code %d, %s%s", code, printed, said)
	}
	if _, err := os.Stat(filepath.Join(out, "best.safetensors")); err != nil {
		t.Error(err)
	}
}
