package kernel

// SGDNesterov is the constants of one step of stochastic gradient descent with
// Nesterov momentum and weight decay, as torch.optim.SGD(nesterov=True) does it
// (dampening 0).
type SGDNesterov struct {
	LearningRate, Momentum, WeightDecay float32
}

// Update takes one step on the calling goroutine. With g = gradient +
// WeightDecay·weight, elementwise:
//
//	velocity ← Momentum·velocity + g
//	weight   ← weight - LearningRate·(g + Momentum·velocity)
func (s SGDNesterov) Update(weights, velocity, gradient []float32) {
	checkLengths(weights, velocity, gradient)
	for i := updateVec(s, weights, velocity, gradient); i < len(weights); i++ {
		w := weights[i]
		g := gradient[i] + s.WeightDecay*w
		v := s.Momentum*velocity[i] + g
		velocity[i] = v
		weights[i] = w - s.LearningRate*(g+s.Momentum*v)
	}
}
