package run

import "math"

// Bounds of what EpochsOf makes of a number of steps. A few labels are a step or two an
// epoch, and are known by heart long before; with many, the first epochs teach little.
const (
	FewestEpochs = 5
	MostEpochs   = 200
)

// StepsPerEpoch returns how many steps an epoch of so many examples has: whole batches,
// and at least one.
func StepsPerEpoch(examples, batch int) int {
	return max(examples/max(min(batch, examples), 1), 1)
}

// EpochsOf returns how many epochs come nearest to a number of steps, within bounds.
func EpochsOf(steps, stepsPerEpoch int) int {
	epochs := int(math.Round(float64(steps) / float64(stepsPerEpoch)))
	return min(max(epochs, FewestEpochs), MostEpochs)
}

// EvaluationsApart returns the setting evaluate-every that has a run evaluated about
// twenty times, which is enough for a curve.
func EvaluationsApart(epochs int) int {
	if epochs <= 20 {
		return 0 // Each.
	}
	return (epochs + 19) / 20
}
