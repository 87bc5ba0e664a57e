package train

import (
	"bytes"
	"context"
	"errors"
	"math"
	"reflect"
	"slices"
	"testing"

	"github.com/gomlx/compute"

	"quarterturn/assets"
	"quarterturn/core/checkpoint"
	"quarterturn/core/dataset"
	"quarterturn/core/engine"
	"quarterturn/core/internal/parity"
	"quarterturn/core/rotation"
	"quarterturn/core/run"
)

// photographs returns the first so many training and test pictures of each class
// of the built-in set: real ones.
func photographs(t testing.TB, train, test int) *dataset.Set {
	t.Helper()
	sheets, err := assets.Pictures("photographs")
	if err != nil {
		t.Fatal(err)
	}
	s := sheets.Set
	return &dataset.Set{
		Train: s.Train.Subset(dataset.Budget(s.Train.Labels, train, 1)),
		Test:  s.Test.Subset(dataset.Budget(s.Test.Labels, test, 1)),
	}
}

func config(task run.Task, blocks ...int) run.Config {
	c := run.Default(task)
	c.Network, c.Epochs = run.Network{Blocks: blocks, Width: 4}, 2
	return c
}

func mustNew(t testing.TB, c run.Config, set *dataset.Set, from *checkpoint.Model, o Options) *Trainer {
	t.Helper()
	trainer, err := New(parity.Backend(t), c, set, from, o)
	if err != nil {
		t.Fatal(err)
	}
	return trainer
}

