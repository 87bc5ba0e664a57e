package lab

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gomlx/compute"

	"quarterturn/assets/pictures"
	"quarterturn/core/checkpoint"
	"quarterturn/core/engine"
	"quarterturn/core/internal/parity"
	"quarterturn/core/keep"
	"quarterturn/core/keep/files"
	"quarterturn/core/keep/record"
	"quarterturn/core/resnet"
	"quarterturn/core/run"
	"quarterturn/core/runs"
	"quarterturn/core/train"
)

// A life is one worker's, from its start to its end: a Lab on a disk that outlives it.
type life struct {
	*desk
	disk   *mortal
	moment int  // Events and yields so far.
	last   int  // The one that kills it; 0 for none.
	killed bool // It ended before the run did.
}

// A mortal disk is what a worker sees of one that lasts: of what it writes after its
// death nothing arrives.
type mortal struct {
	files.Disk
	dead atomic.Bool
}

func (m *mortal) Write(name string, b []byte) error {
	if m.dead.Load() {
		return errors.New("the worker is dead")
	}
	return m.Disk.Write(name, b)
}

func newLife(t *testing.T, disk files.Disk) *life { return newLifeOn(t, disk, parity.Backend(t)) }

func newLifeOn(t *testing.T, disk files.Disk, backend compute.Backend) *life {
	l := &life{desk: &desk{t: t}, disk: &mortal{Disk: disk}}
	l.lab = New(Options{
		Backend: backend, BackendKind: "engine",
		Report: func(a run.Answer) {
			l.answers = append(l.answers, a)
			if l.hook != nil {
				l.hook(a.Event)
			}
			l.tick()
		},
		Yield: func() {
			runtime.Gosched() // A browser lets the write under way go on, too: there all goroutines share a thread.
			l.tick()
		},
		Store:     keep.New(l.disk),
		KeepEvery: time.Nanosecond,
	})
	return l
}

// tick counts the moments, and kills the worker at its last.
func (l *life) tick() {
	l.moment++
	if l.moment == l.last {
		l.kill()
	}
}

// kill ends the goroutine of the lab wherever it is, as a browser ends a worker.
func (l *life) kill() {
	l.disk.dead.Store(true)
	l.killed = true
	runtime.Goexit()
}

// live carries commands out until they are done or the worker is dead.
func (l *life) live(commands ...run.Command) (events []run.Event) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.do(commands...)
	}()
	<-done
	for _, a := range l.answers {
		events = append(events, a.Event)
	}
	return events
}

// A keptRun is a run that is to survive.
type keptRun struct {
	before []run.Command // Its pictures and its model.
	start  run.Start
}

// quarter is a quarter of the built-in photographs, as one worker gives them to another.
var quarter []byte

func photographs(t *testing.T) run.UnpackPictures {
	t.Helper()
	if quarter == nil {
		d := newDesk(t)
		d.do(openPhotographs(t))
		var rest []int
		for _, it := range d.lab.collection.items {
			if it.id%4 > 0 {
				rest = append(rest, it.id)
			}
		}
		quarter = only[run.PicturesPacked](t, d.do(run.RemovePictures{IDs: rest}, run.PackPictures{}))[0].Blob
	}
	return run.UnpackPictures{Blob: quarter}
}

func openPhotographs(t testing.TB) run.OpenPictures {
	t.Helper()
	set, _ := pictures.Find(pictures.Default)
	open := run.OpenPictures{Set: set.Title}
	for _, path := range set.Files() {
		b, err := os.ReadFile(filepath.Join("../../assets", path))
		if err != nil {
			t.Fatal(err)
		}
		open.Files = append(open.Files, run.File{Path: filepath.Base(path), Bytes: b})
	}
	return open
}

func newKeptRun(t *testing.T, change func(*run.Config)) keptRun {
	c := run.Default(run.Scratch)
	c.Network, c.Epochs, c.BatchSize, c.LabelsPerClass = run.Network{Blocks: []int{1, 1}, Width: 2}, 3, 10, 4
	change(&c)
	k := keptRun{before: []run.Command{photographs(t)}, start: run.Start{Config: c, Key: "a-1"}}
	if c.Task == run.Transfer {
		config := resnet.Config{Network: c.Network, Classes: 4}
		k.before = append(k.before, run.LoadModel{Name: "pretext", Blob: pretextModel(t, config)})
	}
	return k
}

