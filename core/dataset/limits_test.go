package dataset

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"io"
	"math"
	"slices"
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

// TestPlaceOfOtherNames has the rest of the folders that divide a set, and numbers
// that are none.
func TestPlaceOfOtherNames(t *testing.T) {
	for path, want := range map[string]bool{
		"Training/cat/a.jpg": false, "testing/cat/a.jpg": true, "valid/cat/a.jpg": true, "validation/cat/a.jpg": true, "tests/cat/a.jpg": false,
	} {
		got, test := place(path)
		if folder := got.folder; test != want || (folder != "cat") != strings.HasPrefix(path, "tests/") {
			t.Errorf("place(%s) = %+v, %v", path, got, test)
		}
	}
	for _, path := range []string{"0001x_6_frog.jpg", "00017_1000_frog.jpg", "000017_6_frog.jpg", "00017_6.jpg", "00017.jpg"} {
		if got, _ := place(path); got.number != -1 || got.name != "" {
			t.Errorf("place(%s) = %+v, want no class", path, got)
		}
	}
	if got, _ := place("00017_999_frog.jpg"); got.number != 999 {
		t.Errorf("the largest label was read as %+v", got)
	}
}

// TestFolderThatIsAClassOnlyIfItHasAll: somebody may drop a folder of classes too.
func TestFolderThatIsAClassOnlyIfItHasAll(t *testing.T) {
	folders := func(paths ...string) (origins []origin) {
		for _, p := range paths {
			origins = append(origins, origin{folder: p, number: -1})
		}
		return origins
	}
	for _, tt := range []struct {
		origins []origin
		classes []string
		labels  []int32
	}{
		{folders("pets/cat", "pets/dog"), []string{"cat", "dog"}, []int32{0, 1}},
		{folders("cat", "cat"), []string{"cat"}, []int32{0, 0}},
		{folders("", "cat"), []string{"cat"}, []int32{-1, 0}},
		{folders("", ""), nil, []int32{-1, -1}},
		{append(folders("cat"), origin{number: 0, record: true}), []string{"cat", "x"}, []int32{0, 1}},
	} {
		classes, labels := resolve(tt.origins, []string{"x"}, true)
		if !slices.Equal(classes, tt.classes) || !slices.Equal(labels, tt.labels) {
			t.Errorf("%+v: resolve = %q, %v, want %q, %v", tt.origins, classes, labels, tt.classes, tt.labels)
		}
	}
}

// TestNumbersOrderOnlyWhereTheyCan: one class without a number of its own, and the
// names decide.
func TestNumbersOrderOnlyWhereTheyCan(t *testing.T) {
	type numbered struct {
		class  string
		number int
	}
	for name, tt := range map[string]struct {
		added []numbered
		want  []string
	}{
		"numbers":              {[]numbered{{"ant", 7}, {"bee", 2}, {"ant", 7}}, []string{"bee", "ant"}},
		"one has none":         {[]numbered{{"ant", 7}, {"bee", -1}}, []string{"ant", "bee"}},
		"one has two":          {[]numbered{{"ant", 1}, {"ant", 7}, {"bee", 2}}, []string{"ant", "bee"}},
		"two have one":         {[]numbered{{"ant", 7}, {"bee", 7}, {"cow", 1}}, []string{"ant", "bee", "cow"}},
		"two have one, others": {[]numbered{{"ant", 7}, {"bee", 6}, {"cow", 5}, {"dog", 5}}, []string{"ant", "bee", "cow", "dog"}},
	} {
		for range 20 { // The order of a map is another each time.
			n := newNumbering()
			for _, a := range tt.added {
				n.add(a.class, a.number)
			}
			if got := n.order(); !slices.Equal(got, tt.want) {
				t.Errorf("%s: order %q, want %q", name, got, tt.want)
				break
			}
		}
	}
}

// TestNormalization spells the numbers out a second time: networks that were trained
// with others would see other pictures.
func TestNormalization(t *testing.T) {
	if Mean != [Channels]float64{0.4914, 0.4822, 0.4465} || Std != [Channels]float64{0.2470, 0.2435, 0.2616} {
		t.Errorf("Mean %v, Std %v", Mean, Std)
	}
	for name, lengths := range map[string][2]int{"short": {3, 6}, "long": {6, 3}, "part of a pixel": {4, 4}} {
		func() {
			defer func() {
				if r := recover(); r != "dataset: normalize: lengths differ" {
					t.Errorf("%s: panics with %v", name, r)
				}
			}()
			Normalize(make([]float32, lengths[0]), make([]byte, lengths[1]))
		}()
	}
}

// broken fails where something is read or written.
type broken struct{}

var errBroken = errors.New("broken")