func bytesOf(t testing.TB, trainer *Trainer) []byte {
	t.Helper()
	m, err := trainer.Model()
	if err != nil {
		t.Fatal(err)
	}
	b, err := checkpoint.Encode(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestOverfit checks that a small network learns 40 photographs by heart.
func TestOverfit(t *testing.T) {
	set := photographs(t, 4, 1)
	c := config(run.Scratch, 1, 1, 1)
	c.Network.Width, c.Epochs, c.BatchSize, c.Flip, c.PadCrop, c.WeightDecay = 8, 80, 20, false, 0, 0
	trainer := mustNew(t, c, set, nil, Options{})
	if err := trainer.Run(context.Background(), func(run.Event) {}); err != nil {
		t.Fatal(err)
	}
	if got := trainer.Last(); got.TrainLoss > 0.05 || got.TrainAccuracy < 1 {
		t.Errorf("after %d steps the loss is %.3f and the accuracy %.2f, want under 0.05 and 1", got.Step, got.TrainLoss, got.TrainAccuracy)
	}
}

// TestPretextBeatsChance learns turns from 300 photographs and is tested on
// others. Of 400 guesses at chance, 25 %, more than 31 % come once in 300 runs.
func TestPretextBeatsChance(t *testing.T) {
	c := config(run.Pretext, 1, 1, 1)
	c.Network.Width, c.Epochs, c.LearningRate = 8, 4, 0.1
	trainer := mustNew(t, c, photographs(t, 30, 10), nil, Options{})
	var losses []float64
	err := trainer.Run(context.Background(), func(e run.Event) {
		if e, ok := e.(run.Evaluated); ok && e.Step > 0 {
			losses = append(losses, e.TrainLoss)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := trainer.Last(); got.Accuracy < 0.31 || got.Examples != 400 {
		t.Errorf("accuracy %.3f of %d, want above 0.31 of 400", got.Accuracy, got.Examples)
	}
	if last := losses[len(losses)-1]; last >= losses[0] {
		t.Errorf("training loss went from %.3f to %.3f, want it to fall", losses[0], last)
	}
}

// TestSameSeedSameBits trains twice, once stopping and going on at each step and evaluation.
func TestSameSeedSameBits(t *testing.T) {
	set := photographs(t, 8, 2)
	for _, task := range []run.Task{run.Pretext, run.Scratch} {
		straight := mustNew(t, config(task, 1, 1), set, nil, Options{})
		if err := straight.Run(context.Background(), func(run.Event) {}); err != nil {
			t.Fatal(err)
		}
		halting := mustNew(t, config(task, 1, 1), set, nil, Options{})
		for stops := 0; ; stops++ {
			ctx, cancel := context.WithCancel(context.Background())
			err := halting.Run(ctx, func(e run.Event) {
				if _, ok := e.(run.Started); !ok {
					cancel()
				}
			})
			cancel()
			if err == nil {
				break
			}
			if !errors.Is(err, context.Canceled) || stops > 1000 {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(bytesOf(t, straight), bytesOf(t, halting)) {
			t.Errorf("%s: stopping and going on changed the weights", task)
		}
		if a, b := straight.Last(), halting.Last(); a.TrainLoss != b.TrainLoss || a.Accuracy != b.Accuracy {
			t.Errorf("%s: stopping and going on changed the last epoch: %+v, %+v", task, a, b)
		}
	}
}

// TestInterruptedStep interrupts steps half way and goes on: nothing is lost.
func TestInterruptedStep(t *testing.T) {
	set := photographs(t, 8, 2)
	straight := mustNew(t, config(run.Scratch, 1, 1), set, nil, Options{})
	if err := straight.Run(context.Background(), func(run.Event) {}); err != nil {
		t.Fatal(err)
	}
	backend, err := engine.New(engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	trainer, err := New(backend, config(run.Scratch, 1, 1), set, nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		ctx, cancel := context.WithCancel(context.Background())
		steps := 0
		err := trainer.Run(ctx, func(e run.Event) {
			if _, ok := e.(run.Progress); ok {
				steps++
				backend.Interrupt() // Hits the next step.
			}
			if steps == 1 {
				trainer.options.Yield = cancel // The context ends while that step runs.
			}
		})
		trainer.options.Yield = nil
		cancel()
		if err == nil {
			t.Fatal("the interrupted step succeeded")
		}
		backend.ClearInterrupt()
	}
	if err := trainer.Run(context.Background(), func(run.Event) {}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(bytesOf(t, straight), bytesOf(t, trainer)) {
		t.Error("interrupting steps changed the weights")
	}
}

// TestInterruptedStatistics interrupts an evaluation while it takes the statistics of
// batch normalization, and goes on: nothing is lost.
func TestInterruptedStatistics(t *testing.T) {
	set := photographs(t, 8, 2)
	for _, decay := range []float64{0, 0.9} {
		c := config(run.Scratch, 1, 1)
		c.AverageDecay = decay
		straight := mustNew(t, c, set, nil, Options{})
		if err := straight.Run(context.Background(), func(run.Event) {}); err != nil {
			t.Fatal(err)
		}
		backend, err := engine.New(engine.Options{})
		if err != nil {
			t.Fatal(err)
		}
		trainer, err := New(backend, c, set, nil, Options{})
		if err != nil {
			t.Fatal(err)
		}
		interrupted := 0
		trainer.options.Yield = func() {
			if trainer.steps > 0 && trainer.EvaluationIsDue() && interrupted < 3 {
				interrupted++
				backend.Interrupt()
			}
		}
		for err = errors.New("not begun"); err != nil; err = trainer.Run(context.Background(), func(run.Event) {}) {
			if _, lost := trainer.Model(); lost != nil || interrupted > 3 {
				t.Fatal(err, lost)
			}
		}
		if interrupted != 3 || !bytes.Equal(bytesOf(t, straight), bytesOf(t, trainer)) {
			t.Errorf("averages of %v: %d interruptions of evaluations changed the weights", decay, interrupted)
		}
	}
}

func pretextModel(t testing.TB, set *dataset.Set, c run.Config) *checkpoint.Model {
	t.Helper()
	c.Task, c.Epochs, c.BatchSize = run.Pretext, 1, 32
	trainer := mustNew(t, c, set, nil, Options{})
	if err := trainer.Run(context.Background(), func(run.Event) {}); err != nil {
		t.Fatal(err)
	}
	m, err := trainer.Model()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestFrozenStagesStay transfers with each possible border between frozen and
// learning parts.
func TestFrozenStagesStay(t *testing.T) {
	set := photographs(t, 8, 2)
	c := config(run.Transfer, 1, 1)
	from := pretextModel(t, set, c)
	for first := 0; first <= 3; first++ {
		c.FirstStage = first
		trainer := mustNew(t, c, set, from, Options{})
		if err := trainer.Run(context.Background(), func(run.Event) {}); err != nil {
			t.Fatalf("first stage %d: %v", first, err)
		}
		m, err := trainer.Model()
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range m.Config.Parameters() {
			if p.Part == m.Config.Head() {
				continue
			}
			same := reflect.DeepEqual(m.Weights[p.Name], from.Weights[p.Name])
			if frozen := p.Part < first; same != frozen {
				t.Errorf("first stage %d: %s of part %d unchanged: %v, want %v", first, p.Name, p.Part, same, frozen)
			}
		}
	}
}

func TestLabelBudget(t *testing.T) {
	c := config(run.Scratch, 1)
	c.LabelsPerClass, c.BatchSize = 3, 10
	var started run.Started
	trainer := mustNew(t, c, photographs(t, 8, 2), nil, Options{})
	if err := trainer.Run(context.Background(), func(e run.Event) {
		if e, ok := e.(run.Started); ok {
			started = e
		}
	}); err != nil {
		t.Fatal(err)
	}
	if started.TrainExamples != 30 || started.TestExamples != 20 || started.Steps != 6 {
		t.Errorf("started %+v, want 30 examples, 20 for testing, 6 steps", started)
	}
}

func TestDivergence(t *testing.T) {
	c := config(run.Scratch, 1)
	c.LearningRate, c.Schedule, c.WarmupEpochs, c.Epochs = 100, run.Constant, 0, 50
	c.WeightDecay = 1 // Rate times decay over 2 makes each step overshoot zero.
	trainer := mustNew(t, c, photographs(t, 8, 2), nil, Options{})
	err := trainer.Run(context.Background(), func(run.Event) {})
	if !errors.Is(err, ErrDiverged) {
		t.Errorf("error %v, want %v", err, ErrDiverged)
	}
}

func TestNewRefuses(t *testing.T) {
	set := photographs(t, 4, 1)
	one := &dataset.Set{Train: set.Train.Subset([]int{0}), Test: set.Test}
	one.Train.Classes = one.Train.Classes[:1]
	model := pretextModel(t, set, config(run.Pretext, 1))
	side := config(run.Scratch, 1)
	side.Side = 64
	tests := []struct {
		name   string
		config run.Config
		set    *dataset.Set
		from   *checkpoint.Model
	}{
		{"invalid config", run.Config{}, set, nil},
		{"another side", side, set, nil},
		{"one class", config(run.Scratch, 1), one, nil},
		{"transfer from nothing", config(run.Transfer, 1), set, nil},
		{"transfer to another network", config(run.Transfer, 1, 1), set, model},
		{"scratch from a model", config(run.Scratch, 1), set, model},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := New(parity.Backend(t), tt.config, tt.set, tt.from, Options{}); err == nil {
				t.Error("no error")
			}
		})
	}
}

// TestBackendsAgree trains on the engine and on the stock backend. Twelve steps
// let the rounding of different orders of sums grow to about 1e-4.
func TestBackendsAgree(t *testing.T) {
	set := photographs(t, 8, 2)
	curves := map[string][]float64{}
	for name, backend := range parity.Backends(t) {
		curves[name] = losses(t, backend, set)
	}
	for i, want := range curves["stock"] {
		if got := curves["engine"][i]; math.Abs(got-want) > 1e-3 {
			t.Errorf("loss of step %d is %v, the stock backend has %v", i+1, got, want)
		}
	}
}

func losses(t *testing.T, backend compute.Backend, set *dataset.Set) (curve []float64) {
	t.Helper()
	c := config(run.Scratch, 1, 1)
	c.Epochs, c.BatchSize = 3, 20
	trainer, err := New(backend, c, set, nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := trainer.Run(context.Background(), func(e run.Event) {
		if e, ok := e.(run.Progress); ok {
			curve = append(curve, e.Loss)
		}
	}); err != nil {
		t.Fatal(err)
	}
	return curve
}

// TestPredictorTurnsExactly checks that a picture turned by a quarter is
// predicted as the next turn of the picture, also where the network sees a crop.
func TestPredictorTurnsExactly(t *testing.T) {
	set := photographs(t, 4, 1)
	p, err := NewPredictor(parity.Backend(t), pretextModel(t, set, config(run.Pretext, 1, 1)), 32)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	first, err := p.Turns(set.Test.At(0))
	if err != nil {
		t.Fatal(err)
	}
	if p.view == nil {
		t.Error("a network that was trained on crops is shown whole pictures")
	}
	turned := make([]byte, set.Test.Size())
	rotation.Turn(turned, set.Test.At(0), 32, 3)
	second, err := p.Turns(turned)
	if err != nil {
		t.Fatal(err)
	}
	for k := range first {
		if !reflect.DeepEqual(second[k], first[(k+3)%4]) {
			t.Errorf("turn %d of the turned picture: %v, want %v", k, second[k], first[(k+3)%4])
		}
	}
	if _, err := p.Turns(turned[1:]); err == nil {
		t.Error("a picture of another size was accepted")
	}
}

// TestPredictorRefusesNaN gives a network weights that are finite and overflow.
func TestPredictorRefusesNaN(t *testing.T) {
	set := photographs(t, 4, 1)
	m := pretextModel(t, set, config(run.Pretext, 1)).Clone()
	for i := range m.Weights["fc.weight"] {
		m.Weights["fc.weight"][i] = math.MaxFloat32
	}
	p, err := NewPredictor(parity.Backend(t), m, 32)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if guesses, err := p.Turns(set.Test.At(0)); err == nil {
		t.Errorf("guesses %v, want an error", guesses)
	}
}

func BenchmarkStep(b *testing.B) {
	measured := run.Default(run.Pretext)
	measured.BatchSize, measured.ScaledCrop = 32, 0
	trainer := mustNew(b, measured, noise(8), nil, Options{})
	examples := trainer.train.batch(0)
	step := func() {
		if _, _, err := trainer.callStep(examples, 1e-3); err != nil {
			b.Fatal(err)
		}
	}
	step() // Builds the graph.
	b.ReportAllocs()
	for b.Loop() {
		step()
	}
	b.ReportMetric(float64(32*b.N)/b.Elapsed().Seconds(), "images/s")
}

// TestPicturesAreSeenEquallyOften takes 20 pictures in batches of 8, of which 4 fill no
// batch of an epoch.
func TestPicturesAreSeenEquallyOften(t *testing.T) {
	seen := func(carry bool) (counts map[float32]int, steps int) {
		c := config(run.Scratch, 1)
		c.BatchSize, c.LabelsPerClass, c.Flip, c.PadCrop, c.CarryOver = 8, 2, false, 0, carry
		b := mustNew(t, c, photographs(t, 2, 1), nil, Options{}).train
		counts = map[float32]int{}
		size := b.pictures.Size()
		for step := range 5 { // Two passes of 20.
			images := b.batch(step).images
			for ; len(images) > 0; images = images[size:] {
				var sum float32 // Tells pictures apart.
				for _, v := range images[:size] {
					sum += v
				}
				counts[sum]++
			}
		}
		first := slices.Clone(b.batch(3).images)
		if !slices.Equal(b.twin().batch(3).images, first) {
			t.Error("a step's batch hangs on the steps before it")
		}
		return counts, b.steps()
	}
	carried, steps := seen(true)
	if len(carried) != 20 || steps != 2 {
		t.Errorf("%d of 20 pictures are seen, in %d steps an epoch, want all in 2", len(carried), steps)
	}
	for _, n := range carried {
		if n != 2 {
			t.Errorf("a picture is seen %d times in two passes, want 2", n)
		}
	}
	older, _ := seen(false)
	most := 0
	for _, n := range older {
		most = max(most, n)
	}
	if most < 3 {
		t.Errorf("without carrying over no picture is seen more than %d times: nothing was tested", most)
	}
}
