package report

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"quarterturn/core/run"
	"quarterturn/core/runs"
	"quarterturn/core/study"
)

// TestFactsTellEachSetting: each setting of an arm is told once, by its name in
// sentences and with its unit; rare ones that are not used are left out.
func TestFactsTellEachSetting(t *testing.T) {
	c := run.Default(run.Scratch)
	c.PadCrop, c.CentralCrop, c.AverageDecay, c.StageDecay = 0, 28, 0.99, 0.5
	var lines []string
	for _, f := range settingsOf(c) {
		lines = append(lines, f.Name+": "+f.Value)
	}
	want := "picture side: 32 pixels|batch: 32 examples|learning rate: 0.05|schedule: cosine|warm-up: 0.5 epochs|momentum: 0.9|weight decay: 0.0005|" +
		"central crop: 28 pixels|mirroring: yes|average's decay: 0.99|carry pictures over: yes"
	if got := strings.Join(lines, "|"); got != want {
		t.Errorf("settings %s, want %s", got, want)
	}
	if got := trainedParts(c); !strings.Contains(got, "0.5 times") {
		t.Errorf("trains: %s", got)
	}
}

// spread are two runs of an arm that were made on different machines.
func spread(t *testing.T, change func(*runs.Spec)) *study.Evidence {
	t.Helper()
	record := func(seed uint64) *runs.Record {
		spec := runs.Spec{Config: run.Default(run.Scratch), Data: "pictures", Backend: "engine", Command: []string{"finetune", "--out", "a b"}, DataSeed: 1}
		spec.Config.Seed = seed
		return &runs.Record{Folder: fmt.Sprint("run", seed), Spec: spec, History: []run.Evaluated{{Epoch: 20, Step: 60, Accuracy: 0.5, Examples: 100}}, Finished: true}
	}
	first, second := record(1), record(2)
	change(&second.Spec)
	return &study.Evidence{Records: []*runs.Record{first, second}, Groups: []*study.Group{{Name: "scratch", Shared: first.Spec.Config, Records: []*runs.Record{first, second}}}}
}

// TestFactsAreOfAllRuns: what stands under "All" is so of every run; the rest is
// said of the arm whose runs differ in it.
func TestFactsAreOfAllRuns(t *testing.T) {
	valueOf := func(f Facts, name string) string {
		for _, fact := range f.List {
			if fact.Name == name {
				return fact.Value
			}
		}
		return ""
	}
	e := spread(t, func(s *runs.Spec) { s.Backend, s.Hardware.Devices = "xla:plugin.so", 4 })
	page := Of(e, e.Table())
	if got := valueOf(page.Facts, "pictures"); got != "pictures" {
		t.Errorf("all runs are on %q", got)
	}
	if got := valueOf(page.Facts, "backend") + valueOf(page.Facts, "hardware"); got != "" {
		t.Errorf("all runs are said to be of the first one's backend: %q", got)
	}
	if got, want := valueOf(page.Arms[0], "backend"), "engine; xla"; got != want {
		t.Errorf("the arm's backends are %q, want %q", got, want)
	}
	if got, want := valueOf(page.Arms[0], "hardware"), "the default; 4 devices, precision float32"; got != want {
		t.Errorf("the arm's hardware is %q, want %q", got, want)
	}
	same := spread(t, func(*runs.Spec) {})
	if got := valueOf(Of(same, same.Table()).Facts, "backend"); got != "engine" {
		t.Errorf("all runs have the backend %q", got)
	}
}

// TestPageOfEvidence: the page has what was found, quoted so that it can be run
// again, and shown so that it cannot hide.
func TestPageOfEvidence(t *testing.T) {
	e := spread(t, func(*runs.Spec) {})
	e.Pretext = []*runs.Record{{Folder: "turns\u202e", Spec: runs.Spec{Config: run.Default(run.Pretext)}, History: []run.Evaluated{{Examples: 40, Accuracy: 0.25}, {Epoch: 1, Step: 5, Examples: 40, Accuracy: 0.5}}}}
	e.Notes = []string{"left out: a\x1b[2J"}
	var b strings.Builder
	if err := Of(e, e.Table()).Write(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Guessing turns", "quarterturn finetune --out &#39;a b&#39;", "scratch", `left out: a\x1b[2J`, `turns\u202e`} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the page has no %q", want)
		}
	}
}

// TestFactsSayWhatMadeTheRuns: program, processor, dates and durations are those of
// the runs' folders, in words that do not hang on where the report is made.
func TestFactsSayWhatMadeTheRuns(t *testing.T) {
	e := spread(t, func(*runs.Spec) {})
	begun := time.Date(2026, 11, 27, 23, 30, 0, 0, time.FixedZone("", 2*3600))
	for i, r := range e.Records {
		r.Spec.Program = runs.Program{Version: "abc123", Go: "go1.27", GoMLX: "v0.28", CPU: "A\u202eCPU", Threads: 4}
		from := begun.Add(time.Duration(i) * time.Hour)
		r.Timing = runs.Timing{Begun: from, Ended: from.Add(3 * time.Hour), Worked: 65 * time.Minute, AtLeast: i == 1}
	}
	e.Records[0].Spec.Backend, e.Records[1].Spec.Backend = "engine:threads=1", "engine:threads=1"
	page := Of(e, e.Table())
	var lines []string
	for _, f := range page.Facts.List {
		lines = append(lines, f.Name+": "+f.Value)
	}
	got := strings.Join(lines, "\n")
	for _, want := range []string{
		"program: Quarterturn abc123, GoMLX v0.28, go1.27", `processor: A\u202eCPU, 1 thread`, "begun: 2026-11-27 21:30 UTC",
		"ended: 2026-11-28 01:30 UTC", "time at work: at least 2 h 10 min, of 2 runs",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the facts have no %q:\n%s", want, got)
		}
	}
	if row := strings.Join(page.Runs.Rows[0], " "); !strings.HasSuffix(row, "2026-11-27 21:30 UTC 1 h 05 min") {
		t.Errorf("the first run is %q", row)
	}
	e.Records[1].Spec.Program = runs.Program{} // Of an older program.
	e.Records[1].Timing = runs.Timing{}
	page = Of(e, e.Table())
	if got, want := fmt.Sprint(page.Arms[0].List), "Quarterturn abc123, GoMLX v0.28, go1.27; not recorded"; !strings.Contains(got, want) {
		t.Errorf("the arm's facts %s have no %q", got, want)
	}
}
