package dataset

import "quarterturn/core/fault"

// A View is one way to show a picture whole: shifted by a few pixels, with what
// comes in from beyond the edges mirrored (Reflect), and perhaps left to right.
// The zero View is the picture as it is.
type View struct {
	X, Y   int // Pixels that the window moves right and down, less than the side.
	Mirror bool
}

// ViewCounts are the numbers of views that Views knows.
var ViewCounts = []int{1, 2, 10}

// Views returns n views of pictures of a side, each set within the next: the picture
// as it is; its mirror image; and both shifted by a sixteenth of the side, at least a
// pixel, to the four corners. That is 2 of 32 pixels, so that the central crop of a
// network trained on 28 of them takes in no border.
func Views(n, side int) ([]View, error) {
	shift := max(side/16, 1)
	views := []View{{}, {Mirror: true}}
	for _, mirror := range []bool{false, true} {
		for _, x := range []int{-shift, shift} {
			views = append(views, View{x, -shift, mirror}, View{x, shift, mirror})
		}
	}
	for _, known := range ViewCounts {
		if n == known {
			return views[:n], nil
		}
	}
	return nil, fault.Errorf("dataset", "%d views, want 1 for the picture as it is, 2 with its mirror image or 10 with shifts too", n)
}

// Shown returns copies of the pixels, [N, S, S, 3], each as a view shows it, with the
// labels, classes and names of p. It panics on a shift of the side or more.
func (p *Pictures) Shown(v View) *Pictures {
	if limit := p.Side - 1; max(v.X, -v.X, v.Y, -v.Y) > limit {
		panic("dataset: view: shifted by the side or more")
	}
	shown := *p
	if v == (View{}) {
		return &shown
	}
	shown.Pixels = make([]byte, len(p.Pixels))
	direction := 1
	if v.Mirror {
		direction = -1
	}
	for i := range p.Len() {
		window{x: v.X, y: v.Y, side: p.Side}.resample(shown.At(i), p.At(i), p.Side, direction)
	}
	return &shown
}
