package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"quarterturn/assets"
	"quarterturn/assets/pictures"
	"quarterturn/core/cmd/internal/backends"
	"quarterturn/core/cmd/internal/files"
	"quarterturn/core/cmd/internal/term"
	"quarterturn/core/durable"
	"quarterturn/core/measure"
	"quarterturn/core/recording"
	"quarterturn/core/run"
	"quarterturn/core/runs"
)

const recordHelp = `record --run runs/NAME --out FILE [--data PICTURES]

Makes a recording of a run of pretrain, to go through epoch by epoch on the page:
its curves, what the network believed of the built-in pictures, what its stages
knew of classes, and where it laid pictures out in the plane. It needs the
checkpoint of each epoch, which pretrain keeps with --keep 0. --data are the
pictures that the stages are probed with and that are laid out.`

// recordSettings are what a recording is told.
type recordSettings struct {
	root     string
	out      string
	set      string
	pictures string
	measure.Recorder
	points     int
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
	flags.IntVar(&s.Stage, "stage", -1, "`part` whose features are laid out: 0 is the stem, -1 the last stage")
	flags.IntVar(&s.points, "points", 300, "lay out so many `pictures`, chosen by the seed, test pictures first")
	flags.IntVar(&s.Probe.Neighbours, "neighbours", 20, "training `pictures` that vote on a test picture")
	flags.IntVar(&s.Iterations, "iterations", 1000, "`steps` of t-SNE in the first epoch; half as many in those that follow")
	flags.Uint64Var(&s.Probe.Seed, "seed", 1, "seed of t-SNE and of what is drawn")
}

func (s *recordSettings) check() error {
	switch {
	case s.root == "" || s.out == "":
		return errors.New("record: name the run with --run and the file to write with --out")
	case s.pictures != allPictures && s.pictures != testPictures:
		return fmt.Errorf("record: --pictures %q: want %s or %s", s.pictures, allPictures, testPictures)
	case !slices.Contains(builtIn(), s.set):
		return fmt.Errorf("record: --set %q: want one of %s", s.set, strings.Join(builtIn(), ", "))
	case s.points < measure.FewestPoints || s.points > recording.MaxPoints:
		return fmt.Errorf("record: --points is %d, want %d to %d", s.points, measure.FewestPoints, recording.MaxPoints)
	case s.Probe.Neighbours < 1 || s.Iterations < 2:
		return errors.New("record: --neighbours is at least 1, --iterations at least 2")
	}
	return nil
}

// checkOut refuses a file that could not be written, before any work is done.
func (s *recordSettings) checkOut() error {
	info, err := os.Stat(s.out)
	switch {
	case err == nil && info.IsDir():
		return fmt.Errorf("record: --out %s is a folder: name a file in it", s.out)
	case err != nil && !errors.Is(err, fs.ErrNotExist): // Such as a folder that is a file.
		return fmt.Errorf("record: --out %s: %w", s.out, err)
	}
	return nil
}

// record is the command.
func record(ctx context.Context, t *term.Terminal, args []string) error {
	l := newLook(t, "record", recordHelp)
	var s recordSettings
	s.add(l.flags)
	if err := parse(l.flags, args, 0); err != nil {
		return err
	}
	if err := errors.Join(s.check(), s.checkOut()); err != nil {
		return usageError{err}
	}
	r, err := openRecorded(t, s.root)
	if err != nil {
		return err
	}
	defer r.dir.Close() // Nothing was written there.
	if err := s.CheckStage(r.spec.Config.Network); err != nil {
		return usageError{fmt.Errorf("record: --stage: %w: choose one of them, or -1 for the last", err)}
	}
	if s.Probe.Backend, err = l.open(); err != nil {
		return err
	}
	made, b, err := s.make(ctx, l, r)
	if err := l.done(err); err != nil {
		return err
	}
	if err := files.Write(t.Disk, s.out, b); err != nil {
		return fmt.Errorf("--out %s: %w", s.out, err)
	}
	return term.PrintRecording(t, made, fmt.Sprintf("%d bytes in %s", len(b), s.out))
}

