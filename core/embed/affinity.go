package embed

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// affinities is the symmetric distribution P over pairs of rows. Only pairs of
// which one is among the other's nearest have a share worth storing.
type affinities struct {
	first []int32 // [N+1], where each row's begin in pairs.
	pairs []affinity
}

// An affinity is a row's share with another.
type affinity struct {
	to    int32
	share float32
}

func (a affinities) of(row int) []affinity { return a.pairs[a.first[row]:a.first[row+1]] }

// affinities returns P of the rows of x: with all others if exact, else with
// three times as many as the perplexity, beyond which shares are below a
// thousandth (van der Maaten 2014, section 4.1).
func (t TSNE) affinities(ctx context.Context, x Matrix) (affinities, error) {
	k := x.Rows - 1
	if !t.Exact {
		k = min(k, int(math.Ceil(3*t.Perplexity)))
	}
	near, err := NearestOthers(ctx, x, k, t.Watch)
	if err != nil {
		return affinities{}, err
	}
	shares := make([]float32, len(near.Distance))
	for i := range x.Rows {
		calibrate(shares[i*k:(i+1)*k], near.Distance[i*k:(i+1)*k], t.Perplexity)
	}
	return symmetrize(near, shares), ctx.Err()
}

// calibrate writes the conditional probabilities of a row's neighbours: normal
// ones of their distances, in the width that makes their perplexity, the
// exponential of their entropy, as wanted.
func calibrate(shares, distances []float32, perplexity float64) {
	wanted := math.Log(perplexity)
	nearest := float64(distances[0])
	precision, low, high := 1.0, 0.0, math.Inf(1)
	if mean := meanSquare(distances) - nearest*nearest; mean > 0 {
		precision = 1 / mean
	}
	for range 100 { // Each halves the interval: plenty.
		entropy := spread(shares, distances, precision)
		if math.Abs(entropy-wanted) < 1e-5 {
			return
		}
		if entropy > wanted {
			low = precision
		} else {
			high = precision
		}
		if math.IsInf(high, 1) {
			precision *= 2
		} else {
			precision = (low + high) / 2
		}
	}
	// Reached where so many distances are equal that no width will do; the last
	// one is the best there is.
}

func meanSquare(values []float32) (mean float64) {
	for _, v := range values {
		mean += float64(v) * float64(v) / float64(len(values))
	}
	return mean
}

// spread writes exp(-precision·d²), normalized, and returns its entropy in nats.
func spread(shares, distances []float32, precision float64) (entropy float64) {
	nearest := float64(distances[0])
	var sum, weighted float64
	for i, d := range distances {
		// From the nearest's on, so that not all vanish.
		further := float64(d)*float64(d) - nearest*nearest
		e := math.Exp(-precision * further)
		shares[i] = float32(e)
		sum += e
		weighted += e * precision * further
	}
	for i := range shares {
		shares[i] = float32(float64(shares[i]) / sum)
	}
	return math.Log(sum) + weighted/sum
}

// symmetrize returns (p(j|i)+p(i|j))/2N. Each pair is entered from both sides and
// then those that met are added.
func symmetrize(near Neighbours, shares []float32) affinities {
	n := len(shares) / near.K
	first := make([]int32, n+1)
	for i, j := range near.Index {
		first[i/near.K+1]++
		first[j+1]++
	}
	for i := range n {
		first[i+1] += first[i]
	}
	pairs := make([]affinity, first[n])
	next := slices.Clone(first[:n])
	enter := func(from, to int32, share float32) {
		pairs[next[from]] = affinity{to, share}
		next[from]++
	}
	for i, j := range near.Index {
		share := shares[i] / float32(2*n)
		enter(int32(i/near.K), j, share)
		enter(j, int32(i/near.K), share)
	}
	return merge(affinities{first, pairs})
}

// merge sorts each row's pairs and adds those to the same row, in place.
func merge(a affinities) affinities {
	kept := int32(0)
	for row := range len(a.first) - 1 {
		own := a.of(row)
		slices.SortFunc(own, func(a, b affinity) int { return cmp.Compare(a.to, b.to) })
		a.first[row] = kept
		for _, pair := range own {
			if kept > a.first[row] && a.pairs[kept-1].to == pair.to {
				a.pairs[kept-1].share += pair.share
				continue
			}
			a.pairs[kept] = pair
			kept++
		}
	}
	a.first[len(a.first)-1] = kept
	a.pairs = a.pairs[:kept]
	return a
}
