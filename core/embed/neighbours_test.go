package embed

import (
	"context"
	"errors"
	"slices"
	"testing"
)

// bruteForce returns the distances to the k nearest rows, by definition.
func bruteForce(base Matrix, query []float32, skip, k int) []float64 {
	var distances []float64
	for i := range base.Rows {
		if i != skip {
			distances = append(distances, distance(query, base.Row(i)))
		}
	}
	slices.Sort(distances)
	return distances[:k]
}

// TestNearestMatchesBruteForce compares distances rather than rows: of two that
// are equally far either is right. Sizes lie on both sides of the blocks'.
func TestNearestMatchesBruteForce(t *testing.T) {
	for _, size := range []struct{ base, queries, cols, k int }{
		{1, 3, 2, 1}, {10, 1, 1, 10}, {300, 130, 17, 5}, {1100, 140, 33, 40},
	} {
		base, _ := clusters(size.base, size.cols, 4, 1)
		queries, _ := clusters(size.queries, size.cols, 4, 2)
		found, err := Nearest(context.Background(), base, queries, size.k, nil)
		if err != nil {
			t.Fatal(err)
		}
		for q := range size.queries {
			checkNeighbours(t, found, base, queries.Row(q), q, -1)
		}
	}
}

func checkNeighbours(t *testing.T, found Neighbours, base Matrix, query []float32, q, skip int) {
	t.Helper()
	want := bruteForce(base, query, skip, found.K)
	for i := range found.K {
		row, got := int(found.Index[q*found.K+i]), float64(found.Distance[q*found.K+i])
		if !near(got, want[i], 1e-5*want[i]) || !near(got, distance(query, base.Row(row)), 1e-5*got) || row == skip {
			t.Errorf("neighbour %d of %d is row %d at %v, want one at %v", i, q, row, got, want[i])
		}
	}
}

// TestNearestOthers has each row four times: the copies are neighbours at
// distance 0, the row itself is not.
func TestNearestOthers(t *testing.T) {
	once, _ := clusters(60, 5, 3, 4)
	x := Matrix{Rows: 240, Cols: 5, Data: slices.Concat(once.Data, once.Data, once.Data, once.Data)}
	found, err := NearestOthers(context.Background(), x, 7, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range x.Rows {
		checkNeighbours(t, found, x, x.Row(i), i, i)
		if found.Distance[i*7+2] != 0 {
			t.Errorf("the third neighbour of row %d is %v away, want its copy", i, found.Distance[i*7+2])
		}
	}
	if _, err := NearestOthers(context.Background(), once, 60, nil); err == nil {
		t.Error("60 others of 60 rows were found")
	}
	if _, err := NearestOthers(stopped(), x, 7, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("a stopped search returned %v", err)
	}
}

func TestVote(t *testing.T) {
	labels := []int32{0, 1, 1, 2, 2}
	n := Neighbours{K: 3, Index: []int32{0, 1, 2, 3, 1, 0, 4, 3, 0}, Distance: []float32{1, 2, 3, 1, 2, 3, 1, 1, 1}}
	// Two of class 1; one of each, the nearest of class 2; two of class 2.
	if got, want := n.Vote(labels, 3), []int32{1, 2, 2}; !slices.Equal(got, want) {
		t.Errorf("the votes are %v, want %v", got, want)
	}
}

// TestPurity: separate clusters are pure, and noise is as pure as chance says.
// Of 20,000 neighbours 0.25 are of the class, give or take 0.02, six times the
// deviation if they were independent.
func TestPurity(t *testing.T) {
	x, labels := clusters(400, 6, 4, 1)
	for _, tt := range []struct {
		name            string
		x               Matrix
		want, tolerance float64
	}{
		{"clusters", x, 1, 0},
		{"noise", noise(400, 6, 1), ChancePurity(labels), 0.02},
	} {
		found, err := NearestOthers(context.Background(), tt.x, 50, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := found.Purity(labels); !near(got, tt.want, tt.tolerance) {
			t.Errorf("%s: purity %v, want %v", tt.name, got, tt.want)
		}
	}
	if got, want := ChancePurity(labels), 99./399; !near(got, want, 1e-12) {
		t.Errorf("chance is %v, want %v", got, want)
	}
	// A row of the class, one unlabelled; the latter is not counted itself.
	n := Neighbours{K: 2, Index: []int32{1, 2, 0, 2, 0, 1}}
	if got := n.Purity([]int32{3, 3, Unlabelled}); got != 0.5 {
		t.Errorf("purity with an unlabelled row is %v, want 0.5", got)
	}
}

func BenchmarkNearestOthers(b *testing.B) {
	x, _ := clusters(4000, 50, 10, 1)
	for b.Loop() {
		if _, err := NearestOthers(context.Background(), x, 90, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(x.Rows)*float64(x.Rows)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mpairs/s")
}
