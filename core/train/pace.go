package train

import "time"

// A pace estimates how fast a run goes, from its recent steps.
type pace struct {
	now     func() time.Time
	mark    time.Time     // When the current step began.
	perStep time.Duration // Smoothed.
	images  int           // Of the last step.
	perEval time.Duration // Of the last evaluation.
	steps   int           // Since restart.

	trained time.Duration // Of the steps since the last evaluation.
	seen    int           // Their images.
}

// smoothing is the weight of a new step: an average over about ten.
const smoothing = 0.1

// restart forgets the time since the last step, in which the run stood still.
func (p *pace) restart() { p.mark, p.steps = p.now(), 0 }

// skip takes d out of the current step.
func (p *pace) skip(d time.Duration) { p.mark = p.mark.Add(d) }

// step closes a step of a number of images.
func (p *pace) step(images int) {
	now := p.now()
	took := now.Sub(p.mark)
	p.mark, p.images = now, images
	p.trained += took
	p.seen += images
	p.steps++
	switch {
	case p.steps <= 2: // The first step builds the graph, so the second's time replaces its.
		p.perStep = took
	default:
		p.perStep += time.Duration(smoothing * float64(took-p.perStep))
	}
}

// evaluation closes an evaluation.
func (p *pace) evaluation(took time.Duration) {
	p.perEval, p.mark = took, p.now()
	p.trained, p.seen = 0, 0
}

// sinceEvaluation returns how long the steps since the last evaluation took, and the
// images per second over all of them.
func (p *pace) sinceEvaluation() (trained time.Duration, rate float64) {
	if p.trained <= 0 {
		return 0, 0
	}
	return p.trained, float64(p.seen) / p.trained.Seconds()
}

// rate returns images per second.
func (p *pace) rate() float64 {
	if p.perStep <= 0 {
		return 0
	}
	return float64(p.images) / p.perStep.Seconds()
}

// remaining estimates the time that steps and evaluations will take.
func (p *pace) remaining(steps, evaluations int) time.Duration {
	return time.Duration(steps)*p.perStep + time.Duration(evaluations)*p.perEval
}
