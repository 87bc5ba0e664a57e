package train

import (
	"math"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"quarterturn/core/fault"
	"quarterturn/core/resnet"
)

// An average keeps the exponential moving averages of a network's weights and
// running statistics, which are evaluated and kept in the place of the weights
// (Polyak and Juditsky 1992; the bias towards the start is met as in TensorFlow's
// ExponentialMovingAverage, by a decay of at most (1+step)/(10+step)).
type average struct {
	decay  float64
	moving []resnet.Parameter // Those that a step changes.
	store  *model.Store       // A copy of the averages, under the network's own names.
}

// averagePath returns where a Trainer's store has the average of a parameter.
func averagePath(p resnet.Parameter) string { return "/average" + p.Path() }

// startAverage adds an average of each parameter to the store, where the run
// wants them. Each begins as its parameter.
func (t *Trainer) startAverage() error {
	if t.config.AverageDecay == 0 {
		return nil
	}
	a := &average{decay: t.config.AverageDecay}
	for _, p := range t.net.Parameters() {
		if p.Part >= t.config.FirstStage {
			a.moving = append(a.moving, p)
		}
	}
	m, err := t.Model()
	if err != nil {
		return err
	}
	for _, p := range t.net.Parameters() {
		value := tensors.FromFlatDataAndDimensions(m.Weights[p.Name], p.Dims...)
		v, err := t.store.CreateVariable(averagePath(p), value)
		if err != nil {
			return fault.Errorf("train", "average of %s: %w", p.Name, err)
		}
		v.SetTrainable(false)
	}
	if a.store, err = storeOf(m.Clone()); err != nil {
		return err
	}
	t.average = a
	return nil
}

// kept returns the share of the averages that a step, counted from 0, keeps.
func (a *average) kept(step int) float32 {
	return float32(math.Min(a.decay, float64(1+step)/float64(10+step)))
}

// update moves the averages towards what the graph so far has made of the
// weights: average = weight + kept·(average - weight).
func (a *average) update(store *model.Store, kept *graph.Node) {
	g := kept.Graph()
	for _, p := range a.moving {
		v := store.GetVariable(averagePath(p))
		weight := store.GetVariable(p.Path()).NodeValue(g)
		v.SetNodeValue(graph.Add(weight, graph.Mul(graph.Sub(v.NodeValue(g), weight), kept)))
	}
}

// publishAverage takes the averages over into the store that evaluations see.
func (t *Trainer) publishAverage() error {
	if t.average == nil {
		return nil
	}
	weights, err := weightsOf(t.store, t.net, averagePath)
	if err != nil {
		return err
	}
	for _, p := range t.net.Parameters() {
		if err := setValue(t.average.store.GetVariable(p.Path()), p, weights[p.Name]); err != nil {
			return err
		}
	}
	return nil
}
