//go:build onnxruntime && !js

package onnx

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"quarterturn/assets"
	"quarterturn/core/checkpoint"
	"quarterturn/core/dataset"
	"quarterturn/core/internal/parity"
	"quarterturn/core/resnet"
	"quarterturn/core/rotation"
)

// modules is where the Makefile has npm install ONNX Runtime.
const modules = "../../build/onnxruntime"

// tolerance is stricter than the 1e-4 that an exported model promises, and ten
// times the largest difference seen, 3e-6 at logits of up to 9. Both sides sum up
// to 576 float32 products (3×3×64) for each value, in different orders, and ONNX
// Runtime folds batch normalization into the convolutions, which rounds each weight
// once more.
const tolerance = 3e-5

// A batch is images [n, side, side, 3], from 0 to 1 or normalized.
type batch struct {
	images  []float32
	n, side int
}

// planes returns the images as ONNX models take them, [N, C, H, W].
func (b batch) planes() []float32 {
	planes := make([]float32, len(b.images))
	area := b.side * b.side
	for i, v := range b.images {
		example, at, c := i/(area*dataset.Channels), i/dataset.Channels%area, i%dataset.Channels
		planes[(example*dataset.Channels+c)*area+at] = v
	}
	return planes
}

// first returns the first n images.
func (b batch) first(n int) batch {
	return batch{b.images[:n*b.side*b.side*dataset.Channels], n, b.side}
}

// An answer is what testdata/run.mjs prints.
type answer struct {
	Inputs []struct {
		Name, Type string
		Shape      []any // Numbers, and names of free dimensions.
	}
	OutputNames []string
	Batches     []map[string]output
}

type output struct {
	Dims []int
	Type string
	Data []float32
}

// runtime runs a model in ONNX Runtime, loaded once for all batches.
func runtime(t *testing.T, m *checkpoint.Model, o Options, batches ...batch) (a answer, err error) {
	t.Helper()
	if _, err := os.Stat(modules); err != nil {
		t.Fatalf("%v: make test-onnx installs ONNX Runtime there", err)
	}
	file, err := Encode(m, o)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "model.onnx")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"testdata/run.mjs", modules, path}
	var input, said bytes.Buffer
	for _, b := range batches {
		args = append(args, fmt.Sprintf("%d,%d,%d,%d", b.n, dataset.Channels, b.side, b.side))
		if err := binary.Write(&input, binary.LittleEndian, b.planes()); err != nil {
			t.Fatal(err)
		}
	}
	node := exec.Command("node", args...)
	node.Stdin, node.Stderr = &input, &said
	printed, err := node.Output()
	if err != nil {
		return a, fmt.Errorf("%w: %s", err, &said)
	}
	if err := json.Unmarshal(printed, &a); err != nil || len(a.Batches) != len(batches) {
		t.Fatalf("%v: %d answers to %d batches in %.200q", err, len(a.Batches), len(batches), printed)
	}
	return a, nil
}

