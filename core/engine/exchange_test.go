package engine_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"

	"quarterturn/core/collective"
	"quarterturn/core/engine"
	"quarterturn/core/internal/ranks"
)

// backendsOf returns the backends of so many ranks.
func backendsOf(t *testing.T, size int) (backends []*engine.Backend, groups []*collective.Group) {
	t.Helper()
	memory := ranks.NewMemory(collective.Words(size), collective.Slots(size))
	for rank := range size {
		g, err := collective.New(memory, rank, size, collective.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(g.Close)
		b, err := engine.New(engine.Options{Threads: 1, Group: g})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(b.Finalize)
		backends, groups = append(backends, b), append(groups, g)
	}
	return backends, groups
}

// together runs a graph on all ranks, each on its inputs.
func together(backends []*engine.Backend, in [][]tensor, build build) ([][]tensor, []error) {
	outputs, errs := make([][]tensor, len(backends)), make([]error, len(backends))
	var all sync.WaitGroup
	for rank, b := range backends {
		all.Go(func() { outputs[rank], errs[rank] = execute(spmd{b}, in[rank], build, nil) })
	}
	all.Wait()
	return outputs, errs
}

// spmd is a rank's backend whose graphs are all built as SPMD.
type spmd struct{ *engine.Backend }

func (s spmd) Builder(name string) compute.Builder {
	b := s.Backend.Builder(name)
	if err := b.DistributedSPMD(1); err != nil {
		panic(err)
	}
	return b
}

// rowsOf returns rows of a tensor.
func rowsOf(x tensor, from, to int) tensor {
	dims := slices.Clone(x.shape.Dimensions)
	row := x.shape.Size() / dims[0]
	dims[0] = to - from
	return tensor{shapes.Make(x.shape.DType, dims...), x.flat.([]float32)[from*row : to*row]}
}

// allSums is AllReduce over the ranks.
func allSums(f compute.Function, values ...compute.Value) ([]compute.Value, error) {
	return f.(compute.CollectiveOps).AllReduce(values, compute.ReduceOpSum, [][]int{{0}})
}

// TestDividedBatchNorm divides the rows of batch normalization and of its gradient among
// ranks, unevenly too, and compares with one rank that has all. Sums are rounded
// otherwise.
func TestDividedBatchNorm(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 2))
	tests := []struct {
		dims []int
		axis int
		mean float32
	}{
		{[]int{6, 4, 3, 5}, 3, 0}, {[]int{32, 8, 8, 16}, 3, 3}, {[]int{9, 40}, 1, -2}, {[]int{5, 3, 4, 2}, 1, 1}, {[]int{300, 1, 1, 70}, 3, 10},
	}
	for _, tt := range tests {
		for _, size := range []int{2, 3, 4} {
			t.Run(fmt.Sprint(tt, " among ", size), func(t *testing.T) {
				x := random(rng, dtypes.Float32, tt.dims...)
				for i := range x.flat.([]float32) {
					x.flat.([]float32)[i] += tt.mean * (1 + float32(i)/float32(x.shape.Size())) // Ranks have different means.
				}
				c := tt.dims[tt.axis]
				scale, offset, dy := random(rng, dtypes.Float32, c), random(rng, dtypes.Float32, c), random(rng, dtypes.Float32, tt.dims...)
				norm := func(sums func(compute.Function, ...compute.Value) ([]compute.Value, error)) build {
					return func(f compute.Function, in []compute.Value) ([]compute.Value, error) {
						y, mean, variance, err := f.BatchNormForTraining(in[0], in[1], in[2], 1e-2, tt.axis)
						if err != nil {
							return nil, err
						}
						gradOperand, gradScale, gradOffset, err := f.BatchNormGradient(in[0], in[1], mean, variance, in[3], 1e-2, tt.axis)
						if err != nil {
							return nil, err
						}
						summed, err := sums(f, gradScale, gradOffset)
						return append([]compute.Value{y, gradOperand, mean, variance}, summed...), err
					}
				}
				want, err := execute(newEngine(t, 1), []tensor{x, scale, offset, dy}, norm(func(_ compute.Function, v ...compute.Value) ([]compute.Value, error) { return v, nil }), nil)
				if err != nil {
					t.Fatal(err)
				}
				backends, groups := backendsOf(t, size)
				var in [][]tensor
				for _, g := range groups {
					from, to := g.Part(tt.dims[0])
					in = append(in, []tensor{rowsOf(x, from, to), scale, offset, rowsOf(dy, from, to)})
				}
				got, errs := together(backends, in, norm(allSums))
				if err := errors.Join(errs...); err != nil {
					t.Fatal(err)
				}
				within := bound{2e-5 * float64(1+max(tt.mean, -tt.mean)), 1e-4}
				for rank, g := range groups {
					from, to := g.Part(tt.dims[0])
					share := slices.Concat([]tensor{rowsOf(want[0], from, to), rowsOf(want[1], from, to)}, want[2:])
					compareOutputs(t, got[rank], share, within)
					compareOutputs(t, got[rank][2:], got[0][2:], exact)
				}
			})
		}
	}
}

// TestInterruptedTogether interrupts one rank before a step's exchange: its execution is
// given up, and once it refuses the others' are too.
func TestInterruptedTogether(t *testing.T) {
	backends, groups := backendsOf(t, 2)
	in := []tensor{random(rand.New(rand.NewPCG(1, 1)), dtypes.Float32, 10)}
	sum := func(f compute.Function, in []compute.Value) ([]compute.Value, error) { return allSums(f, in...) }
	var errs [2]error
	var all sync.WaitGroup
	backends[0].Interrupt()
	all.Go(func() {
		_, errs[0] = execute(spmd{backends[0]}, in, sum, nil)
		groups[0].Refuse()
	})
	all.Go(func() { _, errs[1] = execute(spmd{backends[1]}, in, sum, nil) })
	all.Wait()
	if !errors.Is(errs[0], engine.ErrInterrupted) || !errors.Is(errs[1], collective.ErrRefused) {
		t.Errorf("the interrupted rank ended with %v, the other with %v", errs[0], errs[1])
	}
	// One that comes to the last exchange finishes, however late it is interrupted.
	all.Go(func() { _, errs[0] = execute(spmd{backends[0]}, in, sum, nil) })
	all.Go(func() {
		time.Sleep(100 * time.Millisecond)
		backends[0].Interrupt()
		_, errs[1] = execute(spmd{backends[1]}, in, sum, nil)
	})
	all.Wait()
	if errs[0] != nil || errs[1] != nil {
		t.Errorf("interrupted in the exchange: %v, and the other %v", errs[0], errs[1])
	}
}

func TestSumsOfNoGroup(t *testing.T) {
	in := []tensor{random(rand.New(rand.NewPCG(1, 1)), dtypes.Float32, 10)}
	_, err := execute(newEngine(t, 1), in, func(f compute.Function, in []compute.Value) ([]compute.Value, error) { return allSums(f, in...) }, nil)
	if !errors.Is(err, compute.ErrNotImplemented) {
		t.Errorf("AllReduce without a group: %v", err)
	}
	if err := newEngine(t, 1).Builder("alone").DistributedSPMD(1); err == nil || !strings.Contains(err.Error(), "1 devices") {
		t.Errorf("SPMD without a group: %v", err)
	}
	backends, _ := backendsOf(t, 2)
	if err := backends[0].Builder("two devices").DistributedSPMD(2); !errors.Is(err, compute.ErrNotImplemented) {
		t.Errorf("two devices of a rank: %v", err)
	}
}
