package dataset

import (
	"math"
	"slices"
	"testing"
)

func TestOrderIsAPermutation(t *testing.T) {
	for _, n := range []int{0, 1, 2, 100} {
		order := Order(1, 2, n)
		sorted := slices.Clone(order)
		slices.Sort(sorted)
		for i, v := range sorted {
			if i != v {
				t.Fatalf("Order(1, 2, %d) lacks %d", n, i)
			}
		}
		if !slices.Equal(order, Order(1, 2, n)) {
			t.Errorf("Order(1, 2, %d) differs from call to call", n)
		}
	}
}

func TestOrderDependsOnSeedAndEpoch(t *testing.T) {
	base := Order(1, 0, 50)
	if slices.Equal(base, Order(2, 0, 50)) || slices.Equal(base, Order(1, 1, 50)) {
		t.Error("another seed or epoch gives the same order")
	}
}

// TestOrderIsUniform counts where picture 0 comes in 8,000 epochs. Each of 8
// places expects 1,000 with a standard deviation of 29.6; 5 of them, which chance
// passes once in a million runs, is the bound, and the seed is fixed.
func TestOrderIsUniform(t *testing.T) {
	const places, epochs = 8, 8000
	var count [places]int
	for epoch := range epochs {
		count[slices.Index(Order(3, epoch, places), 0)]++
	}
	bound := 5 * math.Sqrt(epochs*(1./places)*(1-1./places))
	for place, n := range count {
		if math.Abs(float64(n)-epochs/places) > bound {
			t.Errorf("picture 0 came at place %d %d times, want %d ± %.0f", place, n, epochs/places, bound)
		}
	}
}

func TestBudget(t *testing.T) {
	labels := []int32{0, 1, 0, Unlabelled, 1, 0, 1, 2}
	tests := []struct {
		name     string
		perClass int
		want     [3]int
	}{
		{"one", 1, [3]int{1, 1, 1}},
		{"more than a class has", 2, [3]int{2, 2, 1}},
		{"more than any has", 9, [3]int{3, 3, 1}},
		{"no limit", 0, [3]int{3, 3, 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			chosen := Budget(labels, tt.perClass, 5)
			var got [3]int
			for _, i := range chosen {
				if labels[i] == Unlabelled {
					t.Fatalf("picture %d has no label", i)
				}
				got[labels[i]]++
			}
			if got != tt.want || !slices.IsSorted(chosen) {
				t.Errorf("Budget(%d) = %v: %v per class, want %v, ascending", tt.perClass, chosen, got, tt.want)
			}
		})
	}
}

func TestBudgetsAreNested(t *testing.T) {
	labels := make([]int32, 300)
	for i := range labels {
		labels[i] = int32(i % 3)
	}
	large := Budget(labels, 50, 9)
	for _, i := range Budget(labels, 20, 9) {
		if !slices.Contains(large, i) {
			t.Errorf("picture %d is in the budget of 20 and not in that of 50", i)
		}
	}
	if slices.Equal(large, Budget(labels, 50, 10)) {
		t.Error("another seed chose the same pictures")
	}
}

func TestSplit(t *testing.T) {
	labels := make([]int32, 0, 131)
	for range 100 {
		labels = append(labels, 0)
	}
	for range 30 {
		labels = append(labels, 1)
	}
	labels = append(labels, 2)
	tests := []struct {
		name  string
		share float64
		want  [3]int // Held out per class.
	}{
		{"none", 0, [3]int{0, 0, 0}},
		{"a fifth", 0.2, [3]int{20, 6, 0}},
		{"so little that one is left", 0.001, [3]int{1, 1, 0}},
		{"so much that one is left", 0.999, [3]int{99, 29, 0}},
		{"all", 1, [3]int{100, 30, 1}},
		{"not a number", math.NaN(), [3]int{0, 0, 0}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			train, held := Split(labels, tt.share, 1)
			var got [3]int
			for _, i := range held {
				got[labels[i]]++
			}
			if got != tt.want {
				t.Errorf("held out %v per class, want %v", got, tt.want)
			}
			all := append(slices.Clone(train), held...)
			slices.Sort(all)
			if len(slices.Compact(all)) != len(labels) || !slices.IsSorted(train) || !slices.IsSorted(held) {
				t.Error("the parts overlap, lack some or are not ascending")
			}
		})
	}
}
