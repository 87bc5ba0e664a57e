package recording

import (
	"math"
	"slices"

	"quarterturn/core/fault"
)

// Quantise rounds four probabilities, which sum to 1, to 255ths that sum to 255:
// each is off by less than one. The largest stays the largest, alone where it was
// alone, so that what the network guesses is the same.
//
// Fractions are rounded by largest remainder (Hamilton's method of apportionment).
func Quantise(p [Turns]float64) (b Belief, err error) {
	var remainders [Turns]float64
	best, left := 0, 255
	for i, v := range p {
		if !(v >= 0 && v <= 1.001) {
			return b, fault.Errorf("recording", "probabilities %v are none", p)
		}
		whole := math.Floor(255 * v)
		b[i], remainders[i] = uint8(min(whole, 255)), 255*v-whole
		left -= int(b[i])
		if v > p[best] {
			best = i
		}
	}
	if left < 0 || left > Turns {
		return b, fault.Errorf("recording", "probabilities %v do not sum to 1", p)
	}
	order := []int{0, 1, 2, 3}
	slices.SortStableFunc(order, func(i, j int) int {
		switch {
		case remainders[i] > remainders[j]:
			return -1
		case remainders[i] < remainders[j]:
			return 1
		}
		return 0
	})
	for i := range left {
		b[order[i%Turns]]++
	}
	return b.favouring(best, p), nil
}

// favouring takes a 255th from an answer that rounding made as likely as the best
// one, which is more probable.
func (b Belief) favouring(best int, p [Turns]float64) Belief {
	for i := range b {
		if i != best && b[i] >= b[best] && p[i] < p[best] {
			b[i]--
			b[best]++
		}
	}
	return b
}

func (b Belief) sum() (sum int) {
	for _, v := range b {
		sum += int(v)
	}
	return sum
}

// Probabilities returns the belief as fractions that sum to 1.
func (b Belief) Probabilities() []float32 {
	p := make([]float32, Turns)
	for i, v := range b {
		p[i] = float32(v) / 255
	}
	return p
}

// Guess returns the likeliest turn; of equally likely ones the first.
func (b Belief) Guess() int {
	best := 0
	for i, v := range b {
		if v > b[best] {
			best = i
		}
	}
	return best
}

// A Frame maps the plane to places: the same square for all epochs.
type Frame struct{ left, top, side float64 }

// FrameOf returns the smallest square around all points of all layouts, each
// [N, 2] flat. Coordinates must be finite.
func FrameOf(layouts ...[]float32) Frame {
	low := [2]float64{math.Inf(1), math.Inf(1)}
	high := [2]float64{math.Inf(-1), math.Inf(-1)}
	for _, layout := range layouts {
		for i, v := range layout {
			low[i%2], high[i%2] = min(low[i%2], float64(v)), max(high[i%2], float64(v))
		}
	}
	side := max(high[0]-low[0], high[1]-low[1])
	if !(side > 0) || math.IsInf(side, 0) {
		return Frame{side: 1}
	}
	// The shorter side in the middle.
	return Frame{left: (low[0] + high[0] - side) / 2, top: (low[1] + high[1] - side) / 2, side: side}
}

// Places returns where the points of a layout [N, 2] lie in the frame.
func (f Frame) Places(layout []float32) []Place {
	places := make([]Place, len(layout)/2)
	for i := range places {
		places[i] = Place{f.place(layout[2*i], f.left), f.place(layout[2*i+1], f.top)}
	}
	return places
}

func (f Frame) place(v float32, from float64) uint16 {
	return uint16(math.Round(min(max((float64(v)-from)/f.side, 0), 1) * math.MaxUint16))
}
