package checkpoint

import (
	"bytes"
	"encoding/binary"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"quarterturn/core/run"
)

func sampleState() *State {
	s := &State{
		Position:   Position{Step: 12, Evaluated: 10, Rollbacks: 1, EpochLoss: 1.0 / 3, EpochRight: 5, EpochExamples: 64},
		Origin:     Origin{Config: "c", Pictures: "p", Start: "s"},
		Velocities: Weights{},
		Raw:        Weights{"bn1.running_mean": {1, 2, 3}},
		History: []run.Evaluated{
			{Loss: math.Pi, Accuracy: 0.25, Examples: 100, Elapsed: 123456789},
			{Epoch: 1, Step: 10, TrainLoss: math.Nextafter(1, 2), TrainAccuracy: 0.1, Loss: 1e-9, Accuracy: 1.0 / 7, Examples: 100, Elapsed: time.Hour, StandardError: 0.03, LearningRate: 0.1, Training: 3, ImagesPerSecond: 1.0 / 3},
		},
	}
	for _, p := range sample().Config.Parameters() {
		if p.Role.Trainable() {
			s.Velocities[p.Name] = p.Initial(9)
		}
	}
	return s
}

func encodedState(t testing.TB, s *State) []byte {
	t.Helper()
	b, err := EncodeState(s, sample().Config)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestStateRoundTrip(t *testing.T) {
	for name, want := range map[string]*State{
		"mid-epoch":        sampleState(),
		"before the start": {Position: Position{Evaluated: -1}, Velocities: Weights{}, Raw: Weights{}},
	} {
		b := encodedState(t, want)
		got, err := DecodeState(b, sample().Config)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: came back as %+v, want %+v", name, got, want)
		}
		if !bytes.Equal(encodedState(t, got), b) {
			t.Errorf("%s: the same state gave other bytes", name)
		}
	}
}

func TestDecodeStateRefuses(t *testing.T) {
	tests := []struct {
		name   string
		change func(*State)
		want   string
	}{
		{"negative step", func(s *State) { s.Position.Step = -1 }, "impossible"},
		{"evaluated ahead of the step", func(s *State) { s.Position.Evaluated = 13 }, "impossible"},
		{"more right than seen", func(s *State) { s.Position.EpochRight = 65 }, "impossible"},
		{"velocity NaN", func(s *State) { s.Velocities["fc.bias"][0] = float32(math.NaN()) }, "not finite"},
		{"history NaN", func(s *State) { s.History[0].Loss = math.NaN() }, "history"},
		{"endless history", func(s *State) { s.History = make([]run.Evaluated, run.MaxEpochs+2) }, "history"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := sampleState()
			tt.change(s)
			_, err := DecodeState(encodedState(t, s), sample().Config)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one about %q", err, tt.want)
			}
		})
	}
	other := sample().Config
	other.Network.Blocks = []int{1}
	if _, err := DecodeState(encodedState(t, sampleState()), other); err == nil {
		t.Error("the velocities of another network were taken")
	}
	if _, err := DecodeState(encoded(t, sample()), sample().Config); err == nil {
		t.Error("a model was taken for a state")
	}
	claims := encodedState(t, sampleState())
	binary.LittleEndian.PutUint64(claims, 1<<62)
	if _, err := DecodeState(claims, sample().Config); err == nil {
		t.Error("a header of 2^62 bytes was believed")
	}
}

func TestOriginCheck(t *testing.T) {
	o := Origin{Config: "c", Pictures: "p", Start: "s"}
	if err := o.Check(o); err != nil {
		t.Error(err)
	}
	for want, now := range map[string]Origin{
		"configuration":            {Config: "x", Pictures: "p", Start: "s"},
		"pictures":                 {Config: "c", Pictures: "x", Start: "s"},
		"checkpoint to start from": {Config: "c", Pictures: "p"},
	} {
		if err := o.Check(now); err == nil || !strings.Contains(err.Error(), "the "+want) {
			t.Errorf("error %v, want one about the %s", err, want)
		}
	}
}

// FuzzDecodeState looks for panics, and for states that do not come back as they
// were read.
func FuzzDecodeState(f *testing.F) {
	f.Add(encodedState(f, sampleState()))
	f.Add(encodedState(f, &State{Position: Position{Evaluated: -1}}))
	f.Add(encoded(f, sample()))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := DecodeState(b, sample().Config)
		if err != nil {
			return
		}
		again, err := DecodeState(encodedState(t, s), sample().Config)
		if err != nil || !reflect.DeepEqual(again, s) {
			t.Errorf("%+v came back as %+v, %v", s, again, err)
		}
	})
}

// TestHistoryOfADivergingRun: a run that is about to diverge has losses beyond all that
// is counted, and goes on from its checkpoints all the same. Those of earlier versions
// have no standard errors.
func TestHistoryOfADivergingRun(t *testing.T) {
	s := sampleState()
	s.History[0].Loss, s.History[0].StandardError = 2.2e18, 0.01
	got, err := DecodeState(encodedState(t, s), sample().Config)
	if err != nil || got.History[0] != s.History[0] {
		t.Errorf("%+v, %v", got, err)
	}
	s.History[0].Step = 1 << 54
	if _, err := DecodeState(encodedState(t, s), sample().Config); err == nil {
		t.Error("a step of 2^54 was believed")
	}
}

// TestOlderHistories reads states from before the history had its last columns.
func TestOlderHistories(t *testing.T) {
	whole := sampleState()
	for _, columns := range []int{oldColumns, 9} {
		b := rewritten(t, encodedState(t, whole), func(c content) {
			h := c.tensors[historyName]
			var data []byte
			for row := range len(whole.History) {
				data = append(data, h.data[8*historyColumns*row:8*(historyColumns*row+columns)]...)
			}
			c.tensors[historyName] = view{dtype: h.dtype, dims: []uint64{uint64(len(whole.History)), uint64(columns)}, data: data}
		})
		want := slices.Clone(whole.History)
		for i := range want {
			want[i].LearningRate, want[i].Training, want[i].ImagesPerSecond = 0, 0, 0
			if columns < 9 {
				want[i].StandardError = 0
			}
		}
		if got, err := DecodeState(b, sample().Config); err != nil || !reflect.DeepEqual(got.History, want) {
			t.Errorf("%d columns: %v, read %+v, want %+v", columns, err, got, want)
		}
	}
}
