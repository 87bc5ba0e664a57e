package train

import (
	"context"
	"math"

	"github.com/gomlx/compute"

	"quarterturn/core/checkpoint"
	"quarterturn/core/dataset"
	"quarterturn/core/fault"
	"quarterturn/core/rotation"
	"quarterturn/core/run"
	"quarterturn/core/stats"
)

// A tally sums what the mean loss and the accuracy are made of.
type tally struct {
	loss     float64 // Sum over examples, in nats.
	right    int
	examples int
	shares   []float64 // Of each picture, the share of its examples that are right; training keeps none.
}

// add counts a batch of n examples with a mean loss.
func (t *tally) add(meanLoss float64, right, n int) {
	t.loss += meanLoss * float64(n)
	t.right += right
	t.examples += n
}

// judge counts the logits [N, Classes] of pictures of so many examples each.
func (t *tally) judge(logits []float32, labels []int32, classes, turns int) {
	right := 0
	for first := 0; first < len(labels); first += turns {
		n := countRight(logits[first*classes:(first+turns)*classes], labels[first:first+turns], classes)
		t.shares = append(t.shares, float64(n)/float64(turns))
		right += n
	}
	t.add(meanLoss(logits, labels, classes), right, len(labels))
}

// means returns the mean loss and the accuracy; 0 for no examples.
func (t tally) means() (loss, accuracy float64) {
	if t.examples == 0 {
		return 0, 0
	}
	n := float64(t.examples)
	return t.loss / n, float64(t.right) / n
}

// evaluate closes an epoch: it passes over the validation pictures and reports.
func (t *Trainer) evaluate(ctx context.Context, report func(run.Event)) error {
	before := t.options.Now()
	if err := t.publishAverage(); err != nil {
		return err
	}
	if err := t.takeNorms(ctx); err != nil {
		return err
	}
	result, err := t.forward.pass(t.test, t.division, func(tally) error { return t.pauseOrStop(ctx) })
	if err != nil {
		return err
	}
	elapsed := t.options.Now().Sub(before)
	e := run.Evaluated{
		Epoch:    t.steps / t.train.steps(),
		Step:     t.steps,
		Examples: result.examples,
		Elapsed:  elapsed,
	}
	e.Training, e.ImagesPerSecond = t.pace.sinceEvaluation()
	t.pace.evaluation(elapsed)
	if t.steps > 0 {
		e.LearningRate = t.rateOf(t.steps - 1)
	}
	e.Loss, e.Accuracy = result.means()
	e.StandardError = stats.Clusters(result.shares).Error
	if !isFinite(e.Loss) { // The last step's loss was that of the weights before it.
		return fault.Errorf("train", "evaluation after step %d: %w", t.steps, ErrDiverged)
	}
	e.TrainLoss, e.TrainAccuracy = t.epoch.means()
	t.epoch = tally{}
	t.last, t.evaluated = e, t.steps
	t.tell(report, e)
	return nil
}

// pass runs all of a batcher's pictures through the network as they are. Before
// each batch it asks between, with what was counted so far, whether to go on.
func (f *forward) pass(b *batcher, d *division, between func(tally) error) (tally, error) {
	var total tally
	err := f.each(b, d, func() error { return between(total) }, func(logits []float32, labels []int32) {
		total.judge(logits, labels, f.classes, b.turns)
	})
	return total, err
}

// each gives take the logits [N, Classes] and labels [N] of all pictures of a
// batcher, in their order. Before each batch, or as many as there are workers, it asks
// between whether to go on.
func (f *forward) each(b *batcher, d *division, between func() error, take func(logits []float32, labels []int32)) error {
	size := b.examples() * f.classes
	all := make([]float32, d.workers()*size)
	for first := 0; first < b.pictures.Len(); first += d.workers() * b.perStep {
		if err := between(); err != nil {
			return err
		}
		clear(all)
		if err := f.window(b, first+d.rank()*b.perStep, all[d.rank()*size:][:size]); err != nil {
			return err
		}
		if err := d.share(all); err != nil { // x + 0 is x: all workers have the same.
			return err
		}
		for w := range d.workers() {
			labels := b.labelsOf(first + w*b.perStep)
			take(all[w*size:][:len(labels)*f.classes], labels)
		}
	}
	return nil
}