// straight returns the weights that the run ends with when nothing happens and nothing
// is kept, and in how many moments.
func (k keptRun) straight(t *testing.T) (model []byte, moments int) {
	t.Helper()
	l := newLife(t, &files.Memory{})
	l.live(k.before...)
	l.moment = 0
	start := k.start
	start.Key = ""
	events := l.live(start)
	moments = l.moment
	if failed := only[run.Failed](t, events); len(failed) > 0 {
		t.Fatal(failed)
	}
	if started := only[run.Started](t, events); len(started) != 1 || len(started[0].Pictures) != 64 {
		t.Errorf("a run that is not kept does not say what it learns from: %+v", started)
	}
	if kept := only[run.Kept](t, events); len(kept) > 0 {
		t.Error("a run without a key was kept")
	}
	return only[run.ModelSaved](t, l.live(run.Save{}))[0].Blob, moments
}

// begin lets a new worker start the run, and dies at a moment of it; 0 for never.
func (k keptRun) begin(t *testing.T, disk files.Disk, last int) (*life, []run.Event) {
	t.Helper()
	l := newLife(t, disk)
	l.live(k.before...)
	l.moment, l.last = 0, last
	return l, l.live(k.start)
}

// finish lets a new worker start the run and checks that it ends with these weights.
func (k keptRun) finish(t *testing.T, disk files.Disk, want []byte) []run.Event {
	t.Helper()
	_, events := k.begin(t, disk, 0)
	if failed := only[run.Failed](t, events); len(failed) > 0 {
		t.Fatal(failed)
	}
	if started := only[run.Started](t, events); len(started) != 1 || len(started[0].Pictures) != 64 {
		t.Errorf("it does not say what it learns from: %+v", started)
	}
	found, err := keep.New(disk).Read(record.Model(k.start.Key))
	if err != nil || checkpoint.Sum(found.Bytes) != checkpoint.Sum(want) {
		t.Errorf("it ended with the weights %s, %v; want %s", checkpoint.Sum(found.Bytes), err, checkpoint.Sum(want))
	}
	return events
}

var survivors = map[string]func(*run.Config){
	"from scratch": func(*run.Config) {},
	"averages":     func(c *run.Config) { c.AverageDecay, c.EvaluateEvery = 0.9, 2 },
	"pretext":      func(c *run.Config) { c.Task, c.BatchSize, c.Epochs, c.PadCrop = run.Pretext, 128, 1, 2 },
	"frozen features": func(c *run.Config) {
		c.Task, c.Flip, c.PadCrop, c.Epochs = run.Transfer, false, 0, 6
		*c = c.WithNetwork(c.Network)
		c.FirstStage = len(c.Network.Blocks) + 1
	},
}

// TestRunSurvivesKills kills a worker at 20 moments, in a short test at 6, among events,
// between steps and within evaluations, and starts the run again in another.
func TestRunSurvivesKills(t *testing.T) {
	kills := 20
	if testing.Short() {
		kills = 6
	}
	for name, change := range survivors {
		t.Run(name, func(t *testing.T) {
			k := newKeptRun(t, change)
			want, moments := k.straight(t)
			random := rand.New(rand.NewPCG(7, 0))
			resumed := 0
			for range kills {
				disk := &files.Memory{}
				moment := 1 + random.IntN(moments)
				l, _ := k.begin(t, disk, moment)
				if !l.killed {
					t.Fatalf("the run was over before moment %d of %d", moment, moments)
				}
				resumed += len(only[run.Resumed](t, k.finish(t, disk, want)))
				if t.Failed() {
					t.Fatalf("killed at moment %d", moment)
				}
			}
			if resumed < kills/2 {
				t.Errorf("%d of %d runs went on from what was kept, want most", resumed, kills)
			}
		})
	}
}

