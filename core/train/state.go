package train

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"quarterturn/core/checkpoint"
	"quarterturn/core/dataset"
	"quarterturn/core/fault"
	"quarterturn/core/resnet"
	"quarterturn/core/run"
)

// MaxRollbacks is how often RollBack may halve the learning rate: a run that
// still diverges at a thousandth of its rate has another fault.
const MaxRollbacks = 10

// Checkpoint returns copies of the network as of the last finished step and of
// what else a run needs to go on from there. The state's origin and history are
// the caller's to fill in. It is ErrDiverged when a number is not finite, and then
// Run is too: a step's loss tells only one step later, and not even then where a
// ReLU has made zeros of what is no number.
func (t *Trainer) Checkpoint() (*checkpoint.Model, *checkpoint.State, error) {
	m, err := t.Model()
	if err != nil {
		return nil, nil, err
	}
	s, err := t.state()
	if err != nil {
		return nil, nil, err
	}
	for _, arrays := range []checkpoint.Weights{m.Weights, s.Velocities, s.Raw} {
		for name, values := range arrays {
			if !allFinite(values) {
				t.diverged = true
				return nil, nil, fault.Errorf("train", "%s after step %d: %w", name, t.steps, ErrDiverged)
			}
		}
	}
	return m, s, nil
}

func allFinite(values []float32) bool {
	for _, v := range values {
		if !isFinite(float64(v)) {
			return false
		}
	}
	return true
}

func (t *Trainer) state() (*checkpoint.State, error) {
	s := &checkpoint.State{
		Position: checkpoint.Position{
			Step:          t.steps,
			Evaluated:     t.evaluated,
			Rollbacks:     t.rollbacks,
			EpochLoss:     t.epoch.loss,
			EpochRight:    t.epoch.right,
			EpochExamples: t.epoch.examples,
		},
		Velocities: checkpoint.Weights{},
		Raw:        checkpoint.Weights{},
	}
	if t.average != nil {
		var err error
		if s.Raw, err = weightsOf(t.store, t.net, resnet.Parameter.Path); err != nil {
			return nil, err
		}
	}
	for _, p := range t.withVelocity() {
		value, err := t.store.GetVariable(velocityPath(p)).Value()
		if err != nil {
			return nil, fault.Errorf("train", "velocity of %s was lost: %w", p.Name, err)
		}
		if s.Velocities[p.Name], err = tensors.CopyFlatData[float32](value); err != nil {
			return nil, fault.Errorf("train", "velocity of %s: %w", p.Name, err)
		}
	}
	return s, nil
}

// Restore takes a run to the step of a model and a state that an equal run gave:
// what follows has the same bits as it had there. After an error the Trainer is
// of no more use.
func (t *Trainer) Restore(m *checkpoint.Model, s *checkpoint.State) error {
	if !m.Config.Network.Equal(t.net.Network) || m.Config.Classes != t.net.Classes {
		return fault.Errorf("train", "the checkpoint is of a %v with %d classes, the run has a %v with %d",
			m.Config.Network, m.Config.Classes, t.net.Network, t.net.Classes)
	}
	at := s.Position
	if at.Step != m.Steps || at.Step > t.schedule.Steps || at.Rollbacks > MaxRollbacks {
		return fault.Errorf("train", "the checkpoint's model is of step %d, its state %+v, of a run of %d steps", m.Steps, at, t.schedule.Steps)
	}
	weights := m.Weights
	if t.average != nil {
		weights = s.Raw
		if err := t.setWeights(averagePath, m.Weights); err != nil {
			return err
		}
	}
	if err := t.setWeights(resnet.Parameter.Path, weights); err != nil {
		return err
	}
	for _, p := range t.withVelocity() {
		if err := setValue(t.store.GetVariable(velocityPath(p)), p, s.Velocities[p.Name]); err != nil {
			return err
		}
	}
	t.steps, t.evaluated, t.rollbacks = at.Step, at.Evaluated, at.Rollbacks
	t.epoch = tally{loss: at.EpochLoss, right: at.EpochRight, examples: at.EpochExamples}
	t.diverged, t.last = false, run.Evaluated{}
	if n := len(s.History); n > 0 {
		t.last = s.History[n-1]
	}
	return nil
}

// setWeights gives the variables that belong to the network's parameters new
// values.
func (t *Trainer) setWeights(path func(resnet.Parameter) string, weights checkpoint.Weights) error {
	for _, p := range t.net.Parameters() {
		if err := setValue(t.store.GetVariable(path(p)), p, weights[p.Name]); err != nil {
			return err
		}
	}
	return nil
}

// RollBack is Restore for a run that diverged: it goes on with half the learning
// rate that the run had when it did. It is ErrDiverged when that has been done
// MaxRollbacks times.
func (t *Trainer) RollBack(m *checkpoint.Model, s *checkpoint.State) error {
	rollbacks := t.rollbacks + 1
	if rollbacks > MaxRollbacks {
		return fault.Errorf("train", "after %d rollbacks: %w", MaxRollbacks, ErrDiverged)
	}
	if err := t.Restore(m, s); err != nil {
		return err
	}
	t.rollbacks = rollbacks
	return nil
}

// rate returns the learning rate of the next step.
func (t *Trainer) rate() float64 { return t.rateOf(t.steps) }

// rateOf returns that of a step, counted from 0, after the rollbacks so far.
func (t *Trainer) rateOf(step int) float64 {
	return math.Ldexp(t.schedule.At(step), -t.rollbacks)
}

// withVelocity returns the parameters that have a velocity.
func (t *Trainer) withVelocity() []resnet.Parameter {
	if t.config.Momentum == 0 {
		return nil
	}
	return t.trainedParameters()
}

// velocityPath returns where the store keeps a parameter's velocity.
func velocityPath(p resnet.Parameter) string { return "/velocity" + p.Path() }

// setValue gives a variable new values in the place of those that it has.
func setValue(v *model.Variable, p resnet.Parameter, values []float32) error {
	if len(values) != p.Size() {
		return fault.Errorf("train", "the checkpoint has %d numbers for %s, want %d", len(values), v.Path(), p.Size())
	}
	if err := v.SetValue(tensors.FromFlatDataAndDimensions(values, p.Dims...)); err != nil {
		return fault.Errorf("train", "%s: %w", v.Path(), err)
	}
	return nil
}

// Fingerprint returns the SHA-256 of what a run takes from a set: pixels, labels
// and class names of training and test pictures, and of those held out for validation
// if there are any, in their order.
func Fingerprint(set *dataset.Set) string {
	if set.Validation != nil {
		return FingerprintOf(set.Train, set.Test, set.Validation)
	}
	return FingerprintOf(set.Train, set.Test)
}

// FingerprintOf returns that of some pictures, in their order.
func FingerprintOf(pictures ...*dataset.Pictures) string {
	h := sha256.New()
	for _, p := range pictures {
		fmt.Fprintf(h, "%d %q %d %d\n", p.Side, p.Classes, len(p.Labels), len(p.Pixels))
		h.Write(p.Pixels)
		labels := make([]byte, 0, 4*len(p.Labels))
		for _, label := range p.Labels {
			labels = binary.LittleEndian.AppendUint32(labels, uint32(label))
		}
		h.Write(labels)
	}
	return hex.EncodeToString(h.Sum(nil))
}
