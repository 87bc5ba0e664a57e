package kernel

import (
	"math/rand/v2"
	"testing"
)

// TestConvWithoutVectors takes the way of a processor without FMA.
func TestConvWithoutVectors(t *testing.T) {
	if !hasFMA {
		t.Skip("this is such a processor: the other tests have taken it")
	}
	hasFMA = false
	defer func() { hasFMA = true }()
	rng := rand.New(rand.NewPCG(8, 8))
	for i := range 30 {
		checkConv(t, nil, randomConv(rng), uint64(i))
	}
	checkMatMul(t, nil, MatMul{33, 20, 50, true, true}, 1)
}
