package dataset

import (
	"bytes"
	"testing"
)

// TestShownMatchesReference compares each view with copying pixel by pixel.
func TestShownMatchesReference(t *testing.T) {
	const side = 9
	p := &Pictures{Side: side, Labels: []int32{0, 1}, Classes: []string{"a", "b"}, Pixels: make([]byte, 2*side*side*Channels)}
	for i := range p.Pixels {
		p.Pixels[i] = byte(i * 7)
	}
	views, err := Views(10, side)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[View]bool{}
	for _, v := range append(views, View{X: side - 1, Y: 1 - side, Mirror: true}) {
		seen[v] = true
		got := p.Shown(v)
		for n := range p.Len() {
			for y := range side {
				for x := range side {
					to := x
					if v.Mirror {
						to = side - 1 - x
					}
					from := (reflected(y+v.Y, side)*side + reflected(x+v.X, side)) * Channels
					at := (y*side + to) * Channels
					if !bytes.Equal(got.At(n)[at:at+Channels], p.At(n)[from:from+Channels]) {
						t.Fatalf("view %+v of picture %d differs at row %d, column %d", v, n, y, to)
					}
				}
			}
		}
	}
	if len(seen) != 11 {
		t.Errorf("%d different views, want 10 and one more", len(seen))
	}
}

func TestViewsRefusesOtherNumbers(t *testing.T) {
	for _, n := range []int{-1, 0, 3, 11} {
		if v, err := Views(n, 32); err == nil {
			t.Errorf("Views(%d) = %v, want an error", n, v)
		}
	}
}
