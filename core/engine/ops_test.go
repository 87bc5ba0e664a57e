package engine_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
)

// The shapes that elementwise ops are compared on: none, one, odd, and more than
// one block and chunk of a loop.
var someShapes = [][]int{{}, {1}, {7}, {3, 5}, {2, 1, 7, 3}, {1030}, {40, 1031}}

// call calls the method of f that is named like an op.
func call(f compute.Function, op compute.OpType, args ...any) (compute.Value, error) {
	in := make([]reflect.Value, len(args))
	for i, a := range args {
		in[i] = reflect.ValueOf(a)
	}
	out := reflect.ValueOf(f).MethodByName(op.String()).Call(in)
	err, _ := out[1].Interface().(error)
	return out[0].Interface(), err
}

func TestUnary(t *testing.T) {
	ours, theirs := newEngine(t, 2), newStock(t)
	rng := rand.New(rand.NewPCG(1, 1))
	for _, op := range []compute.OpType{
		compute.OpTypeAbs, compute.OpTypeNeg, compute.OpTypeSign, compute.OpTypeSqrt, compute.OpTypeRsqrt,
		compute.OpTypeExp, compute.OpTypeExpm1, compute.OpTypeLog, compute.OpTypeLog1p, compute.OpTypeTanh,
		compute.OpTypeLogistic, compute.OpTypeErf, compute.OpTypeSin, compute.OpTypeCos,
		compute.OpTypeCeil, compute.OpTypeFloor, compute.OpTypeRound, compute.OpTypeIsFinite, compute.OpTypeIsNaN,
	} {
		t.Run(op.String(), func(t *testing.T) {
			for _, dims := range someShapes {
				x := random(rng, dtypes.Float32, dims...)
				switch op {
				case compute.OpTypeSqrt, compute.OpTypeRsqrt, compute.OpTypeLog, compute.OpTypeLog1p:
					x = positive(x)
				}
				// The stock backend approximates some of these to a few units in
				// the last place, and Erf to 5e-7.
				checkEqual(t, ours, theirs, []tensor{x}, bound{5e-7, 2e-6}, func(f compute.Function, in []compute.Value) ([]compute.Value, error) {
					return values1(call(f, op, in[0]))
				})
			}
		})
	}
}

func TestUnaryIntegers(t *testing.T) {
	ours, theirs := newEngine(t, 1), newStock(t)
	rng := rand.New(rand.NewPCG(1, 2))
	for _, op := range []compute.OpType{
		compute.OpTypeAbs, compute.OpTypeNeg, compute.OpTypeSign, compute.OpTypeBitwiseNot, compute.OpTypeBitCount, compute.OpTypeClz,
	} {
		for _, dtype := range []dtypes.DType{dtypes.Int8, dtypes.Int32, dtypes.Int64, dtypes.Uint8, dtypes.Uint32, dtypes.Uint64} {
			if op == compute.OpTypeNeg && dtype.IsUnsigned() {
				continue // Not defined.
			}
			t.Run(fmt.Sprint(op, dtype), func(t *testing.T) {
				checkEqual(t, ours, theirs, []tensor{random(rng, dtype, 33)}, exact, func(f compute.Function, in []compute.Value) ([]compute.Value, error) {
					return values1(call(f, op, in[0]))
				})
			})
		}
	}
}

// pairs are shapes that an op broadcasts to a common one.
var pairs = [][2][]int{
	{{}, {}}, {{7}, {}}, {{}, {3, 5}}, {{3, 5}, {3, 5}}, {{3, 1}, {1, 5}}, {{4, 1, 6}, {4, 5, 1}},
	{{2, 3, 4, 9}, {1, 1, 1, 9}}, {{2, 3, 4, 9}, {2, 1, 1, 9}}, {{50, 1, 1, 33}, {1, 3, 4, 1}}, {{1, 1}, {1, 1}},
}

