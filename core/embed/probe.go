package embed

import (
	"cmp"
	"context"
	"math"

	"quarterturn/core/engine/kernel"
	"quarterturn/core/fault"
)

// A Probe fits a linear classifier to features: multinomial logistic regression.
// How well it does says how much of the classes can be read off the features
// with nothing but a weighted sum. The zero Probe is the usual one.
type Probe struct {
	// Decay is the weight of half the sum of the squared weights beside the mean
	// cross-entropy. 0 is one over the number of examples: each weight is then
	// expected to be about as large as a standardized feature. On a pretext
	// network's features of CIFAR-10 that was within half a point of the best
	// decay for 20, 100 and 400 labels of each class. The offsets are free.
	Decay      float64
	Iterations int     // Most steps of L-BFGS; 0 is 500.
	Tolerance  float64 // Largest gradient that counts as none; 0 is 1e-4.
	Watch      Watch
}

// A Classifier is a fitted Probe.
type Classifier struct {
	Classes    int
	Loss       float64 // What was minimized, at the end.
	Gradient   float64 // Its largest entry there: near 0 for the optimum, of which there is one.
	Iterations int

	mean, deviation []float64 // [D], of the examples fitted to.
	weights         []float32 // [Classes, D], of standardized features.
	offsets         []float32 // [Classes]
}

// MaxProbeWeights bounds the product of classes and features.
const MaxProbeWeights = 1 << 22

// Fit finds the one best classifier for examples.
//
//	x       [N, D]
//	labels  [N], each from 0 to classes-1
//
// A feature that never changes is left out. x is copied once.
func (p Probe) Fit(ctx context.Context, x Matrix, labels []int32, classes int) (*Classifier, error) {
	if err := checkExamples(x, labels, classes); err != nil {
		return nil, err
	}
	c := &Classifier{Classes: classes, weights: make([]float32, classes*x.Cols), offsets: make([]float32, classes)}
	c.mean, c.deviation = x.moments()
	for j, d := range c.deviation {
		if d <= 1e-6*math.Abs(c.mean[j]) {
			c.deviation[j] = math.Inf(1) // Standardized to 0.
		}
	}
	iterations := cmp.Or(p.Iterations, 500)
	fit := newFitting(ctx, x.standardized(c.mean, c.deviation), labels, classes, cmp.Or(p.Decay, 1/float64(x.Rows)))
	m := minimizer{
		of:         fit.loss,
		iterations: iterations,
		tolerance:  cmp.Or(p.Tolerance, 1e-4),
		done:       p.Watch.in(Probing, iterations),
	}
	w := make([]float64, classes*(x.Cols+1))
	end, err := m.run(ctx, w)
	if err != nil {
		return nil, err
	}
	c.Loss, c.Gradient, c.Iterations = end.value, end.gradient, end.iterations
	split(w, c.weights, c.offsets)
	return c, nil
}

func checkExamples(x Matrix, labels []int32, classes int) error {
	switch {
	case x.Rows == 0 || x.Rows != len(labels):
		return fault.Errorf("embed", "a probe of %d rows with %d labels", x.Rows, len(labels))
	case classes < 2:
		return fault.New("embed", "a probe tells classes apart: at least two are needed")
	case classes*x.Cols > MaxProbeWeights:
		return fault.Errorf("embed", "a probe of %d features for %d classes: at most %d weights", x.Cols, classes, MaxProbeWeights)
	}
	for i, label := range labels {
		if label < 0 || int(label) >= classes {
			return fault.Errorf("embed", "row %d has label %d, want 0 to %d", i, label, classes-1)
		}
	}
	return nil
}

// split takes parameters apart: first all weights, then the offsets.
func split(w []float64, weights, offsets []float32) {
	for i := range weights {
		weights[i] = float32(w[i])
	}
	for i := range offsets {
		offsets[i] = float32(w[len(weights)+i])
	}
}

// Predict returns the likeliest class of each row of x.
func (c *Classifier) Predict(x Matrix) ([]int32, error) {
	logits, err := c.Logits(x)
	if err != nil {
		return nil, err
	}
	guesses := make([]int32, x.Rows)
	for i := range guesses {
		row := logits[i*c.Classes : (i+1)*c.Classes]
		for k, z := range row {
			if z > row[guesses[i]] {
				guesses[i] = int32(k)
			}
		}
	}
	return guesses, nil
}

