package runs

import (
	"encoding/json"
	"testing"

	"quarterturn/core/run"
	"quarterturn/core/train"
)

// TestOriginOfOldRuns checks that a run from before there were devices and
// precisions can go on, and that neither can change in the middle of a run.
func TestOriginOfOldRuns(t *testing.T) {
	config := run.Default(run.Pretext)
	old, err := json.Marshal(struct {
		Backend string
		Config  run.Config
	}{"engine", config})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, h := range []Hardware{{}, {Devices: 1, Precision: train.Float32}, {Devices: 2}, {Precision: train.BFloat16}, {Devices: 2, Precision: train.BFloat16}} {
		s := Spec{Backend: "engine:threads=2", Config: config, Hardware: h}
		origin, err := s.origin("", "")
		if err != nil {
			t.Fatal(err)
		}
		if isOld := origin.Config == Sum(old); isOld != (h.Standard() == Hardware{}) {
			t.Errorf("%+v: the origin of an old run: %v", h, isOld)
		}
		seen[origin.Config] = true
	}
	if len(seen) != 4 {
		t.Errorf("%d origins, want 4", len(seen))
	}
}
