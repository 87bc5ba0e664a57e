package runs

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/gomlx/compute"

	"quarterturn/core/checkpoint"
	"quarterturn/core/dataset"
	"quarterturn/core/durable"
	"quarterturn/core/exam"
	"quarterturn/core/fault"
	"quarterturn/core/measure"
	"quarterturn/core/rotation"
	"quarterturn/core/run"
	"quarterturn/core/train"
)

// A Job is one run to be trained and kept in a folder.
type Job struct {
	Spec   Spec
	Folder string
	From   *checkpoint.Model // Nil for random weights.
	Start  string            // The SHA-256 of its file.

	Disk   durable.Files
	Now    func() time.Time                                 // Nil is time.Now.
	Wait   func(context.Context, time.Duration) bool        // False where the context ended meanwhile. Nil waits by the clock.
	Say    func(line string)                                // For people; nil for nobody.
	Report func(run.Event)                                  // Hears every event before it is kept; nil for nobody.
	Draw   func([]run.Evaluated) ([]durable.Content, error) // The curves as files; nil for none.

	dir *durable.Dir // Of a run that goes on.
}

// Vacant returns an error where a folder has something in it that is not a run's, which
// a run's files would lie among. What begins with a dot does not count.
func Vacant(disk durable.Files, folder string) error {
	names, err := disk.List(folder)
	if durable.IsMissing(err) {
		return nil
	}
	if err != nil {
		return fault.Errorf("runs", "%w", err)
	}
	names = slices.DeleteFunc(names, func(name string) bool { return strings.HasPrefix(name, ".") })
	if len(names) == 0 {
		return nil
	}
	const shown = 3
	text := strings.Join(names[:min(shown, len(names))], ", ")
	if len(names) > shown {
		text += fmt.Sprintf(" and %d more", len(names)-shown)
	}
	return fault.Errorf("runs", "%s is not empty: it has %s; choose a new folder, or make it empty", folder, text)
}

// HasRun reports whether a folder has a run in it.
func HasRun(disk durable.Files, folder string) bool { return durable.Has(disk, folder, SpecFile) }

// Resume opens the folder of a run, whose settings become the job's. The folder is
// this process's until Close.
func (j *Job) Resume() error {
	if !HasRun(j.Disk, j.Folder) {
		return fault.Errorf("runs", "%s has no run in it: there is no %s", j.Folder, SpecFile)
	}
	dir, spec, err := Open(j.Disk, j.Folder)
	if err != nil {
		return err
	}
	j.dir, j.Spec = dir, spec
	return nil
}

// Open returns the folder of a run and what the run was told.
func Open(disk durable.Files, folder string) (*durable.Dir, Spec, error) {
	dir, err := durable.Open(folder, disk)
	if err != nil {
		return nil, Spec{}, err
	}
	b, err := dir.Read(SpecFile, MaxSpecBytes)
	var spec Spec
	if err == nil {
		spec, err = DecodeSpec(b)
	}
	if err != nil {
		err = fault.Errorf("runs", "%s does not hold the settings of a run: %w; put a copy of it back, or begin a new run in another folder", dir.Path(SpecFile), err)
		return nil, spec, errors.Join(err, dir.Close())
	}
	return dir, spec, nil
}

// IsResumed reports whether the job goes on with a run that was there.
func (j *Job) IsResumed() bool { return j.dir != nil }

// Close lets others have the folder. Everything in it was written and synced before.
func (j *Job) Close() {
	if j.dir != nil {
		_ = j.dir.Close()
	}
}

func (j *Job) say(format string, args ...any) {
	if j.Say != nil {
		j.Say(fmt.Sprintf(format, args...))
	}
}

func (j *Job) now() time.Time {
	if j.Now == nil {
		return time.Now()
	}
	return j.Now()
}

