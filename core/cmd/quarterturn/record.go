package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"quarterturn/assets"
	"quarterturn/assets/pictures"
	"quarterturn/core/checkpoint"
	"quarterturn/core/dataset"
	"quarterturn/core/durable"
	"quarterturn/core/recording"
	"quarterturn/core/run"
)

const recordHelp = `record --run runs/NAME --out FILE [--data PICTURES]

Makes a recording of a run of pretrain, to go through epoch by epoch on the page:
its curves, what the network believed of the built-in pictures, what its stages
knew of classes, and where it laid pictures out in the plane. It needs the
checkpoint of each epoch, which pretrain keeps with --keep 0. --data are the
pictures that the stages are probed with and that are laid out.`

// recordSettings are what a recording is told.
type recordSettings struct {
	root       string
	out        string
	set        string
	pictures   string
	stage      int
	points     int
	neighbours int
	iterations int
	seed       uint64
	learntFrom string
	probedWith string
}

// Values of --pictures.
const (
	allPictures  = "all"
	testPictures = "test"
)

func (s *recordSettings) add(flags *flag.FlagSet) {
	flags.StringVar(&s.root, "run", "", "`folder` of the run")
	flags.StringVar(&s.out, "out", "", "`file` to write")
	flags.StringVar(&s.learntFrom, "learnt-from", "", "what the run learnt from, in `words` for people (default the last part of its --data)")
	flags.StringVar(&s.probedWith, "probed-with", "", "what --data is, in `words` for people (default its last part)")
	flags.StringVar(&s.set, "set", pictures.Default, "built-in pictures that the network is asked about: "+strings.Join(builtIn(), ", "))
	flags.StringVar(&s.pictures, "pictures", allPictures, "which of them: all, or test for a smaller file")
	flags.IntVar(&s.stage, "stage", -1, "`part` whose features are laid out: 0 is the stem, -1 the last stage")
	flags.IntVar(&s.points, "points", 300, "lay out so many `pictures`, chosen by the seed, test pictures first")
	flags.IntVar(&s.neighbours, "neighbours", 20, "training `pictures` that vote on a test picture")
	flags.IntVar(&s.iterations, "iterations", 1000, "`steps` of t-SNE in the first epoch; half as many in those that follow")
	flags.Uint64Var(&s.seed, "seed", 1, "seed of t-SNE and of what is drawn")
}

func (s *recordSettings) check() error {
	switch {
	case s.root == "" || s.out == "":
		return errors.New("record: name the run with --run and the file to write with --out")
	case s.pictures != allPictures && s.pictures != testPictures:
		return fmt.Errorf("record: --pictures %q: want %s or %s", s.pictures, allPictures, testPictures)
	case !slices.Contains(builtIn(), s.set):
		return fmt.Errorf("record: --set %q: want one of %s", s.set, strings.Join(builtIn(), ", "))
	case s.points < 4 || s.points > recording.MaxPoints:
		return fmt.Errorf("record: --points is %d, want 4 to %d", s.points, recording.MaxPoints)
	case s.neighbours < 1 || s.iterations < 2:
		return errors.New("record: --neighbours is at least 1, --iterations at least 2")
	}
	return nil
}

// record is the command.
func record(ctx context.Context, t *terminal, args []string) error {
	flags := newFlags(t, "record", recordHelp)
	var settings recordSettings
	settings.add(flags)
	var data dataFlags
	data.add(flags)
	backendName := backendFlag(flags)
	if err := parse(flags, args, 0); err != nil {
		return err
	}
	if err := errors.Join(settings.check(), settings.checkOut()); err != nil {
		return usageError{err}
	}
	r, err := openRecorded(t, settings.root)
	if err != nil {
		return err
	}
	defer r.files.Close() // Nothing was written there.
	backend, err := t.openBackend(*backendName)
	if err != nil {
		return err
	}
	shown := &progress{terminal: t}
	recorder := &recorder{prober: prober{
		ctx: ctx, backend: backend, progress: shown,
		settings: probeSettings{draws: 1, neighbours: settings.neighbours, cells: 1, seed: settings.seed},
	}, settings: settings, recorded: r}
	b, err := recorder.make(t, &data)
	shown.clear()
	if errors.Is(err, context.Canceled) {
		fmt.Fprintln(t.err, "stopped; nothing was written")
	}
	if err != nil {
		return err
	}
	if err := writeFile(t.disk, settings.out, b); err != nil {
		return fmt.Errorf("--out %s: %w", settings.out, err)
	}
	return recorder.print(t, len(b))
}

// writeFile writes a file in a folder that need not be there yet, in one go.
func writeFile(disk durable.Files, path string, b []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return durable.Replace(disk, path, b)
}

// A recordedRun is a run that has ended, with the checkpoint of each epoch.
type recordedRun struct {
	settings settings
	files    *durable.Dir
	epochs   []recordedEpoch
	perEpoch int // Steps.
}

// A recordedEpoch is an evaluation with the checkpoint of its step.
type recordedEpoch struct {
	run.Evaluated
	checkpoint durable.Checkpoint
}

// openRecorded opens the folder of a run of pretrain, and finds its epochs.
func openRecorded(t *terminal, root string) (*recordedRun, error) {
	files, s, err := openRunDir(t.disk, root)
	if err != nil {
		return nil, err
	}
	r := &recordedRun{settings: s, files: files}
	if s.Config.Task != run.Pretext {
		err = usageError{fmt.Errorf("the run in %s learnt to name pictures: only one of pretrain, which guesses turns, can be recorded", root)}
	} else {
		err = r.find(t, root)
	}
	if err != nil {
		return nil, errors.Join(err, files.Close())
	}
	return r, nil
}