// window writes the logits of a batcher's window; none behind the last.
func (f *forward) window(b *batcher, first int, logits []float32) error {
	batch := b.window(first)
	if len(batch.labels) == 0 {
		return nil
	}
	// A short last batch is filled up, so that it needs no graph of its own.
	images := grow(batch.images, (b.examples()-len(batch.labels))*product(f.dims))
	clear(images[len(batch.images):])
	got, err := f.logits(images)
	copy(logits, got)
	return err
}

// HasExam reports whether the test pictures are others than those that validate.
func (t *Trainer) HasExam() bool { return t.exam != t.test }

// Classes returns the names that labels and guesses are indices of.
func (t *Trainer) Classes() []string { return t.classes }

// meanLoss is the mean cross-entropy in nats of logits [N, Classes]: log Σe^z - z
// of the label, with the largest logit subtracted first.
func meanLoss(logits []float32, labels []int32, classes int) float64 {
	var total float64
	for i, label := range labels {
		row := logits[i*classes : (i+1)*classes]
		largest := float64(row[argMax(row)])
		var sum float64
		for _, z := range row {
			sum += math.Exp(float64(z) - largest)
		}
		total += math.Log(sum) + largest - float64(row[label])
	}
	return total / float64(max(len(labels), 1))
}

// countRight counts the rows of logits [N, Classes] whose largest is the label's.
func countRight(logits []float32, labels []int32, classes int) (right int) {
	for i, label := range labels {
		if argMax(logits[i*classes:(i+1)*classes]) == int(label) {
			right++
		}
	}
	return right
}

// An Evaluation is how well a model does on a set of pictures.
type Evaluation struct {
	Loss     float64 // Mean cross-entropy in nats.
	Accuracy float64 // Fraction classified correctly, 0 to 1.
	Right    int     // Examples classified correctly.
	Examples int
	Shares   []float64 // Of each picture, the share of its examples classified correctly.
}

// Evaluate runs a model over pictures, of which it sees the central crop that it
// wants: a pretext model over each in its four turns, another over those that have a label. Classes are matched by
// position. It stops with the error of between, which it calls before each batch
// with the examples seen and those of them that were right.
func Evaluate(backend compute.Backend, m *checkpoint.Model, pictures *dataset.Pictures, between func(seen, right int) error) (Evaluation, error) {
	p, err := NewPredictor(backend, m, pictures.Side)
	if err != nil {
		return Evaluation{}, err
	}
	defer p.Close()
	return p.Evaluate(m.Task, pictures, between)
}

// evaluationBatch keeps the activations of an evaluation in the caches and the
// memory of a tab.
const evaluationBatch = 64

// examples returns the batches of what a task shows of pictures.
func (p *Predictor) examples(task run.Task, pictures *dataset.Pictures) (*batcher, error) {
	turns := rotation.Turns
	if task != run.Pretext {
		turns = 1
		pictures = pictures.Subset(pictures.Labelled())
		if len(pictures.Classes) > p.forward.classes {
			return nil, fault.Errorf("train", "pictures of %d classes for a model that knows %d", len(pictures.Classes), p.forward.classes)
		}
	}
	b := newBatcher(pictures, turns, evaluationBatch, 0)
	b.augment = p.view
	return b, nil
}

// Evaluate is the function Evaluate for a model that was prepared already.
func (p *Predictor) Evaluate(task run.Task, pictures *dataset.Pictures, between func(seen, right int) error) (Evaluation, error) {
	b, err := p.examples(task, pictures)
	if err != nil {
		return Evaluation{}, err
	}
	result, err := p.forward.pass(b, nil, func(t tally) error { return between(t.examples, t.right) })
	loss, accuracy := result.means()
	return Evaluation{Loss: loss, Accuracy: accuracy, Right: result.right, Examples: result.examples, Shares: result.shares}, err
}
