package optim

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// A Weight is a variable that gradients change, with the velocity that momentum
// keeps for it.
type Weight struct {
	Value    *model.Variable
	Velocity *model.Variable // Same shape, zero before the first step.
	Decays   bool            // Weight decay applies.
	Rate     float64         // Factor of the learning rate; 0 is 1.
}

// SGD is stochastic gradient descent with Nesterov momentum, as in PyTorch's
// torch.optim.SGD(nesterov=True):
//
//	g = gradient + weightDecay·w    where the weight decays
//	v = momentum·v + g
//	w = w - rate·(g + momentum·v)
type SGD struct {
	Momentum    float64 // 0 is plain gradient descent.
	WeightDecay float64
}

// Update adds the step that lowers loss, a scalar, to the graph. The rate is a
// scalar node, so that a schedule changes it without building the graph anew.
// Like all graph building it panics on misuse.
func (s SGD) Update(loss, rate *graph.Node, weights []Weight) {
	s.Move(Gradients(loss, weights), rate, weights)
}

// Gradients returns those of loss, a scalar, with respect to the weights.
func Gradients(loss *graph.Node, weights []Weight) []*graph.Node {
	values := make([]*graph.Node, len(weights))
	for i, w := range weights {
		values[i] = w.Value.NodeValue(loss.Graph())
	}
	return graph.Gradient(loss, values...)
}

// Move is Update for gradients that are known, one of each weight.
func (s SGD) Move(gradients []*graph.Node, rate *graph.Node, weights []Weight) {
	for i, w := range weights {
		s.step(w, w.Value.NodeValue(rate.Graph()), gradients[i], rate)
	}
}

func (s SGD) step(w Weight, value, gradient, rate *graph.Node) {
	if w.Decays && s.WeightDecay != 0 {
		gradient = graph.Add(gradient, graph.MulScalar(value, s.WeightDecay))
	}
	move := gradient
	if s.Momentum != 0 {
		velocity := graph.Add(graph.MulScalar(w.Velocity.NodeValue(gradient.Graph()), s.Momentum), gradient)
		w.Velocity.SetNodeValue(velocity)
		move = graph.Add(gradient, graph.MulScalar(velocity, s.Momentum))
	}
	if w.Rate != 0 && w.Rate != 1 {
		move = graph.MulScalar(move, w.Rate)
	}
	w.Value.SetNodeValue(graph.Sub(value, graph.Mul(move, rate)))
}
