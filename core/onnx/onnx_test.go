package onnx

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"quarterturn/core/checkpoint"
	"quarterturn/core/resnet"
	"quarterturn/core/run"
)

var update = flag.Bool("update", false, "rewrite the golden file")

func sample(blocks ...int) *checkpoint.Model {
	config := resnet.Config{Network: run.Network{Blocks: blocks, Width: 3}, Classes: 4}
	return &checkpoint.Model{
		Config: config, Task: run.Pretext, Side: 32, Classes: checkpoint.TurnNames(), Weights: checkpoint.Initial(config, 5),
		Steps: 12, Accuracy: 0.75, Note: "a test's",
	}
}

// encoded returns the model's file, parsed.
func encoded(t *testing.T, m *checkpoint.Model, o Options) parsed {
	t.Helper()
	b, err := Encode(m, o)
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, b)
}

func graphIn(t *testing.T, file parsed) parsed {
	t.Helper()
	return file.within(t, modelGraph)[0]
}

// TestGolden compares the whole of a small model, but for its weights, with a
// listing that a person has read.
func TestGolden(t *testing.T) {
	file := encoded(t, sample(1, 1), Options{Features: true})
	graph := graphIn(t, file)
	var b strings.Builder
	fmt.Fprintf(&b, "IR %d, opset %d, by %s\n%s\n", file.numbers(modelIRVersion)[0],
		file.within(t, modelOpset)[0].numbers(opsetVersion)[0], file.text(modelProducer), file.text(modelDoc))
	for _, e := range file.within(t, modelMetadata) {
		fmt.Fprintf(&b, "%s: %s\n", e.text(entryKey), e.text(entryValue))
	}
	fmt.Fprintf(&b, "\n%s\n", graph.text(graphName))
	for _, v := range graph.within(t, graphInput) {
		fmt.Fprintln(&b, "input", describeValue(t, v))
	}
	for _, w := range graph.within(t, graphInitializer) {
		fmt.Fprintln(&b, "initializer", w.text(tensorName), w.numbers(tensorDims), typeName(w.numbers(tensorType)))
	}
	for _, n := range graph.within(t, graphNode) {
		fmt.Fprintln(&b, describeNode(t, n))
	}
	for _, v := range graph.within(t, graphOutput) {
		fmt.Fprintln(&b, "output", describeValue(t, v))
	}
	const golden = "testdata/graph.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got := b.String(); got != string(want) {
		t.Errorf("the model is\n%s\nwant\n%s", got, want)
	}
}

// TestGraphIsSound checks what every reader relies on, on networks of all
// depths: values are made before they are used, each once, nothing is unused.
func TestGraphIsSound(t *testing.T) {
	for _, blocks := range [][]int{{1}, {2, 1}, {1, 1, 1}, {2, 2, 2, 2}, {3, 4, 6, 3}, {1, 1, 1, 1, 1, 1}} {
		for _, o := range []Options{{}, {Normalized: true}, {Features: true}, {Normalized: true, Features: true}} {
			t.Run(fmt.Sprintf("%v/%+v", blocks, o), func(t *testing.T) {
				checkSound(t, graphIn(t, encoded(t, sample(blocks...), o)))
			})
		}
	}
}

func checkSound(t *testing.T, graph parsed) {
	t.Helper()
	used := map[string]bool{} // Whether a value that is there was used.
	add := func(name string) {
		if _, twice := used[name]; twice || name == "" {
			t.Errorf("value %q is made twice, or has no name", name)
		}
		used[name] = false
	}
	use := func(name, by string) {
		if _, made := used[name]; !made {
			t.Errorf("%s takes %q, which nothing before it makes", by, name)
		}
		used[name] = true
	}
	for _, v := range graph.within(t, graphInput) {
		add(v.text(valueName))
	}
	for _, w := range graph.within(t, graphInitializer) {
		add(w.text(tensorName))
	}
	for _, n := range graph.within(t, graphNode) {
		for _, input := range n.texts(nodeInput) {
			use(input, n.text(nodeName))
		}
		add(n.text(nodeOutput))
	}
	for _, v := range graph.within(t, graphOutput) {
		use(v.text(valueName), "the caller")
	}
	for name, ok := range used {
		if !ok {
			t.Errorf("nothing takes %q", name)
		}
	}
}

