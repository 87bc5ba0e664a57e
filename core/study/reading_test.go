package study

import (
	"context"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/gomlx/compute"

	"quarterturn/assets"
	"quarterturn/core/durable"
	"quarterturn/core/internal/parity"
	"quarterturn/core/measure"
	"quarterturn/core/run"
	"quarterturn/core/runs"
)

// readingStudy is of two arms that read photographs, by the built-in network and by
// random weights, with five labels a class and two seeds.
func readingStudy(t *testing.T, folder string) *Study {
	t.Helper()
	p := tiny()
	reading := &measure.Reading{Views: 2}
	p.Arms = []Arm{{Name: "read", From: "pretext.safetensors", Reading: reading}, {Name: "random", From: RandomFrozen, Reading: reading}}
	p.Labels, p.Seeds, p.Validation, p.Settings.Side = []int{5}, FirstSeeds(2), 0.1, 32
	p.Rates = []float64{0.1} // No arm has trials: nothing is trained.
	if err := p.Validate(); err != nil {
		t.Fatal(err)
	}
	starts, err := p.Begin(func(string) ([]byte, error) { return assets.Model() })
	if err != nil {
		t.Fatal(err)
	}
	sheets, err := assets.Pictures("photographs")
	if err != nil {
		t.Fatal(err)
	}
	set := sheets.Set
	set.HoldOutValidation(0.1, 1)
	s := &Study{Plan: p, Folder: folder, Starts: starts, Set: set, Watch: quiet{}, Disk: durable.Disk{}}
	s.Told.Keeping = runs.DefaultKeeping()
	if err := s.Prepare(); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestReadingArms: arms that read features leave runs like others, to the same bits in
// another folder, and the trained network is worth something to them.
func TestReadingArms(t *testing.T) {
	var results [2][]*runs.Record
	for i := range results {
		s := readingStudy(t, t.TempDir())
		if len(s.Runs) != 4 || len(s.Trials) != 0 {
			t.Fatalf("%d runs, %d trials, want 4 and none", len(s.Runs), len(s.Trials))
		}
		failed, stopped := s.Train(context.Background(), []compute.Backend{parity.Backend(t)})
		if failed != nil || stopped != nil || len(s.Missing()) != 0 {
			t.Fatalf("%v, %v, missing %v", failed, stopped, s.Missing())
		}
		for _, r := range s.Runs {
			record, err := runs.Read(s.Disk, s.FolderOf(r))
			if err != nil || !record.Finished || len(record.Notes) > 0 || record.Answers == nil || record.Last().Examples == 0 {
				t.Fatalf("%s: %+v, %v", r.Name, record, err)
			}
			results[i] = append(results[i], record)
		}
	}
	right := map[string]int{}
	for i, record := range results[0] {
		n, of := record.Tested()
		if right[record.Spec.Arm] += n; of != 158 {
			t.Errorf("%s was tested on %d pictures, want 158", record.Folder, of)
		}
		if other := results[1][i]; !reflect.DeepEqual(record.Answers, other.Answers) || record.Last().Loss != other.Last().Loss {
			t.Errorf("%s gave other answers in another folder", filepath.Base(record.Folder))
		}
	}
	if right["read"] < right["random"]+2*158/10 {
		t.Errorf("right: %v, want ten points between them", right)
	}
}

// TestReadingStopsAndGoesOn: a run that was stopped begins anew, and is none that trains.
func TestReadingStopsAndGoesOn(t *testing.T) {
	s := readingStudy(t, t.TempDir())
	backend := parity.Backend(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.trainOne(ctx, backend, s.Runs[0]); err == nil || s.IsFinished(s.Runs[0]) {
		t.Errorf("stopped: %v, finished %v", err, s.IsFinished(s.Runs[0]))
	}
	job := runs.Job{Folder: s.FolderOf(s.Runs[0]), Disk: s.Disk}
	if err := job.Resume(); err != nil {
		t.Fatal(err)
	}
	if _, err := job.Run(context.Background(), backend, s.Set, s.pictures); err == nil || !strings.Contains(err.Error(), "trains nothing") {
		t.Errorf("it is trained: %v", err)
	}
	job.Close()
	if err := s.trainOne(context.Background(), backend, s.Runs[0]); err != nil || !s.IsFinished(s.Runs[0]) {
		t.Errorf("again: %v, finished %v", err, s.IsFinished(s.Runs[0]))
	}
}

// quiet hears nothing.
type quiet struct{}

func (quiet) Event(Run, run.Event)        {}
func (quiet) Say(Run, string)             {}
func (quiet) Finished(Run, *runs.Outcome) {}
func (quiet) Failed(Run, error)           {}
