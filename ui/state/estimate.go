package state

import (
	"time"

	"quarterturn/core/run"
)

// forwardFLOPs returns the operations of one picture's way through a network, a
// multiplication and an addition counting two. The head's classes, which are not
// known here, are a few thousandths.
func forwardFLOPs(n run.Network, side int) float64 { return 2 * float64(n.MultiplyAdds(side, 0)) }

// trainingCost is how much more a training step costs than a prediction: forward,
// the gradient of the input and the gradient of the weights are about the same.
const trainingCost = 3

// A Speed is how fast this device is known to compute, in FLOPs per second.
type Speed struct {
	PerSecond float64 // 0: nothing is known yet.
	Warm      bool    // A first prediction was made, which took long because it built the graph.
	Trained   bool    // Measured while training; otherwise guessed from predictions.
}

// predicted learns from a prediction, which has four turns. The first one does
// not count, and of the others the fastest does.
func (s Speed) predicted(m *run.ModelChanged, took time.Duration) Speed {
	if s.Trained || m == nil || took <= 0 {
		return s
	}
	if !s.Warm {
		s.Warm = true
		return s
	}
	s.PerSecond = max(s.PerSecond, 4*forwardFLOPs(m.Network, m.Side)/took.Seconds())
	return s
}

// trained learns from a run.
func (s Speed) trained(c run.Config, imagesPerSecond float64) Speed {
	if !(imagesPerSecond > 0) {
		return s
	}
	return Speed{Warm: true, PerSecond: imagesPerSecond * trainingCost * forwardFLOPs(c.Network, c.Side), Trained: true}
}

// Estimate returns how long a run will take, 0 when nothing is known about the
// device. Examples are those of one epoch.
func (s Speed) Estimate(c run.Config, trainExamples, testExamples int) time.Duration {
	if !(s.PerSecond > 0) {
		return 0
	}
	perEpoch := float64(trainingCost*trainExamples+testExamples) * forwardFLOPs(c.Network, c.Side)
	return time.Duration(float64(c.Epochs) * perEpoch / s.PerSecond * float64(time.Second))
}

// Examples returns how many examples an epoch of the run has, from the pictures of
// the shelves.
func (p *Pictures) Examples(c run.Config) (train, test int) {
	for _, shelf := range p.Shelves {
		switch {
		case c.Task == run.Pretext:
			train += 4 * shelf.Train
			test += 4 * (len(shelf.Pictures) - shelf.Train)
		case shelf.Class >= 0:
			n := shelf.Train
			if c.LabelsPerClass > 0 {
				n = min(n, c.LabelsPerClass)
			}
			train += n
			test += len(shelf.Pictures) - shelf.Train
		}
	}
	return train, test
}