func TestBinary(t *testing.T) {
	ours, theirs := newEngine(t, 2), newStock(t)
	rng := rand.New(rand.NewPCG(1, 3))
	arithmetic := []compute.OpType{
		compute.OpTypeAdd, compute.OpTypeSub, compute.OpTypeMul, compute.OpTypeDiv, compute.OpTypeRem, compute.OpTypeMax, compute.OpTypeMin,
		compute.OpTypeEqual, compute.OpTypeNotEqual, compute.OpTypeGreaterThan, compute.OpTypeGreaterOrEqual, compute.OpTypeLessThan, compute.OpTypeLessOrEqual,
	}
	bits := []compute.OpType{compute.OpTypeBitwiseAnd, compute.OpTypeBitwiseOr, compute.OpTypeBitwiseXor,
		compute.OpTypeShiftLeft, compute.OpTypeShiftRightArithmetic, compute.OpTypeShiftRightLogical}
	logical := []compute.OpType{compute.OpTypeLogicalAnd, compute.OpTypeLogicalOr, compute.OpTypeLogicalXor}
	cases := []struct {
		dtype dtypes.DType
		ops   []compute.OpType
	}{
		{dtypes.Float32, append(arithmetic, compute.OpTypePow)},
		{dtypes.Float64, append(arithmetic, compute.OpTypePow)},
		{dtypes.Int32, append(arithmetic, bits...)}, {dtypes.Int8, append(arithmetic, bits...)},
		{dtypes.Uint8, append(arithmetic, bits...)}, {dtypes.Uint64, append(arithmetic, bits...)},
		{dtypes.Bool, logical},
	}
	for _, c := range cases {
		for _, op := range c.ops {
			t.Run(fmt.Sprint(op, c.dtype), func(t *testing.T) {
				for _, p := range pairs {
					a, b := random(rng, c.dtype, p[0]...), positiveDivisor(random(rng, c.dtype, p[1]...), op)
					if op == compute.OpTypePow {
						a = positive(a)
					}
					checkEqual(t, ours, theirs, []tensor{a, b}, float32Bound, func(f compute.Function, in []compute.Value) ([]compute.Value, error) {
						return values1(call(f, op, in[0], in[1]))
					})
				}
			})
		}
	}
}

// positiveDivisor makes integers that divide or shift small and positive.
func positiveDivisor(x tensor, op compute.OpType) tensor {
	switch op {
	case compute.OpTypeDiv, compute.OpTypeRem, compute.OpTypeShiftLeft, compute.OpTypeShiftRightArithmetic, compute.OpTypeShiftRightLogical:
	default:
		return x
	}
	v := reflect.ValueOf(x.flat)
	for i := range v.Len() {
		switch e := v.Index(i); {
		case e.CanInt():
			e.SetInt(1 + (e.Int()%7+7)%7)
		case e.CanUint():
			e.SetUint(1 + e.Uint()%7)
		}
	}
	return x
}

func TestWhereClampConvert(t *testing.T) {
	ours, theirs := newEngine(t, 2), newStock(t)
	rng := rand.New(rand.NewPCG(1, 4))
	in := []tensor{random(rng, dtypes.Bool, 4, 9), random(rng, dtypes.Float32, 4, 9), random(rng, dtypes.Float32), random(rng, dtypes.Float32, 4, 9)}
	checkEqual(t, ours, theirs, in, exact, func(f compute.Function, in []compute.Value) ([]compute.Value, error) {
		a, err := f.Where(in[0], in[1], in[3])
		if err != nil {
			return nil, err
		}
		b, err := f.Where(in[0], in[1], in[2])
		if err != nil {
			return nil, err
		}
		c, err := f.Clamp(in[2], a, in[3])
		return []compute.Value{a, b, c}, err
	})
	all := []dtypes.DType{dtypes.Float32, dtypes.Float64, dtypes.Bool, dtypes.Int8, dtypes.Int16, dtypes.Int32, dtypes.Int64,
		dtypes.Uint8, dtypes.Uint16, dtypes.Uint32, dtypes.Uint64}
	for _, from := range all {
		for _, to := range all {
			x := random(rng, from, 40)
			if to.IsUnsigned() {
				x = positive(x) // Negative floats become what the platform likes in the stock backend.
			}
			t.Run(fmt.Sprint(from, to), func(t *testing.T) {
				checkEqual(t, ours, theirs, []tensor{x}, exact, func(f compute.Function, in []compute.Value) ([]compute.Value, error) {
					return values1(f.ConvertDType(in[0], to))
				})
			})
		}
	}
}