// mustRuntime is runtime for models and images that fit.
func mustRuntime(t *testing.T, m *checkpoint.Model, o Options, batches ...batch) answer {
	t.Helper()
	a, err := runtime(t, m, o, batches...)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// ours returns what the product computes for normalized images: logits, and the
// pooled features of each part, by the names of the outputs.
func ours(t *testing.T, m *checkpoint.Model, normalized batch) map[string][]float32 {
	t.Helper()
	store := model.NewStore()
	for _, p := range m.Config.Parameters() {
		if _, err := store.CreateVariable(p.Path(), tensors.FromFlatDataAndDimensions(m.Weights[p.Name], p.Dims...)); err != nil {
			t.Fatal(err)
		}
	}
	exec := model.MustNewExec(parity.Backend(t), store, func(scope *model.Scope, x *graph.Node) []*graph.Node {
		outputs := []*graph.Node{m.Config.Logits(scope, x, resnet.Evaluation)}
		for _, f := range m.Config.Features(scope, x, resnet.Evaluation) {
			outputs = append(outputs, resnet.Pool(f))
		}
		return outputs
	})
	b := normalized
	want := map[string][]float32{}
	for i, output := range exec.MustCall(tensors.FromFlatDataAndDimensions(b.images, b.n, b.side, b.side, dataset.Channels)) {
		name := logitsName
		if i > 0 {
			name = partName(i - 1)
		}
		want[name] = tensors.MustCopyFlatData[float32](output)
	}
	return want
}

// compare checks the outputs for n images: names, shapes and values.
func compare(t *testing.T, got map[string]output, m *checkpoint.Model, o Options, n int, want map[string][]float32) {
	t.Helper()
	_, values := Values(m, o)
	if len(got) != len(values) {
		t.Errorf("%d outputs, want %d", len(got), len(values))
	}
	for _, v := range values {
		shape := slices.Clone(v.Dims)
		shape[0] = fmt.Sprint(n)
		got, want := got[v.Name], want[v.Name]
		if fmt.Sprint(got.Dims) != fmt.Sprint(shape) || got.Type != "float32" {
			t.Errorf("%s is %s %v, want float32 %v", v.Name, got.Type, got.Dims, shape)
		}
		if i, diff := parity.Worst(got.Data, want); diff > tolerance {
			t.Errorf("%s: value %d of %d differs from ours by %.2g, tolerance %v", v.Name, i, len(want), diff, tolerance)
		} else {
			t.Logf("%s: largest difference %.2g, largest value %.3g", v.Name, diff, largest(want))
		}
	}
}

func largest(values []float32) (most float32) {
	for _, v := range values {
		most = max(most, v, -v)
	}
	return most
}

func builtInModel(t *testing.T) *checkpoint.Model {
	t.Helper()
	file, err := assets.Model()
	if err != nil {
		t.Fatal(err)
	}
	m, err := checkpoint.Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// turned returns pictures of a built-in set, each in its four turns: as values
// from 0 to 1, as a caller in Python would make them, and normalized by us.
func turned(t *testing.T, set string, pictures int) (unit, normalized batch) {
	t.Helper()
	sheets, err := assets.Pictures(set)
	if err != nil {
		t.Fatal(err)
	}
	test := sheets.Set.Test
	var pixels []byte
	for i := range pictures {
		for k := range rotation.Turns {
			picture := make([]byte, test.Size())
			rotation.Turn(picture, test.At(i), test.Side, k)
			pixels = append(pixels, picture...)
		}
	}
	n := pictures * rotation.Turns
	unit = batch{make([]float32, len(pixels)), n, test.Side}
	normalized = batch{make([]float32, len(pixels)), n, test.Side}
	for i, v := range pixels {
		unit.images[i] = float32(v) / 255
	}
	dataset.Normalize(normalized.images, pixels)
	return unit, normalized
}

// TestONNXRuntimeOnPictures gives the built-in model real pictures in their four
// turns, in batches of several lengths.
func TestONNXRuntimeOnPictures(t *testing.T) {
	m := builtInModel(t)
	lengths := []int{1, 5, 40}
	for _, tt := range []struct {
		set     string
		options Options
	}{
		{"photographs", Options{}},
		{"photographs", Options{Normalized: true}},
		{"emoji", Options{Features: true}},
	} {
		t.Run(fmt.Sprintf("%s/%+v", tt.set, tt.options), func(t *testing.T) {
			unit, normalized := turned(t, tt.set, 10)
			input := unit
			if tt.options.Normalized {
				input = normalized
			}
			var batches []batch
			for _, n := range lengths {
				batches = append(batches, input.first(n))
			}
			a := mustRuntime(t, m, tt.options, batches...)
			for i, n := range lengths {
				compare(t, a.Batches[i], m, tt.options, n, ours(t, m, normalized.first(n)))
			}
		})
	}
}

// TestONNXRuntimeOnFixtures compares networks whose batch normalization is far
// from the identity with ours, and their logits with PyTorch's too. Their files do
// not tell the side, so the models take any: 9 halves to 5, 3 and 2, where padding
// matters most.
func TestONNXRuntimeOnFixtures(t *testing.T) {
	for _, name := range []string{"resnet8", "resnet18"} {
		t.Run(name, func(t *testing.T) {
			fixture := parity.Load(t, "../resnet/testdata/"+name+".safetensors")
			m := fixture.Model()
			images, n, side := fixture.Images()
			batches := []batch{{images, n, side}, batch{images, 2, 9}.first(2)}
			o := Options{Normalized: true, Features: true}
			a := mustRuntime(t, m, o, batches...)
			for i, b := range batches {
				compare(t, a.Batches[i], m, o, b.n, ours(t, m, b))
			}
			if i, diff := parity.Worst(a.Batches[0][logitsName].Data, fixture.Floats("logits")); diff > tolerance {
				t.Errorf("logit %d differs from PyTorch's by %.2g, tolerance %v", i, diff, tolerance)
			}
		})
	}
}

// TestONNXRuntimeKnowsTheModel: a caller can ask for input and outputs, the logits
// first, and pictures of another side are refused instead of being guessed at.
func TestONNXRuntimeKnowsTheModel(t *testing.T) {
	m := builtInModel(t)
	a := mustRuntime(t, m, Options{Features: true})
	if got, want := fmt.Sprint(a.Inputs), "[{images float32 [N 3 32 32]}]"; got != want {
		t.Errorf("inputs %s, want %s", got, want)
	}
	if got, want := fmt.Sprint(a.OutputNames), "[logits stem stage1 stage2 stage3]"; got != want {
		t.Errorf("outputs %s, want %s", got, want)
	}
	const side = 16
	small := batch{make([]float32, dataset.Channels*side*side), 1, side}
	if _, err := runtime(t, m, Options{}, small); err == nil || !strings.Contains(err.Error(), "invalid dimensions") {
		t.Errorf("pictures of side %d gave %v, want an error about dimensions", side, err)
	}
}
