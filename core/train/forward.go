package train

import (
	"math"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/distributed"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"quarterturn/core/checkpoint"
	"quarterturn/core/dataset"
	"quarterturn/core/fault"
	"quarterturn/core/resnet"
	"quarterturn/core/rotation"
	"quarterturn/core/run"
)

// A forward computes logits with the weights that a store holds now.
type forward struct {
	exec    *model.Exec
	spread  *spread
	dims    []int // Of one example.
	classes int
}

// newForward takes what builds the logits of a batch of examples of dims.
func newForward(backend compute.Backend, store *model.Store, classes int, dims []int,
	logits func(*model.Scope, *graph.Node, resnet.Mode) *graph.Node) (*forward, error) {
	f := &forward{dims: dims, classes: classes}
	var err error
	f.exec, err = newExec("a prediction", backend, store, func(scope *model.Scope, images []*graph.Node) []*graph.Node {
		return []*graph.Node{logits(scope, images[0], resnet.Mode{PlainNorm: f.spread != nil})}
	})
	return f, err
}

// lay divides the images of each call, before the first, among devices.
func (f *forward) lay(s *spread) {
	f.spread = s
	s.lay(f.exec, s.divided())
}

// logits returns [N, Classes] of images [N, S, S, 3], or of features. Each N is a
// graph of its own, so callers keep to few.
func (f *forward) logits(images []float32) ([]float32, error) {
	n := len(images) / product(f.dims)
	input := tensors.FromFlatDataAndDimensions(images, batchDims(n, f.dims)...)
	var outputs []*tensors.Tensor
	var err error
	panicked := build("a prediction", func() {
		outputs, err = f.spread.call(f.exec, 1, []*tensors.Tensor{input}, []*distributed.ShardingSpec{f.spread.divided()})
	})
	if panicked != nil {
		return nil, panicked
	}
	if err != nil {
		return nil, fault.Errorf("train", "predicting: %w", err)
	}
	defer finalize(outputs...)
	return tensors.CopyFlatData[float32](outputs[0])
}

func product(dims []int) int {
	size := 1
	for _, d := range dims {
		size *= d
	}
	return size
}

// A Predictor tells what a model believes of pictures. Its methods are for one
// goroutine at a time.
type Predictor struct {
	forward *forward
	store   *model.Store
	side    int
	view    *dataset.Augment // How pictures are shown; nil for whole.
	images  []float32
	seen    []byte // [S, S, 3], as shown.
	turned  []byte
}

// NewPredictor returns a Predictor for pictures of side×side pixels. The network
// is fully convolutional up to its pooling, so side need not be the one that the
// model was trained on, but it serves that best.
func NewPredictor(backend compute.Backend, m *checkpoint.Model, side int) (*Predictor, error) {
	store, err := storeOf(m)
	if err != nil {
		return nil, err
	}
	f, err := newForward(backend, store, m.Config.Classes, []int{side, side, dataset.Channels}, m.Config.Logits)
	if err != nil {
		return nil, err
	}
	size := side * side * dataset.Channels
	return &Predictor{
		forward: f, store: store, side: side, view: viewOf(m, side),
		seen: make([]byte, size), turned: make([]byte, size),
	}, nil
}

// Close frees the weights and graphs.
func (p *Predictor) Close() {
	p.forward.exec.Finalize()
	p.store.Finalize()
}

// Turns returns what the model believes of a picture [S, S, 3] turned by 0 to 3
// quarters counter-clockwise, in this order. A model that wants a central crop
// sees that.
func (p *Predictor) Turns(pixels []byte) (guesses [rotation.Turns]run.Guess, err error) {
	if len(pixels) != len(p.turned) {
		return guesses, fault.Errorf("train", "picture of %d bytes, want %d", len(pixels), len(p.turned))
	}
	if p.view != nil {
		p.view.Apply(p.seen, pixels, p.side, 0, 0, 0)
		pixels = p.seen
	}
	p.images = grow(p.images[:0], rotation.Turns*len(pixels))
	for k := range rotation.Turns {
		rotation.Turn(p.turned, pixels, p.side, k)
		dataset.Normalize(p.images[k*len(pixels):(k+1)*len(pixels)], p.turned)
	}
	logits, err := p.forward.logits(p.images)
	if err != nil {
		return guesses, err
	}
	for _, v := range logits {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return guesses, errNotNumbers
		}
	}
	for k := range guesses {
		guesses[k] = softmax(logits[k*p.forward.classes : (k+1)*p.forward.classes])
	}
	return guesses, nil
}

// softmax returns probabilities that sum to 1. It subtracts the largest logit
// first, so that no exponential overflows.
func softmax(logits []float32) run.Guess {
	largest := logits[argMax(logits)]
	var sum float64
	guess := make(run.Guess, len(logits))
	for i, v := range logits {
		e := math.Exp(float64(v - largest))
		guess[i] = float32(e)
		sum += e
	}
	for i := range guess {
		guess[i] = float32(float64(guess[i]) / sum)
	}
	return guess
}

// argMax returns the first index of the largest value.
func argMax(values []float32) int {
	best := 0
	for i, v := range values {
		if v > values[best] {
			best = i
		}
	}
	return best
}