// TestWeights compares every initializer with the file that PyTorch loads.
func TestWeights(t *testing.T) {
	m := sample(1, 2)
	initializers := graphIn(t, encoded(t, m, Options{Normalized: true})).within(t, graphInitializer)
	parameters := m.Config.Parameters()
	if len(initializers) != len(parameters) {
		t.Fatalf("%d initializers, want %d", len(initializers), len(parameters))
	}
	for i, p := range parameters {
		w := initializers[i]
		dims, values := checkpoint.ToTorch(p, m.Weights[p.Name])
		if w.text(tensorName) != p.Name || !slices.Equal(w.numbers(tensorDims), dims) {
			t.Errorf("initializer %d is %s %v, want %s %v", i, w.text(tensorName), w.numbers(tensorDims), p.Name, dims)
		}
		if !slices.Equal(w[tensorRaw][0].floats(), values) {
			t.Errorf("%s has other values than the checkpoint", p.Name)
		}
	}
}

// TestHead: dense layers before the last are followed by a ReLU.
func TestHead(t *testing.T) {
	var g graphProto
	g.head("stage3", []resnet.Parameter{{Name: "fc.0.weight"}, {Name: "fc.2.weight"}})
	var got []string
	for _, n := range parse(t, g.out).within(t, graphNode) {
		got = append(got, describeNode(t, n))
	}
	want := []string{
		"fc.0 = Gemm(stage3, fc.0.weight, fc.0.bias, transB=1)",
		"fc.0.relu = Relu(fc.0)",
		"logits = Gemm(fc.0.relu, fc.2.weight, fc.2.bias, transB=1)",
	}
	if !slices.Equal(got, want) {
		t.Errorf("nodes %q, want %q", got, want)
	}
}

// TestUnknownSide: of a file from PyTorch the side is not known, and the network
// takes any.
func TestUnknownSide(t *testing.T) {
	m := sample(1)
	m.Side = 0
	input := graphIn(t, encoded(t, m, Options{})).within(t, graphInput)[0]
	if got, want := describeValue(t, input), "images [N 3 H W] float32"; got != want {
		t.Errorf("the input is %s, want %s", got, want)
	}
}

func TestSameBytes(t *testing.T) {
	var files [2][]byte
	for i := range files {
		var err error
		if files[i], err = Encode(sample(1, 1, 1), Options{Features: true}); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(files[0], files[1]) {
		t.Error("the same model gave other bytes")
	}
}

// TestTextIsUTF8: ONNX Runtime refuses a file whose strings are not.
func TestTextIsUTF8(t *testing.T) {
	m := sample(1)
	m.Note = "caf\xe9"
	for _, e := range encoded(t, m, Options{}).within(t, modelMetadata) {
		if !utf8.ValidString(e.text(entryValue)) {
			t.Errorf("%s is %q", e.text(entryKey), e.text(entryValue))
		}
	}
}

func TestEncodeRefuses(t *testing.T) {
	short := sample(1)
	short.Weights["fc.bias"] = short.Weights["fc.bias"][:3]
	nameless := sample(1)
	nameless.Classes = nameless.Classes[:2]
	huge := &checkpoint.Model{Config: resnet.Config{Network: run.Network{Blocks: []int{1, 1, 1, 1, 1, 1}, Width: run.MaxWidth}, Classes: 4}}
	for _, tt := range []struct {
		name  string
		model *checkpoint.Model
		want  string
	}{
		{"no network", &checkpoint.Model{}, "0 stages"},
		{"weights of another network", short, "fc.bias has 3 numbers, want 4"},
		{"names of some classes", nameless, "2 class names for 4 logits"},
		{"more than a file holds", huge, "less than 2 GiB"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b, err := Encode(tt.model, Options{})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Encode = %d bytes, %v, want an error with %q", len(b), err, tt.want)
			}
		})
	}
}
