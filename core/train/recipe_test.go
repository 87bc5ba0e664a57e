package train

import (
	"context"
	"math"
	"slices"
	"testing"

	"quarterturn/core/checkpoint"
	"quarterturn/core/dataset"
	"quarterturn/core/internal/parity"
	"quarterturn/core/rotation"
	"quarterturn/core/run"
)

// TestLabelSmoothing compares a step's loss with the formula on its logits.
func TestLabelSmoothing(t *testing.T) {
	const smoothing = 0.2
	c := config(run.Scratch, 1)
	c.LabelSmoothing = smoothing
	trainer := mustNew(t, c, photographs(t, 8, 1), nil, Options{})
	b := trainer.train.batch(0)
	got, logits, err := trainer.callStep(b, 0.1)
	if err != nil {
		t.Fatal(err)
	}
	classes := trainer.net.Classes
	want := (1 - smoothing) * meanLoss(logits, b.labels, classes)
	for class := range classes {
		labels := make([]int32, len(b.labels))
		for i := range labels {
			labels[i] = int32(class)
		}
		want += smoothing / float64(classes) * meanLoss(logits, labels, classes)
	}
	if math.Abs(got-want) > 1e-5 { // Sums of 320 float32 terms.
		t.Errorf("loss %v, want %v", got, want)
	}
}

