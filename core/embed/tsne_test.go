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

func mustAffinities(t testing.TB, x Matrix, settings TSNE) affinities {
	t.Helper()
	settings, err := settings.orDefault(x.Rows)
	if err != nil {
		t.Fatal(err)
	}
	p, err := settings.affinities(context.Background(), x)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// scattered returns points [N, 2] with a deviation.
func scattered(n int, deviation float64, seed uint64) []float64 {
	random := rand.New(rand.NewPCG(seed, 5))
	points := make([]float64, 2*n)
	for i := range points {
		points[i] = random.NormFloat64() * deviation
	}
	return points
}

// TestCalibrate compares the perplexity of a row's shares with the one wanted.
func TestCalibrate(t *testing.T) {
	distances := []float32{0, 0.1, 0.1, 2, 3, 40, 500, 500, 501, 1e4}
	for _, want := range []float64{3.5, 4, 5, 9} {
		shares := make([]float32, len(distances))
		calibrate(shares, distances, want)
		var entropy, sum float64
		for _, p := range shares {
			if sum += float64(p); p > 0 {
				entropy -= float64(p) * math.Log(float64(p))
			}
		}
		if got := math.Exp(entropy); !near(got, want, 1e-3) || !near(sum, 1, 1e-6) {
			t.Errorf("shares %v have sum %v and perplexity %v, want 1 and %v", shares, sum, got, want)
		}
	}
}

// TestAffinities checks that P is a symmetric distribution over pairs of
// different rows, each row having about the same share.
func TestAffinities(t *testing.T) {
	x, _ := clusters(150, 8, 3, 1)
	for name, settings := range map[string]TSNE{"exact": {Exact: true, Perplexity: 10}, "near": {Perplexity: 10}} {
		p := mustAffinities(t, x, settings)
		share := map[[2]int32]float32{}
		var sum float64
		for i := range int32(x.Rows) {
			for _, pair := range p.of(int(i)) {
				if _, twice := share[[2]int32{i, pair.to}]; twice || pair.to == i {
					t.Fatalf("%s: row %d has row %d twice, or is its own neighbour", name, i, pair.to)
				}
				share[[2]int32{i, pair.to}] = pair.share
				sum += float64(pair.share)
			}
		}
		if !near(sum, 1, 1e-5) {
			t.Errorf("%s: the shares sum to %v, want 1", name, sum)
		}
		for pair, s := range share {
			if other := share[[2]int32{pair[1], pair[0]}]; other != s {
				t.Fatalf("%s: rows %v share %v, the other way around %v", name, pair, s, other)
			}
		}
	}
}

// TestGradientMatchesDifferences compares the exact gradient with central
// differences of the divergence. Both are float64; the step of 1e-5 leaves an
// error of its square times third derivatives, below 1e-8 of the largest entry.
func TestGradientMatchesDifferences(t *testing.T) {
	x, _ := clusters(40, 6, 3, 2)
	for name, settings := range map[string]TSNE{"exact": {Exact: true, Perplexity: 8}, "near": {Perplexity: 8}} {
		f := newField(mustAffinities(t, x, settings), 0, true)
		points := scattered(x.Rows, 2, 1)
		gradient := make([]float64, len(points))
		if err := f.gradient(context.Background(), gradient, points, 1); err != nil {
			t.Fatal(err)
		}
		for i := range points {
			const step = 1e-5
			at := func(moved float64) float64 {
				there := slices.Clone(points)
				there[i] += moved
				// Not the field's own Z: P does not quite sum to 1 in float32.
				return reference(f.p, there)
			}
			if want := (at(step) - at(-step)) / (2 * step); !near(gradient[i], want, 1e-7*largest(gradient)+1e-7) {
				t.Errorf("%s: entry %d of the gradient is %v, differences give %v", name, i, gradient[i], want)
			}
		}
	}
}

// reference is the divergence up to a constant by definition: -Σ P·log w + log Z.
func reference(p affinities, points []float64) float64 {
	w := func(i, j int) float64 {
		dx, dy := points[2*i]-points[2*j], points[2*i+1]-points[2*j+1]
		return 1 / (1 + dx*dx + dy*dy)
	}
	var sum, z float64
	for i := range len(points) / 2 {
		for j := range len(points) / 2 {
			if i != j {
				z += w(i, j)
			}
		}
		for _, pair := range p.of(i) {
			sum -= float64(pair.share) * math.Log(w(i, int(pair.to)))
		}
	}
	return sum + math.Log(z)
}

// TestTreeMatchesExact compares what pushes each point. With Theta 0 no group
// acts as one, and only the order of the sums differs: 1e-12. With 0.5 the
// largest error seen was 3 % of the largest push, and 0.9 % of Z; the bounds are
// twice that.
func TestTreeMatchesExact(t *testing.T) {
	layouts := map[string][]float64{
		"start":     scattered(500, 1e-4, 1),
		"middle":    scattered(500, 3, 2),
		"far":       scattered(500, 40, 3),
		"equal":     make([]float64, 100),
		"two":       {1, 2, 3, 4},
		"coincide":  append(scattered(50, 5, 4), scattered(50, 5, 4)...),
		"on a line": {0, 0, 1, 0, 2, 0, 4, 0, 8, 0, 1e9, 0},
	}
	for _, tt := range []struct{ theta, push, z float64 }{{0, 1e-12, 1e-12}, {0.5, 0.06, 0.018}} {
		for name, points := range layouts {
			var tree quadtree
			tree.build(points)
			n := len(points) / 2
			var worst, size, z, zWant float64
			for i := range n {
				x, y, sum := tree.repel(points[2*i], points[2*i+1], tt.theta)
				wantX, wantY, wantSum := repelExactly(points, i)
				worst = max(worst, math.Hypot(x-wantX, y-wantY))
				size = max(size, math.Hypot(wantX, wantY))
				z, zWant = z+sum, zWant+wantSum
			}
			if worst > tt.push*size || !near(z, zWant, tt.z*zWant+1e-12) {
				t.Errorf("%s, Theta %v: a push is wrong by %.2g of %.2g, Z is %v for %v", name, tt.theta, worst, size, z, zWant)
			}
		}
	}
}

// TestTSNEFindsClusters takes five clusters that noise in 20 dimensions does not
// bridge: their points must be neighbours in the plane, and by a silhouette that
// no layout of noise has.
func TestTSNEFindsClusters(t *testing.T) {
	x, labels := clusters(250, 20, 5, 3)
	for name, settings := range map[string]TSNE{"exact": {Exact: true}, "tree": {}} {
		settings.Iterations, settings.Perplexity = 300, 15
		layout, err := settings.Run(context.Background(), x)
		if err != nil {
			t.Fatal(err)
		}
		found, err := NearestOthers(context.Background(), layout.Points, 10, nil)
		if err != nil {
			t.Fatal(err)
		}
		silhouette, err := Silhouette(context.Background(), layout.Points, labels, 0, 1, nil)
		if purity := found.Purity(labels); err != nil || purity < 0.99 || silhouette < 0.6 {
			t.Errorf("%s: purity %v, silhouette %v (%v), want 0.99 and 0.6", name, purity, silhouette, err)
		}
		if layout.Divergence <= 0 || layout.Divergence > 1 {
			t.Errorf("%s: a divergence of %v nats, want one below 1", name, layout.Divergence)
		}
	}
}

// TestTSNEIsDeterministic runs on one processor and on several: the same bits.
// Another seed gives others.
func TestTSNEIsDeterministic(t *testing.T) {
	x, _ := clusters(300, 10, 4, 1)
	at := func(processors int, seed uint64) []float32 {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
		layout, err := TSNE{Iterations: 40, Seed: seed}.Run(context.Background(), x)
		if err != nil {
			t.Fatal(err)
		}
		return layout.Points.Data
	}
	one := at(1, 7)
	if !slices.Equal(one, at(4, 7)) {
		t.Error("four processors give another layout than one")
	}
	if slices.Equal(one, at(1, 8)) {
		t.Error("another seed gives the same layout")
	}
}

// TestTSNESeparatesEqualRows: pictures may occur twice, or be all the same but
// one.
func TestTSNESeparatesEqualRows(t *testing.T) {
	x := Matrix{Rows: 30, Cols: 2, Data: make([]float32, 60)}
	x.Data[0] = 1
	layout, err := TSNE{Iterations: 60}.Run(context.Background(), x)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[[2]float32]bool{}
	for i := range x.Rows {
		seen[[2]float32(layout.Points.Row(i))] = true
	}
	if len(seen) != x.Rows {
		t.Errorf("%d rows are at %d places", x.Rows, len(seen))
	}
}

func TestTSNEStopsAndReports(t *testing.T) {
	x, _ := clusters(200, 5, 2, 1)
	ctx, cancel := context.WithCancel(context.Background())
	last := 0
	settings := TSNE{Watch: func(r Report) {
		if r.Phase == Arranging {
			if last = r.Done; last == 5 {
				cancel()
			}
		}
	}}
	if _, err := settings.Run(ctx, x); !errors.Is(err, context.Canceled) || last != 5 {
		t.Errorf("stopped at step 5, it returned %v after step %d", err, last)
	}
}

func TestTSNERefuses(t *testing.T) {
	x, _ := clusters(30, 3, 2, 1)
	tests := []struct {
		name string
		t    TSNE
		x    Matrix
	}{
		{"too few rows", TSNE{}, Matrix{Rows: 3, Cols: 1, Data: make([]float32, 3)}},
		{"too many rows for the exact way", TSNE{Exact: true}, Matrix{Rows: MaxExact + 1, Cols: 1}},
		{"too many rows", TSNE{}, Matrix{Rows: MaxTSNE + 1, Cols: 1}},
		{"a perplexity of all rows", TSNE{Perplexity: 30}, x},
		{"groups around the point itself", TSNE{Theta: 0.8}, x},
		{"no number", TSNE{Theta: math.NaN()}, x},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := tt.t.Run(context.Background(), tt.x); err == nil {
				t.Error("was taken")
			}
		})
	}
}

