package embed

import (
	"context"
	"math"
	"testing"
)

// TestSilhouetteByHand takes points on a line, with Rousseeuw's formula:
//
//	class 0 at 0 and 2, class 1 at 5, 6 and 10, one without a class at 1
//	s(0)  = (7-2)/7           a = 2,    b = (5+6+10)/3 = 7
//	s(2)  = (5-2)/5           a = 2,    b = (3+4+8)/3 = 5
//	s(5)  = (4-3)/4           a = 3,    b = (5+3)/2 = 4
//	s(6)  = (5-2.5)/5         a = 2.5,  b = (6+4)/2 = 5
//	s(10) = (9-4.5)/9         a = 4.5,  b = (10+8)/2 = 9
func TestSilhouetteByHand(t *testing.T) {
	x := mustNewMatrix(t, []float32{0, 2, 5, 6, 10, 1}, 1)
	labels := []int32{0, 0, 1, 1, 1, Unlabelled}
	want := (5./7 + 3./5 + 1./4 + 0.5 + 0.5) / 5
	got, err := Silhouette(context.Background(), x, labels, 0, 1, nil)
	if err != nil || !near(got, want, 1e-12) {
		t.Errorf("Silhouette = %v (%v), want %v", got, err, want)
	}
}

// TestSilhouetteAlone: a class of one counts as 0 (Rousseeuw 1987, p. 56), and
// still is another class to the others.
func TestSilhouetteAlone(t *testing.T) {
	x := mustNewMatrix(t, []float32{0, 1, 3}, 1)
	want := ((3-1)/3. + (2-1)/2. + 0) / 3
	got, err := Silhouette(context.Background(), x, []int32{4, 4, 2}, 0, 1, nil)
	if err != nil || !near(got, want, 1e-12) {
		t.Errorf("Silhouette = %v (%v), want %v", got, err, want)
	}
}

// TestSilhouetteSample compares a sample with all rows. Values in noise around
// clusters have a deviation of some 0.05; of 200, four standard errors are 0.015.
func TestSilhouetteSample(t *testing.T) {
	x, labels := clusters(600, 4, 3, 1)
	all, err := Silhouette(context.Background(), x, labels, 0, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	some, err := Silhouette(context.Background(), x, labels, 200, 1, nil)
	if err != nil || math.Abs(some-all) > 0.015 || some == all {
		t.Errorf("200 of 600 rows have %v (%v), all have %v", some, err, all)
	}
	if _, err := Silhouette(context.Background(), x, make([]int32, 600), 0, 1, nil); err == nil {
		t.Error("one class has no silhouette, and none was said to be missing")
	}
}
