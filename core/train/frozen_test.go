package train

import (
	"context"
	"math"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"quarterturn/core/internal/parity"
	"quarterturn/core/resnet"
	"quarterturn/core/run"
)

// TestCachedFeaturesChangeNothing trains above a frozen part with its features
// computed once, and at each step. Batches of another size sum in another order:
// float32 products of up to 36 terms, fed back over four steps.
func TestCachedFeaturesChangeNothing(t *testing.T) {
	set := photographs(t, 8, 2)
	from := pretextModel(t, set, config(run.Transfer, 1, 1, 1))
	for _, first := range []int{1, 2, 4} {
		c := config(run.Transfer, 1, 1, 1)
		c.FirstStage, c.PadCrop, c.Flip, c.BatchSize = first, 0, false, 40
		cached := mustNew(t, c, set, from, Options{})
		if cached.frozen == nil {
			t.Fatalf("first stage %d: features are not kept", first)
		}
		plain := mustNew(t, c, set, from, Options{})
		plain.frozen = nil
		if err := plain.buildAgain(); err != nil {
			t.Fatal(err)
		}
		for _, trainer := range []*Trainer{cached, plain} {
			if err := trainer.Run(context.Background(), func(run.Event) {}); err != nil {
				t.Fatal(err)
			}
		}
		got, want := cached.Last(), plain.Last()
		if math.Abs(got.Loss-want.Loss) > 1e-4 || math.Abs(got.TrainLoss-want.TrainLoss) > 1e-4 {
			t.Errorf("first stage %d: losses %v and %v with features kept, %v and %v without", first, got.TrainLoss, got.Loss, want.TrainLoss, want.Loss)
		}
	}
}

// buildAgain builds the graphs of a Trainer that was changed, on a new store.
func (t *Trainer) buildAgain() error {
	m, err := t.Model()
	if err != nil {
		return err
	}
	if t.store, err = storeOf(m); err != nil {
		return err
	}
	return t.buildGraphs(t.backend)
}

// TestVariedPicturesAreNotCached checks the two reasons not to keep features.
func TestVariedPicturesAreNotCached(t *testing.T) {
	set := photographs(t, 4, 1)
	c := config(run.Scratch, 1)
	c.FirstStage = 2
	if mustNew(t, c, set, nil, Options{}).frozen != nil {
		t.Error("features of pictures that vary are kept")
	}
	c.FirstStage, c.PadCrop, c.Flip = 0, 0, false
	if mustNew(t, c, set, nil, Options{}).frozen != nil {
		t.Error("features of a network that learns are kept")
	}
}

// TestRandomFeaturesAreCalibrated looks at the stem's normalized activations of
// the training pictures, before their ReLU: with the running statistics of a
// random network they have mean 0 and deviation 1, within what 64 steps of
// 32 varied pictures leave of the start and of sampling.
func TestRandomFeaturesAreCalibrated(t *testing.T) {
	set := photographs(t, 8, 1)
	c := config(run.Scratch, 1)
	c.FirstStage = 2
	trainer := mustNew(t, c, set, nil, Options{})
	exec := model.MustNewExec(parity.Backend(t), trainer.store, func(scope *model.Scope, images *graph.Node) (*graph.Node, *graph.Node) {
		x := trainer.net.Features(scope, images, resnet.Evaluation)[0]
		return graph.ReduceAllMean(x), graph.ReduceAllMean(graph.Square(x))
	})
	b := newBatcher(trainer.train.pictures, 1, trainer.train.pictures.Len(), 1).window(0)
	mean, square := exec.MustCall2(tensors.FromFlatDataAndDimensions(b.images, len(b.labels), 32, 32, 3))
	// Of a standard normal number's positive part: mean 1/√(2π), square 1/2.
	gotMean, gotSquare := float64(tensors.ToScalar[float32](mean)), float64(tensors.ToScalar[float32](square))
	if math.Abs(gotMean-0.399) > 0.1 || math.Abs(gotSquare-0.5) > 0.15 {
		t.Errorf("mean %.3f and square %.3f behind the ReLU, want about 0.40 and 0.50", gotMean, gotSquare)
	}
}
