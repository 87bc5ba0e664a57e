package dataset

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// noise returns random pixels of a picture.
func noise(side int) []byte {
	rng := rand.New(rand.NewPCG(11, uint64(side)))
	pixels := make([]byte, side*side*Channels)
	for i := range pixels {
		pixels[i] = byte(rng.Uint32())
	}
	return pixels
}

func apply(a Augment, src []byte, side, index int) []byte {
	dst := make([]byte, len(src))
	a.Apply(dst, src, side, 1, 0, index)
	return dst
}

// padded is the picture that a window is drawn from, made in full.
func padded(src []byte, side, pad int, border Border) (wide []byte, wideSide int) {
	wideSide = side + 2*pad
	wide = make([]byte, wideSide*wideSide*Channels)
	for y := range wideSide {
		for x := range wideSide {
			sy, sx := y-pad, x-pad
			if border == Reflect {
				sy, sx = reflected(sy, side), reflected(sx, side)
			}
			if sy >= 0 && sy < side && sx >= 0 && sx < side {
				copy(wide[(y*wideSide+x)*Channels:][:Channels], src[(sy*side+sx)*Channels:])
			}
		}
	}
	return wide, wideSide
}

func reflected(i, side int) int {
	if i < 0 {
		return -i
	}
	if i >= side {
		return 2*side - 2 - i
	}
	return i
}

// bilinear is resample in float64: the value at (y, x) of a window of crop pixels
// at (top, left) of wide, scaled to side.
func bilinear(wide []byte, wideSide, top, left, crop, side, y, x, c int) float64 {
	at := func(i int) (int, float64) {
		v := min(max((float64(i)+0.5)*float64(crop)/float64(side)-0.5, 0), float64(crop-1))
		first := min(int(v), max(crop-2, 0))
		return first, v - float64(first)
	}
	iy, fy := at(y)
	ix, fx := at(x)
	pixel := func(dy, dx int) float64 {
		row, column := top+min(iy+dy, crop-1), left+min(ix+dx, crop-1)
		return float64(wide[(row*wideSide+column)*Channels+c])
	}
	return (1-fy)*((1-fx)*pixel(0, 0)+fx*pixel(0, 1)) + fy*((1-fx)*pixel(1, 0)+fx*pixel(1, 1))
}

// TestResampleMatchesReference compares windows with the definition. Weights are
// rounded to 1/256 in each axis: two errors of at most 1/512 of a difference of
// 255, and the rounding to a byte, make 1.5.
func TestResampleMatchesReference(t *testing.T) {
	const tolerance = 1.5
	for _, tt := range []struct{ side, pad, crop int }{
		{1, 0, 1}, {2, 1, 1}, {5, 4, 3}, {5, 2, 5}, {32, 0, 28}, {32, 4, 32}, {33, 8, 17},
	} {
		for _, border := range []Border{Reflect, Zero} {
			name := fmt.Sprintf("side=%d/pad=%d/crop=%d/border=%d", tt.side, tt.pad, tt.crop, border)
			t.Run(name, func(t *testing.T) {
				src := noise(tt.side)
				wide, wideSide := padded(src, tt.side, tt.pad, border)
				dst := make([]byte, len(src))
				for _, place := range []int{-tt.pad, 0, tt.side - tt.crop + tt.pad} {
					window{place, -tt.pad, tt.crop, border}.resample(dst, src, tt.side, 1)
					for i, got := range dst {
						y, x, c := i/Channels/tt.side, i/Channels%tt.side, i%Channels
						want := bilinear(wide, wideSide, 0, place+tt.pad, tt.crop, tt.side, y, x, c)
						if math.Abs(float64(got)-want) > tolerance {
							t.Fatalf("place %d: byte %d is %d, want %.2f ± %.1f", place, i, got, want, tolerance)
						}
					}
				}
			})
		}
	}
}

func TestZeroAugmentLeavesPicturesAlone(t *testing.T) {
	for _, side := range []int{1, 7, 32} {
		src := noise(side)
		if !bytes.Equal(apply(Augment{}, src, side, 3), src) {
			t.Errorf("side %d: the zero Augment changed a picture", side)
		}
	}
}

func TestFlip(t *testing.T) {
	const side, tries = 3, 4000
	src := noise(side)
	mirrored := make([]byte, len(src))
	for i := range side * side {
		copy(mirrored[(i/side*side+side-1-i%side)*Channels:][:Channels], src[i*Channels:])
	}
	flips := 0
	for index := range tries {
		switch got := apply(Augment{Flip: true}, src, side, index); {
		case bytes.Equal(got, mirrored):
			flips++
		case !bytes.Equal(got, src):
			t.Fatalf("index %d: neither the picture nor its mirror image", index)
		}
	}
	// Five standard deviations of a fair coin; the seed is fixed.
	if bound := 5 * math.Sqrt(tries*0.25); math.Abs(float64(flips)-tries/2) > bound {
		t.Errorf("%d of %d flipped, want %d ± %.0f", flips, tries, tries/2, bound)
	}
}

