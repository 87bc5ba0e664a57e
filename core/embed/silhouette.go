package embed

import (
	"context"
	"math/rand/v2"
	"slices"

	"quarterturn/core/fault"
)

// Silhouette returns how much nearer rows are to those of their own class than to
// the nearest other class: the mean of (b-a)/max(a,b), -1 to 1, where a is a
// row's mean distance to its class and b the least of its mean distances to the
// others. Rows that are alone in their class count as 0. Unlabelled rows are left
// out.
//
//	labels  [x.Rows]
//	sample  rows that are drawn to be averaged over; 0 for all
//
// A sample is compared with all rows, so its only error is that of the mean: with
// 1,000 rows and a usual spread of 0.3, 0.01.
//
// Source: Rousseeuw, "Silhouettes: a graphical aid to the interpretation and
// validation of cluster analysis", 1987.
func Silhouette(ctx context.Context, x Matrix, labels []int32, sample int, seed uint64, watch Watch) (float64, error) {
	if len(labels) != x.Rows {
		return 0, fault.Errorf("embed", "%d labels for %d rows", len(labels), x.Rows)
	}
	s := newSilhouette(x, labels)
	if s.clusters < 2 {
		return 0, fault.New("embed", "a silhouette compares classes: at least two are needed")
	}
	rows := s.labelled
	if sample > 0 && sample < len(rows) {
		rows = slices.Clone(rows)
		random := rand.New(rand.NewPCG(seed, uint64(len(rows))))
		random.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		rows = rows[:sample]
	}
	values := make([]float64, len(rows))
	const perTask = 16
	tasks := blocks(len(rows), perTask)
	err := parallel(ctx, tasks, watch.in(Measuring, tasks), func(task int) {
		first, last := bounds(task, perTask, len(rows))
		for i := first; i < last; i++ {
			values[i] = s.of(rows[i])
		}
	})
	var sum float64
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values)), err
}

// A silhouette is data prepared for the question.
type silhouette struct {
	x        Matrix
	labels   []int32
	labelled []int // Rows with a class.
	sizes    []int // By label.
	clusters int   // Labels that occur.
}

func newSilhouette(x Matrix, labels []int32) silhouette {
	s := silhouette{x: x, labels: labels}
	for i, label := range labels {
		if label == Unlabelled {
			continue
		}
		for int(label) >= len(s.sizes) {
			s.sizes = append(s.sizes, 0)
		}
		if s.sizes[label]++; s.sizes[label] == 1 {
			s.clusters++
		}
		s.labelled = append(s.labelled, i)
	}
	return s
}

// of returns the silhouette of one row.
func (s silhouette) of(row int) float64 {
	own := s.labels[row]
	if s.sizes[own] == 1 {
		return 0
	}
	sums := make([]float64, len(s.sizes))
	for _, other := range s.labelled {
		sums[s.labels[other]] += distance(s.x.Row(row), s.x.Row(other))
	}
	a := sums[own] / float64(s.sizes[own]-1)
	b := -1.0
	for label, sum := range sums {
		if n := s.sizes[label]; n > 0 && label != int(own) && (b < 0 || sum/float64(n) < b) {
			b = sum / float64(n)
		}
	}
	if a == 0 && b == 0 {
		return 0
	}
	return (b - a) / max(a, b)
}
