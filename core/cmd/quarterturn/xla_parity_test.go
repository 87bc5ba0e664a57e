//go:build xla

package main

import (
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"quarterturn/core/cmd/internal/backends"
	"quarterturn/core/durable"
	"quarterturn/core/runs"

	"github.com/gomlx/compute"
)

// realPlugin opens the plugin that QUARTERTURN_XLA_PLUGIN names.
func realPlugin(t *testing.T) (name string, backend compute.Backend) {
	t.Helper()
	name = os.Getenv("QUARTERTURN_XLA_PLUGIN")
	if name == "" {
		t.Skip("QUARTERTURN_XLA_PLUGIN does not name a PJRT plugin, and no package that tests could install has one")
	}
	name = backends.XLA + ":" + name
	backend, err := backends.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(backends.About(backend))
	return name, backend
}

// TestXLAParity trains on the engine and on the plugin, with the same seed, and
// compares losses of epochs of four steps, before, between and after.
//
// On CPUs sums are taken in another order. GPUs of NVIDIA's round the factors of
// convolutions to TF32's 10 bits of mantissa besides, by up to 1/2048 each, and
// the loss before the first step, of 1.42 nats, may differ by so much of itself.
// Eight steps, which lower it by 0.034, must not make more than four times of it.
// That is enough for bfloat16, too: evaluations are in float32, and on GoMLX's Go
// backend its steps moved the last loss by 1e-5. No bound was measured on a
// device: whoever runs this first should.
func TestXLAParity(t *testing.T) {
	const tf32 = 1. / 2048
	name, backend := realPlugin(t)
	want := epochLosses(t, "--backend", backends.Engine)
	tests := map[string][]string{"float32": nil, "bfloat16": {"--precision", "bfloat16"}}
	if n := backend.NumDevices(); n > 1 && 40%n == 0 {
		tests["devices"] = []string{"--devices", strconv.Itoa(n)}
	}
	for test, args := range tests {
		t.Run(test, func(t *testing.T) {
			got := epochLosses(t, append([]string{"--backend", name}, args...)...)
			for i := range want {
				bound := want[0] * tf32
				if i > 0 {
					bound *= 4
				}
				if diff := math.Abs(got[i] - want[i]); !(diff <= bound) {
					t.Errorf("loss after epoch %d is %v, the engine has %v (difference %.2g, allowed %.2g)", i, got[i], want[i], diff, bound)
				}
			}
		})
	}
}

// epochLosses runs pretrain for two epochs of four steps and returns the losses
// on the test pictures.
func epochLosses(t *testing.T, args ...string) (losses []float64) {
	t.Helper()
	out := filepath.Join(t.TempDir(), "run")
	mustCall(t, append([]string{"pretrain", "--blocks", "1,1,1", "--width", "8", "--batch", "40", "--limit", "40", "--epochs", "2", "--rate", "0.003", "--out", out}, args...)...)
	r, err := runs.Read(durable.Disk{}, out)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range r.History {
		losses = append(losses, e.Loss)
	}
	if len(losses) != 3 {
		t.Fatalf("%d evaluations, want 3", len(losses))
	}
	return losses
}

// TestXLACommands runs every command on the plugin.
func TestXLACommands(t *testing.T) {
	name, _ := realPlugin(t)
	dir := t.TempDir()
	pretext := filepath.Join(dir, "pretext")
	mustCall(t, append([]string{"pretrain"}, with(small, "--batch", "32", "--backend", name, "--out", pretext)...)...)
	model := filepath.Join(pretext, "best.safetensors")
	for _, args := range [][]string{
		{"finetune", "--from", model, "--epochs", "1", "--limit", "120", "--batch", "30", "--first-stage", "2", "--out", filepath.Join(dir, "transfer")},
		{"eval", "--model", model},
		{"predict", "../../dataset/testdata/" + anyPicture(t), "--model", model},
		{"probe", "--model", model},
		{"embed", "--model", model, "--stage", "1", "--out", filepath.Join(dir, "tsne")},
		{"bench"},
	} {
		mustCall(t, append(args, "--backend", name)...)
	}
}
