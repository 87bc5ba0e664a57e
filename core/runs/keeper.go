package runs

import (
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

// See takes an event of the run. What cannot be written does not end the run: the
// earlier checkpoint is as it was, and there may be room again when the next is due.
func (k *Keeper) See(e run.Event) {
	switch e := e.(type) {
	case run.Progress:
		k.wrote(k.step(e.Step))
	case run.Evaluated:
		k.wrote(k.record(e))
	}
}

// wrote says what could not be written.
func (k *Keeper) wrote(err error) {
	k.failure = err
	if err == nil || errors.Is(err, train.ErrDiverged) { // With that the run is about to end.
		return
	}
	k.job.say("could not save everything at step %d: %s; %s, and the run goes on", k.trainer.Steps(), fault.Reason(err), k.newestSaved())
	k.note("not saved", fault.Reason(err))
}

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

// step saves if the period is over. Where an evaluation is due, what follows it
// does.
func (k *Keeper) step(step int) error {
	if k.trainer.EvaluationIsDue() || !k.SaveEvery.Over(step-k.triedAt, k.job.now().Sub(k.tried)) {
		return nil
	}
	return k.save()
}

// record keeps an evaluation: its metrics, the curves so far and a checkpoint.
// The checkpoint comes first; the rest follows from it.
func (k *Keeper) record(e run.Evaluated) error {
	k.history = append(k.history, e)
	return errors.Join(k.save(), k.writeMetrics(), k.draw())
}

// save writes a checkpoint of the present state. After an error the earlier ones
// are as they were. It is ErrDiverged, and the run is about to end, when the state
// is not worth keeping.
func (k *Keeper) save() error {
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
	err = k.dir.Publish(found[0], modelFile, "last.safetensors")
	if best, ok := k.best(); ok {
		err = errors.Join(err, k.dir.Publish(best, modelFile, "best.safetensors"))
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
	line, err := json.Marshal(struct {
		Time  time.Time `json:"time"`
		Step  int       `json:"step"`
		Event string    `json:"event"`
		Text  string    `json:"text,omitempty"`
	}{k.job.now(), k.trainer.Steps(), event, text})
	if err == nil {
		_ = k.dir.Append("events.jsonl", line)
	}
}
