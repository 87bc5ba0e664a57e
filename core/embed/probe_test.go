package embed

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
)

// TestMinimize finds the least value of a quadratic whose curvatures differ by
// 1,000, where plain descent would take thousands of steps, and of a sum of
// hyperbolic cosines.
func TestMinimize(t *testing.T) {
	quadratic := func(w, gradient []float64) (value float64, err error) {
		for i, v := range w {
			curvature := math.Pow(1000, float64(i)/float64(len(w)-1))
			value += curvature / 2 * (v - 1) * (v - 1)
			gradient[i] = curvature * (v - 1)
		}
		return value, nil
	}
	cosines := func(w, gradient []float64) (value float64, err error) {
		for i, v := range w {
			value += math.Cosh(v - 1)
			gradient[i] = math.Sinh(v - 1)
		}
		return value, nil
	}
	for name, of := range map[string]func(w, gradient []float64) (float64, error){"quadratic": quadratic, "cosines": cosines} {
		w := make([]float64, 12)
		m := minimizer{of: of, iterations: 200, tolerance: 1e-9, done: func(int) {}}
		end, err := m.run(context.Background(), w)
		if err != nil || end.gradient > 1e-9 {
			t.Errorf("%s: the gradient is %v after %d iterations (%v)", name, end.gradient, end.iterations, err)
		}
		for i, v := range w {
			if !near(v, 1, 1e-9) {
				t.Errorf("%s: entry %d is %v, want 1", name, i, v)
			}
		}
	}
}

// TestProbeGradientMatchesDifferences compares a probe's gradient with central
// differences of its loss. Its products are float32: with a step of 1e-2 the loss
// of about 1 has rounding of 1e-6 or so, its difference 1e-4, and third
// derivatives add as much.
func TestProbeGradientMatchesDifferences(t *testing.T) {
	x := noise(700, 6, 1)
	labels := make([]int32, x.Rows)
	random := rand.New(rand.NewPCG(1, 9))
	for i := range labels {
		labels[i] = int32(random.IntN(3))
	}
	f := newFitting(context.Background(), x, labels, 3, 0.1)
	w := make([]float64, 3*7)
	for i := range w {
		w[i] = random.NormFloat64() / 2
	}
	gradient, unused := make([]float64, len(w)), make([]float64, len(w))
	if _, err := f.loss(w, gradient); err != nil {
		t.Fatal(err)
	}
	for i := range w {
		const step = 1e-2
		at := func(moved float64) float64 {
			there := slices.Clone(w)
			there[i] += moved
			value, _ := f.loss(there, unused)
			return value
		}
		if want := (at(step) - at(-step)) / (2 * step); !near(gradient[i], want, 2e-4) {
			t.Errorf("entry %d of the gradient is %v, differences give %v", i, gradient[i], want)
		}
	}
}

// TestProbeByHand has one feature, -1 and 1, of two classes. By symmetry the
// weights are ∓v, and where the gradient is zero, -σ(-2v) + decay·v = 0: for decay
// σ(-1)/0.5 the weight is 0.5.
func TestProbeByHand(t *testing.T) {
	x := mustNewMatrix(t, []float32{-1, 1, -1, 1}, 1)
	decay := 1 / (1 + math.E) / 0.5
	c, err := Probe{Decay: decay, Tolerance: 1e-6}.Fit(context.Background(), x, []int32{0, 1, 0, 1}, 2)
	if err != nil {
		t.Fatal(err)
	}
	if !near(float64(c.weights[1]), 0.5, 1e-4) || !near(float64(c.weights[0]), -0.5, 1e-4) || !near(float64(c.offsets[0]), 0, 1e-4) {
		t.Errorf("weights %v, offsets %v, want ∓0.5 and 0", c.weights, c.offsets)
	}
	want := math.Log(1+math.Exp(-1)) + decay*0.25
	if !near(c.Loss, want, 1e-5) {
		t.Errorf("loss %v, want %v", c.Loss, want)
	}
}

// TestProbeSeparates fits clusters and is tested on others from the same centres.
// The problem is convex: the fit must end where the gradient is zero, whatever
// the features' scales.
func TestProbeSeparates(t *testing.T) {
	x, labels := clusters(900, 12, 6, 4)
	for i := range x.Data {
		x.Data[i] = x.Data[i]*float32(math.Pow(10, float64(i%12-6))) + 3
	}
	x.Data = widenRows(x) // With a feature that is always the same.
	x.Cols++
	train, test := indices(0, 600), indices(600, 900)
	c, err := Probe{}.Fit(context.Background(), x.Pick(train), labels[:600], 6)
	if err != nil {
		t.Fatal(err)
	}
	guesses, err := c.Predict(x.Pick(test))
	if err != nil {
		t.Fatal(err)
	}
	if right := countEqual(guesses, labels[600:]); right != 300 {
		t.Errorf("%d of 300 rows of separate clusters are named rightly", right)
	}
	if c.Gradient > 1e-4 || c.Iterations == 0 {
		t.Errorf("the gradient is %v after %d iterations, want one below 1e-4", c.Gradient, c.Iterations)
	}
}

func widenRows(x Matrix) (data []float32) {
	for i := range x.Rows {
		data = append(append(data, x.Row(i)...), 7)
	}
	return data
}

func indices(first, last int) (s []int) {
	for i := first; i < last; i++ {
		s = append(s, i)
	}
	return s
}

func countEqual(a, b []int32) (n int) {
	for i := range a {
		if a[i] == b[i] {
			n++
		}
	}
	return n
}

// TestProbeIsDeterministic: the same bits on any number of processors.
func TestProbeIsDeterministic(t *testing.T) {
	x := noise(3000, 8, 3)
	labels := make([]int32, x.Rows)
	for i := range labels {
		labels[i] = int32(i % 3)
	}
	at := func(processors int) []float32 {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
		c, err := Probe{}.Fit(context.Background(), x, labels, 3)
		if err != nil {
			t.Fatal(err)
		}
		return c.weights
	}
	if !slices.Equal(at(1), at(4)) {
		t.Error("four processors give other weights than one")
	}
}

func TestProbeRefuses(t *testing.T) {
	x := noise(4, 2, 1)
	for name, labels := range map[string][]int32{"too few labels": {0, 1}, "unlabelled": {0, 1, Unlabelled, 0}, "a class too many": {0, 1, 2, 0}} {
		if _, err := (Probe{}).Fit(context.Background(), x, labels, 2); err == nil {
			t.Errorf("%s: was taken", name)
		}
	}
	if _, err := (Probe{}).Fit(stopped(), x, []int32{0, 1, 0, 1}, 2); !errors.Is(err, context.Canceled) {
		t.Errorf("a stopped fit returned %v", err)
	}
}

func BenchmarkProbe(b *testing.B) {
	x := noise(10_000, 128, 1)
	labels := make([]int32, x.Rows)
	for i := range labels {
		labels[i] = int32(i % 10)
	}
	f := newFitting(context.Background(), x, labels, 10, 1e-4)
	w, gradient := make([]float64, 10*129), make([]float64, 10*129)
	for b.Loop() {
		if _, err := f.loss(w, gradient); err != nil {
			b.Fatal(err)
		}
	}
}
