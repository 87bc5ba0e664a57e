package train

import (
	"context"
	"errors"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"quarterturn/core/checkpoint"
	"quarterturn/core/dataset"
	"quarterturn/core/fault"
	"quarterturn/core/resnet"
	"quarterturn/core/run"
)

// A frozen is the part of a network below the first that learns. Where pictures
// are not varied it makes the same of a picture in each epoch, so that this is
// computed once.
type frozen struct {
	part  int               // The last that is frozen.
	dims  []int             // Of its features for one picture: [H, W, C], or [1, 1, C] below a head that pools.
	start *checkpoint.Model // Has its weights.
	on    compute.Backend
	done  bool // The batchers have the features.
}

// maxFrozen bounds the numbers that are kept of all pictures: 1 GiB of float32.
// Runs that would need more compute the frozen part at each step.
const maxFrozen = 1 << 28

// settleFrozen returns the model to start from, and decides whether features of its
// frozen part are kept. Random weights of which a part stays get the pictures'
// statistics, see calibrated; all other models are returned as they are.
func (t *Trainer) settleFrozen(backend compute.Backend, start *checkpoint.Model) (*checkpoint.Model, error) {
	c := t.config
	if c.FirstStage == 0 || c.Task == run.Pretext {
		return start, nil
	}
	var err error
	if c.Task == run.Scratch {
		if start, err = t.calibrated(backend, start); err != nil {
			return nil, err
		}
	}
	if !t.train.augment.IsStill(c.Side) {
		return start, nil
	}
	start.Side, start.Crop = c.Side, c.Crop()
	f := &frozen{part: c.FirstStage - 1, start: start, on: backend}
	side := sideOf(f.part, c.Side)
	if f.part == t.net.Stages() {
		side = 1
	}
	f.dims = []int{side, side, t.net.Channels(f.part)}
	if int64(t.train.len()+t.test.len()+t.exam.len())*int64(product(f.dims)) <= maxFrozen {
		t.frozen = f
	}
	return start, nil
}

// cacheFrozen computes the features of all pictures, before the first step.
func (t *Trainer) cacheFrozen(ctx context.Context) error {
	f := t.frozen
	if f == nil || f.done {
		return nil
	}
	extraction := Extraction{
		Parts:   []int{f.part},
		Maps:    f.part < t.net.Stages(),
		Between: func(int) error { return t.pauseOrStop(ctx) },
	}
	for _, b := range []*batcher{t.train, t.test, t.exam} {
		if b.pictures.Len() == 0 || b.features != nil {
			continue
		}
		features, err := extraction.Run(f.on, f.start, b.pictures)
		if err != nil {
			return err
		}
		b.features = features[0]
	}
	f.done = true
	return nil
}

// Pictures that calibrated looks at, and how many at a time.
const (
	calibrationSteps = 64
	calibrationBatch = 32
)

// calibrated returns a model of random weights with the running statistics of the
// training pictures. Frozen at mean 0 and variance 1 a random network's
// activations would double with each block, and the comparison with a trained one
// would be of scales, not of what was learnt. After 64 steps 0.9^64 = 0.1 % of
// the start is left. It is a pure function of model and pictures.
func (t *Trainer) calibrated(backend compute.Backend, m *checkpoint.Model) (*checkpoint.Model, error) {
	store, err := storeOf(m.Clone())
	if err != nil {
		return nil, err
	}
	defer store.Finalize()
	exec, err := newExec("a random network", backend, store, func(scope *model.Scope, images []*graph.Node) []*graph.Node {
		return []*graph.Node{m.Config.Logits(scope, images[0], resnet.Mode{Training: true})}
	})
	if err != nil {
		return nil, err
	}
	defer exec.Finalize()
	b := newBatcher(t.train.pictures, 1, calibrationBatch, t.config.Seed)
	b.augment = t.train.augment
	for step := range calibrationSteps {
		current := b.batch(step)
		dims := batchDims(len(current.labels), []int{t.config.Side, t.config.Side, dataset.Channels})
		input := tensors.FromFlatDataAndDimensions(current.images, dims...)
		var outputs []*tensors.Tensor
		panicked := build("a random network", func() { outputs, err = exec.Call(input) })
		if err := errors.Join(panicked, err); err != nil {
			return nil, fault.Errorf("train", "measuring a random network: %w", err)
		}
		finalize(append(outputs, input)...)
	}
	weights, err := weightsOf(store, m.Config, resnet.Parameter.Path)
	calibrated := *m
	calibrated.Weights = weights
	return &calibrated, err
}
