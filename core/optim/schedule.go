// Package optim moves weights along their gradients: stochastic gradient descent
// with Nesterov momentum and selective weight decay, and the schedules of its
// learning rate.
//
// GoMLX's own SGD has no momentum and divides the rate by √step unless told not
// to; its AdamW decays batch normalization and biases too.
package optim

import (
	"math"

	"quarterturn/core/run"
)

// A Schedule is the learning rate as a pure function of the step.
type Schedule struct {
	Kind   run.Schedule
	Base   float64 // The highest rate.
	Steps  int     // Of the whole run.
	Warmup int     // First steps, over which the rate rises linearly to Base. OneCycle has its own.
}

// ScheduleOf returns the schedule of a run whose epochs have so many steps.
func ScheduleOf(c run.Config, stepsPerEpoch int) Schedule {
	return Schedule{
		Kind:   c.Schedule,
		Base:   c.LearningRate,
		Steps:  stepsPerEpoch * c.Epochs,
		Warmup: int(math.Round(c.WarmupEpochs * float64(stepsPerEpoch))),
	}
}

// At returns the learning rate of a step, counted from 0. Steps beyond the last
// keep the last one's rate.
func (s Schedule) At(step int) float64 {
	step = min(step, max(s.Steps-1, 0))
	if s.Kind == run.OneCycle {
		return s.oneCycle(step)
	}
	if step < s.Warmup {
		return s.Base * float64(step+1) / float64(s.Warmup)
	}
	done := float64(step-s.Warmup) / float64(max(s.Steps-s.Warmup, 1))
	switch s.Kind {
	case run.Cosine:
		return s.Base * halfCosine(done)
	case run.Step:
		return s.Base * stepFactor(done)
	}
	return s.Base
}

// halfCosine falls from 1 to 0 as done goes from 0 to 1 (Loshchilov and Hutter
// 2016, https://arxiv.org/abs/1608.03983, equation 5, without restarts).
func halfCosine(done float64) float64 { return (1 + math.Cos(math.Pi*done)) / 2 }

// stepFactor divides by 5 after 30, 60 and 80 % of the run: the milestones 60,
// 120 and 160 of 200 epochs of RotNet (Gidaris et al. 2018,
// https://arxiv.org/abs/1803.07728, section 4.1).
func stepFactor(done float64) float64 {
	factor := 1.0
	for _, milestone := range []float64{0.3, 0.6, 0.8} {
		if done >= milestone {
			factor /= 5
		}
	}
	return factor
}

// oneCycle rises from Base/25 over the first 30 % and falls to Base/10,000, each
// along half a cosine: the defaults of fastai and, but for the end, of PyTorch
// (Smith 2018, https://arxiv.org/abs/1803.09820).
func (s Schedule) oneCycle(step int) float64 {
	const rise, start, end = 0.3, 1. / 25, 1e-4
	done := float64(step) / float64(max(s.Steps-1, 1))
	if done < rise {
		return s.Base * (start + (1-start)*(1-halfCosine(done/rise)))
	}
	return s.Base * (end + (1-end)*halfCosine((done-rise)/(1-rise)))
}
