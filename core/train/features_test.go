package train

import (
	"errors"
	"testing"

	"quarterturn/core/checkpoint"
	"quarterturn/core/dataset"
	"quarterturn/core/internal/parity"
	"quarterturn/core/resnet"
	"quarterturn/core/run"
)

// untrained returns a network that has learnt nothing.
func untrained(classes int, blocks ...int) *checkpoint.Model {
	net := resnet.Config{Network: run.Network{Blocks: blocks, Width: 4}, Classes: classes}
	return &checkpoint.Model{Config: net, Side: 32, Weights: checkpoint.Initial(net, 1)}
}

// TestFeaturesGiveLogits multiplies the last stage's features by the head's
// weights: these must be the logits. There are more pictures than fit a batch.
// The products of 16 features of about 1 differ by a few roundings.
func TestFeaturesGiveLogits(t *testing.T) {
	pictures := photographs(t, 7, 1).Train
	m := untrained(3, 1, 1, 1)
	for name, backend := range parity.Backends(t) {
		features, err := Extraction{Parts: []int{3}}.Run(backend, m, pictures)
		if err != nil {
			t.Fatal(err)
		}
		p, err := NewPredictor(backend, m, pictures.Side)
		if err != nil {
			t.Fatal(err)
		}
		images := make([]float32, pictures.Len()*pictures.Size())
		for i := range pictures.Len() {
			dataset.Normalize(images[i*pictures.Size():][:pictures.Size()], pictures.At(i))
		}
		want, err := p.forward.logits(images)
		if err != nil {
			t.Fatal(err)
		}
		p.Close()
		checkClose(t, name+": logits", headOf(m, features[0]), want, 1e-5)
	}
}

// headOf is the head by definition.
func headOf(m *checkpoint.Model, features []float32) (logits []float32) {
	classes, width := m.Config.Classes, m.Config.Channels(m.Config.Head())
	for first := 0; first < len(features); first += width {
		for c := range classes {
			sum := m.Weights["fc.bias"][c]
			for i, v := range features[first : first+width] {
				sum += v * m.Weights["fc.weight"][i*classes+c]
			}
			logits = append(logits, sum)
		}
	}
	return logits
}

// TestExtractionCells compares maps of 2×2 and 4×4 cells of all parts with those
// of twice as many, averaged. Cells come row by row, with all channels of one
// together.
func TestExtractionCells(t *testing.T) {
	pictures := photographs(t, 1, 1).Train
	m := untrained(4, 1, 1)
	parts := []int{2, 0, 1}
	extract := func(cells int) [][]float32 {
		features, err := Extraction{Parts: parts, Cells: cells}.Run(parity.Backend(t), m, pictures)
		if err != nil {
			t.Fatal(err)
		}
		return features
	}
	whole, halves, quarters := extract(0), extract(2), extract(4)
	for i, part := range parts {
		channels := m.Config.Channels(part)
		checkClose(t, "means of halves", quarter(halves[i], 2, channels), whole[i], 1e-5)
		checkClose(t, "means of quarters", quarter(quarters[i], 4, channels), halves[i], 1e-5)
	}
}

// quarter averages two by two cells.
func quarter(fine []float32, cells, channels int) []float32 {
	coarse := make([]float32, len(fine)/4)
	for i, v := range fine {
		channel, x, y := i%channels, i/channels%cells, i/channels/cells%cells
		picture := i / channels / cells / cells
		half := cells / 2
		coarse[((picture*half+y/2)*half+x/2)*channels+channel] += v / 4
	}
	return coarse
}

func TestExtractionRefusesAndStops(t *testing.T) {
	pictures := photographs(t, 7, 1).Train
	m := untrained(4, 1, 1)
	for name, e := range map[string]Extraction{
		"a stage that is not there": {Parts: []int{3}},
		"a negative stage":          {Parts: []int{-1}},
		"cells that do not divide":  {Parts: []int{1}, Cells: 5},
	} {
		if _, err := e.Run(parity.Backend(t), m, pictures); err == nil {
			t.Errorf("%s: was taken", name)
		}
	}
	many := &dataset.Pictures{Side: 32, Labels: make([]int32, MaxFeatures/1024)} // No pixels: it must not look at them.
	if _, err := (Extraction{Parts: []int{0}, Cells: 32}).Run(parity.Backend(t), m, many); err == nil {
		t.Error("more features than MaxFeatures were taken")
	}
	stop, seen := errors.New("stop"), 0
	_, err := Extraction{Parts: []int{1}, Between: func(done int) error {
		if seen = done; done > 0 {
			return stop
		}
		return nil
	}}.Run(parity.Backend(t), m, pictures)
	if !errors.Is(err, stop) || seen != evaluationBatch {
		t.Errorf("stopped after %d pictures with %v, want %d and %v", seen, err, evaluationBatch, stop)
	}
}