// TestConvertSaturates covers what the stock backend leaves to the platform.
func TestConvertSaturates(t *testing.T) {
	in := tensor{shapes.Make(dtypes.Float32, 4), []float32{1e30, -1e30, float32(math.NaN()), -1.5}}
	tests := []struct {
		to   dtypes.DType
		want []float64
	}{
		{dtypes.Int8, []float64{127, -128, 0, -1}},
		{dtypes.Uint8, []float64{255, 0, 0, 0}},
		{dtypes.Int32, []float64{math.MaxInt32, math.MinInt32, 0, -1}},
		{dtypes.Int64, []float64{math.MaxInt64, math.MinInt64, 0, -1}},
		{dtypes.Uint64, []float64{math.MaxUint64, 0, 0, 0}},
	}
	for _, tt := range tests {
		out, err := execute(newEngine(t, 1), []tensor{in}, func(f compute.Function, in []compute.Value) ([]compute.Value, error) {
			return values1(f.ConvertDType(in[0], tt.to))
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if at, got, want, ok := worst(out[0].flat, tt.want, exact); !ok {
			t.Errorf("to %s: value %d is %v, want %v", tt.to, at, got, want)
		}
	}
}

func TestReductions(t *testing.T) {
	ours, theirs := newEngine(t, 2), newStock(t)
	rng := rand.New(rand.NewPCG(1, 5))
	axesOf := [][]int{{}, {0}, {1}, {2}, {3}, {0, 1}, {1, 2}, {2, 3}, {0, 1, 2}, {1, 2, 3}, {0, 3}, {0, 2}, {0, 1, 2, 3}}
	for _, dims := range [][]int{{3, 4, 5, 2}, {2, 1, 1, 7}, {6, 17, 19, 16}} {
		for _, axes := range axesOf {
			t.Run(fmt.Sprint(dims, axes), func(t *testing.T) {
				x := random(rng, dtypes.Float32, dims...)
				// Sums of up to n normal terms in another order: √n roundings of values of size √n.
				n := float64(x.shape.Size())
				checkEqual(t, ours, theirs, []tensor{x}, bound{1e-7 * n, 1e-5}, func(f compute.Function, in []compute.Value) ([]compute.Value, error) {
					return values1(f.ReduceSum(in[0], axes...))
				})
				for _, op := range []compute.OpType{compute.OpTypeReduceMax, compute.OpTypeReduceMin} {
					for _, dtype := range []dtypes.DType{dtypes.Float32, dtypes.Int32} {
						checkEqual(t, ours, theirs, []tensor{random(rng, dtype, dims...)}, exact, reduceBuild(op, axes))
					}
				}
			})
		}
	}
	for _, op := range []compute.OpType{compute.OpTypeReduceSum, compute.OpTypeReduceProduct, compute.OpTypeReduceBitwiseAnd,
		compute.OpTypeReduceBitwiseOr, compute.OpTypeReduceBitwiseXor} {
		checkEqual(t, ours, theirs, []tensor{random(rng, dtypes.Int64, 3, 4)}, exact, reduceBuild(op, []int{1}))
	}
	for _, op := range []compute.OpType{compute.OpTypeReduceLogicalAnd, compute.OpTypeReduceLogicalOr, compute.OpTypeReduceLogicalXor} {
		checkEqual(t, ours, theirs, []tensor{random(rng, dtypes.Bool, 30, 3)}, exact, reduceBuild(op, []int{1}))
	}
}

func reduceBuild(op compute.OpType, axes []int) build {
	return func(f compute.Function, in []compute.Value) ([]compute.Value, error) {
		args := []any{in[0]}
		for _, axis := range axes {
			args = append(args, axis)
		}
		return values1(call(f, op, args...))
	}
}

func TestArgMinMax(t *testing.T) {
	ours, theirs := newEngine(t, 2), newStock(t)
	rng := rand.New(rand.NewPCG(1, 6))
	for axis := range 3 {
		for _, isMin := range []bool{false, true} {
			for _, dtype := range []dtypes.DType{dtypes.Float32, dtypes.Int8, dtypes.Uint64} { // Int8 has ties.
				checkEqual(t, ours, theirs, []tensor{random(rng, dtype, 5, 6, 7)}, exact, func(f compute.Function, in []compute.Value) ([]compute.Value, error) {
					return values1(f.ArgMinMax(in[0], axis, dtypes.Int32, isMin))
				})
			}
		}
	}
}

func TestMoves(t *testing.T) {
	ours, theirs := newEngine(t, 2), newStock(t)
	rng := rand.New(rand.NewPCG(1, 7))
	for _, dtype := range []dtypes.DType{dtypes.Float32, dtypes.Bool, dtypes.Int16, dtypes.Int64} {
		in := []tensor{random(rng, dtype, 3, 4, 5, 2), random(rng, dtype, 3, 7, 5, 2), random(rng, dtype)}
		checkEqual(t, ours, theirs, in, exact, func(f compute.Function, in []compute.Value) (out []compute.Value, err error) {
			defer func() {
				if e, ok := recover().(error); ok {
					err = e
				}
			}()
			x := in[0]
			out = append(out, must(f.Transpose(x, 3, 1, 0, 2)), must(f.Transpose(x, 0, 2, 1, 3)), must(f.Reverse(x, 0, 2)),
				must(f.Slice(x, []int{1, 0, 1, 0}, []int{3, 4, 4, 1}, []int{1, 2, 2, 1})),
				must(f.Slice(x, []int{1, 2, 5, 0}, []int{3, 4, 5, 1}, nil)),
				must(f.Concatenate(1, x, in[1], x)),
				must(f.Reshape(x, 5, 24)),
				must(f.BroadcastInDim(x, shapes.Make(dtype, 3, 2, 4, 5, 2), []int{0, 2, 3, 4})),
				must(f.Identity(x)))
			if dtype != dtypes.Bool { // The stock backend pads numbers only.
				out = append(out, must(f.Pad(x, in[2], compute.PadAxis{Start: 1}, compute.PadAxis{Interior: 2, End: 1})))
			}
			return out, nil
		})
	}
}

func TestDotGeneral(t *testing.T) {
	ours, theirs := newEngine(t, 2), newStock(t)
	rng := rand.New(rand.NewPCG(1, 8))
	tests := []struct{ a, b, ca, ba, cb, bb []int }{
		{a: []int{7, 5}, b: []int{5, 3}, ca: []int{1}, cb: []int{0}},
		{a: []int{5, 7}, b: []int{5, 3}, ca: []int{0}, cb: []int{0}},
		{a: []int{7, 5}, b: []int{3, 5}, ca: []int{1}, cb: []int{1}},
		{a: []int{5, 7}, b: []int{3, 5}, ca: []int{0}, cb: []int{1}},
		{a: []int{5}, b: []int{5}, ca: []int{0}, cb: []int{0}},
		{a: []int{5}, b: []int{3}},
		{a: []int{4, 7, 5}, b: []int{4, 5, 3}, ca: []int{2}, ba: []int{0}, cb: []int{1}, bb: []int{0}},
		{a: []int{7, 4, 5, 2}, b: []int{5, 3, 4, 2}, ca: []int{2, 3}, ba: []int{1}, cb: []int{0, 3}, bb: []int{2}},
		{a: []int{1, 64}, b: []int{64, 10}, ca: []int{1}, cb: []int{0}},
		{a: []int{33, 130}, b: []int{130, 65}, ca: []int{1}, cb: []int{0}},
	}
	for _, tt := range tests {
		for _, dtype := range []dtypes.DType{dtypes.Float32, dtypes.Float64, dtypes.Int32} {
			t.Run(fmt.Sprint(tt, dtype), func(t *testing.T) {
				in := []tensor{random(rng, dtype, tt.a...), random(rng, dtype, tt.b...)}
				checkEqual(t, ours, theirs, in, bound{2e-5, 1e-5}, func(f compute.Function, in []compute.Value) ([]compute.Value, error) {
					return values1(f.DotGeneral(in[0], tt.ca, tt.ba, in[1], tt.cb, tt.bb, compute.DotGeneralConfig{}))
				})
			})
		}
	}
}

// TestEmpty runs ops on values without elements.
func TestEmpty(t *testing.T) {
	none := tensor{shapes.Make(dtypes.Float32, 0, 3), []float32{}}
	out, err := execute(newEngine(t, 2), []tensor{none}, func(f compute.Function, in []compute.Value) ([]compute.Value, error) {
		sum, err := f.Add(in[0], in[0])
		if err != nil {
			return nil, err
		}
		total, err := f.ReduceSum(sum, 0)
		if err != nil {
			return nil, err
		}
		high, err := f.ReduceMax(sum, 0)
		if err != nil {
			return nil, err
		}
		moved, err := f.Transpose(sum, 1, 0)
		return []compute.Value{sum, total, high, moved}, err
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	inf := math.Inf(-1)
	compareOutputs(t, out, []tensor{none, {shapes.Make(dtypes.Float32, 3), []float32{0, 0, 0}},
		{shapes.Make(dtypes.Float32, 3), []float32{float32(inf), float32(inf), float32(inf)}},
		{shapes.Make(dtypes.Float32, 3, 0), []float32{}}}, exact)
}

// TestRandomBitsMatchStock compares values and the two words of the state that
// the generator uses; the stock backend leaves the third as it finds it in memory.
func TestRandomBitsMatchStock(t *testing.T) {
	state := tensor{shapes.Make(dtypes.Uint64, 3), []uint64{42, 7, 9}}
	build := func(f compute.Function, in []compute.Value) ([]compute.Value, error) {
		next, bits, err := f.RNGBitGenerator(in[0], shapes.Make(dtypes.Uint32, 11))
		if err != nil {
			return nil, err
		}
		last, more, err := f.RNGBitGenerator(next, shapes.Make(dtypes.Uint8, 3))
		if err != nil {
			return nil, err
		}
		used, err := f.Slice(last, []int{0}, []int{2}, nil)
		return []compute.Value{bits, more, used}, err
	}
	checkEqual(t, newEngine(t, 1), newStock(t), []tensor{state}, exact, build)
}

// TestMissingOps wants an op that is not there to say so by name.
func TestMissingOps(t *testing.T) {
	f := newEngine(t, 1).Builder("test").Main()
	x := must(f.Parameter("x", shapes.Make(dtypes.Float32, 4), nil))
	_, err := f.CumSum(x, 0, compute.CumSumOptions{})
	if !errors.Is(err, compute.ErrNotImplemented) || !strings.Contains(fmt.Sprint(err), "CumSum") {
		t.Errorf("CumSum gives %v, want ErrNotImplemented with its name", err)
	}
	_, err = f.Parameter("y", shapes.Make(dtypes.Complex64, 4), nil)
	if !errors.Is(err, compute.ErrNotImplemented) {
		t.Errorf("a complex parameter gives %v, want ErrNotImplemented", err)
	}
}
