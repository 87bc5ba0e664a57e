package study

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gomlx/compute"

	"quarterturn/assets"
	"quarterturn/core/checkpoint"
	"quarterturn/core/dataset"
	"quarterturn/core/durable"
	"quarterturn/core/exam"
	"quarterturn/core/internal/parity"
	"quarterturn/core/measure"
	"quarterturn/core/resnet"
	"quarterturn/core/run"
	"quarterturn/core/runs"
	"quarterturn/core/train"
)

// TestRunsAreFinished: a run is not done for ever again because its confusion matrix
// cannot be used.
func TestRunsAreFinished(t *testing.T) {
	root := t.TempDir()
	s := Study{Disk: durable.Disk{}, Folder: root, Set: &dataset.Set{Test: &dataset.Pictures{Classes: []string{"cat", "dog"}}}}
	for _, tt := range []struct {
		name      string
		epochs    int
		confusion string // Empty for that of the run.
		want      bool
	}{
		{"whole", 2, "", true},
		{"halfway", 1, "", false},
		{"of another pass", 2, `{"classes":["cat","dog"],"counts":[[60,40],[0,0]]}`, true},
	} {
		folder := fakeRun{"runs/" + tt.name, nil, tt.epochs, 50}.make(t, root)
		if tt.confusion != "" {
			writeFiles(t, folder, map[string]string{runs.ConfusionFile: tt.confusion})
		}
		if got := s.IsFinished(Run{Name: tt.name}); got != tt.want {
			t.Errorf("%s: finished is %v, want %v", tt.name, got, tt.want)
		}
	}
	if err := os.Remove(filepath.Join(root, "runs", "whole", runs.ConfusionFile)); err != nil {
		t.Fatal(err)
	}
	if s.IsFinished(Run{Name: "whole"}) {
		t.Error("a run that was stopped before its last file is finished")
	}
	for i := range exam.MaxClasses {
		s.Set.Test.Classes = append(s.Set.Test.Classes, fmt.Sprint(i))
	}
	if !s.IsFinished(Run{Name: "whole"}) {
		t.Error("a run of too many classes for a confusion matrix is never finished")
	}
}

// TestBaselinesOfEachNetwork: two checkpoints of one network share theirs, one of
// another has its own. A checkpoint that is not what it was is refused.
func TestBaselinesOfEachNetwork(t *testing.T) {
	files := map[string][]byte{}
	for name, blocks := range map[string][]int{"a": {1}, "b": {1}, "c": {1, 1}} {
		net := resnet.Config{Network: run.Network{Blocks: blocks, Width: 4}, Classes: 4}
		b, err := checkpoint.Encode(&checkpoint.Model{Config: net, Side: 32, Weights: checkpoint.Initial(net, 1)})
		if err != nil {
			t.Fatal(err)
		}
		files[name] = b
	}
	read := func(path string) ([]byte, error) { return files[path], nil }
	p := Plan{Arms: []Arm{{Name: "small", From: "a"}, {Name: "same", From: "b"}, {Name: "large", From: "c"}, {Name: Scratch, From: Scratch}, {Name: RandomFrozen, From: RandomFrozen}}}
	starts, err := p.Begin(read)
	if err != nil {
		t.Fatal(err)
	}
	starts = p.AddBaselines(starts)
	var got []string
	for i, a := range p.Arms {
		got = append(got, fmt.Sprintf("%s:%d", a.Name, len(starts[i].Network.Blocks)))
	}
	want := "small:1 same:1 large:2 scratch:1 random-frozen:1 scratch-large:2 random-frozen-large:2"
	if strings.Join(got, " ") != want {
		t.Errorf("the arms and their numbers of stages are %v, want %s", got, want)
	}
	files["a"] = files["c"]
	if _, err := p.Begin(read); err == nil || !strings.Contains(err.Error(), "is not the checkpoint that it was") {
		t.Errorf("another checkpoint was taken: %v", err)
	}
}

