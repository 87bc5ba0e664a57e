package train

import (
	"errors"
	"fmt"
	"math"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/distributed"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"

	"quarterturn/core/checkpoint"
	"quarterturn/core/dataset"
	"quarterturn/core/fault"
	"quarterturn/core/optim"
	"quarterturn/core/resnet"
)

// build calls fn, which builds part of a graph, and returns its panic as an
// error.
func build(part string, fn func()) error {
	if err := exceptions.TryCatch[error](fn); err != nil {
		return fault.Errorf("train", "building %s: %w", part, err)
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
	mode, err := t.mode(backend)
	if err != nil {
		return err
	}
	t.stepMode = mode
	if err := t.startAverage(); err != nil {
		return err
	}
	t.step, err = newExec("a training step", backend, t.store, func(scope *model.Scope, inputs []*graph.Node) []*graph.Node {
		images, labels, rate := inputs[0], inputs[1], inputs[2]
		logits := t.logits(scope, images, mode)
		loss := t.update(sgd, crossEntropy(logits, labels, t.config.LabelSmoothing), rate, weights)
		if t.average != nil {
			t.average.update(t.store, inputs[3])
		}
		return []*graph.Node{loss, logits}
	})
	if err != nil {
		return err
	}
	t.spread.lay(t.step, t.layout()...)
	t.division.lay(t.step)
	store := t.store
	if t.average != nil {
		store = t.average.store
	}
	t.forward, err = newForward(backend, store, t.net.Classes, t.inputDims(), t.logits)
	if err != nil {
		return err
	}
	t.forward.lay(t.spread.over(t.test.examples()))
	return nil
}

// update adds the optimizer's step to a graph, and returns the loss of the whole batch
// given that of the examples in the graph. Of a divided batch they are a part, and so
// are their gradients: both are summed over the workers.
func (t *Trainer) update(sgd optim.SGD, loss, rate *graph.Node, weights []optim.Weight) *graph.Node {
	if t.division == nil {
		sgd.Update(loss, rate, weights)
		return loss
	}
	b := t.train
	loss = graph.MulScalar(loss, float64(b.to-b.from)/float64(b.perStep))
	sums := t.division.sum(append(optim.Gradients(loss, weights), loss))
	sgd.Move(sums[:len(weights)], rate, weights)
	return sums[len(weights)]
}

// layout says how a step's inputs lie on the devices: pictures, labels, rate, and
// how much of the averages stays.
func (t *Trainer) layout() []*distributed.ShardingSpec {
	s := t.spread
	return []*distributed.ShardingSpec{s.divided(), s.divided(), s.copied(), s.copied()}
}

// mode returns how the network is used in a step, and lays out the devices.
func (t *Trainer) mode(backend compute.Backend) (resnet.Mode, error) {
	mode := resnet.Mode{Training: true, FirstPart: t.config.FirstStage}
	var err error
	if mode.Convolve, err = t.options.Precision.dtype(backend); err != nil {
		return mode, err
	}
	if t.spread, err = newSpread(backend, t.options.Devices); err != nil {
		return mode, err
	}
	if n := t.spread.devices(); n > 1 && t.train.examples()%n != 0 {
		return mode, fault.Errorf("train", "a batch of %d examples cannot be divided among %d devices: choose a multiple", t.train.examples(), n)
	}
	mode.PlainNorm = t.spread != nil
	mode.Batch = t.train.examples()
	return mode, nil
}

// logits is what the network makes of its input, pictures or frozen features.
func (t *Trainer) logits(scope *model.Scope, input *graph.Node, mode resnet.Mode) *graph.Node {
	if t.frozen != nil {
		return t.net.LogitsFrom(scope, input, t.frozen.part, mode)
	}
	return t.net.Logits(scope, input, mode)
}

// inputDims returns the dimensions of one example of the network's input.
func (t *Trainer) inputDims() []int {
	if t.frozen != nil {
		return t.frozen.dims
	}
	return []int{t.config.Side, t.config.Side, dataset.Channels}
}

// newExec returns an executor of the graph that build builds; name is for errors.
// All of this package are made here: two further signatures of model.NewExec cost
// the browser's worker 8.6 kB.
//
// The graph reads the store's variables at each call. Otherwise GoMLX embeds their
// present values as constants on backends that prefer it
// (PreferConstantsForVariables), unless the graph says that it trains; a later
// call would see old weights.
func newExec(name string, backend compute.Backend, store *model.Store, build func(*model.Scope, []*graph.Node) []*graph.Node) (*model.Exec, error) {
	exec, err := model.NewExec(backend, store, func(scope *model.Scope, inputs []*graph.Node) []*graph.Node {
		scope.Store().SetTraining(inputs[0].Graph(), true)
		return build(scope, inputs)
	})
	if err != nil {
		return nil, fault.Errorf("train", "%w", err)
	}
	exec.WithName(name)
	return exec, nil
}

// crossEntropy is the mean of -log softmax(logits)[label] in nats. With smoothing
// the share s of each label is spread evenly over all classes (Szegedy et al.
// 2015, https://arxiv.org/abs/1512.00567, section 7; PyTorch's label_smoothing).
//
//	logits  [N, Classes]
//	labels  int32 [N]
func crossEntropy(logits, labels *graph.Node, smoothing float64) *graph.Node {
	classes := logits.Shape().Dim(-1)
	chosen := graph.OneHot(labels, classes, dtypes.Float32)
	if smoothing > 0 {
		chosen = graph.AddScalar(graph.MulScalar(chosen, 1-smoothing), smoothing/float64(classes))
	}
	perExample := graph.ReduceSum(graph.Mul(chosen, graph.LogSoftmax(logits, -1)), -1)
	return graph.Neg(graph.ReduceAllMean(perExample))
}

// trainedWeights returns what gradients change, each with a velocity.
func (t *Trainer) trainedWeights() ([]optim.Weight, error) {
	var weights []optim.Weight
	for _, p := range t.trainedParameters() {
		w := optim.Weight{Value: t.store.GetVariable(p.Path()), Decays: p.Role.Decays(), Rate: t.rateFactor(p.Part)}
		if t.config.Momentum != 0 {
			zeros := tensors.FromFlatDataAndDimensions(make([]float32, p.Size()), p.Dims...)
			velocity, err := t.store.CreateVariable(velocityPath(p), zeros)
			if err != nil {
				return nil, fault.Errorf("train", "velocity of %s: %w", p.Name, err)
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

// rateFactor returns what the learning rate of a part is multiplied by: lower
// parts, which a checkpoint has taught more general things, move less (Howard and
// Ruder 2018, https://arxiv.org/abs/1801.06146, section 3.2).
func (t *Trainer) rateFactor(part int) float64 {
	if t.config.StageDecay == 0 {
		return 1
	}
	return math.Pow(t.config.StageDecay, float64(t.net.Head()-part))
}

func (t *Trainer) trainedNumbers() (n int) {
	for _, p := range t.trainedParameters() {
		n += p.Size()
	}
	return n
}

// callStep executes one step and returns its loss and logits [N, Classes].
func (t *Trainer) callStep(b batch, rate float64) (float64, []float32, error) {
	inputs := []*tensors.Tensor{
		tensors.FromFlatDataAndDimensions(b.images, batchDims(len(b.labels), t.inputDims())...),
		tensors.FromFlatDataAndDimensions(b.labels, len(b.labels)),
		tensors.FromScalar(float32(rate)),
	}
	if t.average != nil {
		inputs = append(inputs, tensors.FromScalar(t.average.kept(t.steps)))
	}
	if err := t.holdVariables(t.store); err != nil {
		return 0, nil, err
	}
	var loss float64
	var logits []float32
	var err error
	panicked := build("a training step", func() {
		loss, logits, err = t.runStep(inputs)
	})
	if err := errors.Join(panicked, err); err != nil {
		return 0, nil, errors.Join(err, t.restoreVariables())
	}
	return loss, logits, nil
}

// runStep calls the executor and reads what it gave: a backend that computes
// while we wait may report only then that it failed.
func (t *Trainer) runStep(inputs []*tensors.Tensor) (float64, []float32, error) {
	outputs, err := t.spread.call(t.step, 2, inputs, t.layout())
	if err != nil {
		return 0, nil, err
	}
	defer finalize(outputs...)
	loss, err := tensors.CopyFlatData[float32](outputs[0])
	if err != nil {
		return 0, nil, err
	}
	logits, err := tensors.CopyFlatData[float32](outputs[1])
	return float64(loss[0]), logits, err
}

// batchDims returns the dimensions of n examples.
func batchDims(n int, dims []int) []int { return append([]int{n}, dims...) }

// holdVariables remembers the buffers that a step is about to take from a
// store. GoMLX gives them to the backend and forgets them before it executes. Of
// several devices the first one's will do: all have the same values.
func (t *Trainer) holdVariables(store *model.Store) error {
	t.held = t.held[:0]
	for v := range store.IterVariables() {
		value, err := t.spread.value(v)
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

var errLost = fault.New("train", "the failed step took the weights with it: go on from a checkpoint")

// restoreVariables gives variables that a failed step has taken their values
// back. Package engine promises that they are unchanged, and go-xla gives donated
// buffers up only after a step that succeeded. Where they are gone all the same,
// on a device that failed say, it says so, and the run's last checkpoint is what
// is left: Restore starts from there.
func (t *Trainer) restoreVariables() error {
	for _, h := range t.held {
		if err := t.restore(h); err != nil {
			return fmt.Errorf("%w (%s: %w)", errLost, h.variable.Path(), err)
		}
	}
	return nil
}

// restore gives a variable its held value back, or says why that is gone. Where
// buffers are not memory of ours, a dead one may tell only when it is read.
func (t *Trainer) restore(h heldVariable) error {
	if h.variable.HasValue() { // Which may be what the step gave.
		value, err := t.spread.value(h.variable)
		if err != nil {
			return err
		}
		return t.checkReadable(value)
	}
	value, err := tensors.FromBuffer(h.buffer)
	if err != nil {
		return err
	}
	if err := t.checkReadable(value); err != nil {
		return err
	}
	return h.variable.SetValue(value)
}

func (t *Trainer) checkReadable(value *tensors.Tensor) error {
	if t.backend.HasSharedBuffers() {
		return nil
	}
	_, err := tensors.CopyFlatData[float32](value)
	return err
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
			return nil, fault.Errorf("train", "%s has %d numbers, want %d", p.Name, len(values), p.Size())
		}
		v, err := store.CreateVariable(p.Path(), tensors.FromFlatDataAndDimensions(values, p.Dims...))
		if err != nil {
			return nil, fault.Errorf("train", "%s: %w", p.Name, err)
		}
		v.SetTrainable(p.Role.Trainable())
	}
	return store, nil
}

// weightsOf is the inverse of storeOf; the arrays are copies. The path says where
// the store has what is asked for of a parameter.
func weightsOf(store *model.Store, net resnet.Config, path func(resnet.Parameter) string) (checkpoint.Weights, error) {
	weights := checkpoint.Weights{}
	for _, p := range net.Parameters() {
		value, err := store.GetVariable(path(p)).Value()
		if err != nil {
			return nil, fault.Errorf("train", "%s was lost: %w", p.Name, err)
		}
		if weights[p.Name], err = tensors.CopyFlatData[float32](value); err != nil {
			return nil, fault.Errorf("train", "%s: %w", p.Name, err)
		}
	}
	return weights, nil
}