// TestRunSurvivesAWreck kills each worker soon after its start until the run is over.
func TestRunSurvivesAWreck(t *testing.T) {
	k := newKeptRun(t, survivors["from scratch"])
	want, moments := k.straight(t)
	disk := &files.Memory{}
	lives := 0
	for l, _ := k.begin(t, disk, moments/4); l.killed; l, _ = k.begin(t, disk, moments/4) {
		if lives++; lives > 100 {
			t.Fatal("the run gets nowhere")
		}
	}
	if lives < 3 {
		t.Errorf("it took %d lives, want some", lives)
	}
	k.finish(t, disk, want)
}

// TestResumedTellsHistory checks what a run says that goes on, and that its
// evaluations are those of the undisturbed one.
func TestResumedTellsHistory(t *testing.T) {
	k := newKeptRun(t, survivors["from scratch"])
	want, _ := k.straight(t)
	disk := &files.Memory{}
	l := newLife(t, disk)
	l.live(k.before...)
	l.hook = func(e run.Event) {
		if e, ok := e.(run.Kept); ok && e.Step > 4 {
			l.kill()
		}
	}
	before := only[run.Evaluated](t, l.live(k.start))
	events := k.finish(t, disk, want)
	for i, e := range events {
		if resumed, ok := e.(run.Resumed); ok {
			if _, ok := events[i-1].(run.Started); !ok {
				t.Errorf("Resumed follows %T, want Started", events[i-1])
			}
			n := slices.IndexFunc(append(before, run.Evaluated{Step: 99}), func(e run.Evaluated) bool { return e.Step >= resumed.Step })
			if resumed.Step < 5 || len(resumed.History) < n || !slices.Equal(resumed.History, before[:len(resumed.History)]) {
				t.Errorf("it resumed with %+v, after %+v", resumed, before)
			}
			return
		}
	}
	t.Error("it did not say that it goes on")
}

// TestPausedRunIsKept kills a worker while its run is paused, in an evaluation too.
func TestPausedRunIsKept(t *testing.T) {
	for name, pauseAt := range map[string]func(run.Event) bool{
		"in an epoch":      func(e run.Event) bool { p, ok := e.(run.Progress); return ok && p.Step == 5 },
		"in an evaluation": func(e run.Event) bool { p, ok := e.(run.Progress); return ok && p.Step == 8 },
	} {
		t.Run(name, func(t *testing.T) {
			k := newKeptRun(t, survivors["averages"])
			want, _ := k.straight(t)
			disk := &files.Memory{}
			l := newLife(t, disk)
			l.lab.options.KeepEvery = time.Hour
			l.live(k.before...)
			paused, at := false, 0
			l.hook = func(e run.Event) {
				if pauseAt(e) {
					l.post(run.Pause{})
				}
				switch e := e.(type) {
				case run.PhaseChanged:
					paused = e.Phase == run.Paused
				case run.Progress:
					at = e.Step
				case run.Kept:
					if paused && e.Step == at {
						l.kill()
					}
				}
			}
			l.live(k.start)
			if !l.killed {
				t.Fatal("a paused run was not kept")
			}
			if resumed := only[run.Resumed](t, k.finish(t, disk, want)); len(resumed) != 1 || resumed[0].Step != at {
				t.Errorf("resumed %+v, want from step %d", resumed, at)
			}
		})
	}
}

// TestDamagedCopies damages what a run that ended has left. The older copy is used, and
// said; of two the run begins anew.
func TestDamagedCopies(t *testing.T) {
	k := newKeptRun(t, survivors["from scratch"])
	want, _ := k.straight(t)
	for name, tt := range map[string]struct {
		damage  []string
		said    string
		resumed int
	}{
		"none":  {nil, "", 1},
		"one":   {[]string{"newest"}, "the newest copy of the run's state was damaged: the one before it was used", 1},
		"both":  {[]string{"run/a-1/state.0", "run/a-1/state.1"}, "both copies of the run's state are damaged: it begins anew", 0},
		"older": {[]string{"older"}, "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			disk := &files.Memory{}
			k.finish(t, disk, want)
			for _, file := range tt.damage {
				damage(t, disk, file)
			}
			events := k.finish(t, disk, want)
			var said string
			for _, n := range only[run.Noticed](t, events) {
				said += n.Text
			}
			if said != tt.said || len(only[run.Resumed](t, events)) != tt.resumed {
				t.Errorf("it said %q, want %q; resumed %v", said, tt.said, only[run.Resumed](t, events))
			}
		})
	}
}

