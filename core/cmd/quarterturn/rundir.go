package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"quarterturn/core/checkpoint"
	"quarterturn/core/durable"
	"quarterturn/core/run"
	"quarterturn/core/train"
)

// A runDir is the folder of a run:
//
//	config.json              what the run was told
//	metrics.jsonl, .csv      one line for each evaluation
//	curves.svg, curves.png   loss and accuracy over epochs
//	events.jsonl             what happened to the run, and when
//	checkpoints/step-…/      model.safetensors, state.safetensors, manifest.json
//	last.safetensors         the newest checkpoint's model
//	best.safetensors         that with the best validation accuracy, or without
//	                         pictures to validate with the newest of an epoch
//
// Going on looks only at config.json and the checkpoints; everything else is
// written anew from them.
type runDir struct {
	root    string
	files   *durable.Dir
	say     io.Writer // For people.
	trainer *train.Trainer
	origin  checkpoint.Origin
	every   period
	keep    int
	now     func() time.Time

	history []run.Evaluated
	saved   checkpoint.Position // That of the newest checkpoint; step -1 before the first.
	tried   time.Time           // To save, last.
	triedAt int                 // Its step.
	rolled  int                 // Step that the last rollback led to; -1 before the first.
}

// Files of a checkpoint.
const (
	modelFile = "model.safetensors"
	stateFile = "state.safetensors"
)

const configFile = "config.json"

// createRunDir makes a run's folder. One that has a run in it already is left
// alone.
func createRunDir(disk durable.Files, root string, s *settings) (*durable.Dir, error) {
	if hasRun(root) {
		return nil, usageError{fmt.Errorf("%s has a run in it already; go on with --resume %s or choose another --out", root, root)}
	}
	description, err := s.encode()
	if err != nil {
		return nil, err
	}
	files, err := durable.Open(root, disk)
	if err != nil {
		return nil, err
	}
	if err := files.Write(configFile, description); err != nil {
		return nil, errors.Join(err, files.Close())
	}
	return files, nil
}

// hasRun reports whether a folder has a run in it.
func hasRun(root string) bool {
	_, err := os.Stat(filepath.Join(root, configFile))
	return !errors.Is(err, fs.ErrNotExist)
}

// openRunDir returns the folder of a run and what the run was told.
func openRunDir(disk durable.Files, root string) (*durable.Dir, settings, error) {
	if !hasRun(root) {
		return nil, settings{}, usageError{fmt.Errorf("%s has no run in it: there is no %s", root, configFile)}
	}
	files, err := durable.Open(root, disk)
	if err != nil {
		return nil, settings{}, err
	}
	s, err := readSettings(files)
	if err != nil {
		err = fmt.Errorf("%s does not hold the settings of a run: %w; put a copy of it back, or begin a new run in another folder with --out", files.Path(configFile), err)
		return nil, settings{}, errors.Join(err, files.Close())
	}
	return files, s, nil
}

func readSettings(files *durable.Dir) (settings, error) {
	b, err := files.Read(configFile, maxSettingsBytes)
	if err != nil {
		return settings{}, err
	}
	return decodeSettings(b)
}

// resume takes the trainer to the newest checkpoint that is whole, or leaves it
// at the start when there is none, and brings the other files in line.
func (d *runDir) resume() error {
	m, s, err := d.newest()
	if err != nil {
		return err
	}
	if m == nil {
		fmt.Fprintln(d.say, "there is no checkpoint yet: starting from the beginning")
		return nil
	}
	if err := d.trainer.Restore(m, s); err != nil {
		return err
	}
	fmt.Fprintf(d.say, "going on from step %d\n", m.Steps)
	d.wentBack(s, "resumed", "")
	d.checkBest()
	return errors.Join(d.writeMetrics(), d.publish())
}

// rollBack takes a run that diverged to its last good checkpoint and halves the
// learning rate.
func (d *runDir) rollBack() error {
	at := d.trainer.Steps()
	if err := d.skipDoomed(); err != nil {
		return err
	}
	m, s, err := d.newest()
	if err != nil {
		return err
	}
	if m == nil {
		return errors.New("there is no checkpoint to roll back to")
	}
	d.saved = s.Position
	if err := d.trainer.RollBack(m, s); err != nil {
		return err
	}
	text := fmt.Sprintf("the loss was no longer a number at step %d: back to step %d, at half the learning rate", at, m.Steps)
	fmt.Fprintln(d.say, text)
	d.rolled = m.Steps
	d.wentBack(s, "rolled back", text)
	return d.writeMetrics()
}

// skipDoomed sets the newest checkpoint aside if the last rollback led to it and
// the run got no further: its weights are numbers, but too large to compute with.
// The oldest checkpoint stays.
func (d *runDir) skipDoomed() error {
	found, err := d.files.Checkpoints()
	if err != nil || len(found) < 2 || found[0].Step != d.rolled {
		return err
	}
	return d.files.SetAside(found[0])
}

// wentBack takes over what a checkpoint knew.
func (d *runDir) wentBack(s *checkpoint.State, event, text string) {
	d.history, d.saved = s.History, s.Position
	d.tried, d.triedAt = d.now(), s.Position.Step
	d.note(event, text)
}

// newest reads the newest checkpoint that is whole. Damaged ones are set aside,
// and said. It returns nil when there is none, and an error when there are some
// that could not be read for another reason, or that are another run's.
func (d *runDir) newest() (*checkpoint.Model, *checkpoint.State, error) {
	found, err := d.files.Checkpoints()
	if err != nil {
		return nil, nil, err
	}
	var unreadable error
	for _, c := range found {
		m, s, err := d.load(c)
		if err == nil {
			return m, s, s.Origin.Check(d.origin)
		}
		if !d.discard(c, err) {
			unreadable = errors.Join(unreadable, fmt.Errorf("%v: %w", c, err))
		}
	}
	return nil, nil, unreadable
}