// Logits returns the unnormalized beliefs in each class, [Rows, Classes].
func (c *Classifier) Logits(x Matrix) ([]float32, error) {
	if x.Cols != len(c.mean) {
		return nil, fault.Errorf("embed", "rows of %d features for a probe of %d", x.Cols, len(c.mean))
	}
	logits := make([]float32, x.Rows*c.Classes)
	var m multiplier
	s := x.standardized(c.mean, c.deviation)
	m.run(kernel.MatMul{Rows: x.Rows, Columns: c.Classes, Inner: x.Cols, TransposeB: true}, logits, s.Data, c.weights)
	for i := range logits {
		logits[i] += c.offsets[i%c.Classes]
	}
	return logits, nil
}

// A fitting computes the loss of a probe and its gradient over all examples.
type fitting struct {
	ctx     context.Context
	x       Matrix // Standardized.
	labels  []int32
	classes int
	decay   float64

	weights, offsets []float32
	lanes            []lane
}

// A lane is a run of examples that one goroutine goes through in blocks. There
// are always as many, so that sums have one order.
type lane struct {
	first, last int
	multiplier  multiplier
	loss        float64
	gradient    []float64 // As the parameters: weights [Classes, D], offsets [Classes].
	logits      []float32 // [laneBlock, Classes], then their gradient.
	part        []float32 // [Classes, D], of one block.
}

const (
	fittingLanes = 8
	laneBlock    = 256
)

func newFitting(ctx context.Context, x Matrix, labels []int32, classes int, decay float64) *fitting {
	f := &fitting{
		ctx: ctx, x: x, labels: labels, classes: classes, decay: decay,
		weights: make([]float32, classes*x.Cols),
		offsets: make([]float32, classes),
	}
	size := blocks(x.Rows, fittingLanes)
	for i := range blocks(x.Rows, size) {
		first, last := bounds(i, size, x.Rows)
		f.lanes = append(f.lanes, lane{
			first: first, last: last,
			gradient: make([]float64, classes*(x.Cols+1)),
			logits:   make([]float32, min(laneBlock, size)*classes),
			part:     make([]float32, classes*x.Cols),
		})
	}
	return f
}

// loss returns the mean cross-entropy in nats plus the decay, and writes its
// gradient.
func (f *fitting) loss(w, gradient []float64) (float64, error) {
	split(w, f.weights, f.offsets)
	if err := parallel(f.ctx, len(f.lanes), nil, func(i int) { f.pass(&f.lanes[i]) }); err != nil {
		return 0, err
	}
	var loss float64
	clear(gradient)
	perExample := 1 / float64(f.x.Rows)
	for _, l := range f.lanes {
		loss += l.loss * perExample
		accumulate(gradient, l.gradient, perExample)
	}
	for i, v := range w[:len(f.weights)] {
		loss += f.decay / 2 * v * v
		gradient[i] += f.decay * v
	}
	return loss, nil
}

// pass sums the loss and the gradient of a lane's examples.
func (f *fitting) pass(l *lane) {
	l.loss = 0
	clear(l.gradient)
	for first := l.first; first < l.last; first += laneBlock {
		last := min(first+laneBlock, l.last)
		x := f.x.Data[first*f.x.Cols : last*f.x.Cols]
		logits := l.logits[:(last-first)*f.classes]
		l.multiplier.run(kernel.MatMul{Rows: last - first, Columns: f.classes, Inner: f.x.Cols, TransposeB: true}, logits, x, f.weights)
		for i := range last - first {
			row := logits[i*f.classes : (i+1)*f.classes]
			l.loss += f.surprise(row, f.labels[first+i])
			for k, v := range row {
				l.gradient[len(f.weights)+k] += float64(v)
			}
		}
		l.multiplier.run(kernel.MatMul{Rows: f.classes, Columns: f.x.Cols, Inner: last - first, TransposeA: true}, l.part, logits, x)
		widen(l.gradient[:len(f.weights)], l.part)
	}
}

// surprise returns the cross-entropy of one example's logits without offsets and
// replaces them by its gradient: softmax minus one for the label.
func (f *fitting) surprise(logits []float32, label int32) float64 {
	largest := math.Inf(-1)
	for k := range logits {
		logits[k] += f.offsets[k]
		largest = max(largest, float64(logits[k]))
	}
	own := float64(logits[label])
	var sum float64
	for k, z := range logits {
		e := math.Exp(float64(z) - largest)
		logits[k] = float32(e)
		sum += e
	}
	for k := range logits {
		logits[k] = float32(float64(logits[k]) / sum)
	}
	logits[label]--
	return math.Log(sum) + largest - own
}
