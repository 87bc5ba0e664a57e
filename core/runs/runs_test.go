package runs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"quarterturn/assets"
	"quarterturn/core/checkpoint"
	"quarterturn/core/dataset"
	"quarterturn/core/durable"
	"quarterturn/core/internal/parity"
	"quarterturn/core/run"
	"quarterturn/core/train"
)

// stepsPerEpoch are those of a tinyJob.
const stepsPerEpoch = 16

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
	return &dataset.Set{Train: tiny(sheets.Set.Train, 32), Test: tiny(sheets.Set.Test, 8)}
}

// tinyJob is a pretext run of three epochs, 48 steps, that saves at their ends.
func tinyJob(folder string) *Job {
	c := run.Default(run.Pretext)
	c.Network, c.Side, c.BatchSize, c.Epochs, c.ScaledCrop, c.PadCrop = run.Network{Blocks: []int{1}, Width: 1}, 8, 8, 3, 0, 1
	return &Job{
		Spec:   Spec{Config: c, Data: "tiny", Backend: "engine", Keeping: Keeping{Keep: 3, OnNaN: StopOnNaN}},
		Folder: folder, Disk: durable.Disk{},
	}
}

// keenJob is a tinyJob that saves after each step.
func keenJob(folder string) *Job {
	j := tinyJob(folder)
	j.Spec.SaveEvery = Period{Steps: 1}
	return j
}

// runJob trains, and returns what was said to people.
func runJob(t testing.TB, ctx context.Context, j *Job) (said string, err error) {
	t.Helper()
	defer j.Close()
	var lines strings.Builder
	j.Say = func(line string) { lines.WriteString(line + "\n") }
	j.Wait = func(ctx context.Context, _ time.Duration) bool { return ctx.Err() == nil } // No time passes.
	set := tinySet(t)
	_, err = j.Run(ctx, parity.Backend(t), set, train.Fingerprint(set))
	return lines.String(), err
}

func mustRun(t testing.TB, j *Job) (said string) {
	t.Helper()
	said, err := runJob(t, context.Background(), j)
	if err != nil {
		t.Fatal(err)
	}
	return said
}

