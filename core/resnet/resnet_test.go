package resnet_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"quarterturn/core/checkpoint"
	"quarterturn/core/internal/parity"
	"quarterturn/core/resnet"
	"quarterturn/core/run"
)

// TestLogitsMatchPyTorch runs a batch through weights that PyTorch also ran.
//
// The tolerance covers float32 sums of up to 576 products taken in a different
// order; the largest difference seen was 6e-8.
func TestLogitsMatchPyTorch(t *testing.T) {
	const tolerance = 1e-4
	for _, name := range []string{"resnet8", "resnet18"} {
		fixture := parity.Load(t, "testdata/"+name+".safetensors")
		m := fixture.Model()
		images, n, side := fixture.Images()
		for backendName, backend := range parity.Backends(t) {
			t.Run(name+"/"+backendName, func(t *testing.T) {
				exec := model.MustNewExec(backend, storeOf(t, m), func(scope *model.Scope, x *graph.Node) *graph.Node {
					return m.Config.Logits(scope, x, resnet.Evaluation)
				})
				output := exec.MustCall1(tensors.FromFlatDataAndDimensions(images, n, side, side, 3))
				got, want := tensors.MustCopyFlatData[float32](output), fixture.Floats("logits")
				if i, diff := parity.Worst(got, want); diff > tolerance {
					t.Errorf("logit %d is %v, PyTorch has %v (difference %.2g, tolerance %.2g)", i, got[i], want[i], diff, tolerance)
				} else {
					t.Logf("largest difference %.2g", diff)
				}
			})
		}
	}
}

// TestPrecision builds a step's graph with convolutions in bfloat16 and looks at
// each node's type.
func TestPrecision(t *testing.T) {
	config := resnet.Config{Network: run.Network{Blocks: []int{1, 1}, Width: 4}, Classes: 4}
	m := &checkpoint.Model{Config: config, Weights: checkpoint.Initial(config, 1)}
	const convolutions = 1 + 2*2 + 1 // Stem, two blocks, one projection.
	exec := model.MustNewExec(parity.Backends(t)["stock"], storeOf(t, m), func(scope *model.Scope, x *graph.Node) []*graph.Node {
		logits := config.Logits(scope, x, resnet.Mode{Training: true, Convolve: dtypes.BFloat16})
		kernel := scope.Store().GetVariable(resnet.Parameter{Name: "layer1.0.conv1.weight"}.Path()).NodeValue(x)
		gradient := graph.Gradient(graph.ReduceAllSum(logits), kernel)[0]
		count := 0
		for _, node := range x.Graph().Nodes() {
			want := dtypes.Float32
			switch node.Type() {
			case graph.NodeTypeConvGeneral:
				want = dtypes.BFloat16
				count++
			case graph.NodeTypeBatchNormForTraining, graph.NodeTypeDotGeneral:
			default:
				continue
			}
			for _, input := range node.Inputs() {
				if input.DType() != want {
					t.Errorf("%s reads %s, want %s", node, input.DType(), want)
				}
			}
		}
		if count < convolutions+1 { // And the gradients'.
			t.Errorf("%d convolutions, want more than %d", count, convolutions)
		}
		for name, node := range map[string]*graph.Node{"logits": logits, "gradient": gradient} {
			if node.DType() != dtypes.Float32 {
				t.Errorf("%s are %s, want float32", name, node.DType())
			}
		}
		return []*graph.Node{logits, gradient}
	})
	exec.MustCall(tensors.FromFlatDataAndDimensions(make([]float32, 2*8*8*3), 2, 8, 8, 3))
}

func storeOf(t *testing.T, m *checkpoint.Model) *model.Store {
	t.Helper()
	store := model.NewStore()
	for _, p := range m.Config.Parameters() {
		if _, err := store.CreateVariable(p.Path(), tensors.FromFlatDataAndDimensions(m.Weights[p.Name], p.Dims...)); err != nil {
			t.Fatal(err)
		}
	}
	return store
}

func TestFeatureShapes(t *testing.T) {
	config := resnet.Config{Network: run.Network{Blocks: []int{1, 1, 1}, Width: 4}, Classes: 4}
	m := &checkpoint.Model{Config: config, Weights: checkpoint.Initial(config, 1)}
	want := []string{"[2 9 9 4]", "[2 9 9 4]", "[2 5 5 8]", "[2 3 3 16]"} // 9 halves to 5 and 3.
	exec := model.MustNewExec(parity.Backends(t)["stock"], storeOf(t, m), func(scope *model.Scope, x *graph.Node) *graph.Node {
		for i, f := range config.Features(scope, x, resnet.Evaluation) {
			if got := fmt.Sprint(f.Shape().Dimensions); got != want[i] {
				t.Errorf("part %d leaves %s, want %s", i, got, want[i])
			}
		}
		return x
	})
	exec.MustCall1(tensors.FromFlatDataAndDimensions(make([]float32, 2*9*9*3), 2, 9, 9, 3))
}

func TestParameters(t *testing.T) {
	tests := []struct {
		blocks           []int
		width, depth     int
		numbers, product int64
	}{
		// He et al. 2015, table 6: ResNet-20 has 0.27 M parameters; these are its
		// 269,722 and 2,752 of two projections.
		{[]int{3, 3, 3}, 16, 20, 272_474, 40_813_184},
		{[]int{2, 2, 2, 2}, 64, 18, 11_173_962, 555_422_720},
	}
	for _, tt := range tests {
		config := resnet.Config{Network: run.Network{Blocks: tt.blocks, Width: tt.width}, Classes: 10}
		var numbers int64
		for _, p := range config.Parameters() {
			if p.Role.Trainable() {
				numbers += int64(p.Size())
			}
		}
		if numbers != tt.numbers || config.Network.Depth() != tt.depth || config.MultiplyAdds(32) != tt.product {
			t.Errorf("%v: %d numbers, depth %d, %d multiply-adds, want %d, %d, %d",
				config.Network, numbers, config.Network.Depth(), config.MultiplyAdds(32), tt.numbers, tt.depth, tt.product)
		}
	}
}

// TestInitial checks the spread of random weights: the sample deviation of n
// normal numbers is within 4/√(2n) of the true one, but for one time in 16,000.
func TestInitial(t *testing.T) {
	p := resnet.Parameter{Name: "layer1.0.conv1.weight", Role: resnet.Kernel, Dims: []int{3, 3, 32, 64}}
	values := p.Initial(1)
	var squares float64
	for _, v := range values {
		squares += float64(v) * float64(v)
	}
	got, want := math.Sqrt(squares/float64(len(values))), math.Sqrt(2./(3*3*64))
	if bound := want * 4 / math.Sqrt(2*float64(len(values))); math.Abs(got-want) > bound {
		t.Errorf("standard deviation %v, want %v within %v", got, want, bound)
	}
	if again := p.Initial(1); again[7] != values[7] {
		t.Error("the same seed gave another value")
	}
	if other := p.Initial(2); other[7] == values[7] {
		t.Error("another seed gave the same value")
	}
}
