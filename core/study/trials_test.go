package study

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"quarterturn/core/durable"
	"quarterturn/core/run"
	"quarterturn/core/runs"
)

// triedStudy is a tinyStudy that chooses among rates, one of which diverges, and has an
// arm that begins with one of two pretext networks.
func triedStudy(t *testing.T, folder string) *Study {
	t.Helper()
	s := tinyStudy(t, folder)
	p := &s.Plan
	p.Validation, p.Rates = 0.25, []float64{0.01, 0.1, 100}
	p.Settings.Schedule, p.Settings.WeightDecay, p.Epochs = run.Constant, 1, []int{12}
	p.Arms = []Arm{{Name: Scratch, From: Scratch}, {Name: "transfer", From: Pretext}, {Name: "slow", From: Scratch, Settings: json.RawMessage(`{"rate": 0.001}`)}}
	pretext := run.Default(run.Pretext)
	pretext.Network, pretext.Side, pretext.BatchSize, pretext.Epochs, pretext.ScaledCrop = run.Network{Blocks: []int{1}, Width: 4}, 8, 8, 2, 0
	p.Pretext = &Pretexts{Seeds: 2, Settings: pretext}
	if err := p.Validate(); err != nil {
		t.Fatal(err)
	}
	s.Set.HoldOutValidation(p.Validation, 1)
	var err error
	if s.Starts, err = p.Begin(nil); err != nil {
		t.Fatal(err)
	}
	if err := s.Prepare(); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestRatesAreChosenByValidation carries a study out: the chosen rate has the best
// validation accuracy of the trials, one that diverges is no failure, no trial has seen
// a test picture, and an arm that says its rate is not tried.
func TestRatesAreChosenByValidation(t *testing.T) {
	s := triedStudy(t, filepath.Join(t.TempDir(), "a"))
	if len(s.Trials) != 6 || len(s.Pretexts) != 2 || len(s.Runs) != 6 {
		t.Fatalf("%d trials, %d pretext runs, %d runs", len(s.Trials), len(s.Pretexts), len(s.Runs))
	}
	if failed, stopped := carryOut(t, context.Background(), s); failed != nil || stopped != nil {
		t.Fatal(failed, stopped)
	}
	best := map[int]float64{}
	for _, r := range s.Trials {
		record, err := runs.Read(s.Disk, s.FolderOf(r))
		if err != nil {
			t.Fatal(err)
		}
		if record.Answers != nil || record.Last().Examples != s.Set.Validation.Len() {
			t.Errorf("%s was tested, or validated on %d pictures", r.Name, record.Last().Examples)
		}
		if record.Finished == (r.Config.LearningRate == 100) {
			t.Errorf("%s: finished is %v", r.Name, record.Finished)
		}
		if record.Finished {
			best[r.Arm] = max(best[r.Arm], record.Last().Accuracy)
		}
	}
	for _, r := range s.Runs {
		rate := r.Config.LearningRate
		if r.Arm == 2 {
			if rate != 0.001 {
				t.Errorf("%s has the rate %v", r.Name, rate)
			}
			continue
		}
		at := slices.IndexFunc(s.Trials, func(q Run) bool { return q.Arm == r.Arm && q.Config.LearningRate == rate })
		record, err := runs.Read(s.Disk, s.FolderOf(s.Trials[at]))
		if err != nil || record.Last().Accuracy != best[r.Arm] {
			t.Errorf("%s has the rate %v, whose trial came to %v of at best %v", r.Name, rate, record.Last().Accuracy, best[r.Arm])
		}
		own, err := runs.Read(s.Disk, s.FolderOf(r))
		if err != nil || own.Spec.Config.LearningRate != rate || len(own.Spec.Rates) != 3 || own.Answers == nil {
			t.Errorf("%s kept %+v, %v", r.Name, own.Spec, err)
		}
	}
	if lines := s.RatesChosen(); len(lines) != 2 || !strings.HasPrefix(lines[0], "rate of scratch with 8 labels a class: 0.") {
		t.Errorf("%q", lines)
	}
}

// TestPretextNetworksAreDealtOut: each seed begins with another network, which the
// evidence knows.
func TestPretextNetworksAreDealtOut(t *testing.T) {
	s := triedStudy(t, filepath.Join(t.TempDir(), "a"))
	if failed, stopped := carryOut(t, context.Background(), s); failed != nil || stopped != nil {
		t.Fatal(failed, stopped)
	}
	starts := map[uint64]string{}
	for _, r := range s.Runs {
		if r.Arm != 1 {
			continue
		}
		record, err := runs.Read(s.Disk, s.FolderOf(r))
		if err != nil {
			t.Fatal(err)
		}
		starts[record.Spec.PretextSeed] = record.Spec.Start
	}
	if len(starts) != 2 || starts[1] == starts[2] || starts[1] == "" {
		t.Errorf("the runs begin with %v", starts)
	}
	e := Collect(durable.Disk{}, []string{s.Folder})
	cell := e.Table().Cell("transfer", 8)
	if len(e.Pretext) != 2 || cell == nil || cell.Pretext != 2 || len(cell.Seeds) != 2 || len(e.Notes) > 0 {
		t.Errorf("the evidence has %d pretext runs, the cell %+v, notes %q", len(e.Pretext), cell, e.Notes)
	}
	again := triedStudy(t, s.Folder)
	if missing := again.Missing(); len(missing) != 2 { // The trials that diverged.
		t.Errorf("%v are missing of a study that is done", missing)
	}
	lock, err := again.Claim()
	if err != nil {
		t.Fatal(err)
	}
	lock.Close()
}

// TestRatesAreNotSaidBeforeTheyAreChosen: of a study that was stopped during its trials
// no rate is told, as if one had been chosen.
func TestRatesAreNotSaidBeforeTheyAreChosen(t *testing.T) {
	s := triedStudy(t, filepath.Join(t.TempDir(), "a"))
	ctx, cancel := context.WithCancel(context.Background())
	s.Watch = &deaf{event: func(e run.Event) {
		if started, ok := e.(run.Started); ok && started.Config.Seed == trialSeed {
			cancel()
		}
	}}
	if _, stopped := carryOut(t, ctx, s); stopped == nil {
		t.Fatal("it was not stopped")
	}
	if lines := s.RatesChosen(); len(lines) > 0 {
		t.Errorf("it says %q", lines)
	}
}

// TestTriedStudyEndsTheSame stops a study in each of its parts.
func TestTriedStudyEndsTheSame(t *testing.T) {
	straight, folder := triedStudy(t, filepath.Join(t.TempDir(), "a")), filepath.Join(t.TempDir(), "b")
	if failed, stopped := carryOut(t, context.Background(), straight); failed != nil || stopped != nil {
		t.Fatal(failed, stopped)
	}
	for stops := 0; ; stops++ {
		broken := triedStudy(t, folder) // As another process.
		ctx, cancel := context.WithCancel(context.Background())
		steps := 0
		broken.Watch = &deaf{event: func(e run.Event) {
			if _, ok := e.(run.Progress); ok {
				if steps++; steps == 150 {
					cancel()
				}
			}
		}}
		failed, stopped := carryOut(t, ctx, broken)
		cancel()
		if failed != nil {
			t.Fatal(failed)
		}
		if stopped != nil {
			continue
		}
		if got, want := weightsOf(t, broken), weightsOf(t, straight); !slices.Equal(got, want) || stops < 2 {
			t.Errorf("stopped %d times it ended with %q, want %q", stops, got, want)
		}
		return
	}
}

func TestPlansOfTrialsRefused(t *testing.T) {
	for want, change := range map[string]func(*Plan){
		"a rate is -1":                 func(p *Plan) { p.Rates = []float64{-1} },
		"test pictures must not":       func(p *Plan) { p.Validation = 0 },
		"3 pretext seeds, want 1 to 2": func(p *Plan) { p.Pretext.Seeds = 3 },
		"the plan trains none":         func(p *Plan) { p.Pretext = nil },
		"seed 1000000 is that":         func(p *Plan) { p.Seeds = Seeds{1, trialSeed} },
		"13 rates":                     func(p *Plan) { p.Rates = make([]float64, 13) },
		"validation is 0.9":            func(p *Plan) { p.Validation = 0.9 },
	} {
		s := triedStudy(t, t.TempDir())
		change(&s.Plan)
		if err := s.Plan.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// TestPretextsSurviveTheirFile: with the names of the command's flags.
func TestPretextsSurviveTheirFile(t *testing.T) {
	p := triedStudy(t, t.TempDir()).Plan
	b, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"rates":[0.01,0.1,100]`, `"pretext":{"seeds":2,"settings":{"blocks":[1],"width":4,`, `"epochs":2,`} {
		if !strings.Contains(string(b), want) {
			t.Errorf("%s has no %s", b, want)
		}
	}
	again := Plan{Settings: run.Default(run.Scratch)}
	if err := again.Decode(b); err != nil || fmt.Sprintf("%+v", *again.Pretext) != fmt.Sprintf("%+v", *p.Pretext) {
		t.Errorf("read back as %+v, want %+v, %v", again.Pretext, p.Pretext, err)
	}
	if err := again.Decode([]byte(`{"pretext": {"seeds": 1, "settings": {"epoch": 3}}}`)); err == nil || !strings.Contains(err.Error(), "epochs") {
		t.Errorf("a misspelt setting: %v", err)
	}
}

func TestRatesAround(t *testing.T) {
	if got := RatesAround(0.05); !slices.Equal(got, []float64{0.0056, 0.017, 0.05, 0.15}) {
		t.Errorf("%v", got)
	}
}
