package train

import (
	"errors"
	"slices"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"quarterturn/core/checkpoint"
	"quarterturn/core/dataset"
	"quarterturn/core/internal/parity"
	"quarterturn/core/resnet"
	"quarterturn/core/rotation"
)

// inspected returns an Inspector that was shown the first photograph turned once, and what
// it saw.
func inspected(t *testing.T, backend compute.Backend, m *checkpoint.Model, stage int) (*Inspector, *Sight) {
	t.Helper()
	v, err := NewInspector(backend, m, 32, stage)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(v.Close)
	s, err := v.Show(photographs(t, 1, 1).Train.At(0), 1)
	if err != nil {
		t.Fatal(err)
	}
	return v, s
}

// TestSightIsOfThePrediction: the beliefs are those of a Predictor about the same turn, and
// the maps are the features that an Extraction takes of it.
func TestSightIsOfThePrediction(t *testing.T) {
	m, picture := untrained(4, 1, 1, 1), photographs(t, 1, 1).Train.Subset([]int{0})
	for name, backend := range parity.Backends(t) {
		_, s := inspected(t, backend, m, 3)
		p, err := NewPredictor(backend, m, 32)
		if err != nil {
			t.Fatal(err)
		}
		guesses, err := p.Turns(picture.At(0))
		if err != nil {
			t.Fatal(err)
		}
		p.Close()
		checkClose(t, name+": beliefs", s.Belief, guesses[1], 1e-5)
		turned := *picture
		turned.Pixels = make([]byte, picture.Size())
		rotation.Turn(turned.Pixels, picture.At(0), 32, 1)
		if !slices.Equal(s.Pixels, turned.Pixels) {
			t.Errorf("%s: it was shown another picture", name)
		}
		features, err := Extraction{Parts: []int{0, 1, 2, 3}, Maps: true}.Run(backend, m, &turned)
		if err != nil {
			t.Fatal(err)
		}
		for part, want := range features {
			maps := s.Parts[part]
			if len(want) != maps.Side*maps.Side*maps.Channels {
				t.Errorf("%s: part %d has %d values, says %d×%d×%d", name, part, len(want), maps.Side, maps.Side, maps.Channels)
			}
			checkClose(t, name+": maps", maps.Values, want, 1e-5)
		}
	}
}

// TestGradCAMIsTheGradient compares channel weights with differences of the answer's logit
// where all of a channel is larger or smaller by a little. A ReLU behind may turn on or off
// within it, and 1e-3 of a logit of about 1 has four digits of float32: 3 % of the largest.
func TestGradCAMIsTheGradient(t *testing.T) {
	const little, answer = 1e-2, 2
	m := untrained(4, 1, 1, 1)
	for name, backend := range parity.Backends(t) {
		for stage := 1; stage <= 3; stage++ {
			v, s := inspected(t, backend, m, stage)
			got, side, err := v.GradCAM(answer)
			if err != nil {
				t.Fatal(err)
			}
			maps := s.Parts[stage]
			behind := logitsBehind(t, backend, m, stage, maps)
			want := make([]float32, side*side)
			for c := range maps.Channels {
				more, less := slices.Clone(maps.Values), slices.Clone(maps.Values)
				for i := c; i < len(more); i += maps.Channels {
					more[i], less[i] = more[i]+little, less[i]-little
				}
				weight := (behind(more)[answer] - behind(less)[answer]) / (2 * little) / float32(side*side)
				for at := range want {
					want[at] += weight * maps.Values[at*maps.Channels+c]
				}
			}
			for i, sum := range want {
				want[i] = max(sum, 0)
			}
			largest := max(slices.Max(want), 1e-6)
			if i, diff := parity.Worst(got, want); diff > 0.03*float64(largest) {
				t.Errorf("%s, stage %d: position %d is %g, by differences %g of at most %g", name, stage, i, got[i], want[i], largest)
			}
		}
	}
}

// logitsBehind computes logits from what a part leaves of one picture.
func logitsBehind(t *testing.T, backend compute.Backend, m *checkpoint.Model, part int, maps Maps) func([]float32) []float32 {
	t.Helper()
	store, err := storeOf(m)
	if err != nil {
		t.Fatal(err)
	}
	f, err := newForward(backend, store, m.Config.Classes, []int{maps.Side, maps.Side, maps.Channels},
		func(scope *model.Scope, x *graph.Node, mode resnet.Mode) *graph.Node {
			return m.Config.LogitsFrom(scope, x, part, mode)
		})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Finalize)
	t.Cleanup(f.exec.Finalize)
	return func(features []float32) []float32 {
		logits, err := f.logits(features)
		if err != nil {
			t.Fatal(err)
		}
		return logits
	}
}

// TestOcclusionIsTheMeanOfPatches does one pixel after the other by definition: rounding
// is all that differs.
func TestOcclusionIsTheMeanOfPatches(t *testing.T) {
	const answer = 1
	v, s := inspected(t, parity.Backend(t), untrained(4, 1, 1), 2)
	got, err := v.Occlusion(answer, nil)
	if err != nil {
		t.Fatal(err)
	}
	image := make([]float32, len(s.Pixels))
	dataset.Normalize(image, s.Pixels)
	falls := map[[2]int]float64{} // By the patch's corner.
	for top := 0; top <= 24; top += 2 {
		for left := 0; left <= 24; left += 2 {
			covered := slices.Clone(image)
			for y := top; y < top+8; y++ {
				clear(covered[3*(32*y+left) : 3*(32*y+left+8)])
			}
			logits, err := v.forward.logits(covered)
			if err != nil {
				t.Fatal(err)
			}
			falls[[2]int{top, left}] = float64(s.Belief[answer] - softmax(logits)[answer])
		}
	}
	want := make([]float32, 32*32)
	for i := range want {
		var sum, n float64
		for corner, fell := range falls {
			if y, x := i/32-corner[0], i%32-corner[1]; y >= 0 && y < 8 && x >= 0 && x < 8 {
				sum += fell
				n++
			}
		}
		want[i] = float32(sum / n)
	}
	checkClose(t, "occlusion", got, want, 1e-6)
	if slices.Max(got) == slices.Min(got) {
		t.Error("it is the same everywhere")
	}
	stopped := errors.New("enough")
	if _, err := v.Occlusion(answer, func() error { return stopped }); !errors.Is(err, stopped) {
		t.Errorf("stopped it ends with %v", err)
	}
}

// TestInspectorRefuses what the network has not.
func TestInspectorRefuses(t *testing.T) {
	m, backend := untrained(4, 1, 1), parity.Backend(t)
	if _, err := NewInspector(backend, m, 32, 3); err == nil {
		t.Error("it looks at a stage that is not there")
	}
	v, err := NewInspector(backend, m, 32, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	if _, _, err := v.GradCAM(0); err == nil {
		t.Error("it explains what was not shown")
	}
	if _, err := v.Show(make([]byte, 5), 0); err == nil {
		t.Error("it looks at five bytes")
	}
	if _, err := v.Show(make([]byte, 32*32*3), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Occlusion(4, nil); err == nil {
		t.Error("it explains an answer that is not there")
	}
}