func mustResume(t testing.TB, root string) (said string) {
	t.Helper()
	j := &Job{Folder: root, Disk: durable.Disk{}}
	if err := j.Resume(); err != nil {
		t.Fatal(err)
	}
	return mustRun(t, j)
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// newestOf reads the newest checkpoint of a run.
func newestOf(t testing.TB, root string) (*checkpoint.Model, *checkpoint.State) {
	t.Helper()
	dir, _, err := Open(durable.Disk{}, root)
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	found, err := dir.Checkpoints()
	if err != nil || len(found) == 0 {
		t.Fatalf("%s has no checkpoint (%v)", root, err)
	}
	m, s, err := Load(dir, found[0])
	if err != nil {
		t.Fatal(err)
	}
	return m, s
}

// resultOf returns what must not depend on whether a run was interrupted: the
// SHA-256 of its weights, its position and velocities, and its metrics but for
// the time they took.
func resultOf(t testing.TB, root string) string {
	t.Helper()
	var result strings.Builder
	for _, name := range []string{"last.safetensors", "best.safetensors"} {
		fmt.Fprintln(&result, name, Sum(read(t, filepath.Join(root, name))))
	}
	m, s := newestOf(t, root)
	for i := range s.History {
		s.History[i] = s.History[i].Timeless()
	}
	state, err := checkpoint.EncodeState(s, m.Config)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(&result, "state %s %+v\n", Sum(state), s.Position)
	history, err := readMetrics(read(t, filepath.Join(root, "metrics.jsonl")))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range history {
		fmt.Fprintf(&result, "%+v\n", e.Timeless())
	}
	return result.String()
}

// TestJobLeavesARecord: what a run leaves is read back, of naming with what it took
// for what.
func TestJobLeavesARecord(t *testing.T) {
	root := filepath.Join(t.TempDir(), "run")
	job := tinyJob(root)
	job.Spec.Config.Task, job.Spec.Config.Epochs = run.Scratch, 2
	drawn := 0
	job.Draw = func(history []run.Evaluated) ([]durable.Content, error) {
		drawn++
		return []durable.Content{{Name: "curves.svg", Bytes: []byte(fmt.Sprint(len(history)))}}, nil
	}
	mustRun(t, job)
	r, err := Read(durable.Disk{}, root)
	if err != nil || !r.Finished || len(r.History) != 3 || r.Confusion == nil || len(r.Notes) > 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	if s := r.Spec; len(s.Pictures) != 64 || len(s.TestPictures) != 64 || s.Pictures == s.TestPictures || s.Data != "tiny" {
		t.Errorf("the settings are %+v", s)
	}
	if right, all := r.Confusion.Right(); all != 8 || right != RightOf(r.Last()) {
		t.Errorf("the confusion matrix has %d of %d right, the last evaluation is %+v", right, all, r.Last())
	}
	if got := string(read(t, filepath.Join(root, "curves.svg"))); drawn != 3 || got != "3" {
		t.Errorf("drawn %d times, at last of %s evaluations", drawn, got)
	}
	for _, want := range []string{`"event":"started"`, `"event":"finished"`} {
		if events := string(read(t, filepath.Join(root, "events.jsonl"))); !strings.Contains(events, want) {
			t.Errorf("events.jsonl has no %s:\n%s", want, events)
		}
	}
}

// TestJobIsTestedOnce: with validation pictures of their own, the test pictures are
// asked about at the end alone, in all four turns of the pretext task.
func TestJobIsTestedOnce(t *testing.T) {
	root := filepath.Join(t.TempDir(), "run")
	job := tinyJob(root)
	job.Spec.Validation = 0.25
	set := tinySet(t)
	set.HoldOutValidation(job.Spec.Validation, 1)
	outcome, err := job.Run(context.Background(), parity.Backend(t), set, train.Fingerprint(set))
	job.Close()
	if err != nil || !outcome.Apart || outcome.Test == nil || outcome.Test.Turns != 4 || len(outcome.Test.Labels) != 4*set.Test.Len() {
		t.Fatalf("%+v, %v", outcome, err)
	}
	r, err := Read(durable.Disk{}, root)
	if err != nil || len(r.Notes) > 0 || !r.IsApart() {
		t.Fatalf("%+v, %v", r, err)
	}
	if right, all := r.Tested(); all != 32 || right != int(32*outcome.Test.Score().Value+0.5) {
		t.Errorf("tested with %d of %d right, the outcome is %+v", right, all, outcome.Test.Score())
	}
	if last := r.Last(); last.Examples != 4*set.Validation.Len() || last.StandardError <= 0 {
		t.Errorf("the last evaluation is %+v, want one of %d pictures", last, set.Validation.Len())
	}
	b := read(t, filepath.Join(root, SpecFile))
	if _, err := DecodeSpec(bytes.Replace(b, []byte(`"Validation": 0.25`), []byte(`"Validation": 7`), 1)); err == nil || !strings.Contains(err.Error(), "validation is 7") {
		t.Errorf("a share of 7: %v", err)
	}
}

// TestStoppedJobEndsTheSame stops a run after every so many steps. However often,
// it ends with the same bits.
func TestStoppedJobEndsTheSame(t *testing.T) {
	straight, broken := filepath.Join(t.TempDir(), "run"), filepath.Join(t.TempDir(), "run")
	mustRun(t, tinyJob(straight))
	job, stops := tinyJob(broken), 0
	for {
		ctx, cancel := context.WithCancel(context.Background())
		steps := 0
		job.Report = func(e run.Event) {
			if _, ok := e.(run.Progress); ok {
				if steps++; steps == 7 {
					cancel()
				}
			}
		}
		_, err := runJob(t, ctx, job)
		cancel()
		if err == nil {
			break
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		stops++
		job = &Job{Folder: broken, Disk: durable.Disk{}}
		if err := job.Resume(); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := resultOf(t, broken), resultOf(t, straight); got != want || stops < 5 {
		t.Errorf("stopped %d times it ended with\n%swant\n%s", stops, got, want)
	}
}

// TestFolderHasOneRun: a folder with a run is not begun again, nor by two at once.
func TestFolderHasOneRun(t *testing.T) {
	root := filepath.Join(t.TempDir(), "run")
	mustRun(t, tinyJob(root))
	if _, err := runJob(t, context.Background(), tinyJob(root)); err == nil || !strings.Contains(err.Error(), "has a run in it already") {
		t.Errorf("begun again: %v", err)
	}
	first, second := &Job{Folder: root, Disk: durable.Disk{}}, &Job{Folder: root, Disk: durable.Disk{}}
	if err := first.Resume(); err != nil {
		t.Fatal(err)
	}
	if err := second.Resume(); runtime.GOOS != "js" && !errors.Is(err, durable.ErrInUse) { // A page has its own locks.
		t.Errorf("opened twice: %v", err)
	}
	first.Close()
	if err := (&Job{Folder: t.TempDir(), Disk: durable.Disk{}}).Resume(); err == nil || !strings.Contains(err.Error(), "has no run in it") {
		t.Errorf("an empty folder was opened: %v", err)
	}
}

// TestResumeRefusesOtherPictures: numbers would not be those of one run.
func TestResumeRefusesOtherPictures(t *testing.T) {
	root := filepath.Join(t.TempDir(), "run")
	mustRun(t, tinyJob(root))
	job := &Job{Folder: root, Disk: durable.Disk{}}
	if err := job.Resume(); err != nil {
		t.Fatal(err)
	}
	defer job.Close()
	set := tinySet(t)
	set.Train = set.Train.Subset([]int{0, 1, 2, 3, 4, 5, 6, 7})
	if _, err := job.Run(context.Background(), parity.Backend(t), set, train.Fingerprint(set)); err == nil || !strings.Contains(err.Error(), "the pictures are not those") {
		t.Errorf("it went on with other pictures: %v", err)
	}
}

func TestDiffers(t *testing.T) {
	a := tinyJob("").Spec
	for want, change := range map[string]func(*Spec){
		"":                               func(s *Spec) { s.Keep, s.Backend, s.Command = 9, "engine:threads=1", []string{"x"} },
		"configuration":                  func(s *Spec) { s.Config.LearningRate = 3 },
		"start":                          func(s *Spec) { s.From = "x" },
		"set of pictures":                func(s *Spec) { s.Limit = 3 },
		"backend":                        func(s *Spec) { s.Backend = "go" },
		"precision or number of devices": func(s *Spec) { s.Hardware.Devices = 2 },
	} {
		b := a
		change(&b)
		if got := a.Differs(&b); got != want {
			t.Errorf("they differ by %q, want %q", got, want)
		}
	}
}

func FuzzDecodeSpec(f *testing.F) {
	spec := tinyJob("").Spec
	b, err := spec.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"Config":{}}`))
	f.Add([]byte(`{"SaveEvery":"10m","Keep":-1}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := DecodeSpec(b)
		if err != nil {
			return
		}
		encoded, err := s.Encode()
		if err != nil {
			t.Fatal(err)
		}
		again, err := DecodeSpec(encoded)
		if err != nil {
			t.Fatalf("what was read cannot be read again: %v", err)
		}
		if twice, _ := again.Encode(); !bytes.Equal(twice, encoded) {
			t.Errorf("%s became %s", encoded, twice)
		}
	})
}

func FuzzReadMetrics(f *testing.F) {
	f.Add([]byte(`{"epoch":0,"step":0,"train_loss":0,"train_accuracy":0,"loss":1.5,"accuracy":0.5,"examples":10,"seconds":1}` + "\n"))
	f.Add([]byte("{\"epoch\":0}\n{\"epoch\":1}\n{\"epoch\":1}"))
	f.Add([]byte(`{"epoch":1e9}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		history, err := readMetrics(b)
		if err != nil {
			return
		}
		for _, e := range history {
			if right := RightOf(e); right < 0 || right > e.Examples {
				t.Errorf("%+v has %d right", e, right)
			}
		}
	})
}
