package train

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"quarterturn/core/engine"
	"quarterturn/core/run"
)

// platformPart is what a plan prints in braces, and depends on tiles and threads.
var platformPart = regexp.MustCompile(` ?\{[^}]*\}`)

// TestPlans pins what the engine makes of the graphs of a training step and of a
// prediction, those that bench measures: a graph that is written otherwise may
// lose a fusion, and nothing but time would tell. The engine has such a test of a
// network of its own; `go test ./core/train ./core/engine -run Plans -update`
// accepts both.
func TestPlans(t *testing.T) {
	backend, err := engine.New(engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer backend.Finalize()
	_, err = MeasureAround(backend, run.Bench{Depth: 8, Width: 16, Batch: 32, Steps: 1}, Options{}, func(phase string, timed func() error) error {
		backend.StartProfile()
		err := timed()
		plans := backend.StopProfile().Plans()
		if len(plans) != 1 {
			t.Fatalf("%s runs %d graphs, want 1", phase, len(plans))
		}
		comparePlan(t, "testdata/plan_"+phase+".golden", platformPart.ReplaceAllString(plans[0], ""))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// comparePlan reports the first lines that differ: what comes after has other
// numbers.
func comparePlan(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(string(b), "\n")
	for i, line := range strings.Split(got, "\n") {
		if i == len(want) || line != want[i] {
			t.Errorf("the plan differs from %s in line %d:\n- %s\n+ %s", path, i+1, want[min(i, len(want)-1)], line)
			if i > 0 { // The first has the number of steps alone.
				return
			}
		}
	}
}
