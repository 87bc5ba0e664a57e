package embed

import (
	"context"
	"slices"

	"quarterturn/core/engine/kernel"
	"quarterturn/core/fault"
)

// Neighbours are the rows of a base that are nearest to each of some queries.
type Neighbours struct {
	K        int
	Index    []int32   // [Queries, K], rows of the base, the nearest first.
	Distance []float32 // [Queries, K], Euclidean.
}

// Nearest finds the k rows of base that are nearest to each query; of equally
// near ones those that stand first.
//
// It compares all pairs: 10,000 rows of 50 numbers are a second or two, and in
// more than a dozen dimensions a tree would visit nearly everything too. Memory
// is in proportion to the result.
func Nearest(ctx context.Context, base, queries Matrix, k int, watch Watch) (Neighbours, error) {
	if k < 1 || k > base.Rows || base.Cols != queries.Cols {
		return Neighbours{}, fault.Errorf("embed", "%d neighbours among %d rows of %d for rows of %d numbers", k, base.Rows, base.Cols, queries.Cols)
	}
	return search{base: base, queries: queries, k: k}.run(ctx, watch)
}

// NearestOthers finds the k rows that are nearest to each row of x, itself left
// out.
func NearestOthers(ctx context.Context, x Matrix, k int, watch Watch) (Neighbours, error) {
	if k < 1 || k > x.Rows-1 {
		return Neighbours{}, fault.Errorf("embed", "%d neighbours for each of %d rows", k, x.Rows)
	}
	return search{base: x, queries: x, k: k, others: true}.run(ctx, watch)
}

// A search is a question for neighbours.
type search struct {
	base, queries Matrix
	k             int
	others        bool // Query i is row i, which is no neighbour of itself.
	lengths       []float32
}

// The numbers of queries and base rows whose products are computed at a time.
// 128×1024 fill half a megabyte.
const (
	queryBlock = 128
	baseBlock  = 1024
)

// spare is how many candidates are kept beyond k. They are chosen by
// |q|²+|b|²-2q·b, whose rounding may swap close ones, and put in order by their
// true distances.
const spare = 8

func (s search) run(ctx context.Context, watch Watch) (Neighbours, error) {
	found := Neighbours{K: s.k, Index: make([]int32, s.queries.Rows*s.k), Distance: make([]float32, s.queries.Rows*s.k)}
	s.lengths = make([]float32, s.base.Rows)
	for i := range s.lengths {
		s.lengths[i] = float32(squaredLength(s.base.Row(i)))
	}
	tasks := blocks(s.queries.Rows, queryBlock)
	err := parallel(ctx, tasks, watch.in(Neighbouring, tasks), func(task int) {
		first, last := bounds(task, queryBlock, s.queries.Rows)
		for i, candidates := range s.candidates(first, last) {
			s.settle(found, first+i, candidates)
		}
	})
	return found, err
}

// candidates returns for each query from first to last the rows that seem
// nearest.
func (s search) candidates(first, last int) []nearestHeap {
	most := min(s.k+spare, s.base.Rows)
	heaps := make([]nearestHeap, last-first)
	for i := range heaps {
		heaps[i] = make(nearestHeap, 0, most)
	}
	queries := s.queries.Data[first*s.base.Cols : last*s.base.Cols]
	products := make([]float32, len(heaps)*min(baseBlock, s.base.Rows))
	var m multiplier
	for b := range blocks(s.base.Rows, baseBlock) {
		from, to := bounds(b, baseBlock, s.base.Rows)
		width := to - from
		shape := kernel.MatMul{Rows: len(heaps), Columns: width, Inner: s.base.Cols, TransposeB: true}
		m.run(shape, products[:len(heaps)*width], queries, s.base.Data[from*s.base.Cols:to*s.base.Cols])
		for i := range heaps {
			for j, product := range products[i*width : (i+1)*width] {
				if s.others && from+j == first+i {
					continue
				}
				// |q|² is the same for all rows.
				heaps[i].offer(neighbour{s.lengths[from+j] - 2*product, int32(from + j)}, most)
			}
		}
	}
	return heaps
}

// settle writes the nearest of a query's candidates.
func (s search) settle(found Neighbours, query int, candidates nearestHeap) {
	for i := range candidates {
		candidates[i].distance = float32(distance(s.queries.Row(query), s.base.Row(int(candidates[i].row))))
	}
	slices.SortFunc(candidates, func(a, b neighbour) int {
		if a.after(b) {
			return 1
		}
		return -1
	})
	for i, c := range candidates[:s.k] {
		found.Index[query*s.k+i], found.Distance[query*s.k+i] = c.row, c.distance
	}
}

// A neighbour is a row of the base and how far it is, by any measure.
type neighbour struct {
	distance float32
	row      int32
}

func (a neighbour) after(b neighbour) bool {
	return a.distance > b.distance || a.distance == b.distance && a.row > b.row
}

// A nearestHeap keeps the nearest of what it was offered, the farthest of them on
// top.
type nearestHeap []neighbour

func (h *nearestHeap) offer(n neighbour, most int) {
	s := *h
	if len(s) == most {
		if s[0].after(n) {
			s[0] = n
			s.sink()
		}
		return
	}
	s = append(s, n)
	for i := len(s) - 1; i > 0; {
		parent := (i - 1) / 2
		if !s[i].after(s[parent]) {
			break
		}
		s[i], s[parent] = s[parent], s[i]
		i = parent
	}
	*h = s
}

// sink moves the top down to where it belongs.
func (h nearestHeap) sink() {
	for i := 0; ; {
		child := 2*i + 1
		if child >= len(h) {
			return
		}
		if child+1 < len(h) && h[child+1].after(h[child]) {
			child++
		}
		if !h[child].after(h[i]) {
			return
		}
		h[i], h[child] = h[child], h[i]
		i = child
	}
}

// Vote returns for each query the class that most of its neighbours have; of
// equally frequent ones the one whose members are nearer. labels are those of the
// base, each from 0 to classes-1.
func (n Neighbours) Vote(labels []int32, classes int) []int32 {
	winners := make([]int32, len(n.Index)/n.K)
	votes, distances := make([]int, classes), make([]float64, classes)
	for q := range winners {
		clear(votes)
		clear(distances)
		for i := q * n.K; i < (q+1)*n.K; i++ {
			label := labels[n.Index[i]]
			votes[label]++
			distances[label] += float64(n.Distance[i])
		}
		best := 0
		for c := range votes {
			if votes[c] > votes[best] || votes[c] == votes[best] && distances[c] < distances[best] {
				best = c
			}
		}
		winners[q] = int32(best)
	}
	return winners
}

// Purity returns the mean share of a row's neighbours that are of its class, 0
// to 1, over the rows that have one. Unlabelled neighbours are of no class.
//
//	labels  [N], of the rows that NearestOthers was given
func (n Neighbours) Purity(labels []int32) float64 {
	same, counted := 0, 0
	for i, label := range labels {
		if label == Unlabelled {
			continue
		}
		counted += n.K
		for _, other := range n.Index[i*n.K : (i+1)*n.K] {
			if labels[other] == label {
				same++
			}
		}
	}
	return float64(same) / float64(max(counted, 1))
}

// ChancePurity is the Purity that points thrown at random have on average.
func ChancePurity(labels []int32) float64 {
	counts := map[int32]int{}
	for _, label := range labels {
		counts[label]++
	}
	pairs, labelled := 0, 0
	for label, n := range counts {
		if label != Unlabelled {
			pairs += n * (n - 1)
			labelled += n
		}
	}
	return float64(pairs) / float64(max(labelled*(len(labels)-1), 1))
}