// wait waits, and reports whether nobody stopped the run meanwhile.
func (j *Job) wait(ctx context.Context, d time.Duration) bool {
	if j.Wait != nil {
		return j.Wait(ctx, d)
	}
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// An Outcome is what a job came to.
type Outcome struct {
	Last  run.Evaluated
	Step  int           // The last one taken.
	Saved string        // In words, which checkpoint there is.
	Test  *exam.Answers // To the test pictures, at the end; nil before it, and without any.
	Apart bool          // The test pictures are others than those that validated.
	Blind float64       // The loss of guessing blindly, in nats.
}

// Failed reports whether a run ended far worse than guessing blindly: it diverged,
// without its loss becoming no number at all.
func (o Outcome) Failed() bool { return o.Last.Examples > 0 && o.Last.Loss > 10*o.Blind }

// Run trains to the end on pictures whose fingerprint is given, and keeps
// everything. Stopped by ctx, it saves what there is and returns ctx's error; a
// run that diverged returns train.ErrDiverged, unless it is to roll back.
func (j *Job) Run(ctx context.Context, backend compute.Backend, set *dataset.Set, pictures string) (Outcome, error) {
	if j.Spec.Reading != nil {
		return Outcome{}, fault.Errorf("runs", "%s has a run that reads features and trains nothing: go on with the comparison that it is of", j.Folder)
	}
	trainer, err := train.New(backend, j.Spec.Config, set, j.From, j.Spec.Hardware.Options())
	if err != nil {
		return Outcome{}, err
	}
	if !j.IsResumed() {
		j.Spec.Start, j.Spec.Pictures, j.Spec.TestPictures = j.Start, pictures, train.FingerprintOf(set.Test)
	}
	keeper, err := j.keep(trainer, pictures)
	if err != nil {
		return Outcome{}, err
	}
	outcome := Outcome{Apart: trainer.HasExam(), Blind: math.Log(float64(len(trainer.Classes())))}
	if err = j.train(ctx, keeper); err == nil {
		outcome.Test, err = keeper.examine(ctx)
	}
	err = keeper.end(err)
	outcome.Last, outcome.Step, outcome.Saved = trainer.Last(), trainer.Steps(), keeper.newestSaved()
	return outcome, err
}

// keep makes the run's folder or goes on with what is in it.
func (j *Job) keep(trainer *train.Trainer, pictures string) (*Keeper, error) {
	origin, err := j.Spec.Origin(pictures, j.Start)
	if err != nil {
		return nil, err
	}
	k := &Keeper{
		Keeping: j.Spec.Keeping, trainer: trainer, origin: origin, job: j,
		tried: j.now(), saved: checkpoint.Position{Step: -1}, rolled: -1,
	}
	if j.IsResumed() {
		k.dir = j.dir
		return k, k.resume()
	}
	if err := j.create(); err != nil {
		return nil, err
	}
	k.dir = j.dir
	k.note("started", "")
	return k, nil
}

// create makes the folder. One that has a run in it already is left alone.
func (j *Job) create() error {
	if HasRun(j.Disk, j.Folder) {
		return fault.Errorf("runs", "%s has a run in it already", j.Folder)
	}
	description, err := j.Spec.Encode()
	if err != nil {
		return err
	}
	dir, err := durable.Open(j.Folder, j.Disk)
	if err != nil {
		return err
	}
	if err := dir.Write(SpecFile, description); err != nil {
		return errors.Join(err, dir.Close())
	}
	j.dir = dir
	return nil
}

// train takes all steps, going back where that was asked for.
func (j *Job) train(ctx context.Context, k *Keeper) error {
	running, end := context.WithCancelCause(ctx)
	defer end(nil)
	see := func(e run.Event) {
		if j.Report != nil {
			j.Report(e)
		}
		if err := k.See(ctx, e); err != nil {
			end(err)
		}
	}
	for {
		err := k.trainer.Run(running, see)
		if cause := context.Cause(running); cause != nil && ctx.Err() == nil {
			return cause
		}
		if !errors.Is(err, train.ErrDiverged) || k.OnNaN != RollBackOnNaN {
			return err
		}
		if failure := k.rollBack(); failure != nil {
			return errors.Join(err, failure)
		}
	}
}

// examine asks the network that a run ended with about the test pictures, and leaves
// the answers, if there are any.
func (k *Keeper) examine(ctx context.Context) (*exam.Answers, error) {
	given, err := k.trainer.Answers(ctx)
	if err != nil || len(given.Labels) == 0 || len(k.trainer.Classes()) > exam.MaxClasses {
		return nil, err
	}
	answers := &exam.Answers{Classes: k.trainer.Classes(), Turns: 1, Labels: given.Labels, Guesses: given.Guesses}
	if k.job.Spec.Config.Task == run.Pretext {
		answers.Turns = rotation.Turns
	}
	return answers, writeAnswers(k.dir, k.job.Spec.Config.Task, answers)
}

// writeAnswers leaves the answers and, of names, the confusion matrix: the last files
// that a run writes.
func writeAnswers(dir *durable.Dir, task run.Task, a *exam.Answers) error {
	b, err := measure.EncodeAnswers(a)
	if err == nil {
		err = dir.Write(AnswersFile, b)
	}
	if err != nil || task == run.Pretext {
		return err
	}
	if b, err = measure.EncodeConfusion(a.Confusion()); err != nil {
		return err
	}
	return dir.Write(ConfusionFile, b)
}

// end saves what is not saved yet, and returns why the run ended.
func (k *Keeper) end(failure error) error {
	if failure != nil && !errors.Is(failure, context.Canceled) {
		k.note("failed", fault.Reason(failure))
		return failure
	}
	if !HasRun(k.job.Disk, k.job.Folder) {
		return errors.Join(failure, errGone)
	}
	if err := k.saveRest(); err != nil {
		return err
	}
	if failure != nil {
		k.note("stopped", "")
		return failure
	}
	k.note("finished", "")
	return nil
}
