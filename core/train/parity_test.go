package train

import (
	"math"
	"testing"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"

	"quarterturn/core/internal/devices"
	"quarterturn/core/internal/parity"
	"quarterturn/core/run"
)

const weightDecay = 5e-4 // As in the fixture's script.

// fixtureTrainer is a Trainer on the fixture's weights, without pictures.
func fixtureTrainer(t *testing.T, backend compute.Backend, fixture parity.Fixture, options Options) *Trainer {
	t.Helper()
	m := fixture.Model()
	_, n, side := fixture.Images()
	options.Now = time.Now
	pictures := &batcher{perStep: n, turns: 1}
	store, err := storeOf(m)
	if err != nil {
		t.Fatal(err)
	}
	trainer := &Trainer{
		config:  run.Config{Task: run.Scratch, Side: side, Momentum: 0.9, WeightDecay: weightDecay},
		options: options,
		net:     m.Config,
		store:   store,
		train:   pictures,
		test:    pictures,
	}
	if err := trainer.buildGraphs(backend); err != nil {
		t.Fatal(err)
	}
	return trainer
}

// TestStepsMatchPyTorch takes ten steps on one batch, as PyTorch did: the first
// step's loss, logits and every gradient, all ten losses, and the running
// statistics at the end.
//
// On two devices too, whose statistics must then be those of the whole batch.
//
// Gradients are sums over up to 8×32×32 positions in another order: 8,192 terms
// of relative rounding 6e-8 each give up to 1e-5 of the largest gradient of the
// array. Ten steps at rate 0.05 feed these differences back into the loss.
func TestStepsMatchPyTorch(t *testing.T) {
	fixture := parity.Load(t, "../resnet/testdata/resnet8.safetensors")
	images, _, _ := fixture.Images()
	b := batch{images: images, labels: fixture.Labels("labels")}
	curve := fixture.Floats("curve")
	backends := parity.Backends(t)
	backends["devices"] = devices.New(parity.Backend(t), 2)
	for name, backend := range backends {
		t.Run(name, func(t *testing.T) {
			trainer := fixtureTrainer(t, backend, fixture, Options{Devices: backend.NumDevices()})
			for step, want := range curve {
				loss, logits, err := trainer.callStep(b, 0.05)
				if err != nil {
					t.Fatal(err)
				}
				if diff := math.Abs(loss - float64(want)); diff > 1e-4 {
					t.Errorf("loss of step %d is %v, PyTorch has %v", step, loss, want)
				}
				if step == 0 {
					checkClose(t, "train_logits", logits, fixture.Floats("train_logits"), 1e-5)
					checkGradients(t, trainer, fixture)
				}
			}
			for _, p := range trainer.net.Parameters() {
				if p.Name == "bn1.running_mean" || p.Name == "bn1.running_var" || p.Name == "layer3.0.bn2.running_var" {
					checkClose(t, "moved "+p.Name, valueOf(t, trainer, p.Path()), fixture.Parameter("moved.", p), 1e-4)
				}
			}
		})
	}
}

// checkGradients reads the first step's gradients off the velocities, which are
// then gradient + weightDecay·weight.
func checkGradients(t *testing.T, trainer *Trainer, fixture parity.Fixture) {
	t.Helper()
	before := fixture.Model().Weights
	for _, p := range trainer.trainedParameters() {
		got := valueOf(t, trainer, "/velocity"+p.Path())
		if p.Role.Decays() {
			for i, w := range before[p.Name] {
				got[i] -= weightDecay * w
			}
		}
		checkClose(t, "gradient of "+p.Name, got, fixture.Parameter("gradient.", p), 1e-5)
	}
}

func valueOf(t *testing.T, trainer *Trainer, path string) []float32 {
	t.Helper()
	return tensors.MustCopyFlatData[float32](trainer.store.GetVariable(path).MustValue())
}

// checkClose allows a difference of tolerance times the largest wanted value, or
// times 1 where all are smaller.
func checkClose(t *testing.T, what string, got, want []float32, tolerance float64) {
	t.Helper()
	largest := 1.0
	for _, v := range want {
		largest = max(largest, math.Abs(float64(v)))
	}
	if i, diff := parity.Worst(got, want); diff > tolerance*largest {
		t.Errorf("%s: element %d is %v, PyTorch has %v (difference %.2g, allowed %.2g)", what, i, got[i], want[i], diff, tolerance*largest)
	}
}

// TestCrossEntropyFarOut checks that large logits give their loss, not NaN.
func TestCrossEntropyFarOut(t *testing.T) {
	got := meanLoss([]float32{1000, 0, -1000, 0}, []int32{1, 0}, 2)
	if want := 1000.0; math.Abs(got-(want+1000)/2) > 1e-9 {
		t.Errorf("mean loss %v, want %v", got, (want+1000)/2)
	}
	if guess := softmax([]float32{1000, 0}); guess[0] != 1 || guess[1] != 0 {
		t.Errorf("softmax %v, want [1 0]", guess)
	}
}
