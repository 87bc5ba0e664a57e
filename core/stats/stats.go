// Package stats says how far a handful of measurements can be trusted: means with
// their interval, the difference of pairs, shares of a count, and tables of runs by
// pictures, in which both are a sample.
//
// It is the statistics of experiments with a few seeds, in closed form: Student's
// t has one for whole degrees of freedom. A library of distributions, such as
// gonum's stat/distuv, would bring linear algebra along for what is sixty lines
// here, and these run in a browser too.
package stats

import "math"

// Level is the share of cases that every interval here is for.
const Level = 0.95

// An Interval is a value with the range in which the true one is believed to lie.
type Interval struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// Mean returns the mean of values. It is 0 of none.
func Mean(values []float64) float64 {
	var sum float64
	for _, v := range values {
		sum += v
	}
	return sum / float64(max(len(values), 1))
}

// Deviation returns the standard deviation of the population that values were
// drawn from, with n-1 below the sum. It is 0 of fewer than two.
func Deviation(values []float64) float64 {
	if len(values) < 2 {
		return 0
	}
	mean := Mean(values)
	var squares float64
	for _, v := range values {
		squares += (v - mean) * (v - mean)
	}
	return math.Sqrt(squares / float64(len(values)-1))
}

// MeanInterval returns the mean of values with Student's interval. Fewer than two
// values say nothing about their spread: the interval is then all numbers.
func MeanInterval(values []float64) Interval {
	mean := Mean(values)
	if len(values) < 2 {
		return Interval{mean, math.Inf(-1), math.Inf(1)}
	}
	n := float64(len(values))
	spread := Quantile(len(values)-1) * Deviation(values) / math.Sqrt(n)
	return Interval{mean, mean - spread, mean + spread}
}

// A Difference is what a paired t-test says of the mean difference of pairs.
type Difference struct {
	Interval         // Of the mean difference.
	N        int     // Pairs.
	T        float64 // The mean in units of its standard error.
	P        float64 // Two-sided: how often chance alone does this or more.
}

// same is the deviation of differences below which they count as the same: it is then
// that of rounding, of numbers around 1.
const same = 1e-9

// Paired compares a with b, of equal length, pair by pair: the differences a-b.
// One pair has no interval. T and P are not numbers for one pair, and where all pairs
// differ by the same: without a spread there is no test, however large the difference.
func Paired(a, b []float64) Difference {
	differences := make([]float64, len(a))
	for i := range a {
		differences[i] = a[i] - b[i]
	}
	d := Difference{Interval: MeanInterval(differences), N: len(a), T: math.NaN(), P: math.NaN()}
	if deviation := Deviation(differences); deviation >= same {
		d.T = d.Value * math.Sqrt(float64(d.N)) / deviation
		d.P = 1 - Within(math.Abs(d.T), d.N-1)
	}
	return d
}

// Within returns the probability that Student's t with so many degrees of
// freedom, at least 1, lies between -t and t (Abramowitz and Stegun 26.7.3 and
// 26.7.4). Rounding leaves an error of about 1e-15.
func Within(t float64, freedom int) float64 {
	if math.IsInf(t, 1) {
		return 1
	}
	angle := math.Atan(t / math.Sqrt(float64(freedom)))
	sin, cos := math.Sin(angle), math.Cos(angle)
	if freedom == 1 {
		return 2 * angle / math.Pi
	}
	term := 1.0
	if freedom%2 == 1 {
		term = cos
	}
	sum := term
	for k := 2 + freedom%2; k <= freedom-2; k += 2 {
		term *= cos * cos * float64(k-1) / float64(k)
		sum += term
	}
	if freedom%2 == 1 {
		return 2 / math.Pi * (angle + sin*sum)
	}
	return sin * sum
}

// Quantile returns the t within which Student's t with so many degrees of
// freedom, at least 1, lies in 95 of 100 cases.
func Quantile(freedom int) float64 { return quantile(Level, freedom) }

// quantile is Quantile for another share of the cases, 0.5 to 0.99.
func quantile(level float64, freedom int) float64 {
	if freedom == 1 {
		return math.Tan(level / 2 * math.Pi)
	}
	low, high := 0.6, 10.0 // Of half of the cases with infinitely many degrees, and of 0.99 with two.
	for range 60 {
		middle := (low + high) / 2
		if Within(middle, freedom) < level {
			low = middle
		} else {
			high = middle
		}
	}
	return (low + high) / 2
}

// z is the normal distribution's quantile for Level.
const z = 1.959963984540054

// Wilson returns a share of n with Wilson's score interval (Wilson 1927). Of none
// it is all from 0 to 1.
func Wilson(right, n int) Interval {
	if n == 0 {
		return Interval{0, 0, 1}
	}
	return wilson(float64(right)/float64(n), float64(n))
}

// wilson is Wilson for a share of so many independent examples as would tell as much:
// a number that need not be whole.
func wilson(share, n float64) Interval {
	centre := share + z*z/(2*n)
	spread := z * math.Sqrt(share*(1-share)/n+z*z/(4*n*n))
	scale := 1 + z*z/n
	// With none or all of n a bound is the share itself but for its last digit.
	low, high := min(share, (centre-spread)/scale), max(share, (centre+spread)/scale)
	return Interval{share, max(0, low), min(1, high)}
}

// Shares returns the difference a/n - b/m of two independent shares with Newcombe's
// interval (Newcombe 1998, method 10), made of Wilson's of each.
func Shares(a, n, b, m int) Interval {
	x, y := Wilson(a, n), Wilson(b, m)
	d := x.Value - y.Value
	return Interval{
		Value: d,
		Low:   d - math.Hypot(x.Value-x.Low, y.High-y.Value),
		High:  d + math.Hypot(x.High-x.Value, y.Value-y.Low),
	}
}
