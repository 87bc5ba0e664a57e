package dataset

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// TestAugmentSaysWhatDoesNotFit: two checks may refuse the same, and only one says
// what is wrong.
func TestAugmentSaysWhatDoesNotFit(t *testing.T) {
	tests := []struct {
		a    Augment
		side int
		want string
	}{
		{Augment{}, 0, "side is 0"},
		{Augment{}, -1, "side is -1"},
		{Augment{}, MaxSide + 1, "side is "},
		{Augment{Pad: -1}, 8, "Pad is -1"},
		{Augment{Pad: 8}, 8, "Pad is 8"},
		{Augment{Border: Zero + 1}, 8, "Border is 2"},
		{Augment{Crop: -1}, 8, "Crop is -1"},
		{Augment{Crop: 9}, 8, "Crop is 9"},
		{Augment{Pad: 1, Centre: true}, 8, "Pad is 1 beside Centre"},
	}
	for _, tt := range tests {
		if err := tt.a.Validate(tt.side); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v of side %d: error %v, want %q in it", tt.a, tt.side, err, tt.want)
		}
	}
	if err := (Augment{}).Validate(MaxSide); err != nil {
		t.Errorf("the largest side: %v", err)
	}
}

// TestApplyPanics: a picture of another size must not be written over its
// neighbours in a batch.
func TestApplyPanics(t *testing.T) {
	const side = 4
	whole, short, long := noise(side), noise(side)[1:], append(noise(side), 0)
	for name, apply := range map[string]func(){
		"short result":  func() { Augment{}.Apply(short, whole, side, 1, 2, 3) },
		"short picture": func() { Augment{}.Apply(whole, short, side, 1, 2, 3) },
		"long result":   func() { Augment{}.Apply(long, whole, side, 1, 2, 3) },
		"long picture":  func() { Augment{}.Apply(whole, long, side, 1, 2, 3) },
		"options":       func() { Augment{Crop: side + 1}.Apply(noise(side), whole, side, 1, 2, 3) },
	} {
		func() {
			defer func() {
				if r := recover(); r != "dataset: augment: slice, side and options differ" {
					t.Errorf("%s: panics with %v", name, r)
				}
			}()
			apply()
		}()
	}
}

// TestNoFlipUnasked looks at pictures whose generator would flip them.
func TestNoFlipUnasked(t *testing.T) {
	src := noise(5)
	for index := range 50 {
		if !bytes.Equal(apply(Augment{}, src, 5, index), src) {
			t.Fatalf("index %d: the zero Augment changed the picture", index)
		}
	}
}

func TestIsStill(t *testing.T) {
	for name, tt := range map[string]struct {
		a    Augment
		want bool
	}{
		"nothing":            {Augment{}, true},
		"whole crop":         {Augment{Crop: 8}, true},
		"centre":             {Augment{Crop: 6, Centre: true}, true},
		"crop":               {Augment{Crop: 6}, false},
		"pad":                {Augment{Pad: 1}, false},
		"pad and whole crop": {Augment{Pad: 1, Crop: 8}, false},
		"flip":               {Augment{Flip: true}, false},
		"flip of the centre": {Augment{Crop: 6, Centre: true, Flip: true}, false},
	} {
		if got := tt.a.IsStill(8); got != tt.want {
			t.Errorf("%s: still is %v", name, got)
		}
	}
}

// TestBorderOfApply shifts a white picture: what comes in is black, or white where
// the picture is reflected.
func TestBorderOfApply(t *testing.T) {
	const side = 6
	white := bytes.Repeat([]byte{255}, side*side*Channels)
	for border, want := range map[Border]bool{Reflect: false, Zero: true} {
		black := false
		for index := range 20 {
			black = black || bytes.IndexByte(apply(Augment{Pad: 3, Border: border}, white, side, index), 0) >= 0
		}
		if black != want {
			t.Errorf("border %d: black pixels %v, want %v", border, black, want)
		}
	}
}

// TestRecordsEndWhereTheyAreToldTo: an import that is given up must not read on.
func TestRecordsEndWhereTheyAreToldTo(t *testing.T) {
	stop := errors.New("enough")
	data := make([]byte, 3*RecordSize)
	data[RecordSize] = 10 // The second has no class.
	visited, wrong := 0, 0
	err := readRecords(bytes.NewReader(data), 10, func(int, byte, []byte) error { visited++; return nil }, func(error) error { wrong++; return stop })
	if err != stop || visited != 1 || wrong != 1 {
		t.Errorf("a wrong record: error %v after %d and %d, want %v after 1 and 1", err, visited, wrong, stop)
	}
	err = readRecords(bytes.NewReader(data), 11, func(int, byte, []byte) error { visited++; return stop }, nil)
	if err != stop || visited != 2 {
		t.Errorf("a visit: error %v after %d, want %v after 2", err, visited, stop)
	}
}