func (broken) Read([]byte) (int, error)  { return 0, errBroken }
func (broken) Write([]byte) (int, error) { return 0, errBroken }

func TestRecordsThatCannotBeWritten(t *testing.T) {
	p := &Pictures{Side: recordSide, Classes: cifarClasses}
	p.add(noise(recordSide), 255)
	if err := WriteCIFAR10(broken{}, p); !errors.Is(err, errBroken) {
		t.Errorf("error %v, want %v", err, errBroken)
	}
	p.Labels[0] = 256
	if err := WriteCIFAR10(io.Discard, p); err == nil || !strings.Contains(err.Error(), "label 256") {
		t.Errorf("a label of more than a byte: error %v", err)
	}
	if _, err := readClassNames(broken{}); !errors.Is(err, errBroken) {
		t.Errorf("class names: error %v, want %v", err, errBroken)
	}
}

func TestTurnHasAllFour(t *testing.T) {
	var count [4]int
	for index := range 400 {
		count[Turn(1, 0, index)]++
	}
	for turn, n := range count {
		if n < 100-44 || n > 100+44 { // Five standard deviations; the seed is fixed.
			t.Errorf("turn %d came %d times of 400", turn, n)
		}
	}
}

// TestStreamsAreThoseOfEarlierVersions pins what a seed means: a run that is resumed, or
// repeated in years, must draw the same pictures in the same order.
func TestStreamsAreThoseOfEarlierVersions(t *testing.T) {
	if got, want := Order(1, 2, 10), []int{3, 1, 5, 0, 7, 2, 8, 4, 9, 6}; !slices.Equal(got, want) {
		t.Errorf("Order(1, 2, 10) = %v, want %v", got, want)
	}
	pcg := stream(1, purposeAugment, 2, 3)
	if got := pcg.Uint64(); got != 0x5be208d7bec33fdb {
		t.Errorf("the first word of an augmentation is %#x", got)
	}
	train, held := Split([]int32{0, 0, 0, 0, 1, 1, 1, 1, 1}, 0.4, 7)
	if !slices.Equal(held, []int{2, 3, 6, 8}) || len(train)+len(held) != 9 {
		t.Errorf("Split holds out %v", held)
	}
}

// ifd returns an EXIF block of one directory entry, a SHORT, in the first directory
// or in the second, which is the thumbnail's.
func ifd(tag, value uint16, second bool) []byte {
	b := []byte("II*\x00\x08\x00\x00\x00")
	if second {
		b = append(b, 0, 0, 14, 0, 0, 0) // No entries, and where the next directory is.
	}
	b = append(b, 1, 0)
	b = binary.LittleEndian.AppendUint16(b, tag)
	b = append(b, 3, 0, 1, 0, 0, 0)
	b = binary.LittleEndian.AppendUint16(b, value)
	return append(b, 0, 0, 0, 0, 0, 0)
}

func TestOrientationIsThePicturesOwn(t *testing.T) {
	const orientationTag, resolutionUnit = 0x0112, 0x0128
	picture := image.NewGray(image.Rect(0, 0, 8, 8))
	for name, tt := range map[string]struct {
		block []byte
		want  int
	}{
		"of the picture":       {ifd(orientationTag, 6, false), 6},
		"of its thumbnail":     {ifd(orientationTag, 6, true), 1},
		"another tag":          {ifd(resolutionUnit, 3, false), 1},
		"less than there is":   {ifd(orientationTag, 0, false), 1},
		"more than there is":   {ifd(orientationTag, 9, false), 1},
		"the largest there is": {ifd(orientationTag, 8, false), 8},
	} {
		if got := orientation("JPEG", asJPEG(t, picture, tt.block)); got != tt.want {
			t.Errorf("%s: orientation %d, want %d", name, got, tt.want)
		}
	}
}

func TestOptionsDefaults(t *testing.T) {
	o, err := Options{}.orDefault()
	if err != nil || o.Side != 32 || o.HoldOut != 0.2 || o.Limits.Pictures != 349_525 || o.Limits.Problems != 1000 {
		t.Errorf("the zero Options are %+v, %v", o, err)
	}
	for want, o := range map[string]Options{
		"Side is -1":        {Side: -1},
		"PreviewSide is -1": {PreviewSide: -1},
		"PreviewSide is 10": {PreviewSide: 100_000},
		"HoldOut is NaN":    {HoldOut: math.NaN()},
		"HoldOut is 1.1":    {HoldOut: 1.1},
	} {
		if _, err := o.orDefault(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q in it", err, want)
		}
	}
	if o, err := (Options{HoldOut: -1, Side: MaxSide, PreviewSide: MaxSide}).orDefault(); err != nil || o.HoldOut != -1 {
		t.Errorf("what may be was changed to %+v, %v", o, err)
	}
}