// TestCropReachesEveryPlace checks that windows are drawn from all places, the
// outermost too, and evenly: 25 places expect 400 of 10,000, standard deviation
// 19.6, bound 5 of them.
func TestCropReachesEveryPlace(t *testing.T) {
	const tries = 10_000
	a := Augment{Crop: 28}
	count := make(map[[2]int]int)
	for index := range tries {
		pcg := stream(1, purposeAugment, 0, index)
		w := a.window(&pcg, 32)
		count[[2]int{w.x, w.y}]++
	}
	for x := range 5 {
		for y := range 5 {
			if n := count[[2]int{x, y}]; n < 400-98 || n > 400+98 {
				t.Errorf("window (%d, %d) was drawn %d times, want 400 ± 98", x, y, n)
			}
		}
	}
	if len(count) != 25 {
		t.Errorf("%d places, want 25", len(count))
	}
}

func TestAugmentIsAFunction(t *testing.T) {
	const side = 32
	src := noise(side)
	a := Augment{Pad: 4, Crop: 28, Flip: true}
	base := apply(a, src, side, 5)
	if !bytes.Equal(base, apply(a, src, side, 5)) {
		t.Error("the same seed, epoch and index gave another picture")
	}
	other := make([]byte, len(src))
	a.Apply(other, src, side, 1, 1, 5)
	if bytes.Equal(base, other) || bytes.Equal(base, apply(a, src, side, 6)) {
		t.Error("another epoch or index gave the same picture")
	}
}

func TestAugmentValidate(t *testing.T) {
	tests := []struct {
		name string
		a    Augment
		side int
		ok   bool
	}{
		{"zero", Augment{}, 32, true},
		{"pretext", Augment{Crop: 28, Flip: true}, 32, true},
		{"labels", Augment{Pad: 4, Flip: true}, 32, true},
		{"pretext of a pixel", Augment{Crop: 1, Flip: true}, 1, true},
		{"widest pad", Augment{Pad: 31}, 32, true},
		{"pad as wide as the picture", Augment{Pad: 32}, 32, false},
		{"negative pad", Augment{Pad: -1}, 32, false},
		{"crop larger than the picture", Augment{Crop: 33}, 32, false},
		{"negative crop", Augment{Crop: -1}, 32, false},
		{"unknown border", Augment{Border: 2}, 32, false},
		{"no picture", Augment{}, 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := tt.a.Validate(tt.side); (err == nil) != tt.ok {
				t.Errorf("Validate(%d) = %v", tt.side, err)
			}
		})
	}
}

func TestBatchPathDoesNotAllocate(t *testing.T) {
	const side = 32
	p := &Pictures{Side: side, Classes: []string{"x"}}
	for range 4 {
		p.add(noise(side), 0)
	}
	indices := []int{3, 1}
	batch, labels := make([]float32, 2*p.Size()), make([]int32, 2)
	pixels := make([]byte, p.Size())
	a := Augment{Crop: 28, Flip: true}
	allocs := testing.AllocsPerRun(10, func() {
		a.Apply(pixels, p.At(0), side, 1, 2, 3)
		p.Fill(batch, labels, indices)
	})
	if allocs != 0 {
		t.Errorf("%v allocations per batch, want 0", allocs)
	}
}

// TestCentre checks that the middle of a picture is shown whatever the seed, and
// that cropping it and turning it may change places: a window that lay a pixel
// off would give the turn away.
func TestCentre(t *testing.T) {
	const side = 8
	src := make([]byte, side*side*Channels)
	for i := range src {
		src[i] = byte(i * 37)
	}
	quarter := func(p []byte) []byte {
		turned := make([]byte, len(p))
		for y := range side {
			for x := range side {
				copy(turned[(y*side+x)*Channels:][:Channels], p[(x*side+side-1-y)*Channels:])
			}
		}
		return turned
	}
	for _, crop := range []int{2, 3, 4, 6, 7, 8} {
		a := Augment{Crop: crop, Centre: true}
		if err := a.Validate(side); err != nil || !a.IsStill(side) {
			t.Fatalf("crop %d: still %v, error %v", crop, a.IsStill(side), err)
		}
		got, again, turned := make([]byte, len(src)), make([]byte, len(src)), make([]byte, len(src))
		a.Apply(got, src, side, 1, 2, 3)
		a.Apply(again, src, side, 4, 5, 6)
		a.Apply(turned, quarter(src), side, 1, 2, 3)
		if !bytes.Equal(got, again) {
			t.Errorf("crop %d: another seed shows another window", crop)
		}
		if !bytes.Equal(turned, quarter(got)) {
			t.Errorf("crop %d: turning before and after give different pictures", crop)
		}
	}
	if (Augment{Pad: 1, Centre: true}).Validate(side) == nil {
		t.Error("a shifted centre is accepted")
	}
}
