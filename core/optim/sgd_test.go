package optim

import (
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"quarterturn/core/internal/parity"
)

// TestSGD takes three steps, at the rates 0.5, 0.25 and 0.5, of a weight that is 1
// and whose gradient is 2 wherever it is. What it becomes was worked out by hand
// after PyTorch's documentation of torch.optim.SGD; in binary the numbers are exact.
//
// Next to it is a weight of another shape, half the gradient and no decay, which
// must not be mixed up with it.
func TestSGD(t *testing.T) {
	tests := []struct {
		name     string
		sgd      SGD
		decays   bool
		rate     float64
		want     [3]float64
		velocity float64 // After the last step.
	}{
		{"plain", SGD{}, true, 0, [3]float64{0, -0.5, -1.5}, 0},
		{"decay", SGD{WeightDecay: 0.25}, true, 0, [3]float64{-0.125, -0.6171875, -1.5400390625}, 0},
		{"decay of a weight that does not", SGD{WeightDecay: 0.25}, false, 0, [3]float64{0, -0.5, -1.5}, 0},
		{"momentum", SGD{Momentum: 0.5}, true, 0, [3]float64{-0.5, -1.375, -3.25}, 3.5},
		{"both", SGD{Momentum: 0.5, WeightDecay: 0.25}, true, 0, [3]float64{-0.6875, -1.513671875, -3.0989990234375}, 3.09814453125},
		{"no decay with momentum", SGD{Momentum: 0.5, WeightDecay: 0.25}, false, 0, [3]float64{-0.5, -1.375, -3.25}, 3.5},
		{"rate as it is", SGD{Momentum: 0.5}, true, 1, [3]float64{-0.5, -1.375, -3.25}, 3.5},
		{"rate of a quarter", SGD{Momentum: 0.5}, true, 0.25, [3]float64{0.625, 0.40625, -0.0625}, 3.5},
	}
	backend := parity.Backend(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := Weight{Decays: tt.decays, Rate: tt.rate}
			for i, got := range descend(t, backend, tt.sgd, w) {
				if got.value != tt.want[i] {
					t.Errorf("after step %d the weight is %v, want %v", i+1, got.value, tt.want[i])
				}
				if i == 2 && got.velocity != tt.velocity {
					t.Errorf("the velocity ends as %v, want %v", got.velocity, tt.velocity)
				}
			}
		})
	}
}

type reached struct{ value, velocity float64 }

// descend takes the steps and returns where the weight was after each.
func descend(t *testing.T, backend compute.Backend, sgd SGD, w Weight) (path []reached) {
	t.Helper()
	store := model.NewStore()
	variable := func(name string, values ...float32) *model.Variable {
		v, err := store.CreateVariable(name, tensors.FromFlatDataAndDimensions(values, len(values)))
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	w.Value, w.Velocity = variable("w", 1), variable("velocity", 0)
	other := Weight{Value: variable("other", 1, 1), Velocity: variable("other velocity", 0, 0)}
	exec := model.MustNewExec(backend, store, func(_ *model.Scope, rate *graph.Node) *graph.Node {
		g := rate.Graph()
		loss := graph.Add(
			graph.MulScalar(graph.ReduceAllSum(w.Value.NodeValue(g)), 2),
			graph.ReduceAllSum(other.Value.NodeValue(g)),
		)
		sgd.Update(loss, rate, []Weight{other, w})
		return loss
	})
	for _, rate := range []float32{0.5, 0.25, 0.5} {
		if _, err := exec.Call(rate); err != nil {
			t.Fatal(err)
		}
		path = append(path, reached{first(t, w.Value), first(t, w.Velocity)})
	}
	plain := descentOf(sgd.Momentum)
	if got := first(t, other.Value); got != plain {
		t.Errorf("the other weight is %v, want %v", got, plain)
	}
	return path
}

// descentOf returns where three steps of gradient 1 at these rates end, from 1.
func descentOf(momentum float64) float64 {
	if momentum == 0 {
		return 1 - (0.5 + 0.25 + 0.5)
	}
	return 1 - (0.5*1.5 + 0.25*1.75 + 0.5*1.875) // Momentum 0.5.
}

func first(t *testing.T, v *model.Variable) float64 {
	t.Helper()
	value, err := v.Value()
	if err != nil {
		t.Fatal(err)
	}
	values, err := tensors.CopyFlatData[float32](value)
	if err != nil {
		t.Fatal(err)
	}
	return float64(values[0])
}