// damage flips a bit of a file; of the newest or the older copy of the state where it
// is named so.
func damage(t *testing.T, disk files.Disk, file string) {
	t.Helper()
	const generation = 12 // Its place in a slot.
	if file == "newest" || file == "older" {
		first, _ := disk.Read("run/a-1/state.0")
		second, _ := disk.Read("run/a-1/state.1")
		newest := bytes.Compare(first[generation:generation+1], second[generation:generation+1]) > 0
		file = map[bool]string{true: "run/a-1/state.0", false: "run/a-1/state.1"}[newest == (file == "newest")]
	}
	b, err := disk.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 8
	if err := disk.Write(file, b); err != nil {
		t.Fatal(err)
	}
}

// TestOtherOriginIsRefused starts other runs under a key. They fail in words, and what
// was kept stays.
func TestOtherOriginIsRefused(t *testing.T) {
	k := newKeptRun(t, survivors["frozen features"])
	want, moments := k.straight(t)
	disk := &files.Memory{}
	k.begin(t, disk, moments-3)
	for said, change := range map[string]func(*keptRun){
		"the configuration is not the one": func(k *keptRun) { k.start.Config.Seed++ },
		"the pictures are not those":       func(k *keptRun) { k.before = append(k.before, run.RemovePictures{IDs: []int{4}}) },
		"the checkpoint to start from is not the": func(k *keptRun) {
			config := resnet.Config{Network: k.start.Config.Network, Classes: 4}
			other := &checkpoint.Model{Config: config, Task: run.Pretext, Side: Side, Classes: checkpoint.TurnNames(), Weights: checkpoint.Initial(config, 4)}
			b, err := checkpoint.Encode(other)
			if err != nil {
				t.Fatal(err)
			}
			k.before = append(k.before, run.LoadModel{Name: "other", Blob: b})
		},
	} {
		other := k
		other.before = slices.Clone(k.before)
		change(&other)
		_, events := other.begin(t, disk, 0)
		if failed := only[run.Failed](t, events); len(failed) != 1 || !strings.Contains(failed[0].Reason, said) {
			t.Errorf("it answered %v, want a reason with %q", failed, said)
		}
	}
	if resumed := only[run.Resumed](t, k.finish(t, disk, want)); len(resumed) != 1 {
		t.Errorf("the run itself resumed %v", resumed)
	}
}

