package recording

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestQuantise checks for random beliefs, and for some at the edges, that the sum
// is kept, that nothing is off by more than a step and a half, and that the guess
// stays.
func TestQuantise(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	cases := [][Turns]float64{
		{1, 0, 0, 0}, {0, 0, 0, 1}, {0.25, 0.25, 0.25, 0.25}, {0.5, 0.5, 0, 0}, {0.4999, 0.5001, 0, 0},
		{0.2499, 0.25, 0.25, 0.2501}, {0.24999, 0.25, 0.25001, 0.25}, {1.0000002, 0, 0, 0}, {1 / 3., 1 / 3., 1 / 3., 0},
	}
	for range 100_000 {
		cases = append(cases, probabilities(random))
	}
	for _, p := range cases {
		b, err := Quantise(p)
		if err != nil {
			t.Fatalf("Quantise(%v): %v", p, err)
		}
		if b.sum() != 255 {
			t.Fatalf("Quantise(%v) = %v, which sums to %d", p, b, b.sum())
		}
		for i, v := range b {
			if off := math.Abs(float64(v) - 255*p[i]); off > 1.75 {
				t.Fatalf("Quantise(%v) = %v: number %d is off by %.2f", p, b, i, off)
			}
			if p[i] < p[b.Guess()] && v >= b[b.Guess()] {
				t.Fatalf("Quantise(%v) = %v: a lesser one is as large as the largest", p, b)
			}
		}
		if want := slices.Max(p[:]); p[b.Guess()] != want {
			t.Fatalf("Quantise(%v) = %v guesses %d", p, b, b.Guess())
		}
	}
}

func TestQuantiseRefusesWhatIsNoBelief(t *testing.T) {
	for _, p := range [][Turns]float64{{math.NaN(), 0, 0, 1}, {-0.1, 0.5, 0.5, 0.1}, {0, 0, 0, 0}, {1, 1, 0, 0}, {math.Inf(1), 0, 0, 0}} {
		if b, err := Quantise(p); err == nil {
			t.Errorf("Quantise(%v) = %v, want an error", p, b)
		}
	}
}

func TestProbabilitiesSumToOne(t *testing.T) {
	sum := float32(0)
	for _, p := range (Belief{100, 50, 100, 5}).Probabilities() {
		sum += p
	}
	if math.Abs(float64(sum)-1) > 1e-6 {
		t.Errorf("the probabilities sum to %v", sum)
	}
}

// TestFrame checks that two layouts share a square: the widest span fills it, the
// other lies in its middle, and nothing is stretched.
func TestFrame(t *testing.T) {
	a, b := []float32{-10, 0, 10, 0}, []float32{0, 5, 0, -5}
	f := FrameOf(a, b)
	const middle = 32768
	for _, tt := range []struct {
		layout []float32
		want   []Place
	}{
		{a, []Place{{0, middle}, {65535, middle}}},
		{b, []Place{{middle, 49151}, {middle, 16384}}},
	} {
		if got := f.Places(tt.layout); !slices.Equal(got, tt.want) {
			t.Errorf("Places(%v) = %v, want %v", tt.layout, got, tt.want)
		}
	}
	if got := FrameOf([]float32{3, 3}).Places([]float32{3, 3}); len(got) != 1 {
		t.Errorf("one point has places %v", got)
	}
}
