package runs

import (
	"bytes"
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
		origin, err := s.Origin("", "")
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

// TestProgramIsNoPartOfARun: what began a run makes it no other, is left out where it is
// not known, and comes back as it was written.
func TestProgramIsNoPartOfARun(t *testing.T) {
	known := Spec{Backend: "engine", Config: run.Default(run.Pretext), Keeping: DefaultKeeping()}
	unknown := known
	known.Program = Program{Version: "abc", Go: "go1.27", GoMLX: "v0", CPU: "a CPU", Threads: 2}
	a, err := known.Origin("", "")
	if err != nil {
		t.Fatal(err)
	}
	if b, err := unknown.Origin("", ""); err != nil || a != b || known.Differs(&unknown) != "" {
		t.Errorf("%+v and %+v, %v: the program makes another run of it", a, b, err)
	}
	for _, s := range []Spec{known, unknown} {
		b, err := s.Encode()
		if err != nil || bytes.Contains(b, []byte("Program")) != (s.Program != Program{}) {
			t.Errorf("%v, %s", err, b)
		}
		if again, err := DecodeSpec(b); err != nil || again.Program != s.Program {
			t.Errorf("%+v came back as %+v, %v", s.Program, again.Program, err)
		}
	}
}
