package engine_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"

	"quarterturn/core/engine"
)

// TestDonatedInputIsReadFirst has an output that could take an input's memory
// while another one, of another shape, still needs the input.
func TestDonatedInputIsReadFirst(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 1))
	in := []tensor{random(rng, dtypes.Float32, 9), random(rng, dtypes.Float32, 40, 9)}
	for _, rowFirst := range []bool{false, true} {
		checkEqual(t, newEngine(t, 2), newStock(t), in, exact, func(f compute.Function, in []compute.Value) ([]compute.Value, error) {
			var out []compute.Value
			if rowFirst {
				out = append(out, must(f.Add(in[0], in[0])))
			}
			row := must(f.Reshape(in[0], 1, 9))
			out = append(out, must(f.Add(in[1], row)))
			if !rowFirst {
				out = append(out, must(f.Add(in[0], in[0])))
			}
			return out, nil
		})
	}
}

// TestOutputsThatAreInputs returns parameters, constants and one value twice.
func TestOutputsThatAreInputs(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	in := []tensor{random(rng, dtypes.Float32, 3, 2), random(rng, dtypes.Int32, 4)}
	checkEqual(t, newEngine(t, 2), newStock(t), in, exact, func(f compute.Function, in []compute.Value) ([]compute.Value, error) {
		twice := must(f.Add(in[0], in[0]))
		return []compute.Value{in[0], twice, must(f.Reshape(in[0], 6)), twice, in[1], must(f.Constant([]int8{1, 2}, 2)), must(f.Reshape(twice, 2, 3))}, nil
	})
}

// updated compiles w ← w - 0.5·g, s ← Σ w, with a large product in between so
// that there are steps to interrupt.
func updated(f compute.Function, in []compute.Value) ([]compute.Value, error) {
	w, x := in[0], in[1]
	y := must(f.DotGeneral(x, []int{1}, nil, w, []int{0}, nil, compute.DotGeneralConfig{}))
	g := must(f.DotGeneral(x, []int{0}, nil, y, []int{0}, nil, compute.DotGeneralConfig{}))
	half := must(f.Constant([]float32{0.5}))
	next := must(f.Sub(w, must(f.Mul(g, half))))
	return []compute.Value{next, must(f.ReduceSum(w))}, nil
}

