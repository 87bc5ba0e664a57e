// Package parity holds what tests of several packages share to compare this
// project's numbers with PyTorch's: fixtures, backends and a worst difference.
package parity

import (
	"encoding/binary"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/nlpodyssey/safetensors"

	"quarterturn/core/checkpoint"
	"quarterturn/core/engine"
	"quarterturn/core/engine/stock"
	"quarterturn/core/resnet"
)

// A Fixture is the arrays of a file that core/resnet/testdata/fixture.py wrote,
// in PyTorch's layouts.
type Fixture struct {
	t       testing.TB
	tensors map[string]safetensors.TensorView
}

// Load reads a fixture; path is relative to the test's package.
func Load(t testing.TB, path string) Fixture {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	file, err := safetensors.Deserialize(b)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	f := Fixture{t: t, tensors: map[string]safetensors.TensorView{}}
	for _, v := range file.Tensors() {
		f.tensors[v.Name] = v.TensorView
	}
	return f
}

// Floats returns a float32 array.
func (f Fixture) Floats(name string) []float32 {
	f.t.Helper()
	values := make([]float32, len(f.data(name))/4)
	for i := range values {
		values[i] = math.Float32frombits(binary.LittleEndian.Uint32(f.data(name)[4*i:]))
	}
	return values
}

// Labels returns an int64 array as labels.
func (f Fixture) Labels(name string) []int32 {
	f.t.Helper()
	values := make([]int32, len(f.data(name))/8)
	for i := range values {
		values[i] = int32(binary.LittleEndian.Uint64(f.data(name)[8*i:]))
	}
	return values
}

func (f Fixture) data(name string) []byte {
	f.t.Helper()
	v, ok := f.tensors[name]
	if !ok {
		f.t.Fatalf("fixture has no %s", name)
	}
	return v.Data()
}

// Images returns the input as [N, H, W, C] instead of PyTorch's [N, C, H, W].
func (f Fixture) Images() (images []float32, n, side int) {
	f.t.Helper()
	planes := f.Floats("input")
	shape := f.tensors["input"].Shape()
	n, side = int(shape[0]), int(shape[2])
	images = make([]float32, len(planes))
	for i, v := range planes {
		x, y, c, example := i%side, i/side%side, i/side/side%3, i/side/side/3
		images[((example*side+y)*side+x)*3+c] = v
	}
	return images, n, side
}

// Model returns the network of the fixture's state_dict, through the same
// decoder that people's checkpoints take.
func (f Fixture) Model() *checkpoint.Model {
	f.t.Helper()
	state := map[string]safetensors.TensorView{}
	for name, v := range f.tensors {
		// num_batches_tracked is a scalar, which the library's writer would lose.
		if strings.HasPrefix(name, "layer") || strings.HasPrefix(name, "conv1.") || strings.HasPrefix(name, "bn1.") || strings.HasPrefix(name, "fc.") {
			if !strings.HasSuffix(name, "num_batches_tracked") {
				state[name] = v
			}
		}
	}
	b, err := safetensors.Serialize(state, nil)
	if err != nil {
		f.t.Fatal(err)
	}
	m, err := checkpoint.Decode(b)
	if err != nil {
		f.t.Fatal(err)
	}
	return m
}

// Parameter returns a fixture's array for a parameter in this project's layout;
// prefix is "gradient." or "moved.".
func (f Fixture) Parameter(prefix string, p resnet.Parameter) []float32 {
	f.t.Helper()
	return checkpoint.FromTorch(p, f.Floats(prefix+p.Name))
}

// Backends returns those that a test of numbers runs on.
func Backends(t testing.TB) map[string]compute.Backend {
	t.Helper()
	reference, err := stock.New("")
	if err != nil {
		t.Fatal(err)
	}
	return map[string]compute.Backend{"stock": reference, "engine": Backend(t)}
}

// Backend returns the one that tests of behaviour run on: ours.
func Backend(t testing.TB) compute.Backend {
	t.Helper()
	backend, err := engine.New(engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return backend
}

// Worst returns where got and want differ most, and by how much. Slices of
// different lengths and NaN differ infinitely.
func Worst(got, want []float32) (index int, difference float64) {
	if len(got) != len(want) {
		return min(len(got), len(want)), math.Inf(1)
	}
	for i := range got {
		d := math.Abs(float64(got[i]) - float64(want[i]))
		if math.IsNaN(d) {
			return i, math.Inf(1)
		}
		if d > difference {
			index, difference = i, d
		}
	}
	return index, difference
}