// A recordedRun is a run of pretrain, with the checkpoint of each epoch.
type recordedRun struct {
	dir    *durable.Dir
	spec   runs.Spec
	epochs []measure.Epoch
}

// openRecorded opens the folder of a run, and finds its epochs.
func openRecorded(t *term.Terminal, root string) (r recordedRun, err error) {
	if !runs.HasRun(t.Disk, root) {
		return r, usageError{fmt.Errorf("%s has no run in it: there is no %s", root, runs.SpecFile)}
	}
	if r.dir, r.spec, err = runs.Open(t.Disk, root); err != nil {
		return r, err
	}
	if r.spec.Config.Task != run.Pretext {
		err = usageError{fmt.Errorf("the run in %s learnt to name pictures: only one of pretrain, which guesses turns, can be recorded", root)}
	} else if r.epochs, err = runs.Epochs(r.dir, r.spec, func(line string) { fmt.Fprintln(t.Err, line) }); err != nil {
		err = fmt.Errorf("%s: %w with --keep 0", root, err)
	}
	if err != nil {
		err = errors.Join(err, r.dir.Close())
	}
	return r, err
}

// make returns the recording and its bytes.
func (s *recordSettings) make(ctx context.Context, l *look, r recordedRun) (*recording.Recording, []byte, error) {
	of := &r.spec
	made := &recording.Recording{
		Made:    fmt.Sprintf("quarterturn record, %s %s/%s, %s", runtime.Version(), runtime.GOOS, runtime.GOARCH, backends.About(s.Probe.Backend)),
		Command: of.Shown(),
		Config:  of.Config,
		Data:    cmp.Or(s.learntFrom, titleOf(of.Data)),
	}
	made.Pictures.Learnt = of.Data == s.set
	material, err := s.material(l, of.Config.Side)
	if err != nil {
		return nil, nil, err
	}
	s.Probe.Progress = l.progress.At
	if err := s.Record(ctx, made, material, r.epochs); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", s.root, err)
	}
	b, err := recording.Encode(made)
	return made, b, err
}

// material opens what the networks are asked about, probed with, and what is laid
// out.
func (s *recordSettings) material(l *look, side int) (m measure.Material, err error) {
	sheets, err := assets.Pictures(s.set)
	if err != nil {
		return m, err
	}
	m = measure.Material{
		Asked: sheets.Set.Test, AskedTest: sheets.Set.Test.Len(), AskedSet: s.set,
		ProbedOf: cmp.Or(s.probedWith, titleOf(l.data.path)), SameSet: l.data.path == s.set,
	}
	if m.Asked.Side != side {
		return m, fmt.Errorf("the network of the run sees pictures of side %d, and the built-in ones have %d: record a run with --side %d", side, m.Asked.Side, m.Asked.Side)
	}
	if s.pictures == allPictures {
		m.Asked = sheets.Set.Train
		if err := m.Asked.Append(sheets.Set.Test); err != nil {
			return m, err
		}
	}
	if m.Probed, err = l.data.open(l.terminal, side, s.Probe.Seed); err != nil {
		return m, err
	}
	if err := measure.EnoughToProbe(m.Probed); err != nil {
		return m, fmt.Errorf("record: --data: %w", err)
	}
	if m.Laid, err = measure.Lay(m.Probed, s.points, s.Probe.Seed); err != nil {
		return m, fmt.Errorf("record: --data: %w", err)
	}
	return m, nil
}

// titleOf names pictures: a built-in set by its title, others by the last part of
// their path.
func titleOf(data string) string {
	if set, ok := pictures.Find(data); ok {
		title, _, _ := strings.Cut(set.Title, ":")
		return title + " (built in)"
	}
	return filepath.Base(data)
}
