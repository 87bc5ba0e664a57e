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
	return MeasureAround(backend, b, options, func(_ string, timed func() error) error { return timed() })
}

// MeasureAround is Measure in which around does the timed steps of a phase,
// "train" or "predict", by calling timed once: who wants to see inside of them
// begins before and ends after.
func MeasureAround(backend compute.Backend, b run.Bench, options Options, around func(phase string, timed func() error) error) ([]run.Benched, error) {
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
	phases := []struct {
		name   string
		passes float64
		step   func() error
	}{
		{"train", 3, func() error { _, _, err := t.callStep(examples, 1e-3); return err }},
		{"predict", 1, func() error { _, err := t.forward.logits(examples.images); return err }},
	}
	took := make([]time.Duration, len(phases))
	for i, p := range phases {
		if err := warmUp(p.step); err != nil {
			return nil, err
		}
		err := around(p.name, func() (err error) { took[i], err = medianTime(b.Steps, now, p.step); return err })
		if err != nil {
			return nil, err
		}
	}
	ceiling := peak.GFLOPS(runtime.GOMAXPROCS(0), peakTime, now)
	results := make([]run.Benched, len(phases))
	for i, p := range phases {
		results[i] = benched(b, t.net, p.name, took[i], p.passes, ceiling)
	}
	return results, nil
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

// warmUp builds the graph, and runs it once more when memory has been taken.
func warmUp(step func() error) error {
	if err := step(); err != nil {
		return err
	}
	return step()
}

func medianTime(steps int, now func() time.Time, step func() error) (time.Duration, error) {
	times := make([]time.Duration, steps)
	for i := range times {
		before := now()
		if err := step(); err != nil {
			return 0, err
		}
		times[i] = now().Sub(before)
	}
	slices.Sort(times)
	return times[len(times)/2], nil
}
