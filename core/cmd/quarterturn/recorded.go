package main

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"quarterturn/core/checkpoint"
	"quarterturn/core/durable"
	"quarterturn/core/measure"
	"quarterturn/core/optim"
	"quarterturn/core/run"
	"quarterturn/core/runs"
)

// A recordedRun is a run that has ended, with the checkpoint of each epoch.
type recordedRun struct {
	spec   runs.Spec
	files  *durable.Dir
	epochs []measure.Epoch
}

// openRecorded opens the folder of a run of pretrain, and finds its epochs.
func openRecorded(t *terminal, root string) (*recordedRun, error) {
	if !runs.HasRun(t.disk, root) {
		return nil, usageError{fmt.Errorf("%s has no run in it: there is no %s", root, runs.SpecFile)}
	}
	files, s, err := runs.Open(t.disk, root)
	if err != nil {
		return nil, err
	}
	r := &recordedRun{spec: s, files: files}
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
			r.epochs = append(r.epochs, measure.Epoch{Evaluated: e, Load: r.loading(c, stepsPerEpoch(history))})
		} else {
			missing = append(missing, fmt.Sprint(e.Epoch))
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("%s has no checkpoint of %d of its %d evaluations, those after the epochs %s: pretrain keeps all with --keep 0",
			root, len(missing), len(history), strings.Join(missing, ", "))
	}
	return nil
}

func stepsPerEpoch(history []run.Evaluated) int {
	if last := history[len(history)-1]; last.Epoch > 0 {
		return last.Step / last.Epoch
	}
	return 0
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
	m, s, err := runs.Load(r.files, c)
	if err == nil {
		m.Crop = cmp.Or(m.Crop, r.spec.Config.Crop()) // Models did not always say it.
	}
	return m, s, err
}

// loading returns a measure.Epoch's Load for a checkpoint.
func (r *recordedRun) loading(c durable.Checkpoint, perEpoch int) func() (*checkpoint.Model, float64, error) {
	return func() (*checkpoint.Model, float64, error) {
		m, s, err := r.load(c)
		if err != nil {
			return nil, 0, fmt.Errorf("%v: %w", c, err)
		}
		if m.Steps == 0 {
			return m, 0, nil
		}
		schedule := optim.ScheduleOf(r.spec.Config, perEpoch)
		return m, math.Ldexp(schedule.At(m.Steps-1), -s.Position.Rollbacks), nil
	}
}
