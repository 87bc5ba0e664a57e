package train

import (
	"errors"
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"

	"quarterturn/core/checkpoint"
	"quarterturn/core/optim"
	"quarterturn/core/resnet"
)

// build calls fn, which builds part of a graph, and returns its panic as an
// error.
func build(part string, fn func()) error {
	if err := exceptions.TryCatch[error](fn); err != nil {
		return fmt.Errorf("train: building %s: %w", part, err)
	}
	return nil
}

// buildGraphs makes the executors of a step and of an evaluation. The graphs
// themselves are built by their first call.
func (t *Trainer) buildGraphs(backend compute.Backend) error {
	t.backend = backend
	weights, err := t.trainedWeights()
	if err != nil {
		return err
	}
	sgd := optim.SGD{Momentum: t.config.Momentum, WeightDecay: t.config.WeightDecay}
	mode := resnet.Mode{Training: true, FirstPart: t.config.FirstStage}
	t.step, err = model.NewExec(backend, t.store,
		func(scope *model.Scope, images, labels, rate *graph.Node) (*graph.Node, *graph.Node) {
			keepVariable(scope, images)
			logits := t.net.Logits(scope, images, mode)
			loss := crossEntropy(logits, labels)
			sgd.Update(loss, rate, weights)
			return loss, logits
		})
	if err != nil {
		return fmt.Errorf("train: %w", err)
	}
	t.forward, err = newForward(backend, t.store, t.net, t.config.Side)
	return err
}

// keepVariable makes the graph of node read the store's variables at each call.
// Otherwise GoMLX embeds their present values as constants on backends that
// prefer it (PreferConstantsForVariables), unless the graph says that it trains;
// a later call would see old weights.
func keepVariable(scope *model.Scope, node *graph.Node) {
	scope.Store().SetTraining(node.Graph(), true)
}

// crossEntropy is the mean of -log softmax(logits)[label] in nats.
//
//	logits  [N, Classes]
//	labels  int32 [N]
func crossEntropy(logits, labels *graph.Node) *graph.Node {
	classes := logits.Shape().Dim(-1)
	chosen := graph.OneHot(labels, classes, dtypes.Float32)
	perExample := graph.ReduceSum(graph.Mul(chosen, graph.LogSoftmax(logits, -1)), -1)
	return graph.Neg(graph.ReduceAllMean(perExample))
}

// trainedWeights returns what gradients change, each with a velocity.
func (t *Trainer) trainedWeights() ([]optim.Weight, error) {
	var weights []optim.Weight
	for _, p := range t.trainedParameters() {
		w := optim.Weight{Value: t.store.GetVariable(p.Path()), Decays: p.Role.Decays()}
		if t.config.Momentum != 0 {
			zeros := tensors.FromFlatDataAndDimensions(make([]float32, p.Size()), p.Dims...)
			velocity, err := t.store.CreateVariable(velocityPath(p), zeros)
			if err != nil {
				return nil, fmt.Errorf("train: velocity of %s: %w", p.Name, err)
			}
			w.Velocity = velocity.SetTrainable(false)
		}
		weights = append(weights, w)
	}
	return weights, nil
}

func (t *Trainer) trainedParameters() (trained []resnet.Parameter) {
	for _, p := range t.net.Parameters() {
		if p.Role.Trainable() && p.Part >= t.config.FirstStage {
			trained = append(trained, p)
		}
	}
	return trained
}

func (t *Trainer) trainedNumbers() (n int) {
	for _, p := range t.trainedParameters() {
		n += p.Size()
	}
	return n
}

// callStep executes one step and returns its loss and logits [N, Classes].
func (t *Trainer) callStep(b batch, rate float64) (float64, []float32, error) {
	side := t.config.Side
	images := tensors.FromFlatDataAndDimensions(b.images, len(b.labels), side, side, 3)
	labels := tensors.FromFlatDataAndDimensions(b.labels, len(b.labels))
	if err := t.holdVariables(); err != nil {
		return 0, nil, err
	}
	var loss, logits *tensors.Tensor
	var err error
	panicked := build("a training step", func() {
		loss, logits, err = t.step.Call2(images, labels, float32(rate))
	})
	if err := errors.Join(panicked, err); err != nil {
		return 0, nil, errors.Join(err, t.restoreVariables())
	}
	defer finalize(images, labels, loss, logits)
	values, err := tensors.CopyFlatData[float32](logits)
	return float64(tensors.ToScalar[float32](loss)), values, err
}

// holdVariables remembers the buffers that a step is about to take from the
// store. GoMLX gives them to the backend and forgets them before it executes.
func (t *Trainer) holdVariables() error {
	t.held = t.held[:0]
	for v := range t.store.IterVariables() {
		value, err := v.Value()
		if err != nil {
			return err
		}
		buffer, err := value.Buffer(t.backend, 0)
		if err != nil {
			return err
		}
		t.held = append(t.held, heldVariable{v, buffer})
	}
	return nil
}

// A heldVariable is a variable with the buffer of its value before a step.
type heldVariable struct {
	variable *model.Variable
	buffer   compute.Buffer
}

// restoreVariables gives variables that a failed step has taken their values
// back. Package engine promises that they are unchanged; on a backend that has
// freed them this is an error, and the run's last checkpoint is what is left.
func (t *Trainer) restoreVariables() error {
	for _, h := range t.held {
		if h.variable.HasValue() {
			continue
		}
		value, err := tensors.FromBuffer(h.buffer)
		if err != nil {
			return fmt.Errorf("train: %s was lost: %w", h.variable.Path(), err)
		}
		if err := h.variable.SetValue(value); err != nil {
			return fmt.Errorf("train: %s was lost: %w", h.variable.Path(), err)
		}
	}
	return nil
}

// finalize gives buffers back to the backend now instead of at a garbage
// collection, which knows nothing of their size.
func finalize(used ...*tensors.Tensor) {
	for _, t := range used {
		t.MustFinalizeAll()
	}
}

// storeOf returns a model store that holds a checkpoint's weights.
func storeOf(m *checkpoint.Model) (*model.Store, error) {
	store := model.NewStore()
	for _, p := range m.Config.Parameters() {
		values := m.Weights[p.Name]
		if len(values) != p.Size() {
			return nil, fmt.Errorf("train: %s has %d numbers, want %d", p.Name, len(values), p.Size())
		}
		v, err := store.CreateVariable(p.Path(), tensors.FromFlatDataAndDimensions(values, p.Dims...))
		if err != nil {
			return nil, fmt.Errorf("train: %s: %w", p.Name, err)
		}
		v.SetTrainable(p.Role.Trainable())
	}
	return store, nil
}

// weightsOf is the inverse of storeOf; the arrays are copies.
func weightsOf(store *model.Store, net resnet.Config) (checkpoint.Weights, error) {
	weights := checkpoint.Weights{}
	for _, p := range net.Parameters() {
		value, err := store.GetVariable(p.Path()).Value()
		if err != nil {
			return nil, fmt.Errorf("train: %s was lost: %w", p.Name, err)
		}
		if weights[p.Name], err = tensors.CopyFlatData[float32](value); err != nil {
			return nil, fmt.Errorf("train: %s: %w", p.Name, err)
		}
	}
	return weights, nil
}
