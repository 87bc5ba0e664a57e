package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"quarterturn/core/cmd/internal/term"
	"quarterturn/core/durable"
)

// TestOlderPlansCarryNothingOver reads a plan from before there was carry-over: resumed,
// its runs are as they were begun, while a new experiment is as new runs are.
func TestOlderPlansCarryNothingOver(t *testing.T) {
	older := `{"data": "photographs", "hold-out": 0.2, "validation": 0.1, "labels": [5], "seeds": [1],
		"arms": [{"name": "transfer", "from": "pretext"}], "settings": {"epochs": 2},
		"pretext": {"seeds": 1, "settings": {"epochs": 2}}}`
	newer := strings.ReplaceAll(older, `{"epochs": 2}`, `{"epochs": 2, "carry-over": true}`)
	for _, tt := range []struct {
		text, name string
		want       bool
	}{{older, "--resume", false}, {older, "--file", true}, {newer, "--resume", true}} {
		path := filepath.Join(t.TempDir(), "experiment.json")
		if err := os.WriteFile(path, []byte(tt.text), 0o600); err != nil {
			t.Fatal(err)
		}
		c := comparison{}
		c.terminal = &term.Terminal{Disk: durable.Disk{}}
		if err := c.readPlan(path, tt.name); err != nil {
			t.Fatal(err)
		}
		if arms, pretext := c.Plan.Settings.CarryOver, c.Plan.Pretext.Settings.CarryOver; arms != tt.want || pretext != tt.want {
			t.Errorf("%s of %s: carry-over is %v, and %v in pretext runs, want %v", tt.name, tt.text, arms, pretext, tt.want)
		}
	}
}