// TestAnswers: they are those that the last evaluation counted, and the weights
// too where a moving average is kept.
func TestAnswers(t *testing.T) {
	c := config(run.Scratch, 1)
	c.AverageDecay = 0.5
	trainer := mustNew(t, c, photographs(t, 8, 2), nil, Options{})
	if err := trainer.Run(context.Background(), func(run.Event) {}); err != nil {
		t.Fatal(err)
	}
	answers, err := trainer.Answers(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	right := 0
	for i, label := range answers.Labels {
		if label == answers.Guesses[i] {
			right++
		}
	}
	if last := trainer.Last(); len(answers.Labels) != last.Examples || right != int(math.Round(last.Accuracy*float64(last.Examples))) {
		t.Errorf("the answers have %d of %d right, the last evaluation %+v", right, len(answers.Labels), last)
	}
}

// TestValidationIsNotTheTest: evaluations are of the pictures held out, the answers at
// the end of the test pictures, whether all learns or only the head on features that
// are computed once.
func TestValidationIsNotTheTest(t *testing.T) {
	for name, frozen := range map[string]bool{"all learns": false, "head alone": true} {
		c := config(run.Scratch, 1)
		if frozen {
			c.FirstStage, c.Flip = len(c.Network.Blocks)+1, false
		}
		set := photographs(t, 16, 2)
		test := set.Test
		set.HoldOutValidation(0.25, 1)
		trainer := mustNew(t, c, set, nil, Options{})
		if err := trainer.Run(context.Background(), func(run.Event) {}); err != nil {
			t.Fatal(err)
		}
		answers, err := trainer.Answers(context.Background())
		if err != nil || !trainer.HasExam() || trainer.Last().Examples != set.Validation.Len() || !slices.Equal(answers.Labels, test.Labels) {
			t.Fatalf("%s: validated on %d of %d, guessed at %v of %v, %v", name, trainer.Last().Examples, set.Validation.Len(), answers, test.Labels, err)
		}
		m, err := trainer.Model()
		if err != nil {
			t.Fatal(err)
		}
		e, err := Evaluate(trainer.backend, m, test, func(int, int) error { return nil })
		right := 0
		for i, label := range answers.Labels {
			if answers.Guesses[i] == label {
				right++
			}
		}
		if err != nil || right != e.Right || len(e.Shares) != test.Len() {
			t.Errorf("%s: %d right, by the model itself %d, %v", name, right, e.Right, err)
		}
	}
}

// TestStageDecay takes a first step with and without, in which each weight moves
// by the rate times the same gradient.
func TestStageDecay(t *testing.T) {
	moved := func(decay float64) map[string]float64 {
		c := config(run.Scratch, 1, 1)
		c.StageDecay = decay
		trainer := mustNew(t, c, photographs(t, 8, 1), nil, Options{})
		before, _ := trainer.Model()
		if _, _, err := trainer.callStep(trainer.train.batch(0), 0.1); err != nil {
			t.Fatal(err)
		}
		after, _ := trainer.Model()
		by := map[string]float64{}
		for _, name := range []string{"conv1.weight", "layer1.0.conv1.weight", "layer2.0.conv1.weight", "fc.weight"} {
			for i, v := range after.Weights[name] {
				by[name] += math.Abs(float64(v - before.Weights[name][i]))
			}
		}
		return by
	}
	even, uneven := moved(0), moved(0.5)
	for name, want := range map[string]float64{"conv1.weight": 0.125, "layer1.0.conv1.weight": 0.25, "layer2.0.conv1.weight": 0.5, "fc.weight": 1} {
		// The differences of weights around 0.1 that move by 1e-3 have three digits.
		if got := uneven[name] / even[name]; math.Abs(got-want) > 0.01*want {
			t.Errorf("%s moves %.4f times as far, want %v", name, got, want)
		}
	}
}

// TestOneTurn checks that an epoch shows each picture once, in the turn that its
// label says, and that the turns change from epoch to epoch.
func TestOneTurn(t *testing.T) {
	c := config(run.Pretext, 1)
	c.OneTurn, c.ScaledCrop, c.Flip, c.BatchSize = true, 0, false, 16
	set := photographs(t, 8, 1)
	trainer := mustNew(t, c, set, nil, Options{})
	if got := trainer.train.steps(); got != 5 {
		t.Fatalf("%d steps for 80 pictures, want 5", got)
	}
	if trainer.test.turns != rotation.Turns {
		t.Error("validation does not take all four turns")
	}
	var counts [2][4]int
	turned := make([]byte, set.Train.Size())
	want := make([]float32, set.Train.Size())
	for step := range 10 {
		b := trainer.train.batch(step)
		order := dataset.Order(c.Seed, step/5, 80)[step%5*16:]
		for i, label := range b.labels {
			counts[step/5][label]++
			rotation.Turn(turned, set.Train.At(order[i]), 32, int(label))
			dataset.Normalize(want, turned)
			if got := b.images[i*len(want) : (i+1)*len(want)]; got[0] != want[0] || got[len(got)/2] != want[len(want)/2] {
				t.Fatalf("step %d: example %d is not picture %d turned by %d", step, i, order[i], label)
			}
		}
	}
	for turn, n := range counts[0] {
		if n < 5 || n > 35 { // 20 expected, deviation 3.9.
			t.Errorf("turn %d is shown %d times of 80", turn, n)
		}
	}
	same := 0
	for i := range 80 {
		if dataset.Turn(c.Seed, 0, i) == dataset.Turn(c.Seed, 1, i) {
			same++
		}
	}
	if same > 40 { // 20 expected.
		t.Errorf("%d of 80 pictures have the turn that they had in the epoch before", same)
	}
}

// TestEvaluateEvery checks when a run is evaluated, and that the training loss is
// the mean of all epochs since.
func TestEvaluateEvery(t *testing.T) {
	c := config(run.Scratch, 1)
	c.Epochs, c.EvaluateEvery, c.BatchSize, c.LearningRate = 5, 2, 40, 0
	trainer := mustNew(t, c, photographs(t, 8, 1), nil, Options{})
	var epochs []int
	examples := 0
	err := trainer.Run(context.Background(), func(e run.Event) {
		switch e := e.(type) {
		case run.Progress:
			examples = max(examples, trainer.epoch.examples)
		case run.Evaluated:
			epochs = append(epochs, e.Epoch)
		}
	})
	if err != nil || !slices.Equal(epochs, []int{0, 2, 4, 5}) || examples != 160 {
		t.Errorf("evaluated at epochs %v, of %d examples at most, want 0 2 4 5 and 160; error %v", epochs, examples, err)
	}
}

// TestEvaluationsShowTheCentre checks that what a run learns from crops is
// evaluated on central ones, and that its model is, too, when it comes back from
// a file.
func TestEvaluationsShowTheCentre(t *testing.T) {
	set := photographs(t, 4, 4)
	trainer := mustNew(t, config(run.Pretext, 1), set, nil, Options{})
	if err := trainer.Run(context.Background(), func(run.Event) {}); err != nil {
		t.Fatal(err)
	}
	m, _ := save(t, trainer, nil)
	measure := func(m *checkpoint.Model) Evaluation {
		e, err := Evaluate(parity.Backend(t), m, set.Test, func(int, int) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	if got, want := measure(m).Loss, trainer.Last().Loss; m.Crop != 28 || math.Abs(got-want) > 1e-6 {
		t.Errorf("crop %d: loss %v, the run had %v", m.Crop, got, want)
	}
	whole := *m
	whole.Crop = 0
	if measure(&whole).Loss == measure(m).Loss {
		t.Error("whole pictures give the same loss as their centres")
	}
	features := func(m *checkpoint.Model) float32 {
		f, err := Extraction{Parts: []int{1}}.Run(parity.Backend(t), m, set.Test)
		if err != nil {
			t.Fatal(err)
		}
		return f[0][0]
	}
	if features(&whole) == features(m) {
		t.Error("whole pictures give the same features as their centres")
	}
}
