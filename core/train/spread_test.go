//go:build !js

// A browser has one device.

package train

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/gomlx/compute"

	"quarterturn/core/checkpoint"
	"quarterturn/core/internal/devices"
	"quarterturn/core/internal/parity"
	"quarterturn/core/run"
)

// onDevices returns a Trainer of a short run on so many devices.
func onDevices(t *testing.T, backend compute.Backend, c run.Config, n int) *Trainer {
	t.Helper()
	trainer, err := New(backend, c, photographs(t, 8, 2), nil, Options{Devices: n})
	if err != nil {
		t.Fatal(err)
	}
	return trainer
}

// TestDevicesMatchOne compares runs on several devices with the run on one: the
// same graph but for batch normalization out of its parts, whose sums are
// rounded differently in the last place. Two epochs carry that on.
func TestDevicesMatchOne(t *testing.T) {
	set := photographs(t, 8, 2)
	averaged := config(run.Scratch, 1, 1)
	averaged.AverageDecay = 0.9
	frozen := config(run.Transfer, 1, 1)
	frozen.FirstStage, frozen.PadCrop, frozen.ScaledCrop, frozen.Flip = 2, 0, 0, false
	tests := []struct {
		name    string
		config  run.Config
		from    *checkpoint.Model
		devices int
	}{
		{"pretext", config(run.Pretext, 1, 1), nil, 4},
		{"averaged", averaged, nil, 2},
		{"on frozen features", frozen, pretextModel(t, set, frozen), 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.config.BatchSize = 40
			want := curveOf(t, mustNew(t, tt.config, set, tt.from, Options{}))
			backend := devices.New(parity.Backend(t), tt.devices)
			trainer, err := New(backend, tt.config, set, tt.from, Options{Devices: tt.devices})
			if err != nil {
				t.Fatal(err)
			}
			got := curveOf(t, trainer)
			if len(got) != len(want) {
				t.Fatalf("%d losses, want %d", len(got), len(want))
			}
			for i := range want {
				if diff := math.Abs(got[i] - want[i]); diff > 1e-4 {
					t.Errorf("loss %d is %v, on one device %v", i, got[i], want[i])
				}
			}
			if backend.Runs < len(want) {
				t.Errorf("%d runs on all devices, want %d: steps and evaluations", backend.Runs, len(want))
			}
		})
	}
}

// curveOf returns a run's losses, of steps and evaluations.
func curveOf(t *testing.T, trainer *Trainer) (curve []float64) {
	t.Helper()
	if err := trainer.Run(context.Background(), func(e run.Event) {
		switch e := e.(type) {
		case run.Progress:
			curve = append(curve, e.Loss)
		case run.Evaluated:
			curve = append(curve, e.Loss)
		}
	}); err != nil {
		t.Fatal(err)
	}
	return curve
}

// TestDevicesRestoreTheSameBits takes a new Trainer for each step.
func TestDevicesRestoreTheSameBits(t *testing.T) {
	c := config(run.Scratch, 1, 1)
	c.BatchSize = 40
	fresh := func() *Trainer { return onDevices(t, devices.New(parity.Backend(t), 4), c, 4) }
	straight := fresh()
	curveOf(t, straight)
	if got := relay(t, fresh); !bytes.Equal(bytesOf(t, got.trainer), bytesOf(t, straight)) {
		t.Error("going on from checkpoints on 4 devices changed the weights")
	}
}

var errDevice = errors.New("out of memory")

// TestFailedStep has a step fail on a backend whose buffers are not ours: the
// weights are those before it, and the run goes on as if nothing had been.
func TestFailedStep(t *testing.T) {
	for _, n := range []int{1, 2} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			c := config(run.Scratch, 1, 1)
			c.BatchSize = 40
			straight := onDevices(t, devices.New(parity.Backend(t), n), c, n)
			curveOf(t, straight)
			backend := devices.New(parity.Backend(t), n)
			trainer := onDevices(t, backend, c, n)
			failInStep(t, trainer, backend)
			if trainer.Steps() != 1 {
				t.Errorf("%d steps are finished, want 1", trainer.Steps())
			}
			curveOf(t, trainer)
			if !bytes.Equal(bytesOf(t, straight), bytesOf(t, trainer)) {
				t.Error("the failed step changed the weights")
			}
		})
	}
}

