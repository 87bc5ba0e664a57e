//go:build !js

// A browser has workers in the place of goroutines: see the tests of wasm/browser.

package train

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"quarterturn/core/checkpoint"
	"quarterturn/core/collective"
	"quarterturn/core/dataset"
	"quarterturn/core/engine"
	"quarterturn/core/internal/parity"
	"quarterturn/core/internal/ranks"
	"quarterturn/core/run"
)

// A worker is one of several that compute a run.
type worker struct {
	*Trainer
	backend *engine.Backend
	group   *collective.Group
}

// workersOf returns so many workers of a run.
func workersOf(t testing.TB, n int, c run.Config, set *dataset.Set, from *checkpoint.Model) []*worker {
	t.Helper()
	memory := ranks.NewMemory(collective.Words(n), collective.Slots(n))
	workers := make([]*worker, n)
	for rank := range workers {
		g, err := collective.New(memory, rank, n, collective.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(g.Close)
		backend, err := engine.New(engine.Options{Threads: 1, Group: g})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(backend.Finalize)
		trainer, err := New(backend, c, set, from, Options{Group: g})
		if err != nil {
			t.Fatal(err)
		}
		workers[rank] = &worker{trainer, backend, g}
	}
	return workers
}

// runAll has all workers run and returns how each ended.
func runAll(workers []*worker, run func(rank int, w *worker) error) []error {
	errs := make([]error, len(workers))
	var all sync.WaitGroup
	for rank, w := range workers {
		all.Go(func() { errs[rank] = run(rank, w) })
	}
	all.Wait()
	return errs
}

// divided runs on so many workers, which must agree on all events and on every
// bit, and returns rank 0's events and trainer.
func divided(t *testing.T, n int, c run.Config, set *dataset.Set, from *checkpoint.Model) ([]run.Event, *Trainer) {
	t.Helper()
	workers := workersOf(t, n, c, set, from)
	events := make([][]run.Event, n)
	for rank, err := range runAll(workers, func(rank int, w *worker) error {
		return w.Run(context.Background(), func(e run.Event) { events[rank] = append(events[rank], timeless(e)) })
	}) {
		if err != nil {
			t.Fatalf("worker %d: %v", rank, err)
		}
		if got, want := fmt.Sprint(events[rank]), fmt.Sprint(events[0]); got != want {
			t.Errorf("worker %d reports\n%s\nworker 0\n%s", rank, got, want)
		}
		if !bytes.Equal(bytesOf(t, workers[rank].Trainer), bytesOf(t, workers[0].Trainer)) {
			t.Errorf("worker %d has other weights than worker 0", rank)
		}
	}
	return events[0], workers[0].Trainer
}

func timeless(e run.Event) run.Event {
	switch e := e.(type) {
	case run.Progress:
		e.ImagesPerSecond, e.Remaining = 0, 0
		return e
	case run.Evaluated:
		return e.Timeless()
	}
	return e
}

// TestDivided compares runs of several workers with the same run of one. Sums over a
// batch are rounded otherwise where they are taken in parts; a few steps carry 6e-8 of
// a number on to a few 1e-6 of weights near 1. What is counted is the same.
func TestDivided(t *testing.T) {
	set := photographs(t, 8, 2)
	averaged := config(run.Scratch, 1, 1)
	averaged.AverageDecay, averaged.LabelSmoothing, averaged.StageDecay = 0.9, 0.1, 0.5
	stages := config(run.Transfer, 1, 1)
	stages.FirstStage = 2
	head := config(run.Transfer, 1, 1)
	head.FirstStage, head.PadCrop, head.ScaledCrop, head.Flip = 3, 0, 0, false
	tests := []struct {
		name   string
		config run.Config
	}{
		{"pretext", config(run.Pretext, 1, 1)},
		{"averaged", averaged},
		{"upper stages", stages},
		{"a head on frozen features", head},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := tt.config
			c.BatchSize, c.Epochs, c.LearningRate = 40, 1, 0.01
			var from *checkpoint.Model
			if c.Task == run.Transfer {
				from = pretextModel(t, set, c)
			}
			alone := mustNew(t, c, set, from, Options{})
			var want []run.Event
			if err := alone.Run(context.Background(), func(e run.Event) { want = append(want, timeless(e)) }); err != nil {
				t.Fatal(err)
			}
			for _, n := range []int{2, 3, 4} {
				got, trainer := divided(t, n, c, set, from)
				compareEvents(t, n, got, want)
				compareWeights(t, n, trainer, alone)
				_, again := divided(t, n, c, set, from)
				if !bytes.Equal(bytesOf(t, trainer), bytesOf(t, again)) {
					t.Errorf("%d workers twice have different weights", n)
				}
			}
		})
	}
}

func compareEvents(t *testing.T, n int, got, want []run.Event) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d workers report %d events, one reports %d", n, len(got), len(want))
	}
	near := func(a, b float64) bool { return math.Abs(a-b) <= 1e-5 }
	for i := range want {
		var same bool
		switch g := got[i].(type) {
		case run.Progress:
			w := want[i].(run.Progress)
			same = near(g.Loss, w.Loss) && g.Accuracy == w.Accuracy && g.LearningRate == w.LearningRate && g.Step == w.Step
		case run.Evaluated:
			w := want[i].(run.Evaluated)
			same = near(g.Loss, w.Loss) && g.Accuracy == w.Accuracy && near(g.TrainLoss, w.TrainLoss) && g.TrainAccuracy == w.TrainAccuracy && g.Examples == w.Examples
		default:
			same = fmt.Sprint(got[i]) == fmt.Sprint(want[i])
		}
		if !same {
			t.Errorf("event %d of %d workers is %+v, of one %+v", i, n, got[i], want[i])
		}
	}
}

