package measure

import (
	"context"
	"math"
	"slices"
	"testing"

	"quarterturn/core/dataset"
	"quarterturn/core/embed"
	"quarterturn/core/internal/parity"
	"quarterturn/core/train"
)

func TestReadStagesAsText(t *testing.T) {
	for _, text := range []string{"", "4", "3x2,4", "0,1x4,2x2"} {
		var s ReadStages
		if err := s.UnmarshalText([]byte(text)); err != nil || s.String() != text {
			t.Errorf("%q is read as %v, %v", text, s, err)
		}
	}
	for _, text := range []string{",", "3x", "x2", "-1", "3x3", "3x2x2", "four", "3x2,"} {
		var s ReadStages
		if err := s.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is read as %v, want an error", text, s)
		}
	}
}

// readSlowly is Reading.features one stage and one view at a time, each extracted in its
// own cells.
func readSlowly(t *testing.T, r Reading, s Subject, pictures *dataset.Pictures) [][]float64 {
	t.Helper()
	views, err := dataset.Views(r.Views, pictures.Side)
	if err != nil {
		t.Fatal(err)
	}
	rows := make([][]float64, pictures.Len())
	for _, stage := range r.of(s.Model.Config.Stages()) {
		sums := make([][]float64, pictures.Len())
		for _, view := range views {
			e := train.Extraction{Parts: []int{stage.Stage}, Cells: stage.Cells}
			found, err := e.Run(parity.Backend(t), s.Model, pictures.Shown(view))
			if err != nil {
				t.Fatal(err)
			}
			width := e.Width(s.Model.Config, stage.Stage, pictures.Side)
			for i := range sums {
				row := found[0][i*width : (i+1)*width]
				var square float64
				for _, v := range row {
					square += float64(v) * float64(v)
				}
				if sums[i] == nil {
					sums[i] = make([]float64, width)
				}
				for k, v := range row {
					sums[i][k] += float64(v) / math.Sqrt(square) / float64(len(views))
				}
			}
		}
		for i := range rows {
			rows[i] = append(rows[i], sums[i]...)
		}
	}
	return rows
}

// TestReadingMatchesReference compares what is read of photographs with the slow way.
func TestReadingMatchesReference(t *testing.T) {
	pictures := photographs(t).Train.Subset([]int{0, 100, 333})
	for _, r := range []Reading{{Views: 2}, {Views: 10, Stages: ReadStages{{0, 4}, {1, 1}, {3, 2}}}} {
		got, err := r.features(context.Background(), sees{backend: parity.Backend(t), watch: func(embed.Report) {}}, builtIn(t), pictures)
		if err != nil {
			t.Fatal(err)
		}
		want := readSlowly(t, r, builtIn(t), pictures)
		for i := range want {
			if got.Cols != len(want[i]) {
				t.Fatalf("%v: %d features, want %d", r, got.Cols, len(want[i]))
			}
			for k, v := range got.Row(i) {
				if math.Abs(float64(v)-want[i][k]) > 1e-6 {
					t.Fatalf("%v: feature %d of picture %d is %v, want %v", r, k, i, v, want[i][k])
				}
			}
		}
	}
}

// TestReadingBeatsItsStages reads the built-in network with five labels a class. It names
// more than a probe of its last stage does.
func TestReadingBeatsItsStages(t *testing.T) {
	p := Probe{Backend: parity.Backend(t), LabelsPerClass: 5, Draws: 3, Neighbours: 1, Seed: 1, Reading: &Reading{Views: 2}}
	set := photographs(t)
	result, err := p.Run(context.Background(), builtIn(t), set)
	if err != nil {
		t.Fatal(err)
	}
	read, last := result.Reading, result.Stages[len(result.Stages)-1].Linear
	if read.Stages.String() != "2x2,3" || read.Linear.Accuracy < last.Accuracy+0.02 {
		t.Errorf("stages %v named %v, the last alone %v: want two points more", read.Stages, read.Linear, last)
	}
	learnt := set.Train.Subset(dataset.Budget(set.Train.Labels, 5, 1))
	alone, err := p.Reading.Read(context.Background(), Reader{Backend: p.Backend}, builtIn(t), learnt, set.Test, set.Test.Subset(nil))
	if err != nil {
		t.Fatal(err)
	}
	remembering := builtIn(t)
	remembering.Sum = "a sum"
	memory := NewMemory(1 << 20)
	for range 2 {
		again, err := p.Reading.Read(context.Background(), Reader{Backend: p.Backend, Memory: memory}, remembering, learnt, set.Test)
		if err != nil || !slices.Equal(again[1].Guesses, alone[1].Guesses) || again[1].Loss != alone[1].Loss {
			t.Errorf("with a memory %+v, %v, want %+v", again[1], err, alone[1])
		}
	}
	if len(alone) != 3 || alone[0].Right != len(alone[0].Guesses) || len(alone[1].Guesses) != set.Test.Len() || alone[2].Guesses != nil {
		t.Errorf("%+v", alone)
	}
	right := 0
	for i, guess := range alone[1].Guesses {
		if guess == set.Test.Labels[i] {
			right++
		}
	}
	if right != alone[1].Right || alone[1].Loss <= 0 || alone[1].Loss > 3 || slices.Min(alone[1].Guesses) < 0 {
		t.Errorf("%d right, counted %d; a loss of %v nats", alone[1].Right, right, alone[1].Loss)
	}
}

func TestReadingRefusesWhatIsNotThere(t *testing.T) {
	for _, r := range []Reading{{Views: 3}, {Views: 2, Stages: ReadStages{{4, 1}}}} {
		if err := r.Check(3); err == nil {
			t.Errorf("%+v of three stages is no error", r)
		}
	}
}
