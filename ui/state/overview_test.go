package state

import (
	"strings"
	"testing"

	"quarterturn/core/notebook"
	"quarterturn/core/run"
)

// kept returns a page whose runs are all over, with a network's sum each.
func kept(t *testing.T, sums ...string) Page {
	t.Helper()
	page := opened(t)
	c := run.Default(run.Scratch)
	var fresh []*Run
	for i, sum := range sums {
		r := &Run{Run: notebook.Run{Arm: notebook.Scratch, Config: c, Phase: run.Finished, Weights: sum, Backend: "SIMD", Pictures: notebook.Source{Name: page.Pictures.Set}}}
		if i > 0 {
			r.Of = "1"
		}
		fresh = append(fresh, r)
	}
	runs := page.Runs.planned(fresh...)
	page.Runs = &runs
	return page
}

func TestRepeatSaysWhetherItIsTheSame(t *testing.T) {
	tests := []struct {
		name   string
		sum    string
		change func(*Run)
		want   string
	}{
		{"at work", "", func(r *Run) { r.Phase = run.Training }, "Repeats run 1 (From scratch)."},
		{"the same", "aa", func(*Run) {}, "The same numbers as run 1 (From scratch): its weights are equal bit for bit."},
		{"stopped", "bb", func(r *Run) { r.Phase = run.Stopped }, "was stopped before its end"},
		{"other pictures", "bb", func(r *Run) { r.Pictures.Name = "mine" }, "learnt from other pictures"},
		{"other network", "bb", func(r *Run) { r.From.SHA256 = "cc" }, "started from another network"},
		{"other backend", "bb", func(r *Run) { r.Backend = "Go" }, "computed by Go, not by SIMD"},
		{"nobody knows", "bb", func(*Run) {}, "rounded differently"},
		{"original deleted", "aa", func(r *Run) { r.Of = "9" }, "Repeats a run that is deleted."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			page := kept(t, "aa", tt.sum)
			runs := page.Runs.with("2", tt.change)
			if got := runs.Repeat("2"); !strings.Contains(got, tt.want) {
				t.Errorf("it says %q, want %q", got, tt.want)
			}
			if got := runs.Repeat("1"); got != "" {
				t.Errorf("of the first it says %q", got)
			}
		})
	}
}

func TestEditedFormSaysWhatChanged(t *testing.T) {
	page := kept(t, "aa")
	page, _ = playOn(page, nil, EditRun{"1"})
	if of, changed, ok := page.Edited(); !ok || of.Key != "1" || len(changed) != 0 || page.View.Station != AtTrain {
		t.Errorf("%v, %v, %v: want run 1 and nothing changed", of, changed, ok)
	}
	page, _ = playOn(page, nil, Change{FieldSeed, "7"})
	if _, changed, _ := page.Edited(); len(changed) != 1 || changed[0] != "seed 1 → 7" {
		t.Errorf("changed is %v", changed)
	}
	forgotten, _ := playOn(page, nil, ForgetEdit{})
	if _, _, ok := forgotten.Edited(); ok {
		t.Error("the form still belongs to the run")
	}
}

func TestOneThingChangedLeavesTheRest(t *testing.T) {
	page := kept(t, "aa")
	page.Runs.All[0].Config = notebook.RandomFeatures.Config(run.Default(run.Transfer))
	page.Runs.All[0].Arm = notebook.RandomFeatures
	page.Runs.All[0].Config.AverageDecay = 0.5
	page, _ = playOn(page, nil, EditRun{"1"}, Change{FieldEpochs, "3"}, StartRun{})
	fresh := page.Runs.All[1]
	if fresh.Arm != notebook.RandomFeatures || fresh.Config.AverageDecay != 0.5 || fresh.Config.Flip {
		t.Errorf("the run is %v with %+v", fresh.Arm, fresh.Config)
	}
	if changed := page.Runs.Changes("2"); len(changed) == 0 || !strings.Contains(changed[0], "→ 3") || len(changed) > 2 {
		t.Errorf("changed is %v, want epochs and no more than what follows of them", changed)
	}
	if page.Train.Edits != "" {
		t.Error("the form still belongs to the run")
	}
}

func TestTableGrowsAndFolds(t *testing.T) {
	page := kept(t, make([]string, 130)...)
	runs := *page.Runs
	runs.Experiments = []notebook.Experiment{{ID: 1, Arms: []notebook.Arm{notebook.Transfer, notebook.Scratch}, Labels: []int{1, 0}, Seeds: 5}}
	for _, r := range runs.All[:20] {
		r.Experiment = 1
	}
	runs.All[3].Pinned = true
	page.Runs = &runs
	page, effects := playOn(page, nil, ShowCompare{OfRuns})
	frames := 0
	for ; len(effects) > 0; frames++ {
		grows := false
		for _, e := range effects {
			if s, ok := e.(Soon); ok && s.Message == (GrowRuns{}) {
				grows = true
			}
		}
		if !grows {
			break
		}
		page, effects = page.Apply(GrowRuns{})
	}
	lines, left := page.Lines()
	if want := 100; len(lines) != want || left != 12 || frames < want/linesInAFrame {
		t.Errorf("%d lines after %d frames and %d left, want %d and 12", len(lines), frames, left, want)
	}
	if lines[0].Run == nil || !lines[0].Run.Pinned || lines[1].Experiment == nil || lines[2].Run.Key != "21" {
		t.Errorf("the table begins with %v", lines[:3])
	}
	if got, want := InWords(lines[1].Experiment), "Transfer, From scratch × 2 budgets × 5 seeds"; got != want {
		t.Errorf("the experiment is %q, want %q", got, want)
	}
	page, _ = page.Apply(FoldExperiment{1})
	if lines, left := page.Lines(); lines[2].Run.Key != "1" || left != 31 {
		t.Errorf("unfolded there is %v, and %d are left", lines[2], left)
	}
	page, _ = page.Apply(ShowMoreRuns{})
	if _, left := page.Lines(); left != 0 {
		t.Errorf("%d lines are left", left)
	}
}

func TestCurvesAreChosen(t *testing.T) {
	page := kept(t, make([]string, 20)...)
	for _, r := range page.Runs.All {
		r.History = []run.Evaluated{{}}
	}
	if got := page.Overlaid(); len(got) != mostOverlaid || got[0].Key != "15" {
		t.Errorf("%d runs are drawn, want the newest %d", len(got), mostOverlaid)
	}
	page, _ = playOn(page, nil, Hide{"20"}, SetLog{true}, SetTraining{false}, ToggleCurve{"19"})
	if got := page.Overlaid(); got[len(got)-1].Key != "19" {
		t.Errorf("run %s is drawn", got[len(got)-1].Key)
	}
	if c := page.Compare.Curves; !c.Log || !c.Plain || len(c.Off) != 1 {
		t.Errorf("curves are shown as %+v", c)
	}
	page, _ = playOn(page, nil, PickRun{"2"}, PickRun{"5"})
	if got := page.Overlaid(); len(got) != 2 || got[1].Key != "5" {
		t.Errorf("%d runs are drawn, want the two picked", len(got))
	}
	page, _ = playOn(page, nil, DeleteRun{"2"}, DeleteRun{"5"})
	if got := page.Overlaid(); len(got) != mostOverlaid {
		t.Errorf("%d runs are drawn once those picked are deleted", len(got))
	}
}
