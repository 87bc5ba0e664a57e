package dataset

import (
	"math"
	"slices"
	"testing"
)

// TestHoldOutValidation: of 20 and of 5 pictures a fifth, apart from what is learnt
// from; the test pictures stay.
func TestHoldOutValidation(t *testing.T) {
	p := &Pictures{Side: 1, Classes: []string{"a", "b"}}
	for i := range 25 {
		p.Pixels = append(p.Pixels, byte(i), 0, 0)
		p.Labels = append(p.Labels, int32(i/20))
	}
	test := &Pictures{Side: 1, Classes: p.Classes}
	set := &Set{Train: p, Test: test}
	if set.Validating() != test {
		t.Error("without validation pictures the test pictures validate")
	}
	set.HoldOutValidation(0, 1)
	if set.Validation != nil {
		t.Errorf("a share of 0 held out %d", set.Validation.Len())
	}
	set.HoldOutValidation(0.2, 1)
	if counts, _ := set.Validation.Counts(); !slices.Equal(counts, []int{4, 1}) || set.Train.Len() != 20 || set.Test != test || set.Validating() != set.Validation {
		t.Fatalf("held out %v, %d are left", counts, set.Train.Len())
	}
	seen := map[byte]bool{}
	for _, part := range []*Pictures{set.Train, set.Validation} {
		for i := range part.Len() {
			seen[part.At(i)[0]] = true
		}
	}
	if len(seen) != 25 {
		t.Errorf("%d different pictures, want 25", len(seen))
	}
	train, held := Split(p.Labels, 0.2, 1)
	if slices.EqualFunc(held, seenIn(set.Validation), func(a int, b byte) bool { return byte(a) == b }) || len(train) != 20 {
		t.Error("the pictures held out are those of a test split of the same seed")
	}
}

func seenIn(p *Pictures) (all []byte) {
	for i := range p.Len() {
		all = append(all, p.At(i)[0])
	}
	return all
}

func TestIsValidationShare(t *testing.T) {
	for share, want := range map[float64]bool{0: true, 0.1: true, 0.5: true, 0.51: false, -0.1: false, 7: false, math.Inf(1): false} {
		if IsValidationShare(share) != want {
			t.Errorf("%v: %v", share, !want)
		}
	}
	if IsValidationShare(math.NaN()) {
		t.Error("NaN can be held out")
	}
}
