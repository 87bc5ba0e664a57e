package runs

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"quarterturn/core/checkpoint"
	"quarterturn/core/durable"
	"quarterturn/core/fault"
	"quarterturn/core/measure"
	"quarterturn/core/optim"
	"quarterturn/core/run"
)

// Epochs matches the history of a run, as its newest whole checkpoint has it, with
// the checkpoints that are there, for a Recorder. Each evaluation must have one:
// Keeping.Keep of 0 keeps them all. say hears of checkpoints that cannot be used.
func Epochs(dir *durable.Dir, spec Spec, say func(line string)) ([]measure.Epoch, error) {
	found, err := dir.Checkpoints()
	if err != nil {
		return nil, err
	}
	at := map[int]durable.Checkpoint{}
	for _, c := range slices.Backward(found) { // Of two of one step the newer stays.
		at[c.Step] = c
	}
	history, err := historyOf(dir, found, say)
	if err != nil {
		return nil, err
	}
	var epochs []measure.Epoch
	var missing []string
	for _, e := range history {
		if c, ok := at[e.Step]; ok {
			epochs = append(epochs, measure.Epoch{Evaluated: e, Load: loading(dir, c, spec, stepsPerEpochOf(history))})
		} else {
			missing = append(missing, fmt.Sprint(e.Epoch))
		}
	}
	if len(missing) > 0 {
		return nil, fault.Errorf("runs", "there is no checkpoint of %d of its %d evaluations, those after the epochs %s: a run has to keep all",
			len(missing), len(history), strings.Join(missing, ", "))
	}
	return epochs, nil
}

func stepsPerEpochOf(history []run.Evaluated) int {
	if last := history[len(history)-1]; last.Epoch > 0 {
		return last.Step / last.Epoch
	}
	return 0
}

// historyOf returns the evaluations that the newest whole checkpoint knows of.
func historyOf(dir *durable.Dir, found []durable.Checkpoint, say func(string)) ([]run.Evaluated, error) {
	for _, c := range found {
		_, s, err := Load(dir, c)
		if err != nil {
			say(fmt.Sprintf("checkpoint %v cannot be used: %s; trying the one before", c, fault.Reason(err)))
			continue
		}
		if len(s.History) > 0 {
			return s.History, nil
		}
	}
	return nil, fault.New("runs", "there is no checkpoint of an epoch that could be used")
}

// loading returns a measure.Epoch's Load for a checkpoint.
func loading(dir *durable.Dir, c durable.Checkpoint, spec Spec, stepsPerEpoch int) func() (*checkpoint.Model, float64, error) {
	return func() (*checkpoint.Model, float64, error) {
		m, s, err := Load(dir, c)
		if err != nil {
			return nil, 0, fmt.Errorf("%v: %w", c, err)
		}
		m.Crop = cmp.Or(m.Crop, spec.Config.Crop()) // Models did not always say it.
		if m.Steps == 0 {
			return m, 0, nil
		}
		schedule := optim.ScheduleOf(spec.Config, stepsPerEpoch)
		return m, math.Ldexp(schedule.At(m.Steps-1), -s.Position.Rollbacks), nil
	}
}
