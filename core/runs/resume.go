package runs

import (
	"errors"
	"fmt"

	"quarterturn/core/checkpoint"
	"quarterturn/core/durable"
	"quarterturn/core/fault"
)

// resume takes the trainer to the newest checkpoint that is whole, or leaves it
// at the start when there is none, and brings the other files in line.
func (k *Keeper) resume() error {
	m, s, err := k.newest()
	if err != nil {
		return err
	}
	if m == nil {
		k.job.say("there is no checkpoint yet: starting from the beginning")
		return nil
	}
	if err := k.trainer.Restore(m, s); err != nil {
		return err
	}
	k.job.say("going on from step %d", m.Steps)
	k.wentBack(s, "resumed", "")
	k.checkBest()
	return errors.Join(k.writeMetrics(), k.publish())
}

// rollBack takes a run that diverged to its last good checkpoint and halves the
// learning rate.
func (k *Keeper) rollBack() error {
	at := k.trainer.Steps()
	if err := k.skipDoomed(); err != nil {
		return err
	}
	m, s, err := k.newest()
	if err != nil {
		return err
	}
	if m == nil {
		return fault.New("runs", "there is no checkpoint to roll back to")
	}
	k.saved = s.Position
	if err := k.trainer.RollBack(m, s); err != nil {
		return err
	}
	text := fmt.Sprintf("the loss was no longer a number at step %d: back to step %d, at half the learning rate", at, m.Steps)
	k.job.say("%s", text)
	k.rolled = m.Steps
	k.wentBack(s, "rolled back", text)
	return k.writeMetrics()
}

// skipDoomed sets the newest checkpoint aside if the last rollback led to it and
// the run got no further: its weights are numbers, but too large to compute with.
// The oldest checkpoint stays.
func (k *Keeper) skipDoomed() error {
	found, err := k.dir.Checkpoints()
	if err != nil || len(found) < 2 || found[0].Step != k.rolled {
		return err
	}
	return k.dir.SetAside(found[0])
}

// wentBack takes over what a checkpoint knew.
func (k *Keeper) wentBack(s *checkpoint.State, event, text string) {
	k.history, k.saved = s.History, s.Position
	k.tried, k.triedAt = k.job.now(), s.Position.Step
	k.note(event, text)
}

// newest reads the newest checkpoint that is whole. Damaged ones are set aside,
// and said. It returns nil when there is none, and an error when there are some
// that could not be read for another reason, or that are another run's.
func (k *Keeper) newest() (*checkpoint.Model, *checkpoint.State, error) {
	found, err := k.dir.Checkpoints()
	if err != nil {
		return nil, nil, err
	}
	var unreadable error
	for _, c := range found {
		m, s, err := Load(k.dir, c)
		if err == nil {
			return m, s, s.Origin.Check(k.origin)
		}
		if !k.discard(c, err) {
			unreadable = errors.Join(unreadable, fmt.Errorf("%v: %w", c, err))
		}
	}
	return nil, nil, unreadable
}

// discard says that a checkpoint cannot be used, and sets it aside if that is
// because of its bytes.
func (k *Keeper) discard(c durable.Checkpoint, reason error) (damaged bool) {
	k.job.say("checkpoint %v cannot be used: %s; trying the one before", c, fault.Reason(reason))
	k.note("checkpoint damaged", fmt.Sprintf("%v: %s", c, fault.Reason(reason)))
	if !errors.Is(reason, durable.ErrDamaged) {
		return false
	}
	if err := k.dir.SetAside(c); err != nil {
		k.job.say("%s", fault.Reason(err))
	}
	return true
}

// Load reads a checkpoint of a run.
func Load(dir *durable.Dir, c durable.Checkpoint) (*checkpoint.Model, *checkpoint.State, error) {
	contents, err := dir.Load(c)
	if err != nil {
		return nil, nil, err
	}
	return decode(contents)
}

func decode(contents map[string][]byte) (*checkpoint.Model, *checkpoint.State, error) {
	m, err := checkpoint.Decode(contents[modelFile])
	if err != nil {
		return nil, nil, err
	}
	s, err := checkpoint.DecodeState(contents[stateFile], m.Config)
	return m, s, err
}