// failInStep runs until the second step fails.
func failInStep(t *testing.T, trainer *Trainer, backend *devices.Backend) error {
	t.Helper()
	err := trainer.Run(context.Background(), func(e run.Event) {
		if _, ok := e.(run.Progress); ok {
			backend.Fail = errDevice
		}
	})
	if err == nil || !strings.Contains(err.Error(), errDevice.Error()) {
		t.Fatalf("the run ended with %v, want %v", err, errDevice)
	}
	backend.Fail = nil
	return err
}

// TestLostWeights has a failed step take the donated weights: that is said, also
// when the run was being stopped, nothing of it can be saved, and a checkpoint
// brings the run back.
func TestLostWeights(t *testing.T) {
	for _, n := range []int{1, 2} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			c := config(run.Scratch, 1, 1)
			c.BatchSize = 40
			straight := onDevices(t, devices.New(parity.Backend(t), n), c, n)
			curveOf(t, straight)
			backend := devices.New(parity.Backend(t), n)
			trainer := onDevices(t, backend, c, n)
			m, s := save(t, trainer, nil)
			backend.FailuresTake = true
			if err := failInStep(t, trainer, backend); !errors.Is(err, errLost) || !strings.Contains(err.Error(), "checkpoint") {
				t.Errorf("the run ended with %v, want %v", err, errLost)
			}
			if _, _, err := trainer.Checkpoint(); err == nil {
				t.Error("the lost weights were saved")
			}
			if err := trainer.Run(context.Background(), func(run.Event) {}); err == nil {
				t.Error("the run went on without weights")
			}
			if err := trainer.Restore(m, s); err != nil {
				t.Fatal(err)
			}
			curveOf(t, trainer)
			if !bytes.Equal(bytesOf(t, straight), bytesOf(t, trainer)) {
				t.Error("going on from the checkpoint changed the weights")
			}
		})
	}
}

func TestOptionsOutOfRange(t *testing.T) {
	four := devices.New(parity.Backend(t), 4)
	tests := []struct {
		options Options
		want    string
	}{
		{Options{Devices: 5}, "5 devices: the backend quarterturn has 4"},
		{Options{Devices: -1}, "-1 devices"},
		{Options{Devices: 3}, "batch of 40 examples cannot be divided among 3 devices"},
		{Options{Precision: BFloat16}, "the backend quarterturn has no bfloat16"},
		{Options{Precision: "half"}, `no precision "half": want float32 or bfloat16`},
	}
	c := config(run.Scratch, 1, 1)
	c.BatchSize = 40
	for _, tt := range tests {
		if _, err := New(four, c, photographs(t, 8, 2), nil, tt.options); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: error %v, want one with %q", tt.options, err, tt.want)
		}
	}
}

// TestUnevenEvaluation trains on devices and validates on one, because the
// pictures to validate with, 10, are not a multiple of the 4 devices.
func TestUnevenEvaluation(t *testing.T) {
	c := config(run.Scratch, 1, 1)
	c.BatchSize = 40
	set := photographs(t, 8, 1)
	var losses [2]float64
	for i, n := range []int{1, 4} {
		trainer, err := New(devices.New(parity.Backend(t), n), c, set, nil, Options{Devices: n})
		if err != nil {
			t.Fatal(err)
		}
		curveOf(t, trainer)
		losses[i] = trainer.Last().Loss
	}
	if math.Abs(losses[0]-losses[1]) > 1e-4 {
		t.Errorf("loss %v on 4 devices, %v on one", losses[1], losses[0])
	}
}

// TestBFloat16Steps takes the fixture's ten steps with convolutions in bfloat16,
// whose 8 bits of mantissa round each factor by up to 1/512: the losses stay near
// PyTorch's, three times the largest difference seen, and are not those of
// float32.
func TestBFloat16Steps(t *testing.T) {
	fixture := parity.Load(t, "../resnet/testdata/resnet8.safetensors")
	images, _, _ := fixture.Images()
	b := batch{images: images, labels: fixture.Labels("labels")}
	trainer := fixtureTrainer(t, parity.Backends(t)["stock"], fixture, Options{Precision: BFloat16})
	same := 0
	for step, want := range fixture.Floats("curve") {
		loss, _, err := trainer.callStep(b, 0.05)
		if err != nil {
			t.Fatal(err)
		}
		diff := math.Abs(loss - float64(want))
		if diff > 0.02 {
			t.Errorf("loss of step %d is %v, PyTorch has %v in float32", step, loss, want)
		}
		if diff < 1e-6 {
			same++
		}
	}
	if same > 0 {
		t.Errorf("%d losses are those of float32", same)
	}
}
