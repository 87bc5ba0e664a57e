package train

import (
	"bytes"
	"context"
	"errors"
	"math"
	"reflect"
	"testing"

	"quarterturn/core/checkpoint"
	"quarterturn/core/run"
)

// save returns a run's checkpoint after a way through bytes.
func save(t *testing.T, trainer *Trainer, history []run.Evaluated) (*checkpoint.Model, *checkpoint.State) {
	t.Helper()
	m, s, err := trainer.Checkpoint()
	if err != nil {
		t.Fatal(err)
	}
	s.History = history
	weights, err := checkpoint.Encode(m)
	if err != nil {
		t.Fatal(err)
	}
	state, err := checkpoint.EncodeState(s, m.Config)
	if err != nil {
		t.Fatal(err)
	}
	if m, err = checkpoint.Decode(weights); err != nil {
		t.Fatal(err)
	}
	if s, err = checkpoint.DecodeState(state, m.Config); err != nil {
		t.Fatal(err)
	}
	return m, s
}

// record runs until the end or the event after which stop says so, and returns
// the evaluations.
func record(t *testing.T, trainer *Trainer, history []run.Evaluated, stop func(run.Event) bool) (all []run.Evaluated, stopped bool) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	err := trainer.Run(ctx, func(e run.Event) {
		if e, ok := e.(run.Evaluated); ok {
			e = e.Timeless()
			history = append(history, e)
		}
		if stop(e) {
			cancel()
		}
	})
	if err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	return history, err != nil
}

// TestRestoreGivesTheSameBits takes a new Trainer for each step and each
// evaluation, and compares with one that did them all.
func TestRestoreGivesTheSameBits(t *testing.T) {
	set := photographs(t, 8, 2)
	model := pretextModel(t, set, config(run.Transfer, 1, 1))
	frozen := config(run.Transfer, 1, 1)
	frozen.FirstStage = 2
	plain := config(run.Scratch, 1, 1)
	plain.Momentum = 0
	averaged := config(run.Scratch, 1, 1)
	averaged.AverageDecay, averaged.LabelSmoothing = 0.9, 0.1
	cached, random := frozen, config(run.Scratch, 1, 1)
	cached.PadCrop, cached.Flip = 0, false
	random.FirstStage, random.StageDecay = 3, 0.5
	seldom := config(run.Scratch, 1, 1)
	seldom.Epochs, seldom.EvaluateEvery = 3, 2
	oneTurn := config(run.Pretext, 1, 1)
	oneTurn.OneTurn = true
	tests := []struct {
		name   string
		config run.Config
		from   *checkpoint.Model
	}{
		{"pretext", config(run.Pretext, 1, 1), nil},
		{"frozen transfer", frozen, model},
		{"without momentum", plain, nil},
		{"averaged", averaged, nil},
		{"cached features", cached, model},
		{"random features", random, nil},
		{"one turn", oneTurn, nil},
		{"seldom evaluated", seldom, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.config.BatchSize = 40
			straight := mustNew(t, tt.config, set, tt.from, Options{})
			want, _ := record(t, straight, nil, func(run.Event) bool { return false })
			got := relay(t, func() *Trainer { return mustNew(t, tt.config, set, tt.from, Options{}) })
			wantModel, wantState := save(t, straight, want)
			gotModel, gotState := save(t, got.trainer, got.history)
			if !reflect.DeepEqual(gotModel, wantModel) {
				t.Error("the weights differ")
			}
			if !reflect.DeepEqual(gotState, wantState) {
				t.Errorf("the states differ: position %+v, want %+v; history %+v, want %+v",
					gotState.Position, wantState.Position, gotState.History, wantState.History)
			}
		})
	}
}

type relayed struct {
	trainer *Trainer
	history []run.Evaluated
}

// relay hands a run from Trainer to Trainer after each step and evaluation.
func relay(t *testing.T, fresh func() *Trainer) relayed {
	t.Helper()
	at := relayed{trainer: fresh()}
	for hops := 0; ; hops++ {
		var stopped bool
		at.history, stopped = record(t, at.trainer, at.history, func(e run.Event) bool {
			_, started := e.(run.Started)
			return !started
		})
		if !stopped {
			return at
		}
		if hops > 1000 {
			t.Fatal("the run does not end")
		}
		m, s := save(t, at.trainer, at.history)
		at = relayed{trainer: fresh(), history: s.History}
		if err := at.trainer.Restore(m, s); err != nil {
			t.Fatal(err)
		}
	}
}

// TestRollBack lets a run diverge, goes back and on until it does not.
func TestRollBack(t *testing.T) {
	c := config(run.Scratch, 1)
	c.LearningRate, c.WeightDecay, c.Schedule, c.WarmupEpochs, c.Epochs = 100, 1, run.Constant, 0, 30
	trainer := mustNew(t, c, photographs(t, 8, 2), nil, Options{})
	m, s := save(t, trainer, nil)
	var rates []float64
	for {
		err := trainer.Run(context.Background(), func(e run.Event) {
			if e, ok := e.(run.Progress); ok && (len(rates) == 0 || rates[len(rates)-1] != e.LearningRate) {
				rates = append(rates, e.LearningRate)
			}
		})
		if err == nil {
			break
		}
		if !errors.Is(err, ErrDiverged) {
			t.Fatal(err)
		}
		if err := trainer.RollBack(m, s); err != nil {
			t.Fatal(err)
		}
		if trainer.Steps() != 0 {
			t.Fatalf("rolled back to step %d, want 0", trainer.Steps())
		}
	}
	if len(rates) < 2 {
		t.Fatal("the run did not diverge: nothing was tested")
	}
	for i, got := range rates {
		if want := 100 / math.Pow(2, float64(i)); got != want {
			t.Errorf("rate %d is %v, want %v", i, got, want)
		}
	}
	if _, s := save(t, trainer, nil); s.Position.Rollbacks != len(rates)-1 {
		t.Errorf("the state counts %d rollbacks, want %d", s.Position.Rollbacks, len(rates)-1)
	}
	trainer.rollbacks = MaxRollbacks
	if err := trainer.RollBack(m, s); !errors.Is(err, ErrDiverged) {
		t.Errorf("rollback %d: error %v, want %v", MaxRollbacks+1, err, ErrDiverged)
	}
}

