package engine_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
)

// A tensor is an input or output as plain Go values.
type tensor struct {
	shape shapes.Shape
	flat  any
}

// A build adds ops to a function and returns the outputs.
type build func(f compute.Function, in []compute.Value) ([]compute.Value, error)

func values1(v compute.Value, err error) ([]compute.Value, error) { return []compute.Value{v}, err }

// execute runs a graph once and returns its outputs.
func execute(b compute.Backend, in []tensor, build build, donate []bool) ([]tensor, error) {
	exec, err := compileGraph(b, in, build)
	if err != nil {
		return nil, err
	}
	defer exec.Finalize()
	buffers, err := upload(b, in)
	if err != nil {
		return nil, err
	}
	outputs, err := exec.Execute(buffers, donate, 0)
	if err != nil {
		return nil, err
	}
	return download(outputs)
}

func compileGraph(b compute.Backend, in []tensor, build build) (compute.Executable, error) {
	builder := b.Builder("test")
	f := builder.Main()
	var parameters []compute.Value
	for i, x := range in {
		p, err := f.Parameter(fmt.Sprintf("in%d", i), x.shape, nil)
		if err != nil {
			return nil, err
		}
		parameters = append(parameters, p)
	}
	outputs, err := build(f, parameters)
	if err != nil {
		return nil, err
	}
	if err := f.Return(outputs, nil); err != nil {
		return nil, err
	}
	return builder.Compile()
}

func upload(b compute.Backend, in []tensor) ([]compute.Buffer, error) {
	buffers := make([]compute.Buffer, len(in))
	for i, x := range in {
		var err error
		if buffers[i], err = b.BufferFromFlatData(0, x.flat, x.shape); err != nil {
			return nil, err
		}
	}
	return buffers, nil
}

func download(outputs []compute.Buffer) ([]tensor, error) {
	var out []tensor
	for _, o := range outputs {
		shape, err := o.Shape()
		if err != nil {
			return nil, err
		}
		flat := dtypes.MakeAnySlice(shape.DType, shape.Size())
		if err := o.ToFlatData(flat); err != nil {
			return nil, err
		}
		out = append(out, tensor{shape, flat})
	}
	return out, nil
}

// A bound is how far two results may be apart: absolute + relative·|want|.
type bound struct{ absolute, relative float64 }

// exact is for ops that round nothing.
var exact = bound{}

// float32Bound is for one operation on float32, or one that both sides compute
// in float64 and round: half a unit in the last place each, 2⁻²³ together.
// Exp and Log by vectors may be off by two units more.
var float32Bound = bound{1e-30, 4e-7}

// checkEqual compares with the stock backend on the same inputs.
func checkEqual(t *testing.T, ours, theirs compute.Backend, in []tensor, within bound, build build) {
	t.Helper()
	want, err := execute(theirs, in, build, nil)
	if err != nil {
		t.Fatalf("stock backend: %v", err)
	}
	got, err := execute(ours, in, build, nil)
	if err != nil {
		t.Fatalf("engine: %v", err)
	}
	compareOutputs(t, got, want, within)
	donate := make([]bool, len(in))
	for i := range donate {
		donate[i] = true
	}
	again, err := execute(ours, in, build, donate)
	if err != nil {
		t.Fatalf("engine with donated inputs: %v", err)
	}
	compareOutputs(t, again, got, exact)
}

func compareOutputs(t *testing.T, got, want []tensor, within bound) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d outputs, want %d", len(got), len(want))
	}
	for i := range got {
		if !got[i].shape.Equal(want[i].shape) {
			t.Errorf("output %d has shape %s, want %s", i, got[i].shape, want[i].shape)
			continue
		}
		if at, a, b, ok := worst(got[i].flat, want[i].flat, within); !ok {
			t.Errorf("output %d %s at %d is %v, want %v (within %v + %v·|want|)", i, got[i].shape, at, a, b, within.absolute, within.relative)
		}
	}
}

// worst finds the values furthest beyond the bound. NaN equals NaN.
func worst(got, want any, within bound) (at int, a, b float64, ok bool) {
	x, y := floats(got), floats(want)
	excess := 0.0
	ok = true
	for i := range x {
		if x[i] == y[i] || x[i] != x[i] && y[i] != y[i] {
			continue
		}
		over := math.Abs(x[i]-y[i]) - within.absolute - within.relative*math.Abs(y[i])
		if !(over <= 0) && (ok || over > excess || over != over) {
			at, a, b, ok, excess = i, x[i], y[i], false, over
		}
	}
	return at, a, b, ok
}

// floats converts values of any dtype. Integers beyond 2⁵³ are compared roughly.
func floats(flat any) []float64 {
	var out []float64
	switch s := flat.(type) {
	case []float32:
		return convert(s)
	case []float64:
		return s
	case []int8:
		return convert(s)
	case []int16:
		return convert(s)
	case []int32:
		return convert(s)
	case []int64:
		return convert(s)
	case []uint8:
		return convert(s)
	case []uint16:
		return convert(s)
	case []uint32:
		return convert(s)
	case []uint64:
		return convert(s)
	case []bool:
		for _, v := range s {
			if v {
				out = append(out, 1)
			} else {
				out = append(out, 0)
			}
		}
		return out
	}
	panic(fmt.Sprintf("no values in a %T", flat))
}

func convert[T float32 | int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64](s []T) []float64 {
	out := make([]float64, len(s))
	for i, v := range s {
		out[i] = float64(v)
	}
	return out
}

// random returns a tensor of normal floats, small integers or coin tosses.
func random(rng *rand.Rand, dtype dtypes.DType, dims ...int) tensor {
	shape := shapes.Make(dtype, dims...)
	flat := dtypes.MakeAnySlice(dtype, shape.Size())
	switch s := flat.(type) {
	case []float32:
		for i := range s {
			s[i] = float32(rng.NormFloat64())
		}
	case []float64:
		for i := range s {
			s[i] = rng.NormFloat64()
		}
	case []bool:
		for i := range s {
			s[i] = rng.IntN(2) == 1
		}
	case []int8:
		fillInts(rng, s, 11, -5)
	case []int16:
		fillInts(rng, s, 1001, -500)
	case []int32:
		fillInts(rng, s, 1001, -500)
	case []int64:
		fillInts(rng, s, 1001, -500)
	case []uint8:
		fillInts(rng, s, 200, 0)
	case []uint16:
		fillInts(rng, s, 1000, 0)
	case []uint32:
		fillInts(rng, s, 1000, 0)
	case []uint64:
		fillInts(rng, s, 1000, 0)
	}
	return tensor{shape, flat}
}

func fillInts[T int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64](rng *rand.Rand, s []T, n int, low T) {
	for i := range s {
		s[i] = low + T(rng.IntN(n))
	}
}

// positive makes all floats of x greater than 0.
func positive(x tensor) tensor {
	switch s := x.flat.(type) {
	case []float32:
		for i := range s {
			s[i] = float32(math.Abs(float64(s[i]))) + 0.01
		}
	case []float64:
		for i := range s {
			s[i] = math.Abs(s[i]) + 0.01
		}
	}
	return x
}
