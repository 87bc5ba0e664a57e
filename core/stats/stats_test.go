package stats

import (
	"math"
	"testing"
)

// TestQuantile compares with the table of Student's t printed in most textbooks,
// such as Abramowitz and Stegun, table 26.10, for 95 % on both sides.
func TestQuantile(t *testing.T) {
	for freedom, want := range map[int]float64{
		1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262, 10: 2.228,
		15: 2.131, 20: 2.086, 29: 2.045, 30: 2.042, 60: 2.000, 120: 1.980,
	} {
		if got := Quantile(freedom); math.Abs(got-want) > 5e-4 {
			t.Errorf("%d degrees: %.5f, the table has %.3f", freedom, got, want)
		}
	}
	if got := Quantile(1_000_000); math.Abs(got-z) > 1e-5 {
		t.Errorf("a million degrees: %v, the normal distribution has %v", got, z)
	}
}

// TestWithin compares with other columns of the same tables: 90, 99 and 99.9 %.
func TestWithin(t *testing.T) {
	for _, tt := range []struct {
		t       float64
		freedom int
		want    float64
	}{
		{0, 3, 0}, {6.314, 1, 0.90}, {63.657, 1, 0.99}, {2.920, 2, 0.90}, {9.925, 2, 0.99}, {31.599, 2, 0.999},
		{2.353, 3, 0.90}, {5.841, 3, 0.99}, {2.132, 4, 0.90}, {4.604, 4, 0.99}, {8.610, 4, 0.999},
		{1.812, 10, 0.90}, {3.169, 10, 0.99}, {1.796, 11, 0.90}, {2.750, 30, 0.99}, {math.Inf(1), 4, 1},
	} {
		if got := Within(tt.t, tt.freedom); math.Abs(got-tt.want) > 1e-4 {
			t.Errorf("t %v with %d degrees: %.6f, the table has %v", tt.t, tt.freedom, got, tt.want)
		}
	}
}

// TestPaired compares with Student's own example (1908, table of Cushny and
// Peebles): hours of sleep gained by ten patients with two drugs. R's data set
// sleep has it; t is 4.0621, p 0.002833, the interval 0.7001 to 2.4599.
func TestPaired(t *testing.T) {
	first := []float64{0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0}
	second := []float64{1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4}
	var differences [][]float64
	for i := range first {
		differences = append(differences, []float64{second[i] - first[i]})
	}
	d := Crossed(differences)
	i := d.Interval()
	for name, pair := range map[string][2]float64{
		"mean": {d.Value, 1.58}, "t": {d.Value / d.Error, 4.0621}, "p": {d.P(), 0.002833}, "low": {i.Low, 0.7001142}, "high": {i.High, 2.4598858},
	} {
		if math.Abs(pair[0]-pair[1]) > 5e-5 {
			t.Errorf("%s is %v, want %v", name, pair[0], pair[1])
		}
	}
	if d.Rows != 10 || d.Freedom != 9 {
		t.Errorf("%+v", d)
	}
}

// TestMeanInterval: 3, 4 and 5 have mean 4 and deviation 1, so 4.303/√3 around.
func TestMeanInterval(t *testing.T) {
	got := MeanInterval([]float64{3, 4, 5})
	if got.Value != 4 || math.Abs(got.High-4-4.3027/math.Sqrt(3)) > 1e-4 || math.Abs(got.Low+got.High-8) > 1e-12 {
		t.Errorf("%+v", got)
	}
	if got := MeanInterval([]float64{3}); got.Value != 3 || !math.IsInf(got.Low, -1) {
		t.Errorf("one value: %+v", got)
	}
}

// TestShares compares with Newcombe's paper (1998, table II, method 10): 56 of 70
// against 48 of 80, 9 of 10 against 3 of 10, 10 of 10 against 0 of 10.
func TestShares(t *testing.T) {
	for _, tt := range []struct {
		a, n, b, m int
		low, high  float64
	}{
		{56, 70, 48, 80, 0.0524, 0.3339}, {9, 10, 3, 10, 0.1705, 0.8090}, {10, 10, 0, 10, 0.6075, 1},
	} {
		got := Shares(tt.a, tt.n, tt.b, tt.m)
		if math.Abs(got.Low-tt.low) > 5e-5 || math.Abs(got.High-tt.high) > 5e-5 {
			t.Errorf("%d/%d - %d/%d is %.4f to %.4f, the paper has %.4f to %.4f", tt.a, tt.n, tt.b, tt.m, got.Low, got.High, tt.low, tt.high)
		}
	}
}

// TestWilson compares with Newcombe's other paper of 1998, on single shares
// (table I, method 3).
func TestWilson(t *testing.T) {
	for _, tt := range []struct {
		right, n  int
		low, high float64
	}{
		{81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0, 0.1611}, {1, 29, 0.0061, 0.1718},
	} {
		got := Wilson(tt.right, tt.n)
		if math.Abs(got.Low-tt.low) > 5e-5 || math.Abs(got.High-tt.high) > 5e-5 {
			t.Errorf("%d of %d is %.4f to %.4f, the paper has %.4f to %.4f", tt.right, tt.n, got.Low, got.High, tt.low, tt.high)
		}
	}
	if got := Wilson(0, 0); got.Low != 0 || got.High != 1 {
		t.Errorf("of none: %+v", got)
	}
}

// TestWilsonHoldsItsShare looks at the ends, where rounding once left it outside.
func TestWilsonHoldsItsShare(t *testing.T) {
	for n := 1; n < 2000; n++ {
		for _, right := range []int{0, 1, n / 2, n - 1, n} {
			if i := Wilson(right, n); i.Low > i.Value || i.High < i.Value || i.Low < 0 || i.High > 1 {
				t.Fatalf("%d of %d: %v lies not within %v to %v", right, n, i.Value, i.Low, i.High)
			}
		}
	}
}