func BenchmarkGradient(b *testing.B) {
	x, _ := clusters(5000, 10, 10, 1)
	f := newField(mustAffinities(b, x, TSNE{}), 0.5, false)
	points := scattered(x.Rows, 20, 1)
	gradient := make([]float64, len(points))
	for b.Loop() {
		if err := f.gradient(context.Background(), gradient, points, 1); err != nil {
			b.Fatal(err)
		}
	}
}

// TestTSNEGoesOnFromALayout arranges rows, moves half of one cluster over to
// another, and goes on: rows that stayed lie about where they were, those that
// moved have joined their new cluster.
func TestTSNEGoesOnFromALayout(t *testing.T) {
	x, labels := clusters(120, 8, 3, 1)
	first, err := TSNE{Perplexity: 10, Seed: 1}.Run(context.Background(), x)
	if err != nil {
		t.Fatal(err)
	}
	changed := Matrix{Rows: x.Rows, Cols: x.Cols, Data: slices.Clone(x.Data)}
	target := slices.Index(labels, 1)
	moved := map[int]bool{}
	for i, label := range labels {
		if label == 0 && i%2 == 0 {
			for j := range x.Cols {
				changed.Data[i*x.Cols+j] += x.Row(target)[j] - x.Row(slices.Index(labels, 0))[j]
			}
			labels[i], moved[i] = 1, true
		}
	}
	next, err := TSNE{Perplexity: 10, Iterations: 500, Start: first.Points}.Run(context.Background(), changed)
	if err != nil {
		t.Fatal(err)
	}
	found, err := NearestOthers(context.Background(), next.Points, 5, nil)
	if err != nil || found.Purity(labels) < 0.95 {
		t.Errorf("purity %.3f by the new classes (error %v), want nearly 1: %d rows changed theirs", found.Purity(labels), err, len(moved))
	}
	stayed, among := 0.0, 0.0
	for i, label := range labels {
		if label == 2 {
			stayed += distance(first.Points.Row(i), next.Points.Row(i))
			among += distance(first.Points.Row(i), first.Points.Row(slices.Index(labels, 1)))
		}
	}
	if stayed > among/2 {
		t.Errorf("rows that did not change moved by %.2f of their distance from another cluster, want less than half", stayed/among)
	}
}

func TestTSNERefusesAStartOfOtherRows(t *testing.T) {
	x, _ := clusters(40, 4, 2, 1)
	for _, start := range []Matrix{{Rows: 39, Cols: 2, Data: make([]float32, 78)}, {Rows: 40, Cols: 3, Data: make([]float32, 120)}} {
		if _, err := (TSNE{Start: start}).Run(context.Background(), x); err == nil {
			t.Errorf("%d×%d numbers to start from were taken for 40 rows", start.Rows, start.Cols)
		}
	}
}
