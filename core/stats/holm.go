package stats

import (
	"cmp"
	"math"
	"slices"
)

// Holm returns what the p of several tests are when all of them were looked at: the
// chance that any of them would come out so by chance is at most that (Holm 1979,
// Scandinavian Journal of Statistics 6, 65–70). Those that are not numbers stay so,
// and count as no tests.
func Holm(ps []float64) []float64 {
	var order []int
	for i, p := range ps {
		if !math.IsNaN(p) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(ps[a], ps[b]) })
	adjusted := slices.Clone(ps)
	highest := 0.0
	for rank, i := range order {
		highest = max(highest, min(1, float64(len(order)-rank)*ps[i]))
		adjusted[i] = highest
	}
	return adjusted
}
