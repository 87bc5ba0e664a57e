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

// TestConformance runs the suite that GoMLX has for backends.
func TestConformance(t *testing.T) {
	backendtest.RunAll(t, newEngine(t, 2), &backendtest.AllTestsConfiguration{
		ConvGeneralDTypes: []dtypes.DType{dtypes.Float32, dtypes.Float64, dtypes.Int32, dtypes.Uint64},
	})
}
