package runs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"quarterturn/core/checkpoint"
	"quarterturn/core/durable"
	"quarterturn/core/fault"
	"quarterturn/core/run"
	"quarterturn/core/train"
)

// A Keeper keeps a run in its folder:
//
//	config.json              what the run was told
//	metrics.jsonl, .csv      one line for each evaluation
//	curves.svg, .png, .pdf   loss and accuracy over epochs, if a Job draws them
//	events.jsonl             what happened to the run, and when
//	checkpoints/step-…/      model.safetensors, state.safetensors, manifest.json
//	last.safetensors         the newest checkpoint's model
//	best.safetensors         that with the best validation accuracy, or without
//	                         pictures to validate with the newest of an epoch
//	answers.json             what each test picture was taken for, at the end
//	confusion.json           the same as counts, of names
//
// Going on looks only at config.json and the checkpoints; everything else is
// written anew from them.
type Keeper struct {
	Keeping
	dir     *durable.Dir
	trainer *train.Trainer
	origin  checkpoint.Origin
	job     *Job

	history []run.Evaluated
	saved   checkpoint.Position // That of the newest checkpoint; step -1 before the first.
	tried   time.Time           // To save, last.
	triedAt int                 // Its step.
	rolled  int                 // Step that the last rollback led to; -1 before the first.
	failure error               // Of the last attempt to write; the run goes on.
}

// Files of a checkpoint.
const (
	modelFile = "model.safetensors"
	stateFile = "state.safetensors"
)

// See takes an event of the run. Where it cannot be written the run waits, since what it
// learnt meanwhile would be lost too. It is an error where waiting was in vain.
func (k *Keeper) See(ctx context.Context, e run.Event) error {
	switch e := e.(type) {
	case run.Progress:
		if k.isDue(e.Step) {
			return k.insist(ctx, k.save)
		}
	case run.Evaluated:
		k.history = append(k.history, e)
		return k.insist(ctx, k.record)
	}
	return nil
}

// waits are the pauses between attempts to write: five minutes in all, in which
// somebody can make room.
var waits = []time.Duration{time.Second, 4 * time.Second, 15 * time.Second, 40 * time.Second, time.Minute, time.Minute, 2 * time.Minute}

// insist writes, and where that fails tries again after a while.
func (k *Keeper) insist(ctx context.Context, write func() error) error {
	k.failure = write()
	if k.failure == nil || errors.Is(k.failure, train.ErrDiverged) { // With that the run is about to end.
		return nil
	}
	if errors.Is(k.failure, errGone) {
		return k.failure
	}
	k.job.say("could not save everything at step %d: %s; %s. The run waits for up to five minutes", k.trainer.Steps(), fault.Reason(k.failure), k.newestSaved())
	k.note("not saved", fault.Reason(k.failure))
	for _, pause := range waits {
		if !k.job.wait(ctx, pause) {
			return nil // Somebody stopped the run: it saves what it can, and says what it cannot.
		}
		if k.failure = write(); k.failure == nil {
			k.job.say("saved at step %d after all, and the run goes on", k.trainer.Steps())
			return nil
		}
	}
	return fault.Errorf("runs", "could not save for five minutes: %w", k.failure)
}

// errGone says that somebody removed the folder of a run that goes on.
var errGone = fault.New("runs", "the folder of the run is gone, and what it learnt with it: begin again")

// saveRest makes up for what is not written when a run ends.
func (k *Keeper) saveRest() error {
	if k.failure != nil {
		k.failure = errors.Join(k.writeMetrics(), k.draw())
	}
	if k.failure == nil && k.isSaved() {
		return k.publish()
	}
	return errors.Join(k.failure, k.save())
}

// draw writes the curves so far.
func (k *Keeper) draw() error {
	if k.job.Draw == nil {
		return nil
	}
	files, err := k.job.Draw(k.history)
	for _, f := range files {
		err = errors.Join(err, k.dir.Write(f.Name, f.Bytes))
	}
	return err
}