// A deaf watcher counts.
type deaf struct {
	mu               sync.Mutex
	finished, failed int
	event            func(run.Event) // Nil for none.
}

func (d *deaf) Event(_ Run, e run.Event) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.event != nil {
		d.event(e)
	}
}
func (d *deaf) Say(Run, string) {}
func (d *deaf) Finished(Run, *runs.Outcome) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.finished++
}
func (d *deaf) Failed(Run, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.failed++
}

// tinySet is of photographs in two classes, of which every fourth pixel is taken.
func tinySet(t testing.TB) *dataset.Set {
	t.Helper()
	sheets, err := assets.Pictures("photographs")
	if err != nil {
		t.Fatal(err)
	}
	tiny := func(p *dataset.Pictures, n int) *dataset.Pictures {
		const side = 8
		small := &dataset.Pictures{Side: side, Classes: []string{"even", "odd"}}
		for i := range n {
			at := i * p.Len() / n
			pixels := make([]byte, side*side*dataset.Channels)
			for y := range side {
				for x := range side {
					copy(pixels[(y*side+x)*dataset.Channels:][:dataset.Channels], p.At(at)[(4*y*p.Side+4*x)*dataset.Channels:])
				}
			}
			small.Pixels, small.Labels = append(small.Pixels, pixels...), append(small.Labels, p.Labels[at]%2)
		}
		return small
	}
	return &dataset.Set{Train: tiny(sheets.Set.Train, 32), Test: tiny(sheets.Set.Test, 12)}
}

// tinyStudy has two arms, a budget and two seeds, and an arm that diverges.
func tinyStudy(t *testing.T, folder string) *Study {
	t.Helper()
	settings := run.Default(run.Scratch)
	settings.Network, settings.Side, settings.BatchSize, settings.PadCrop, settings.WarmupEpochs = run.Network{Blocks: []int{1}, Width: 4}, 8, 8, 1, 0
	s := &Study{
		Plan: Plan{
			Data: "tiny", DataSeed: 1, Labels: []int{8}, Seeds: FirstSeeds(2), Epochs: []int{3}, Settings: settings,
			Arms: []Arm{{Name: Scratch, From: Scratch}, {Name: RandomFrozen, From: RandomFrozen}},
		},
		Folder: folder, Set: tinySet(t), Watch: &deaf{}, Disk: durable.Disk{},
		Told: runs.Spec{Backend: "engine", Keeping: runs.Keeping{Keep: 1, OnNaN: runs.StopOnNaN}},
	}
	var err error
	if s.Starts, err = s.Plan.Begin(nil); err != nil {
		t.Fatal(err)
	}
	if err := s.Prepare(); err != nil {
		t.Fatal(err)
	}
	return s
}

// carryOut does what is missing, two runs at a time.
func carryOut(t *testing.T, ctx context.Context, s *Study) (failed, stopped error) {
	t.Helper()
	lock, err := s.Claim()
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	return s.Train(ctx, []compute.Backend{parity.Backend(t), parity.Backend(t)})
}

// weightsOf returns the sums of all runs' weights.
func weightsOf(t *testing.T, s *Study) (sums []string) {
	t.Helper()
	for _, r := range s.Runs {
		b, err := s.Disk.Read(filepath.Join(s.FolderOf(r), "last.safetensors"), checkpoint.MaxBytes)
		if err != nil {
			t.Fatal(err)
		}
		sums = append(sums, r.Name+" "+runs.Sum(b))
	}
	return sums
}

