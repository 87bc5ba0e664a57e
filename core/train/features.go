package train

import (
	"errors"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"quarterturn/core/checkpoint"
	"quarterturn/core/dataset"
	"quarterturn/core/fault"
	"quarterturn/core/resnet"
)

// An Extraction takes the features of several parts in one pass over the
// pictures.
type Extraction struct {
	Parts []int // 0 for the stem, k for stage k.

	// Cells is into how many rows and columns of equal rectangles each channel is
	// divided; each is averaged. 0 is 1, one mean for the whole channel. RotNet's
	// classifiers read off maps see more than the mean.
	Cells int

	// Maps takes the features of each position, [N, H·W·C], instead of means.
	Maps bool

	// Between, if not nil, is called before each batch with the pictures done. Its
	// error ends the extraction.
	Between func(done int) error
}

// MaxFeatures bounds the numbers of an Extraction: 4 GiB of float32.
const MaxFeatures = 1 << 30

// Width returns how many features of a part there are for pictures of a side.
func (e Extraction) Width(net resnet.Config, part, side int) int {
	cells := max(e.Cells, 1)
	if e.Maps {
		cells = sideOf(part, side)
	}
	return cells * cells * net.Channels(part)
}

// sideOf returns the rows and columns that a part leaves of a picture's: each
// stage after the first halves the side, rounded up.
func sideOf(part, side int) int {
	for range part - 1 {
		side = (side + 1) / 2
	}
	return side
}

// Run returns the features of each of e.Parts, [N, Cells·Cells·C] in that order.
// Besides them it holds the activations of one batch.
func (e Extraction) Run(backend compute.Backend, m *checkpoint.Model, pictures *dataset.Pictures) ([][]float32, error) {
	if err := e.check(m.Config, pictures); err != nil {
		return nil, err
	}
	store, err := storeOf(m)
	if err != nil {
		return nil, err
	}
	defer store.Finalize()
	exec, err := newExec("features", backend, store, func(scope *model.Scope, images []*graph.Node) []*graph.Node {
		return e.pool(m.Config.Features(scope, images[0], resnet.Evaluation))
	})
	if err != nil {
		return nil, err
	}
	defer exec.Finalize()
	b := newBatcher(pictures, 1, evaluationBatch, 0)
	b.augment = viewOf(m, pictures.Side)
	return e.pass(exec, m.Config, b)
}

// check refuses what the network has not, or what would not fit.
func (e Extraction) check(net resnet.Config, pictures *dataset.Pictures) error {
	if pictures.Len() == 0 {
		return fault.New("train", "no pictures to take features of")
	}
	total := 0
	for _, part := range e.Parts {
		if part < 0 || part > net.Stages() {
			return fault.Errorf("train", "features of stage %d: the network has stages 1 to %d, and 0 for the stem", part, net.Stages())
		}
		if side, cells := sideOf(part, pictures.Side), max(e.Cells, 1); side%cells != 0 {
			return fault.Errorf("train", "a map of side %d does not divide into %d cells", side, cells)
		}
		total += pictures.Len() * e.Width(net, part, pictures.Side)
	}
	if total > MaxFeatures {
		return fault.Errorf("train", "%d features are more than %d: take fewer pictures, stages or cells", total, MaxFeatures)
	}
	return nil
}

// pool averages the wanted parts over cells: [N, H, W, C] to [N, Cells·Cells·C],
// or lays out their maps.
func (e Extraction) pool(features []*graph.Node) (pooled []*graph.Node) {
	for _, part := range e.Parts {
		x := features[part]
		if e.Maps {
			pooled = append(pooled, graph.Reshape(x, x.Shape().Dim(0), -1))
			continue
		}
		if e.Cells <= 1 {
			pooled = append(pooled, resnet.Pool(x))
			continue
		}
		n, h, w, c := x.Shape().Dim(0), x.Shape().Dim(1), x.Shape().Dim(2), x.Shape().Dim(3)
		// Rows first, then columns: two reductions that every backend is fast at.
		x = graph.ReduceMean(graph.Reshape(x, n*e.Cells, h/e.Cells, w*c), 1)
		x = graph.ReduceMean(graph.Reshape(x, n*e.Cells*e.Cells, w/e.Cells, c), 1)
		pooled = append(pooled, graph.Reshape(x, n, e.Cells*e.Cells*c))
	}
	return pooled
}

// pass runs all pictures through the network and collects the features.
func (e Extraction) pass(exec *model.Exec, net resnet.Config, b *batcher) ([][]float32, error) {
	collected := make([][]float32, len(e.Parts))
	for i, part := range e.Parts {
		collected[i] = make([]float32, 0, b.pictures.Len()*e.Width(net, part, b.pictures.Side))
	}
	for first := 0; first < b.pictures.Len(); first += b.perStep {
		if e.Between != nil {
			if err := e.Between(first); err != nil {
				return nil, err
			}
		}
		current := b.window(first)
		n := len(current.labels)
		// A short last batch is filled up, so that it needs no graph of its own.
		images := grow(current.images, (b.perStep-n)*b.pictures.Size())
		clear(images[len(current.images):])
		outputs, err := callFeatures(exec, images, b.perStep, b.pictures.Side)
		if err != nil {
			return nil, err
		}
		for i, part := range e.Parts {
			collected[i] = append(collected[i], outputs[i][:n*e.Width(net, part, b.pictures.Side)]...)
		}
	}
	return collected, nil
}

// callFeatures returns copies of the outputs for images [n, side, side, 3].
func callFeatures(exec *model.Exec, images []float32, n, side int) ([][]float32, error) {
	input := tensors.FromFlatDataAndDimensions(images, n, side, side, dataset.Channels)
	var outputs []*tensors.Tensor
	var err error
	panicked := build("features", func() { outputs, err = exec.Call(input) })
	if err := errors.Join(panicked, err); err != nil {
		return nil, fault.Errorf("train", "taking features: %w", err)
	}
	defer finalize(slices.Concat(outputs, []*tensors.Tensor{input})...)
	values := make([][]float32, len(outputs))
	for i, output := range outputs {
		if values[i], err = tensors.CopyFlatData[float32](output); err != nil {
			return nil, fault.Errorf("train", "taking features: %w", err)
		}
	}
	return values, nil
}
