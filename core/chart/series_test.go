package chart

import "testing"

func TestSeriesRestored(t *testing.T) {
	var s, half Series
	for i := range 1000 {
		s = s.With(float64(i), float64(i%7))
		if i < 700 {
			half = s
		}
	}
	each, last := half.Resolution()
	again := Restored(half.Points(), each, last)
	for i := 700; i < 1000; i++ {
		again = again.With(float64(i), float64(i%7))
	}
	if got, want := len(again.Points()), len(s.Points()); got != want || again.Points()[got-1] != s.Points()[want-1] {
		t.Errorf("restored and gone on: %d points, want %d", got, want)
	}
	if n := len(Restored(s.Points(), 0, 9).Points()); n != len(s.Points()) {
		t.Errorf("of an impossible resolution there are %d points", n)
	}
	back := s.Before(500)
	if end := back.Points()[len(back.Points())-1].X; end > 500 || end < 490 {
		t.Errorf("before 500 it ends at %v", end)
	}
	if len(s.Before(-1).Points()) != 0 {
		t.Error("something is before the beginning")
	}
}