// TestOriginIsThatOfRunFolders: a run of the page can go on as the command's, and the
// other way round.
func TestOriginIsThatOfRunFolders(t *testing.T) {
	k := newKeptRun(t, survivors["frozen features"])
	disk := &files.Memory{}
	l, _ := k.begin(t, disk, 0)
	found, err := keep.New(disk).Read(record.State("a-1"))
	if err != nil {
		t.Fatal(err)
	}
	_, s, err := decodeState(found.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	spec := runs.Spec{Backend: "engine:threads=2", Config: k.start.Config, Hardware: runs.Hardware{Devices: 1}}
	want, err := spec.Origin(train.Fingerprint(l.lab.collection.set()), checkpoint.Sum(k.before[1].(run.LoadModel).Blob))
	if err != nil || s.Origin != want {
		t.Errorf("the origin is %+v, the command's %+v, %v", s.Origin, want, err)
	}
}

// A fullDisk has no room while full says so.
type fullDisk struct {
	files.Disk
	full func() bool
}

func (f fullDisk) Write(name string, b []byte) error {
	if f.full() {
		return files.ErrFull
	}
	return f.Disk.Write(name, b)
}

// TestFullDisk fills the disk for a while, and for good. The run says so once each
// time, and goes on.
func TestFullDisk(t *testing.T) {
	k := newKeptRun(t, survivors["from scratch"])
	want, _ := k.straight(t)
	var writes atomic.Int32
	disk := &files.Memory{}
	events := k.finish(t, fullDisk{disk, func() bool { return writes.Add(1) == 1 }}, want) // However slow the disk is, others follow.
	said := only[run.Noticed](t, events)
	if len(said) != 1 || !strings.Contains(said[0].Text, "could not be kept at step") || !strings.Contains(said[0].Text, "there is no room left") {
		t.Errorf("it said %v", said)
	}
	l, events := k.begin(t, fullDisk{&files.Memory{}, func() bool { return true }}, 0)
	said = only[run.Noticed](t, events)
	if len(said) != 3 || !strings.Contains(said[2].Text, "the network that the run ended with could not be kept") {
		t.Errorf("it said %v", said)
	}
	if saved := only[run.ModelSaved](t, l.live(run.Save{})); len(saved) != 1 || checkpoint.Sum(saved[0].Blob) != checkpoint.Sum(want) {
		t.Error("without room the weights are gone, or others")
	}
}

// TestFlushKeepsAtOnce flushes after steps, and within them, which are then taken again.
func TestFlushKeepsAtOnce(t *testing.T) {
	k := newKeptRun(t, survivors["from scratch"])
	want, _ := k.straight(t)
	for name, within := range map[string]bool{"between steps": false, "within steps": true} {
		t.Run(name, func(t *testing.T) {
			disk := &files.Memory{}
			at, flushed := 0, map[int]bool{}
			var l *life
			flush := func() {
				if !flushed[at] {
					time.Sleep(5 * time.Millisecond) // The write under way ends first: two flushes at once are kept once.
					flushed[at] = true
					l.post(run.Flush{})
				}
			}
			l = newLifeOn(t, disk, backendThatYields(t, func() {
				if within && at > 0 {
					flush()
				}
			}))
			l.lab.options.KeepEvery = time.Hour
			l.live(k.before...)
			l.post(run.Flush{}) // Of no run: nothing happens.
			l.hook = func(e run.Event) {
				if e, ok := e.(run.Progress); ok {
					if at = e.Step; !within {
						flush()
					}
				}
			}
			events := l.live(k.start)
			for _, e := range only[run.Failed](t, events) {
				t.Error(e)
			}
			if kept := only[run.Kept](t, events); len(kept) < 5 || len(flushed) != at {
				t.Errorf("%d flushes kept %d states", len(flushed), len(kept))
			}
			found, err := keep.New(disk).Read(record.Model("a-1"))
			if err != nil || checkpoint.Sum(found.Bytes) != checkpoint.Sum(want) {
				t.Errorf("it ended with other weights, %v", err)
			}
		})
	}
}

// backendThatYields calls yield between the operations of a step, as in a browser.
func backendThatYields(t *testing.T, yield func()) compute.Backend {
	t.Helper()
	backend, err := engine.New(engine.Options{Yield: yield, YieldEvery: time.Nanosecond})
	if err != nil {
		t.Fatal(err)
	}
	return backend
}

// TestSaveDuringARun asks for the weights of a run that goes on, and of one that is
// paused.
func TestSaveDuringARun(t *testing.T) {
	k := newKeptRun(t, survivors["from scratch"])
	l := newLife(t, &files.Memory{})
	l.live(k.before...)
	l.hook = func(e run.Event) {
		switch e := e.(type) {
		case run.Progress:
			if e.Step == 3 {
				l.post(run.Save{})
			}
			if e.Step == 5 {
				l.post(run.Pause{})
			}
		case run.PhaseChanged:
			if e.Phase == run.Paused {
				l.post(run.Save{})
			}
		case run.ModelSaved:
			l.post(run.Resume{})
		}
	}
	events := l.live(k.start)
	saved := only[run.ModelSaved](t, events)
	if len(saved) != 2 {
		t.Fatalf("%d answers to two orders to save", len(saved))
	}
	for i, want := range []int{3, 5} {
		m, err := checkpoint.Decode(saved[i].Blob)
		if err != nil || m.Steps != want {
			t.Errorf("the network is of step %d, %v; want %d", m.Steps, err, want)
		}
	}
	if _, ok := events[len(events)-1].(run.Done); !ok {
		t.Errorf("the run ended with %v", events[len(events)-1])
	}
}