// isDue reports whether the period between saves is over. Where an evaluation is due,
// what follows it saves.
func (k *Keeper) isDue(step int) bool {
	return !k.trainer.EvaluationIsDue() && k.SaveEvery.Over(step-k.triedAt, k.job.now().Sub(k.tried))
}

// record keeps the newest evaluation: its metrics, the curves so far and a checkpoint.
// The checkpoint comes first; the rest follows from it.
func (k *Keeper) record() error {
	return errors.Join(k.save(), k.writeMetrics(), k.draw())
}

// save writes a checkpoint of the present state. After an error the earlier ones
// are as they were. It is ErrDiverged, and the run is about to end, when the state
// is not worth keeping.
func (k *Keeper) save() error {
	if !HasRun(k.job.Disk, k.job.Folder) { // It would be made again, without its settings.
		return errGone
	}
	k.tried, k.triedAt = k.job.now(), k.trainer.Steps()
	m, s, err := k.trainer.Checkpoint()
	if err != nil {
		return err
	}
	s.Origin, s.History = k.origin, k.history
	contents, err := encodeCheckpoint(m, s)
	if err != nil {
		return err
	}
	if _, err := k.dir.Save(m.Steps, contents); err != nil {
		return err
	}
	k.saved = s.Position
	if err := k.publish(); err != nil {
		return err
	}
	best, _ := k.best() // Step 0 before the first epoch.
	return k.dir.Prune(k.Keep, best.Step)
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
func (k *Keeper) isSaved() bool {
	return k.saved.Step == k.trainer.Steps() && k.saved.Evaluated == k.trainer.Evaluated()
}

// newestSaved says in words which checkpoint there is.
func (k *Keeper) newestSaved() string {
	if k.saved.Step < 0 {
		return "there is no checkpoint yet"
	}
	return fmt.Sprintf("the newest checkpoint is that of step %d", k.saved.Step)
}

// publish lets last.safetensors and best.safetensors be those of the checkpoints.
func (k *Keeper) publish() error {
	found, err := k.dir.Checkpoints()
	if err != nil || len(found) == 0 {
		return err
	}
	err = k.dir.Publish(found[0], modelFile, LastFile)
	if best, ok := k.best(); ok {
		err = errors.Join(err, k.dir.Publish(best, modelFile, BestFile))
	}
	return err
}

// best returns, of the checkpoints that are there, the first with the highest
// validation accuracy, and the newest where nothing was validated. Before the
// first epoch there is none.
func (k *Keeper) best() (best durable.Checkpoint, ok bool) {
	found, err := k.dir.Checkpoints()
	if err != nil {
		return best, false
	}
	there := map[int]durable.Checkpoint{}
	for i := len(found) - 1; i >= 0; i-- { // Of two of one step the newer stays.
		there[found[i].Step] = found[i]
	}
	highest := -1.0
	for _, e := range k.history {
		if c, saved := there[e.Step]; saved && e.Step > 0 && (e.Accuracy > highest || e.Examples == 0) {
			best, highest, ok = c, e.Accuracy, true
		}
	}
	return best, ok
}

// checkBest sets the best checkpoint aside while it is damaged: the next best
// takes its place.
func (k *Keeper) checkBest() {
	for {
		best, ok := k.best()
		if !ok {
			return
		}
		if _, _, err := Load(k.dir, best); err == nil || !k.discard(best, err) {
			return
		}
	}
}

// note appends a line to events.jsonl. Nothing depends on it, so that a failure
// is not worth more than the message of whatever else fails.
func (k *Keeper) note(event, text string) {
	k.job.note(k.trainer.Steps(), event, text)
}

// note is Keeper.note at a step.
func (j *Job) note(step int, event, text string) {
	line, err := json.Marshal(struct {
		Time  time.Time `json:"time"`
		Step  int       `json:"step"`
		Event string    `json:"event"`
		Text  string    `json:"text,omitempty"`
	}{j.now(), step, event, text})
	if err == nil {
		_ = j.dir.Append("events.jsonl", line)
	}
}