// TestCheckpointRefusesNumbersThatAreNone saves after each step of a run that
// diverges: no checkpoint may hold a NaN, though losses are finite until the end.
func TestCheckpointRefusesNumbersThatAreNone(t *testing.T) {
	c := config(run.Scratch, 1)
	c.LearningRate, c.WeightDecay, c.Schedule, c.WarmupEpochs, c.Epochs = 100, 1, run.Constant, 0, 50
	trainer := mustNew(t, c, photographs(t, 8, 2), nil, Options{})
	saved := 0
	err := trainer.Run(context.Background(), func(e run.Event) {
		m, _, err := trainer.Checkpoint()
		if err != nil {
			if !errors.Is(err, ErrDiverged) {
				t.Error(err)
			}
			return
		}
		saved++
		if _, err := checkpoint.Decode(mustEncode(t, m)); err != nil {
			t.Errorf("step %d: %v", trainer.Steps(), err)
		}
	})
	if !errors.Is(err, ErrDiverged) || saved == 0 {
		t.Errorf("error %v after %d checkpoints, want %v", err, saved, ErrDiverged)
	}
	if _, _, err := trainer.Checkpoint(); !errors.Is(err, ErrDiverged) {
		t.Errorf("a checkpoint after divergence: error %v, want %v", err, ErrDiverged)
	}
}

// TestCheckpointEndsARunThatHidesItsDivergence gives a weight a value that the
// ReLU behind it hides from the loss.
func TestCheckpointEndsARunThatHidesItsDivergence(t *testing.T) {
	trainer := mustNew(t, config(run.Scratch, 1), photographs(t, 8, 2), nil, Options{})
	m, s := save(t, trainer, nil)
	lost := m.Clone()
	lost.Weights["bn1.running_mean"][0] = float32(math.Inf(1))
	if err := trainer.Restore(lost, s); err != nil {
		t.Fatal(err)
	}
	if _, _, err := trainer.Checkpoint(); !errors.Is(err, ErrDiverged) {
		t.Fatalf("a checkpoint of it: error %v, want %v", err, ErrDiverged)
	}
	trainer.evaluated = 0 // An evaluation would show it.
	if err := trainer.Run(context.Background(), func(run.Event) {}); !errors.Is(err, ErrDiverged) || trainer.Steps() != 0 {
		t.Errorf("running on: error %v at step %d, want %v at once", err, trainer.Steps(), ErrDiverged)
	}
	if err := trainer.Restore(m, s); err != nil {
		t.Fatal(err)
	}
	if err := trainer.Run(context.Background(), func(run.Event) {}); err != nil {
		t.Errorf("running on from a good checkpoint: %v", err)
	}
}

func mustEncode(t *testing.T, m *checkpoint.Model) []byte {
	t.Helper()
	b, err := checkpoint.Encode(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestRestoreRefuses(t *testing.T) {
	set := photographs(t, 8, 2)
	trainer := mustNew(t, config(run.Scratch, 1, 1), set, nil, Options{})
	m, s := save(t, trainer, nil)
	other, otherState := save(t, mustNew(t, config(run.Scratch, 1), set, nil, Options{}), nil)
	later := *m
	later.Steps = 1
	bare := *s
	bare.Velocities = nil
	beyond, far := *m, *s
	beyond.Steps, far.Position.Step = 1<<20, 1<<20
	tests := []struct {
		name  string
		model *checkpoint.Model
		state *checkpoint.State
	}{
		{"another network", other, otherState},
		{"model and state of two steps", &later, s},
		{"no velocities", m, &bare},
		{"a step beyond the last", &beyond, &far},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := trainer.Restore(tt.model, tt.state); err == nil {
				t.Error("no error")
			}
		})
	}
}

// TestFingerprint changes one thing at a time.
func TestFingerprint(t *testing.T) {
	set := photographs(t, 2, 1)
	want := Fingerprint(set)
	if again := Fingerprint(photographs(t, 2, 1)); again != want {
		t.Error("the same pictures have another fingerprint")
	}
	changes := map[string]func(){
		"pixel": func() { set.Train.Pixels[7] ^= 1 },
		"label": func() { set.Test.Labels[0] ^= 1 },
		"class": func() { set.Train.Classes = append([]string{"other"}, set.Train.Classes[1:]...) },
		"order": func() { set.Train = set.Train.Subset([]int{1, 0, 2, 3}) },
	}
	for name, change := range changes {
		set = photographs(t, 2, 1)
		set.Train.Pixels, set.Test.Labels = bytes.Clone(set.Train.Pixels), append([]int32(nil), set.Test.Labels...)
		change()
		if Fingerprint(set) == want {
			t.Errorf("another %s, the same fingerprint", name)
		}
	}
}
