package embed

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"testing"
)

// TestSymmetricEigen checks A·v = λ·v, the order of the values and that vectors
// are orthonormal, for matrices with all kinds of spectra. Rounding of float64
// grows with n: 1e-13·n is a hundred times what was seen.
func TestSymmetricEigen(t *testing.T) {
	for _, n := range []int{1, 2, 3, 7, 40} {
		random := rand.New(rand.NewPCG(uint64(n), 3))
		dense, diagonal, equal := make([]float64, n*n), make([]float64, n*n), make([]float64, n*n)
		for i := range n {
			for j := range i + 1 {
				dense[i*n+j] = random.NormFloat64()
				dense[j*n+i] = dense[i*n+j]
			}
			diagonal[i*n+i] = float64(i % 3)
			for j := range n {
				equal[i*n+j] = 1 // Rank 1.
			}
		}
		for name, a := range map[string][]float64{"dense": dense, "diagonal": diagonal, "rank 1": equal, "zero": make([]float64, n*n)} {
			checkEigen(t, name, a, n)
		}
	}
}

func checkEigen(t *testing.T, name string, a []float64, n int) {
	t.Helper()
	tolerance := 1e-13 * float64(n)
	values, vectors, err := symmetricEigen(context.Background(), append([]float64(nil), a...), n)
	if err != nil {
		t.Fatalf("%s, n=%d: %v", name, n, err)
	}
	for k := range n {
		v := vectors[k*n : (k+1)*n]
		if k > 0 && values[k] > values[k-1] {
			t.Errorf("%s, n=%d: value %d is %v after %v", name, n, k, values[k], values[k-1])
		}
		for i := range n {
			if got := dot(a[i*n:(i+1)*n], v); !near(got, values[k]*v[i], tolerance*10) {
				t.Fatalf("%s, n=%d: entry %d of A·v%d is %v, want %v", name, n, i, k, got, values[k]*v[i])
			}
			want := 0.0
			if i == k {
				want = 1
			}
			if got := dot(vectors[i*n:(i+1)*n], v); !near(got, want, tolerance) {
				t.Fatalf("%s, n=%d: v%d·v%d is %v, want %v", name, n, i, k, got, want)
			}
		}
	}
}

// TestPCAByHand takes four points: (±2, ±2) along the diagonal and (±1, ∓1)
// across it. The sums of squares are 16 and 4, over N-1 = 3.
func TestPCAByHand(t *testing.T) {
	x := mustNewMatrix(t, []float32{12, 7, 8, 3, 11, 4, 9, 6}, 2) // Around (10, 5).
	p, err := FitPCA(context.Background(), x, 5)
	if err != nil {
		t.Fatal(err)
	}
	half := math.Sqrt(0.5)
	if p.Mean[0] != 10 || p.Mean[1] != 5 || len(p.Variances) != 2 {
		t.Fatalf("mean %v, variances %v, want (10, 5) and two", p.Mean, p.Variances)
	}
	if !near(p.Variances[0], 16./3, 1e-6) || !near(p.Variances[1], 4./3, 1e-6) || !near(p.Total, 20./3, 1e-6) {
		t.Errorf("variances %v of %v, want 16/3 and 4/3 of 20/3", p.Variances, p.Total)
	}
	first := p.Components.Row(0)
	if !near(float64(first[0]), half, 1e-6) || !near(float64(first[1]), half, 1e-6) {
		t.Errorf("first component %v, want the diagonal", first)
	}
	projected, err := p.Project(x)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := float64(projected.Row(0)[0]), math.Sqrt(8); !near(got, want, 1e-5) {
		t.Errorf("the first point is at %v along the diagonal, want %v", got, want)
	}
}

// TestPCAWideAndTall compares data with their transpose's route: rows and columns
// take different ways to the same components, and variances of the projection
// must be those reported. 1e-4 covers float32 sums over 90 products.
func TestPCAWideAndTall(t *testing.T) {
	for _, shape := range [][2]int{{90, 20}, {20, 90}, {33, 33}} {
		x, _ := clusters(shape[0], shape[1], 5, 7)
		p, err := FitPCA(context.Background(), x, 6)
		if err != nil {
			t.Fatal(err)
		}
		projected, err := p.Project(x)
		if err != nil {
			t.Fatal(err)
		}
		mean, deviation := projected.moments()
		for k := range p.Variances {
			got := deviation[k] * deviation[k] * float64(x.Rows) / float64(x.Rows-1)
			if !near(got, p.Variances[k], 1e-4*p.Variances[0]) || !near(mean[k], 0, 1e-3) {
				t.Errorf("%v: along component %d the mean is %v and the variance %v, want 0 and %v", shape, k, mean[k], got, p.Variances[k])
			}
			for l := range k + 1 {
				want := map[bool]float64{true: 1}[k == l]
				if got := dot(wide(p.Components.Row(k)), wide(p.Components.Row(l))); !near(got, want, 1e-4) {
					t.Errorf("%v: components %d and %d have product %v, want %v", shape, k, l, got, want)
				}
			}
		}
	}
}

func wide(a []float32) []float64 {
	w := make([]float64, len(a))
	for i, v := range a {
		w[i] = float64(v)
	}
	return w
}

func TestPCARefuses(t *testing.T) {
	if _, err := FitPCA(context.Background(), Matrix{Rows: 3, Cols: 2, Data: make([]float32, 6)}, 2); err == nil {
		t.Error("equal rows have no components, and none was said to be missing")
	}
	if _, err := FitPCA(context.Background(), Matrix{Rows: MaxPCA + 1, Cols: MaxPCA + 1}, 2); err == nil {
		t.Error("a matrix that is too large was taken")
	}
	x, _ := clusters(2000, 8, 3, 1)
	if _, err := FitPCA(stopped(), x, 2); !errors.Is(err, context.Canceled) {
		t.Errorf("a stopped PCA returned %v", err)
	}
}
