package train

import (
	"bytes"
	"context"
	"math"
	"strings"
	"testing"

	"quarterturn/core/checkpoint"
	"quarterturn/core/engine"
	"quarterturn/core/run"
)

// normsOf returns the running statistics of a model.
func normsOf(m *checkpoint.Model) checkpoint.Weights {
	found := checkpoint.Weights{}
	for name, values := range m.Weights {
		if strings.Contains(name, "running_") {
			found[name] = values
		}
	}
	return found
}

// TestNormsAreOfTheWeights: after an evaluation the first layer's statistics are those
// of its outputs for the training pictures, which are computed here one by one. Of a
// batch the statistics of channels are sums of thousands of float32: 1e-4.
func TestNormsAreOfTheWeights(t *testing.T) {
	c := config(run.Scratch, 1)
	c.Epochs, c.Flip, c.PadCrop, c.BatchSize = 1, false, 0, 512 // All pictures are one batch.
	trainer := mustNew(t, c, photographs(t, 8, 2), nil, Options{})
	if err := trainer.Run(context.Background(), func(run.Event) {}); err != nil {
		t.Fatal(err)
	}
	m, err := trainer.Model()
	if err != nil {
		t.Fatal(err)
	}
	batch := trainer.train.twin().batch(0)
	side, width := c.Side, c.Network.Width
	mean, variance := make([]float64, width), make([]float64, width)
	n := 0
	eachPixel(batch.images, m.Weights["conv1.weight"], side, width, func(channel int, v float64) {
		mean[channel] += v
		variance[channel] += v * v
		n++
	})
	count := float64(n / width)
	for i := range width {
		mean[i] /= count
		variance[i] = (variance[i]/count - mean[i]*mean[i]) * count / (count - 1)
		got, gotVariance := float64(m.Weights["bn1.running_mean"][i]), float64(m.Weights["bn1.running_var"][i])
		if math.Abs(got-mean[i]) > 1e-4 || math.Abs(gotVariance/variance[i]-1) > 1e-4 {
			t.Errorf("channel %d: mean %v and variance %v, want %v and %v", i, got, gotVariance, mean[i], variance[i])
		}
	}
}

// eachPixel convolves images [N, S, S, 3] with a kernel [3, 3, 3, Width], stride 1 and
// a margin of zeros, as the stem does.
func eachPixel(images, kernel []float32, side, width int, take func(channel int, v float64)) {
	for first := 0; first < len(images); first += side * side * 3 {
		for y := range side {
			for x := range side {
				for o := range width {
					var sum float64
					for dy := range 3 {
						for dx := range 3 {
							if v, u := y+dy-1, x+dx-1; v >= 0 && v < side && u >= 0 && u < side {
								for ch := range 3 {
									sum += float64(images[first+(v*side+u)*3+ch]) * float64(kernel[((dy*3+dx)*3+ch)*width+o])
								}
							}
						}
					}
					take(o, sum)
				}
			}
		}
	}
}

// TestValidationAfterFewSteps: validated on the pictures that it learns from, after
// three steps at a high rate, a run is about as good as its next batch is. By the
// averages that steps leave, the loss is 1.3 nats more.
func TestValidationAfterFewSteps(t *testing.T) {
	c := config(run.Scratch, 1, 1, 1)
	c.Epochs, c.BatchSize, c.LearningRate, c.Schedule, c.WarmupEpochs, c.Flip, c.PadCrop = 3, 32, 0.3, run.Constant, 0, false, 0
	set := photographs(t, 32, 2)
	set.Test = set.Train
	trainer := mustNew(t, c, set, nil, Options{})
	if err := trainer.Run(context.Background(), func(run.Event) {}); err != nil {
		t.Fatal(err)
	}
	loss, _, err := trainer.callStep(trainer.train.batch(trainer.Steps()), 0)
	if err != nil {
		t.Fatal(err)
	}
	if last := trainer.Last(); math.Abs(last.Loss-loss) > 0.1*loss {
		t.Errorf("validated on what it learns from the loss is %.3f, of a training batch of the same %.3f", last.Loss, loss)
	}
}

// TestNormsOfAnAverage: where a moving average of the weights is kept, the statistics
// are of that.
func TestNormsOfAnAverage(t *testing.T) {
	c := config(run.Scratch, 1)
	c.AverageDecay, c.Epochs = 0.9, 2
	trainer := mustNew(t, c, photographs(t, 8, 2), nil, Options{})
	if err := trainer.Run(context.Background(), func(run.Event) {}); err != nil {
		t.Fatal(err)
	}
	kept, err := trainer.Model()
	if err != nil {
		t.Fatal(err)
	}
	if err := trainer.publishAverage(); err != nil {
		t.Fatal(err)
	}
	if err := trainer.takeNorms(context.Background()); err != nil { // Anew, of the same weights.
		t.Fatal(err)
	}
	again, err := trainer.Model()
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range normsOf(again) {
		for i, v := range values {
			if v != kept.Weights[name][i] {
				t.Fatalf("%s is %v where it was kept, and %v when it is taken again", name, kept.Weights[name][i], v)
			}
		}
	}
}

// TestInterruptedNorms gives up the taking of statistics half way, as Stop does in a
// tab: the weights are all there, and going on gives the bits of a run that was not
// stopped.
func TestInterruptedNorms(t *testing.T) {
	set := photographs(t, 8, 2)
	c := config(run.Scratch, 1, 1)
	straight := mustNew(t, c, set, nil, Options{})
	if err := straight.Run(context.Background(), func(run.Event) {}); err != nil {
		t.Fatal(err)
	}
	backend, err := engine.New(engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var stopped *Trainer
	yields := 0
	stopped, err = New(backend, c, set, nil, Options{Yield: func() {
		if stopped.Steps() == stopped.train.steps() && stopped.evaluated == 0 {
			if yields++; yields == 2 { // Between two batches of the statistics.
				backend.Interrupt()
				stopped.options.Yield = nil
			}
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := stopped.Run(context.Background(), func(run.Event) {}); err == nil {
		t.Fatal("the run was not stopped")
	}
	if _, err := stopped.Model(); err != nil {
		t.Fatal(err)
	}
	backend.ClearInterrupt()
	if err := stopped.Run(context.Background(), func(run.Event) {}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(bytesOf(t, stopped), bytesOf(t, straight)) {
		t.Error("the interruption changed the weights")
	}
}
