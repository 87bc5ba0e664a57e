package rotation

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
)

// reference is the formula in Turn's comment, one pixel at a time.
func reference(src []byte, side, quarters int) []byte {
	dst := make([]byte, len(src))
	for y := range side {
		for x := range side {
			sy, sx := y, x
			switch quarters {
			case 1:
				sy, sx = x, side-1-y
			case 2:
				sy, sx = side-1-y, side-1-x
			case 3:
				sy, sx = side-1-x, y
			}
			copy(dst[3*(y*side+x):][:3], src[3*(sy*side+sx):][:3])
		}
	}
	return dst
}

func noise(side int) []byte {
	rng := rand.New(rand.NewPCG(7, uint64(side)))
	pixels := make([]byte, 3*side*side)
	for i := range pixels {
		pixels[i] = byte(rng.Uint32())
	}
	return pixels
}

func turned(src []byte, side, quarters int) []byte {
	dst := make([]byte, len(src))
	Turn(dst, src, side, quarters)
	return dst
}

func TestTurnMatchesReference(t *testing.T) {
	for _, side := range []int{0, 1, 2, 3, 5, 31, 32, 33} {
		for quarters := range Turns {
			t.Run(fmt.Sprintf("side=%d/quarters=%d", side, quarters), func(t *testing.T) {
				src := noise(side)
				if got, want := turned(src, side, quarters), reference(src, side, quarters); !bytes.Equal(got, want) {
					t.Errorf("Turn differs from the formula")
				}
			})
		}
	}
}

// TestTurnIsCounterClockwise pins the direction with a picture one can read:
// np.rot90([[1, 2], [3, 4]]) is [[2, 4], [1, 3]].
func TestTurnIsCounterClockwise(t *testing.T) {
	src := []byte{1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4}
	want := []byte{2, 2, 2, 4, 4, 4, 1, 1, 1, 3, 3, 3}
	if got := turned(src, 2, LeftTurn); !bytes.Equal(got, want) {
		t.Errorf("Turn(%v, 1) = %v, want %v", src, got, want)
	}
}

func TestTurnsCompose(t *testing.T) {
	const side = 7
	src := noise(side)
	for a := range Turns {
		for b := range Turns {
			got := turned(turned(src, side, a), side, b)
			if want := turned(src, side, a+b); !bytes.Equal(got, want) {
				t.Errorf("turn %d then %d is not turn %d", a, b, a+b)
			}
		}
	}
}

func TestTurningBackUndoes(t *testing.T) {
	const side = 6
	src := noise(side)
	for k := range Turns {
		if got := turned(turned(src, side, k), side, -k); !bytes.Equal(got, src) {
			t.Errorf("turn %d is not undone by %d", k, -k)
		}
	}
}

func TestFourQuartersAreIdentity(t *testing.T) {
	const side = 5
	src := noise(side)
	got := src
	for range Turns {
		got = turned(got, side, 1)
	}
	if !bytes.Equal(got, src) {
		t.Errorf("four quarter turns changed the picture")
	}
	if !bytes.Equal(turned(src, side, -1), turned(src, side, 3)) {
		t.Errorf("Turn(-1) differs from Turn(3)")
	}
}

func TestTurnRefusesWrongLength(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Errorf("Turn of 11 bytes as a 2×2 picture did not panic")
		}
	}()
	Turn(make([]byte, 12), make([]byte, 11), 2, 1)
}

func ExampleDegrees() {
	for label := range Turns {
		fmt.Println(label, Degrees(label))
	}
	// Output:
	// 0 0
	// 1 90
	// 2 180
	// 3 270
}

func BenchmarkTurn(b *testing.B) {
	const side = 32
	src := noise(side)
	dst := make([]byte, len(src))
	b.ReportAllocs()
	for b.Loop() {
		for k := range Turns {
			Turn(dst, src, side, k)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "images/s")
}
