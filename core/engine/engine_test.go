package engine_test

import (
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/support/backendtest"

	"quarterturn/core/engine"
	"quarterturn/core/engine/stock"
)

func newEngine(t testing.TB, threads int) *engine.Backend {
	t.Helper()
	b, err := engine.New(engine.Options{Threads: threads})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Finalize)
	return b
}

// newStock returns the reference. It skips the test under -race, which comes with
// checks of pointer arithmetic that the stock backend's matrix product fails.
func newStock(t testing.TB) compute.Backend {
	t.Helper()
	if raceEnabled {
		t.Skip("the stock backend does not pass -race's pointer checks")
	}
	b, err := stock.New("")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestConformance runs the suite that GoMLX has for backends. It skips what
// Capabilities does not list, which is what left lists, and dtypes it does not
// list: float16, bfloat16, complex and sub-byte ones, which no graph of ours has.
// Of ConvGeneral, cases with groups answer ErrNotImplemented and are skipped.
func TestConformance(t *testing.T) {
	backendtest.RunAll(t, newEngine(t, 2), &backendtest.AllTestsConfiguration{
		ConvGeneralDTypes: []dtypes.DType{dtypes.Float32, dtypes.Float64, dtypes.Int32, dtypes.Uint64},
	})
}

// Reasons for which an op is left out.
const (
	noPooling   = "our networks pool by ReduceSum only"
	noIndexing  = "labels become one-hot by Equal, pictures are put together before they come"
	noDynamic   = "every shape is known when a graph is built"
	noClosures  = "no graph of ours has a loop or a branch"
	noDevices   = "there is one device"
	noComplex   = "no complex numbers"
	noAttention = "networks are convolutional; GoMLX writes fused ops in plain ones where they are missing"
	noTotal     = "comparisons of NaN and -0 have no use here"
	notAnOp     = "not an op of a graph"
)

// left is the ops that the engine leaves out, and so the suite skips.
var left = map[compute.OpType]string{
	compute.OpTypeReduceWindow: noPooling, compute.OpTypeSelectAndScatterMax: noPooling,
	compute.OpTypeSelectAndScatterMin: noPooling, compute.OpTypeSelectAndScatterSum: noPooling,

	compute.OpTypeGather: noIndexing, compute.OpTypeScatterSum: noIndexing, compute.OpTypeScatterMax: noIndexing,
	compute.OpTypeScatterMin: noIndexing, compute.OpTypeDynamicSlice: noIndexing, compute.OpTypeDynamicUpdateSlice: noIndexing,
	compute.OpTypeCumSum: noIndexing, compute.OpTypeSort: noIndexing,

	compute.OpTypeDynamicBroadcastInDim: noDynamic, compute.OpTypeDynamicDimensionSize: noDynamic, compute.OpTypeDynamicShape: noDynamic,
	compute.OpTypeDynamicIota: noDynamic, compute.OpTypeDynamicPad: noDynamic, compute.OpTypeDynamicReshape: noDynamic,

	compute.OpTypeCall: noClosures, compute.OpTypeWhile: noClosures, compute.OpTypeIf: noClosures,
	compute.OpTypeCapturedValue: noClosures,

	compute.OpTypeAllReduce: noDevices, compute.OpTypeCollectiveBroadcast: noDevices, compute.OpTypeAllGather: noDevices,

	compute.OpTypeComplex: noComplex, compute.OpTypeConj: noComplex, compute.OpTypeReal: noComplex,
	compute.OpTypeImag: noComplex, compute.OpTypeFFT: noComplex,

	compute.OpTypeFusedActivation: noAttention, compute.OpTypeFusedActivationVJP: noAttention, compute.OpTypeFusedSoftmax: noAttention,
	compute.OpTypeFusedLayerNorm: noAttention, compute.OpTypeFusedGelu: noAttention, compute.OpTypeFusedDense: noAttention,
	compute.OpTypeFusedDenseVJP: noAttention, compute.OpTypeFusedScaledDotProductAttention: noAttention,
	compute.OpTypeFusedScaledDotProductAttentionVJP: noAttention, compute.OpTypeFusedAttentionQKVProjection: noAttention,
	compute.OpTypeFusedQuantizedDense: noAttention, compute.OpTypeQuantizedEmbeddingLookup: noAttention,

	compute.OpTypeEqualTotalOrder: noTotal, compute.OpTypeNotEqualTotalOrder: noTotal, compute.OpTypeGreaterThanTotalOrder: noTotal,
	compute.OpTypeGreaterOrEqualTotalOrder: noTotal, compute.OpTypeLessThanTotalOrder: noTotal, compute.OpTypeLessOrEqualTotalOrder: noTotal,

	compute.OpTypeInvalid: notAnOp, compute.OpTypeDot: notAnOp, compute.OpTypeBlockForDotGeneral: notAnOp, compute.OpTypeLast: notAnOp,
}

// TestLeft wants each op either listed by Capabilities, and so tested by the
// suite, or left out for a reason.
func TestLeft(t *testing.T) {
	has := newEngine(t, 1).Capabilities().Operations
	for op := range compute.OpTypeLast + 1 {
		if reason, out := left[op]; out == has[op] {
			t.Errorf("%s: listed %v, left out %v %q: want one of the two", op, has[op], out, reason)
		}
	}
}