func compareWeights(t *testing.T, n int, got, want *Trainer) {
	t.Helper()
	g, err := got.Model()
	if err != nil {
		t.Fatal(err)
	}
	w, err := want.Model()
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range w.Weights {
		if i, diff := parity.Worst(g.Weights[name], values); diff > 1e-5 {
			t.Errorf("%d workers: %s[%d] is %v, of one worker %v", n, name, i, g.Weights[name][i], values[i])
		}
	}
}

// TestDividedStops tells one worker to stop, in a step, between steps and while it
// evaluates: all end after the same step, and going on gives the bits of a run that
// was not stopped.
func TestDividedStops(t *testing.T) {
	set := photographs(t, 8, 2)
	c := config(run.Scratch, 1, 1)
	c.BatchSize = 20
	_, straight := divided(t, 2, c, set, nil)
	for rank := range 2 {
		for stop := range 9 {
			workers := workersOf(t, 2, c, set, nil)
			ctx, cancel := context.WithCancel(context.Background())
			errs := runAll(workers, func(r int, w *worker) error {
				own := context.Background()
				if r == rank {
					own = ctx
				}
				seen := 0
				return w.Run(own, func(run.Event) {
					if seen++; r == rank && seen == stop {
						cancel()
						if stop%2 == 0 { // As a lab does, so that the step itself is given up.
							w.backend.Interrupt()
						}
					}
				})
			})
			cancel()
			stopped := stop > 0
			if stopped && (!errors.Is(errs[rank], context.Canceled) || !errors.Is(errs[1-rank], ErrStopped)) || !stopped && errors.Join(errs...) != nil {
				t.Fatalf("stopped at event %d: the worker ended with %v, the other with %v", stop, errs[rank], errs[1-rank])
			}
			if a, b := workers[0].Steps(), workers[1].Steps(); a != b {
				t.Fatalf("stopped at event %d: after %d steps, the other after %d", stop, a, b)
			}
			workers[rank].backend.ClearInterrupt()
			for _, err := range runAll(workers, func(_ int, w *worker) error { return w.Run(context.Background(), func(run.Event) {}) }) {
				if err != nil {
					t.Errorf("stopped at event %d: going on: %v", stop, err)
				}
			}
			for r, w := range workers {
				if !bytes.Equal(bytesOf(t, w.Trainer), bytesOf(t, straight)) {
					t.Errorf("stopped at event %d: worker %d ends with other weights", stop, r)
				}
			}
		}
	}
}

// TestDividedRestores takes all workers to a checkpoint that rank 0 made.
func TestDividedRestores(t *testing.T) {
	set := photographs(t, 8, 2)
	c := config(run.Scratch, 1, 1)
	c.BatchSize = 20
	_, straight := divided(t, 2, c, set, nil)
	workers := workersOf(t, 2, c, set, nil)
	runAll(workers, func(r int, w *worker) error {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		return w.Run(ctx, func(e run.Event) {
			if e, ok := e.(run.Progress); ok && e.Step == 3 {
				cancel()
			}
		})
	})
	m, s := save(t, workers[0].Trainer, nil)
	fresh := workersOf(t, 2, c, set, nil)
	for r, err := range runAll(fresh, func(_ int, w *worker) error {
		if err := w.Restore(m, s); err != nil {
			return err
		}
		return w.Run(context.Background(), func(run.Event) {})
	}) {
		if err != nil {
			t.Fatalf("worker %d: %v", r, err)
		}
		if !bytes.Equal(bytesOf(t, fresh[r].Trainer), bytesOf(t, straight)) {
			t.Errorf("worker %d ends with other weights", r)
		}
	}
}

// TestDividedFails has one worker break off: the other ends and says why.
func TestDividedFails(t *testing.T) {
	set := photographs(t, 8, 2)
	c := config(run.Scratch, 1, 1)
	workers := workersOf(t, 2, c, set, nil)
	begun := time.Now()
	errs := runAll(workers, func(r int, w *worker) (err error) {
		defer func() {
			if r := recover(); r != nil {
				err = fmt.Errorf("broke off: %v", r)
			}
		}()
		return w.Run(context.Background(), func(e run.Event) {
			if e, ok := e.(run.Progress); ok && r == 1 && e.Step == 2 {
				panic("out of memory")
			}
		})
	})
	if errs[0] == nil || !strings.Contains(errs[0].Error(), "another worker of the run failed") {
		t.Errorf("the other worker ended with %v", errs[0])
	}
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("it took %v to end", took)
	}
}

// TestDividedAmongTooMany has more workers than pictures in a batch: each computes all.
func TestDividedAmongTooMany(t *testing.T) {
	set := photographs(t, 8, 2)
	c := config(run.Pretext, 1, 1)
	c.BatchSize, c.Epochs = 12, 1
	alone := mustNew(t, c, set, nil, Options{})
	curveOf(t, alone)
	if _, got := divided(t, 4, c, set, nil); !bytes.Equal(bytesOf(t, got), bytesOf(t, alone)) {
		t.Error("4 workers have other weights than one")
	}
}

func TestDividedByAnotherBackend(t *testing.T) {
	g, err := collective.New(ranks.NewMemory(collective.Words(2), collective.Slots(2)), 0, 2, collective.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	_, err = New(parity.Backends(t)["stock"], config(run.Pretext, 1, 1), photographs(t, 8, 2), nil, Options{Group: g})
	if err == nil || !strings.Contains(err.Error(), "cannot sum over them") {
		t.Errorf("the stock backend: error %v", err)
	}
}