// discard says that a checkpoint cannot be used, and sets it aside if that is
// because of its bytes.
func (d *runDir) discard(c durable.Checkpoint, reason error) (damaged bool) {
	fmt.Fprintf(d.say, "checkpoint %v cannot be used: %v; trying the one before\n", c, reason)
	d.note("checkpoint damaged", fmt.Sprintf("%v: %v", c, reason))
	if !errors.Is(reason, durable.ErrDamaged) {
		return false
	}
	if err := d.files.SetAside(c); err != nil {
		fmt.Fprintln(d.say, err)
	}
	return true
}

// load reads a checkpoint.
func (d *runDir) load(c durable.Checkpoint) (*checkpoint.Model, *checkpoint.State, error) {
	contents, err := d.files.Load(c)
	if err != nil {
		return nil, nil, err
	}
	m, err := checkpoint.Decode(contents[modelFile])
	if err != nil {
		return nil, nil, err
	}
	s, err := checkpoint.DecodeState(contents[stateFile], m.Config)
	return m, s, err
}

// step saves if the period is over. Where an evaluation is due, what follows it
// does.
func (d *runDir) step(step int) error {
	if d.trainer.EvaluationIsDue() || !d.every.over(step-d.triedAt, d.now().Sub(d.tried)) {
		return nil
	}
	return d.save()
}

// record keeps an evaluation: its metrics, the curves so far and a checkpoint.
// The checkpoint comes first; the rest follows from it.
func (d *runDir) record(e run.Evaluated) error {
	d.history = append(d.history, e)
	return errors.Join(d.save(), d.writeMetrics(), d.drawCurves())
}

// save writes a checkpoint of the present state. After an error the earlier ones
// are as they were. It is ErrDiverged, and the run is about to end, when the state
// is not worth keeping.
func (d *runDir) save() error {
	d.tried, d.triedAt = d.now(), d.trainer.Steps()
	m, s, err := d.trainer.Checkpoint()
	if err != nil {
		return err
	}
	s.Origin, s.History = d.origin, d.history
	contents, err := encodeCheckpoint(m, s)
	if err != nil {
		return err
	}
	if _, err := d.files.Save(m.Steps, contents); err != nil {
		return err
	}
	d.saved = s.Position
	if err := d.publish(); err != nil {
		return err
	}
	best, _ := d.best() // Step 0 before the first epoch.
	return d.files.Prune(d.keep, best.Step)
}

func encodeCheckpoint(m *checkpoint.Model, s *checkpoint.State) ([]durable.Content, error) {
	model, err := checkpoint.Encode(m)
	if err != nil {
		return nil, err
	}
	state, err := checkpoint.EncodeState(s, m.Config)
	return []durable.Content{{Name: modelFile, Bytes: model}, {Name: stateFile, Bytes: state}}, err
}

// isSaved reports whether the newest checkpoint is that of the present state.
func (d *runDir) isSaved() bool {
	return d.saved.Step == d.trainer.Steps() && d.saved.Evaluated == d.trainer.Evaluated()
}

// newestSaved says in words which checkpoint there is.
func (d *runDir) newestSaved() string {
	if d.saved.Step < 0 {
		return "there is no checkpoint yet"
	}
	return fmt.Sprintf("the newest checkpoint is that of step %d", d.saved.Step)
}

// publish lets last.safetensors and best.safetensors be those of the checkpoints.
func (d *runDir) publish() error {
	found, err := d.files.Checkpoints()
	if err != nil || len(found) == 0 {
		return err
	}
	err = d.files.Publish(found[0], modelFile, "last.safetensors")
	if best, ok := d.best(); ok {
		err = errors.Join(err, d.files.Publish(best, modelFile, "best.safetensors"))
	}
	return err
}

// best returns, of the checkpoints that are there, the first with the highest
// validation accuracy, and the newest where nothing was validated. Before the
// first epoch there is none.
func (d *runDir) best() (best durable.Checkpoint, ok bool) {
	found, err := d.files.Checkpoints()
	if err != nil {
		return best, false
	}
	there := map[int]durable.Checkpoint{}
	for i := len(found) - 1; i >= 0; i-- { // Of two of one step the newer stays.
		there[found[i].Step] = found[i]
	}
	highest := -1.0
	for _, e := range d.history {
		if c, saved := there[e.Step]; saved && e.Step > 0 && (e.Accuracy > highest || e.Examples == 0) {
			best, highest, ok = c, e.Accuracy, true
		}
	}
	return best, ok
}

// checkBest sets the best checkpoint aside while it is damaged: the next best
// takes its place.
func (d *runDir) checkBest() {
	for {
		best, ok := d.best()
		if !ok {
			return
		}
		if _, _, err := d.load(best); err == nil || !d.discard(best, err) {
			return
		}
	}
}

// note appends a line to events.jsonl. Nothing depends on it, so that a failure
// is not worth more than the message of whatever else fails.
func (d *runDir) note(event, text string) {
	line, err := json.Marshal(struct {
		Time  time.Time `json:"time"`
		Step  int       `json:"step"`
		Event string    `json:"event"`
		Text  string    `json:"text,omitempty"`
	}{d.now(), d.trainer.Steps(), event, text})
	if err == nil {
		_ = d.files.Append("events.jsonl", line)
	}
}
