package lab

import (
	"context"
	"encoding/json"
	"html"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"

	"quarterturn/core/checkpoint"
	"quarterturn/core/durable"
	"quarterturn/core/exam"
	"quarterturn/core/internal/parity"
	"quarterturn/core/notebook"
	"quarterturn/core/resnet"
	"quarterturn/core/run"
	"quarterturn/core/runs"
	"quarterturn/core/study"
)

// silent watches a study.
type silent struct{}

func (silent) Event(study.Run, run.Event)        {}
func (silent) Say(study.Run, string)             {}
func (silent) Finished(study.Run, *runs.Outcome) {}
func (silent) Failed(study.Run, error)           {}

// TestPageAndCommandAgree: an experiment as the page plans and trains it, and a study of
// the same arms, pictures and seeds, come to the same answers, the same table and the
// same verdict, and both reports have it.
func TestPageAndCommandAgree(t *testing.T) {
	d := newDesk(t)
	d.do(openPhotographs(t))
	base := run.Default(run.Transfer)
	base.Network, base.Epochs, base.BatchSize, base.LabelsPerClass = run.Network{Blocks: []int{1}, Width: 4}, 3, 16, 4
	model := pretextModel(t, resnet.Config{Network: base.Network, Classes: 4})
	e := notebook.Experiment{ID: 1, Arms: []notebook.Arm{notebook.Transfer, notebook.Scratch}, Labels: []int{base.LabelsPerClass}, Seeds: 3}
	made := trainedByThePage(t, d, e, base, model)
	found := studied(t, d, e, base, model)

	page, command := e.Table(made), found.Table()
	for _, want := range command.Cells {
		got := page.Cell(want.Arm, want.Labels)
		if got == nil || !slices.Equal(got.Each, want.Each) || got.Accuracy != want.Accuracy || got.Over != want.Over {
			t.Errorf("%s has %v in the page, and %v by the command", want.Arm, got, &want)
		}
	}
	said, wants := e.Findings(page), found.Findings(command)
	if len(said) != 1 || len(wants) != 1 || said[0].Verdict() != wants[0].Verdict() {
		t.Fatalf("the page says %v, the command %v", said, wants)
	}
	var encoded [][]byte
	for _, r := range made {
		encoded = append(encoded, r.Encode())
	}
	reports := only[run.ReportMade](t, d.do(run.MakeReport{Note: "<script>alert(1)</script>", Runs: encoded}))
	if len(reports) != 1 {
		t.Fatalf("%d reports were made", len(reports))
	}
	text := strings.ReplaceAll(html.UnescapeString(string(reports[0].HTML)), "\u00a0", " ")
	if !strings.Contains(text, wants[0].Verdict()) || strings.Contains(string(reports[0].HTML), "<script") {
		t.Errorf("the report has not %q, or has the note as it is", wants[0].Verdict())
	}
}

// trainedByThePage carries out an experiment as the page does.
func trainedByThePage(t *testing.T, d *desk, e notebook.Experiment, base run.Config, model []byte) (all []*notebook.Run) {
	t.Helper()
	planned, err := e.Plan(base, func(int) int { return 40 })
	if err != nil {
		t.Fatal(err)
	}
	for i := range planned {
		r := &planned[i]
		r.Key = string(rune('a' + i))
		events := d.do(run.LoadModel{Name: "m", Blob: model}, run.Start{Config: r.Config})
		asked := only[run.Asked](t, events)
		if len(asked) != 1 {
			t.Fatalf("%s told %d answers: %v", r.Arm, len(asked), only[run.Failed](t, events))
		}
		r.Answers = &exam.Answers{Classes: asked[0].Classes, Turns: asked[0].Turns, Labels: asked[0].Labels, Guesses: asked[0].Guesses}
		r.History, r.Phase = only[run.Evaluated](t, events), run.Finished
		if r.Arm.UsesModel() {
			r.From = notebook.Source{Name: "m", SHA256: checkpoint.Sum(model)}
		}
		all = append(all, r)
	}
	return all
}

// studied carries out the same as the command does.
func studied(t *testing.T, d *desk, e notebook.Experiment, base run.Config, model []byte) *study.Evidence {
	t.Helper()
	scratch, err := json.Marshal(map[string]float64{"rate": notebook.Scratch.Config(base).LearningRate})
	if err != nil {
		t.Fatal(err)
	}
	s := &study.Study{
		Plan: study.Plan{
			Data: "photographs", DataSeed: 1, Labels: e.Labels, Seeds: study.FirstSeeds(e.Seeds), Epochs: []int{base.Epochs}, Settings: base,
			Arms: []study.Arm{{Name: string(notebook.Transfer), From: "m"}, {Name: string(notebook.Scratch), From: study.Scratch, Network: &base.Network, Settings: scratch}},
		},
		Folder: t.TempDir(), Set: d.lab.collection.set(), Watch: silent{}, Disk: durable.Disk{},
		Told: runs.Spec{Backend: "engine", Keeping: runs.Keeping{Keep: 1, OnNaN: runs.StopOnNaN}},
	}
	if s.Starts, err = s.Plan.Begin(func(string) ([]byte, error) { return model, nil }); err != nil {
		t.Fatal(err)
	}
	if err := s.Prepare(); err != nil {
		t.Fatal(err)
	}
	lock, err := s.Claim()
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if failed, stopped := s.Train(context.Background(), []compute.Backend{parity.Backend(t)}); failed != nil || stopped != nil {
		t.Fatal(failed, stopped)
	}
	for _, r := range s.Runs {
		if arm := e.Arms[r.Arm]; !reflect.DeepEqual(r.Config, plannedOf(t, e, base, arm, r.Seed)) {
			t.Errorf("%s is told %+v by the command", arm, r.Config)
		}
	}
	return study.Collect(durable.Disk{}, []string{s.Folder})
}

// plannedOf is the configuration that the page plans for an arm and a seed.
func plannedOf(t *testing.T, e notebook.Experiment, base run.Config, arm notebook.Arm, seed uint64) run.Config {
	t.Helper()
	planned, err := e.Plan(base, func(int) int { return 40 })
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(planned, func(r notebook.Run) bool { return r.Arm == arm && r.Config.Seed == seed })
	return planned[i].Config
}