func TestUpdateInPlace(t *testing.T) {
	b := newEngine(t, 1)
	rng := rand.New(rand.NewPCG(2, 3))
	in := []tensor{random(rng, dtypes.Float32, 20, 20), random(rng, dtypes.Float32, 30, 20)}
	exec, err := compileGraph(b, in, updated)
	if err != nil {
		t.Fatal(err)
	}
	buffers, err := upload(b, in)
	if err != nil {
		t.Fatal(err)
	}
	before := data(t, buffers[0])
	outputs, err := exec.Execute(buffers, []bool{true, false}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if after := data(t, outputs[0]); &before[0] != &after[0] {
		t.Error("the updated weights have not taken the place of the donated ones")
	}
	if _, err := buffers[0].Data(); err == nil {
		t.Error("a donated buffer can still be read")
	}
	if err := buffers[0].Finalize(); err != nil {
		t.Errorf("finalizing a donated buffer: %v", err)
	}
	if got := values(buffers[1]); !slices.Equal(got, in[1].flat.([]float32)) {
		t.Error("an input that was not donated has changed")
	}
	kept := data(t, outputs[0])
	if _, err := exec.Execute([]compute.Buffer{outputs[0], buffers[1]}, nil, 0); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(kept, values(outputs[0])) {
		t.Error("weights that were not donated have changed")
	}
}

func data(t *testing.T, b compute.Buffer) []float32 {
	t.Helper()
	flat, err := b.Data()
	if err != nil {
		t.Fatal(err)
	}
	return flat.([]float32)
}

// TestUrgent: Yield is called within a step when somebody asks for it, and not before.
func TestUrgent(t *testing.T) {
	yields, urgent := 0, false
	b, err := engine.New(engine.Options{Threads: 1, YieldEvery: time.Hour, Yield: func() { yields++ }, Urgent: func() bool { return urgent }})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Finalize()
	trainer := newTrainer(b, tiny, 1)
	counts := map[bool]int{}
	for _, urgent = range []bool{false, true} {
		if _, err := trainer.step(0.1); err != nil { // The first ever yields once.
			t.Fatal(err)
		}
		yields = 0
		for range 20 { // A step may take less than the time between two looks.
			if _, err := trainer.step(0.1); err != nil {
				t.Fatal(err)
			}
		}
		counts[urgent] = yields
	}
	if counts[false] != 0 || counts[true] == 0 {
		t.Errorf("%d yields while nothing is urgent, %d while it is, want none and some", counts[false], counts[true])
	}
}

// TestInterrupt stops a training step before each of its steps in turn. Nothing
// may be lost: the step after it gives what it gives without interruption.
func TestInterrupt(t *testing.T) {
	calls, stopAt := 0, 0
	var b *engine.Backend
	b, err := engine.New(engine.Options{Threads: 2, YieldEvery: time.Nanosecond, Yield: func() {
		if calls == stopAt {
			b.Interrupt()
		}
		calls++
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Finalize()
	stopAt = -1
	trainer := newTrainer(b, tiny, 1)
	want := make([]float32, 3)
	for i := range want {
		if want[i], err = trainer.step(0.1); err != nil {
			t.Fatal(err)
		}
	}
	steps := calls / len(want)
	if steps < 20 {
		t.Fatalf("%d chances to interrupt a step, want at least 20", steps)
	}
	trainer = newTrainer(b, tiny, 1)
	interrupted := 0
	// Up to ten less: where the clock stands still between two steps, one yields less.
	for stopAt = 0; stopAt < steps-10; stopAt += 1 + steps/40 {
		calls = 0
		if _, err := trainer.step(0.1); !errors.Is(err, engine.ErrInterrupted) {
			t.Fatalf("interrupted at %d: error %v, want ErrInterrupted", stopAt, err)
		}
		interrupted++
	}
	stopAt = -1
	for i := range want {
		got, err := trainer.step(0.1)
		if err != nil {
			t.Fatal(err)
		}
		if got != want[i] {
			t.Errorf("after %d interruptions the loss of step %d is %v, want %v", interrupted, i, got, want[i])
		}
	}
}

// TestSameBits trains with different numbers of threads, on a network whose
// loops have several chunks.
func TestSameBits(t *testing.T) {
	net := network{blocks: []int{1, 1}, width: 12, classes: 5, size: 24, batch: 9}
	var want []uint32
	for threads := 1; threads <= 3; threads++ {
		trainer := newTrainer(newEngine(t, threads), net, 3)
		for range 2 {
			mustStep(t, trainer)
		}
		var got []uint32
		for _, s := range trainer.states {
			got = append(got, bitsOf(values(s))...)
		}
		if want == nil {
			want = got
		}
		if !slices.Equal(got, want) {
			t.Errorf("%d threads give other bits than one", threads)
		}
	}
}

func TestWrongInputs(t *testing.T) {
	b, other := newEngine(t, 1), newEngine(t, 1)
	rng := rand.New(rand.NewPCG(2, 4))
	in := []tensor{random(rng, dtypes.Float32, 3)}
	exec, err := compileGraph(b, in, func(f compute.Function, in []compute.Value) ([]compute.Value, error) {
		return values1(f.Neg(in[0]))
	})
	if err != nil {
		t.Fatal(err)
	}
	good, _ := upload(b, in)
	foreign, _ := upload(other, in)
	long, _ := upload(b, []tensor{random(rng, dtypes.Float32, 4)})
	gone, _ := upload(b, in)
	gone[0].Finalize()
	for name, inputs := range map[string][]compute.Buffer{
		"none": nil, "two": {good[0], good[0]}, "foreign": foreign, "other shape": long, "finalized": gone,
	} {
		if _, err := exec.Execute(inputs, nil, 0); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := exec.Execute(good, nil, 1); err == nil {
		t.Error("device 1: no error")
	}
	exec.Finalize()
	if _, err := exec.Execute(good, nil, 0); err == nil {
		t.Error("after Finalize: no error")
	}
}

// TestOneAtATimeHammer runs two executables from several goroutines.
func TestOneAtATimeHammer(t *testing.T) {
	b := newEngine(t, 2)
	rng := rand.New(rand.NewPCG(2, 5))
	in := []tensor{random(rng, dtypes.Float32, 20, 20), random(rng, dtypes.Float32, 300, 20)}
	first, err := compileGraph(b, in, updated)
	if err != nil {
		t.Fatal(err)
	}
	second, err := compileGraph(b, in, updated)
	if err != nil {
		t.Fatal(err)
	}
	buffers, _ := upload(b, in)
	want, err := first.Execute(buffers, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	errs := make(chan error)
	for worker := range 4 {
		go func() {
			exec := []compute.Executable{first, second}[worker%2]
			for range 20 {
				got, err := exec.Execute(buffers, nil, 0)
				if err == nil && !slices.Equal(values(got[0]), values(want[0])) {
					err = fmt.Errorf("worker %d got other values", worker)
				}
				if err != nil {
					errs <- err
					return
				}
				got[0].Finalize()
			}
			errs <- nil
		}()
	}
	for range 4 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

// TestOptions creates the backend by name, as the programs do.
func TestOptions(t *testing.T) {
	tests := []struct {
		config string
		ok     bool
	}{
		{"", true}, {"threads=2", true}, {"threads=0", true},
		{"threads=-1", false}, {"threads=x", false}, {"speed=11", false},
	}
	for _, tt := range tests {
		b, err := compute.NewWithConfig(engine.Name + ":" + tt.config)
		if (err == nil) != tt.ok {
			t.Errorf("config %q: error %v, want one: %v", tt.config, err, !tt.ok)
		}
		if err == nil {
			b.Finalize()
			if !b.IsFinalized() {
				t.Errorf("config %q: not finalized after Finalize", tt.config)
			}
		}
	}
}

// TestTooManyAxes wants an error from Compile, not a panic while running.
func TestTooManyAxes(t *testing.T) {
	in := []tensor{{shapes.Make(dtypes.Float32, 2), []float32{1, 2}}}
	_, err := compileGraph(newEngine(t, 1), in, func(f compute.Function, in []compute.Value) ([]compute.Value, error) {
		dims := append(slices.Repeat([]int{1}, 12), 2)
		return values1(f.Reshape(in[0], dims...))
	})
	if !errors.Is(err, compute.ErrNotImplemented) {
		t.Errorf("13 axes give %v, want ErrNotImplemented", err)
	}
}