// find matches the run's history, as its newest whole checkpoint has it, with the
// checkpoints that are there.
func (r *recordedRun) find(t *terminal, root string) error {
	found, err := r.files.Checkpoints()
	if err != nil {
		return err
	}
	at := map[int]durable.Checkpoint{}
	for _, c := range slices.Backward(found) { // Of two of one step the newer stays.
		at[c.Step] = c
	}
	history, err := r.history(t, found)
	if err != nil {
		return fmt.Errorf("%s: %w", root, err)
	}
	var missing []string
	for _, e := range history {
		if c, ok := at[e.Step]; ok {
			r.epochs = append(r.epochs, recordedEpoch{e, c})
		} else {
			missing = append(missing, fmt.Sprint(e.Epoch))
		}
		if e.Epoch > 0 {
			r.perEpoch = e.Step / e.Epoch
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("%s has no checkpoint of %d of its %d evaluations, those after the epochs %s: pretrain keeps all with --keep 0",
			root, len(missing), len(history), strings.Join(missing, ", "))
	}
	return nil
}

// history returns the evaluations that the newest whole checkpoint knows of.
func (r *recordedRun) history(t *terminal, found []durable.Checkpoint) ([]run.Evaluated, error) {
	for _, c := range found {
		_, s, err := r.load(c)
		if err != nil {
			fmt.Fprintf(t.err, "checkpoint %v cannot be used: %v; trying the one before\n", c, err)
			continue
		}
		if len(s.History) > 0 {
			return s.History, nil
		}
	}
	return nil, errors.New("there is no checkpoint of an epoch that could be used")
}

func (r *recordedRun) load(c durable.Checkpoint) (*checkpoint.Model, *checkpoint.State, error) {
	m, s, err := (&runDir{files: r.files}).load(c)
	if err == nil {
		m.Crop = cmp.Or(m.Crop, r.settings.Config.Crop()) // Models did not always say it.
	}
	return m, s, err
}

// A recorder makes a recording.
type recorder struct {
	prober
	settings recordSettings
	recorded *recordedRun

	asked *dataset.Pictures // Built-in ones that the network is asked about.
	tests int               // The last so many of them are test pictures.
	set   *dataset.Set      // To probe with.
	laid  *dataset.Pictures // To lay out.

	result  recording.Recording
	layouts [][]float32 // [Epochs][Points, 2]
}

// make returns the recording's bytes.
func (r *recorder) make(t *terminal, data *dataFlags) ([]byte, error) {
	if err := r.checkStage(); err != nil {
		return nil, err
	}
	if err := r.choosePictures(t, data); err != nil {
		return nil, err
	}
	r.describe(data)
	if _, err := r.draft(); err != nil {
		return nil, fmt.Errorf("%s: %w", r.settings.root, err)
	}
	for _, e := range r.recorded.epochs {
		r.progress.about(fmt.Sprintf("epoch %d of %d", e.Epoch, r.recorded.epochs[len(r.recorded.epochs)-1].Epoch))
		if err := r.epoch(e); err != nil {
			return nil, fmt.Errorf("%s: %v, epoch %d: %w", r.settings.root, e.checkpoint, e.Epoch, err)
		}
	}
	frame := recording.FrameOf(r.layouts...)
	for i := range r.result.Epochs {
		r.result.Epochs[i].Places = frame.Places(r.layouts[i])
	}
	return recording.Encode(&r.result)
}

// choosePictures opens what the network is asked about, probed with, and what is
// laid out.
func (r *recorder) choosePictures(t *terminal, data *dataFlags) error {
	side := r.recorded.settings.Config.Side
	sheets, err := assets.Pictures(r.settings.set)
	if err != nil {
		return err
	}
	r.asked, r.tests = sheets.Set.Test, sheets.Set.Test.Len()
	if r.asked.Side != side {
		return fmt.Errorf("the network of the run sees pictures of side %d, and the built-in ones have %d: record a run with --side %d", side, r.asked.Side, r.asked.Side)
	}
	if r.settings.pictures == allPictures {
		r.asked = sheets.Set.Train
		if err := r.asked.Append(sheets.Set.Test); err != nil {
			return err
		}
	}
	if r.set, err = data.open(t, side, r.settings.seed); err != nil {
		return err
	}
	if err := enoughToProbe(len(r.set.Train.Labelled()), len(r.set.Test.Labelled()), len(r.set.Train.Classes)); err != nil {
		return err
	}
	return r.chooseLaid()
}

// chooseLaid draws the pictures to lay out: test pictures, and training pictures
// where those are too few. All need a class to be coloured by.
func (r *recorder) chooseLaid() error {
	test, learn := r.set.Test.Subset(r.set.Test.Labelled()), r.set.Train.Subset(r.set.Train.Labelled())
	draw := func(p *dataset.Pictures, n int) *dataset.Pictures {
		if n >= p.Len() {
			return p
		}
		chosen := dataset.Order(r.settings.seed, 0, p.Len())[:max(n, 0)]
		slices.Sort(chosen)
		return p.Subset(chosen)
	}
	r.laid = draw(test, r.settings.points)
	if err := r.laid.Append(draw(learn, r.settings.points-r.laid.Len())); err != nil {
		return err
	}
	if r.laid.Len() < 4 || !hasTwoClasses(r.laid.Labels) {
		return fmt.Errorf("record: --data has %d pictures with a class to lay out: put the pictures of each of at least two classes into a folder of its own", r.laid.Len())
	}
	return nil
}