// TestStudyEndsTheSame: stopped in the middle of its runs and gone on with, a study
// ends with the same bits as in one go, and is then finished.
func TestStudyEndsTheSame(t *testing.T) {
	straight, broken := tinyStudy(t, filepath.Join(t.TempDir(), "a")), tinyStudy(t, filepath.Join(t.TempDir(), "b"))
	if failed, stopped := carryOut(t, context.Background(), straight); failed != nil || stopped != nil {
		t.Fatal(failed, stopped)
	}
	stops := 0
	for ; ; stops++ {
		ctx, cancel := context.WithCancel(context.Background())
		steps := 0
		broken.Watch = &deaf{event: func(e run.Event) {
			if _, ok := e.(run.Progress); ok {
				if steps++; steps == 5 {
					cancel()
				}
			}
		}}
		failed, stopped := carryOut(t, ctx, broken)
		cancel()
		if failed != nil {
			t.Fatal(failed)
		}
		if stopped == nil {
			break
		}
	}
	if got, want := weightsOf(t, broken), weightsOf(t, straight); !slices.Equal(got, want) || stops < 2 {
		t.Errorf("stopped %d times it ended with %q, want %q", stops, got, want)
	}
	if missing := broken.Missing(); len(missing) != 0 {
		t.Errorf("%v are missing at the end", missing)
	}
	if table := Collect(durable.Disk{}, []string{broken.Folder}).Table(); len(table.Cells) != 2 || len(table.Cells[0].Each) != 2 {
		t.Errorf("the folder tells %+v", table.Cells)
	}
}

// TestStudyGoesOnWithoutFailures: a run that diverges is said, and the others are done.
func TestStudyGoesOnWithoutFailures(t *testing.T) {
	s := tinyStudy(t, filepath.Join(t.TempDir(), "a"))
	for i := range s.Runs {
		if s.Runs[i].Arm == 0 {
			c := &s.Runs[i].Config
			c.Epochs, c.LearningRate, c.WeightDecay, c.Schedule, c.WarmupEpochs = 30, 100, 1, run.Constant, 0
		}
	}
	failed, stopped := carryOut(t, context.Background(), s)
	if !errors.Is(failed, train.ErrDiverged) || stopped != nil || !strings.Contains(failed.Error(), "2 of 4 runs failed") {
		t.Errorf("failed %v, stopped %v", failed, stopped)
	}
	if w := s.Watch.(*deaf); w.failed != 2 || w.finished != 2 {
		t.Errorf("%d finished and %d failed", w.finished, w.failed)
	}
}

// TestClaim: a folder keeps its experiment.
func TestClaim(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "a")
	s := tinyStudy(t, folder)
	lock, err := s.Claim()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Claim(); runtime.GOOS != "js" && !errors.Is(err, durable.ErrInUse) { // A page has its own locks.
		t.Errorf("claimed twice: %v", err)
	}
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
	other := tinyStudy(t, folder)
	other.Plan.Data = "others"
	if _, err := other.Claim(); !errors.Is(err, ErrOther) {
		t.Errorf("another experiment got the folder: %v", err)
	}
}

// TestLayOut: the networks of the first seed are laid out once, and one whose weights
// are gone is said.
func TestLayOut(t *testing.T) {
	s := tinyStudy(t, filepath.Join(t.TempDir(), "a"))
	if failed, stopped := carryOut(t, context.Background(), s); failed != nil || stopped != nil {
		t.Fatal(failed, stopped)
	}
	if err := s.Disk.RemoveAll(filepath.Join(s.FolderOf(s.Runs[1]), "last.safetensors")); err != nil {
		t.Fatal(err)
	}
	layOut := func() (said []string) {
		if err := s.LayOut(context.Background(), measure.Embedder{Backend: parity.Backend(t), Iterations: 20}, 10, func(line string) { said = append(said, line) }); err != nil {
			t.Fatal(err)
		}
		return said
	}
	if said := layOut(); len(said) != 2 || said[0] != "t-SNE of scratch-8-seed1" || !strings.HasPrefix(said[1], "no t-SNE of random-frozen-8-seed1: ") {
		t.Errorf("it said %q", said)
	}
	if e, err := runs.ReadEmbedding(s.Disk, s.FolderOf(s.Runs[0])); err != nil || len(e.Models[0].Points) != 10 {
		t.Errorf("%v: %+v", err, e)
	}
	if said := layOut(); len(said) != 1 {
		t.Errorf("the second time it said %q", said)
	}
}
