package measure

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"quarterturn/core/checkpoint"
	"quarterturn/core/internal/parity"
	"quarterturn/core/recording"
	"quarterturn/core/run"
	"quarterturn/core/train"
)

// epochsOf are two epochs of a run that went from an untrained network to the
// built-in one.
func epochsOf(t *testing.T) []Epoch {
	small := builtIn(t).Model
	fresh := *small
	fresh.Weights = checkpoint.Initial(small.Config, 1)
	epoch := func(n int, m *checkpoint.Model, rate float64) Epoch {
		return Epoch{run.Evaluated{Epoch: n, Step: 10 * n, Loss: 1.5, Accuracy: 0.5, Examples: 40},
			func() (*checkpoint.Model, float64, error) { return m, rate, nil }}
	}
	return []Epoch{epoch(0, &fresh, 0), epoch(1, small, 0.05)}
}

func materialOf(t *testing.T) Material {
	set := photographs(t)
	set.Train = Sample(set.Train, 80, 1)
	laid, err := Lay(set, 40, 1)
	if err != nil {
		t.Fatal(err)
	}
	asked := set.Test.Subset([]int{3, 50, 100})
	return Material{Asked: asked, AskedTest: 2, AskedSet: "photographs", Probed: set, ProbedOf: "photographs", SameSet: true, Laid: laid}
}

func recorderOf(t *testing.T) Recorder {
	return Recorder{Probe: Probe{Backend: parity.Backend(t), Neighbours: 5, Seed: 1}, Stage: -1, Iterations: 40}
}

func newRecording(t *testing.T) *recording.Recording {
	config := run.Default(run.Pretext)
	config.Network = builtIn(t).Model.Config.Network
	return &recording.Recording{Made: "by a test", Command: "quarterturn pretrain", Config: config, Data: "photographs"}
}

func TestRecord(t *testing.T) {
	r, material, epochs := newRecording(t), materialOf(t), epochsOf(t)
	if err := recorderOf(t).Record(context.Background(), r, material, epochs); err != nil {
		t.Fatal(err)
	}
	b, err := recording.Encode(r)
	if err != nil {
		t.Fatal(err)
	}
	if expected, err := draft(r, epochs); err != nil || len(expected) != len(b) {
		t.Errorf("the draft has %d bytes (%v), the recording %d", len(expected), err, len(b))
	}
	if r.Map.Stage != "stage 3" || r.Probe.Stages[0] != "stem" || len(r.Probe.Stages) != 4 || r.Pictures.Items[0].Test || !r.Pictures.Items[1].Test {
		t.Errorf("laid out by %s, stages %q, pictures %+v", r.Map.Stage, r.Probe.Stages, r.Pictures.Items)
	}
	if r.Epochs[0].LearningRate != 0 || r.Epochs[1].LearningRate != 0.05 || r.Epochs[1].Accuracy != 0.5 {
		t.Errorf("the epochs are %+v", r.Epochs)
	}
	if before, after := r.Epochs[0].Stages[2].Neighbours, r.Epochs[1].Stages[2].Neighbours; after <= before {
		t.Errorf("stage 2 knew %v untrained and %v trained", before, after)
	}
	checkMap(t, r)
	checkBeliefs(t, r, material)
}

// checkMap: points that are asked about too point to their picture.
func checkMap(t *testing.T, r *recording.Recording) {
	t.Helper()
	asked := 0
	for _, p := range r.Map.Points {
		if p.Picture == recording.NoPicture {
			continue
		}
		asked++
		if r.Pictures.Items[p.Picture].Class != p.Class {
			t.Errorf("point %+v is not of its picture's class", p)
		}
	}
	if len(r.Map.Points) != 40 || asked == 0 {
		t.Errorf("%d points, of which %d are asked about", len(r.Map.Points), asked)
	}
}

// checkBeliefs asks the last network itself.
func checkBeliefs(t *testing.T, r *recording.Recording, material Material) {
	t.Helper()
	p, err := train.NewPredictor(parity.Backend(t), builtIn(t).Model, material.Asked.Side)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	turns, err := p.Turns(material.Asked.At(1))
	if err != nil {
		t.Fatal(err)
	}
	for k, guess := range turns {
		for j, probability := range r.Epochs[1].Beliefs[1][k].Probabilities() {
			if off := math.Abs(float64(probability - guess[j])); off > 0.007 { // A 255th and three quarters.
				t.Errorf("turned by %d: %v was recorded, the network believes %v", k, r.Epochs[1].Beliefs[1][k], guess)
			}
		}
	}
}

// TestRecordLooksAhead checks that what cannot become a file is refused before any
// network is looked at.
func TestRecordLooksAhead(t *testing.T) {
	for name, tt := range map[string]struct {
		want  string
		spoil func(*Recorder, *recording.Recording, *[]Epoch)
	}{
		"command": {"command of the run has 5000 bytes", func(_ *Recorder, r *recording.Recording, _ *[]Epoch) { r.Command = strings.Repeat("x", 5000) }},
		"loss":    {"training loss is 1e+07", func(_ *Recorder, _ *recording.Recording, e *[]Epoch) { (*e)[1].TrainLoss = 1e7 }},
		"size":    {"more than a page should fetch", func(_ *Recorder, r *recording.Recording, e *[]Epoch) { *e = manyEpochs(900) }},
		"epochs":  {"1001 epochs", func(_ *Recorder, _ *recording.Recording, e *[]Epoch) { *e = manyEpochs(recording.MaxEpochs + 1) }},
		"stage":   {"part 4 to lay out by", func(r *Recorder, _ *recording.Recording, _ *[]Epoch) { r.Stage = 4 }},
	} {
		t.Run(name, func(t *testing.T) {
			recorder, r, epochs, material := recorderOf(t), newRecording(t), epochsOf(t), materialOf(t)
			if name == "size" {
				material.Asked = photographs(t).Train
			}
			for i := range epochs {
				epochs[i].Load = func() (*checkpoint.Model, float64, error) { return nil, 0, errors.New("a network was looked at") }
			}
			tt.spoil(&recorder, r, &epochs)
			if err := recorder.Record(context.Background(), r, material, epochs); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}

// manyEpochs are so many epochs of which little is known.
func manyEpochs(n int) []Epoch {
	epochs := make([]Epoch, n)
	for i := range epochs {
		epochs[i].Epoch, epochs[i].Step = i, i
		epochs[i].Load = func() (*checkpoint.Model, float64, error) { return nil, 0, errors.New("a network was looked at") }
	}
	return epochs
}

func TestLay(t *testing.T) {
	set := photographs(t)
	laid, err := Lay(set, 200, 1) // There are 158 test pictures.
	if err != nil || laid.Len() != 200 || laid.Name(0) != set.Test.Name(0) {
		t.Errorf("%d pictures laid out, %v", laid.Len(), err)
	}
	if _, err := Lay(set, 3, 1); err == nil {
		t.Error("three pictures can be laid out")
	}
}
