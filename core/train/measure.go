package train

import (
	"runtime"
	"slices"
	"time"

	"github.com/gomlx/compute"

	"quarterturn/core/checkpoint"
	"quarterturn/core/dataset"
	"quarterturn/core/engine/peak"
	"quarterturn/core/fault"
	"quarterturn/core/resnet"
	"quarterturn/core/run"
)

// measuredSide is CIFAR-10's, for which the peers' figures are.
const measuredSide = 32

// peakTime is long enough for a browser to have compiled the loop for speed.
const peakTime = 400 * time.Millisecond

// Measure times training and predicting on pictures of noise, 32×32 and four
// classes, and returns one Benched each: images/s by the median step, after one
// step that builds the graph and one that warms up. GFLOPS counts two operations
// for each multiply-add of the convolutions and the head, and three forward
// passes for a training step; the peak is of as many threads as Go may use.
//
// Of the options it takes the time, the devices and the precision.
func Measure(backend compute.Backend, b run.Bench, options Options) ([]run.Benched, error) {
	network, err := run.NetworkOfDepth(b.Depth, b.Width)
	if err != nil {
		return nil, err
	}
	if b.Steps < 1 || b.Batch < 4 || b.Batch%4 != 0 {
		return nil, fault.Errorf("train", "measuring %d steps of batch %d: want at least 1 step of a multiple of 4", b.Steps, b.Batch)
	}
	config := run.Default(run.Pretext)
	config.Network, config.BatchSize, config.Side, config.ScaledCrop = network, b.Batch, measuredSide, 0
	t, err := New(backend, config, noise(b.Batch/4), nil, options)
	if err != nil {
		return nil, err
	}
	now := t.options.Now
	examples := t.train.batch(0)
	train, err := medianTime(b.Steps, now, func() error { _, _, err := t.callStep(examples, 1e-3); return err })
	if err != nil {
		return nil, err
	}
	predict, err := medianTime(b.Steps, now, func() error { _, err := t.forward.logits(examples.images); return err })
	if err != nil {
		return nil, err
	}
	ceiling := peak.GFLOPS(runtime.GOMAXPROCS(0), peakTime, now)
	return []run.Benched{
		benched(b, t.net, "train", train, 3, ceiling),
		benched(b, t.net, "predict", predict, 1, ceiling),
	}, nil
}

func benched(b run.Bench, net resnet.Config, phase string, took time.Duration, passes, ceiling float64) run.Benched {
	rate := float64(b.Batch) / took.Seconds()
	return run.Benched{
		Depth: b.Depth, Width: b.Width, Batch: b.Batch, Phase: phase,
		ImagesPerSecond: rate,
		GFLOPS:          rate * passes * 2 * float64(net.MultiplyAdds(measuredSide)) / 1e9,
		PeakGFLOPS:      ceiling,
	}
}

// noise returns a set of pictures whose bytes are a fixed pattern without
// structure.
func noise(n int) *dataset.Set {
	p := &dataset.Pictures{Side: measuredSide, Classes: checkpoint.TurnNames(), Labels: make([]int32, n)}
	p.Pixels = make([]byte, n*p.Size())
	state := uint32(1)
	for i := range p.Pixels {
		state = state*1664525 + 1013904223 // Numerical Recipes' generator.
		p.Pixels[i] = byte(state >> 24)
	}
	return &dataset.Set{Train: p, Test: p}
}

func medianTime(steps int, now func() time.Time, step func() error) (time.Duration, error) {
	var times []time.Duration
	for i := range steps + 2 {
		before := now()
		if err := step(); err != nil {
			return 0, err
		}
		if i >= 2 {
			times = append(times, now().Sub(before))
		}
	}
	slices.Sort(times)
	return times[len(times)/2], nil
}
