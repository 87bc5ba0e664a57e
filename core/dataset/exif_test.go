package dataset

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/jpeg"
	"image/png"
	"os"
	"testing"

	"golang.org/x/image/webp"
)

// exif returns a minimal EXIF block: a TIFF header and a directory with one
// entry, the orientation as a SHORT.
func exif(orientation uint16) []byte {
	b := []byte("II*\x00\x08\x00\x00\x00\x01\x00")
	b = binary.LittleEndian.AppendUint16(b, 0x0112)
	b = binary.LittleEndian.AppendUint16(b, 3)
	b = binary.LittleEndian.AppendUint32(b, 1)
	b = binary.LittleEndian.AppendUint32(b, uint32(orientation))
	return append(b, 0, 0, 0, 0)
}

// asJPEG inserts an APP1 segment behind the first marker.
func asJPEG(t testing.TB, picture image.Image, block []byte) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture, &jpeg.Options{Quality: 100}); err != nil {
		t.Fatal(err)
	}
	segment := append([]byte("Exif\x00\x00"), block...)
	out := []byte{0xff, 0xd8, 0xff, 0xe1}
	out = binary.BigEndian.AppendUint16(out, uint16(len(segment)+2))
	out = append(out, segment...)
	return append(out, b.Bytes()[2:]...)
}

// asPNG inserts an eXIf chunk behind the header chunk.
func asPNG(t testing.TB, picture image.Image, block []byte) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		t.Fatal(err)
	}
	const header = 8 + 12 + 13
	chunk := append([]byte("eXIf"), block...)
	out := bytes.Clone(b.Bytes()[:header])
	out = binary.BigEndian.AppendUint32(out, uint32(len(block)))
	out = append(out, chunk...)
	out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(chunk))
	return append(out, b.Bytes()[header:]...)
}

// asWebP wraps the coded data of a simple lossy WebP of a size into the extended
// format, with an EXIF chunk.
func asWebP(simple []byte, width, height int, block []byte) []byte {
	extended := make([]byte, 10)
	extended[0] = 8 // There is EXIF.
	extended[4], extended[5] = byte(width-1), byte((width-1)>>8)
	extended[7], extended[8] = byte(height-1), byte((height-1)>>8)
	body := append([]byte("WEBP"), riffChunk("VP8X", extended)...)
	body = append(body, simple[12:]...)
	body = append(body, riffChunk("EXIF", block)...)
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

func riffChunk(name string, data []byte) []byte {
	chunk := binary.LittleEndian.AppendUint32([]byte(name), uint32(len(data)))
	chunk = append(chunk, data...)
	if len(data)%2 == 1 {
		chunk = append(chunk, 0)
	}
	return chunk
}

// quarters is a picture whose quarters differ, on a side too long for the crop
// to be the whole.
func quarters(width, height int) *image.RGBA {
	p := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			copy(p.Pix[p.PixOffset(x, y):], []byte{byte(200 * x / width), byte(200 * y / height), byte(60 * (x ^ y) / width), 255})
		}
	}
	return p
}

// clockwise and mirror are the two moves that all orientations are made of.
func clockwise(p []byte, side int) []byte {
	q := make([]byte, len(p))
	for y := range side {
		for x := range side {
			copy(q[(x*side+side-1-y)*Channels:][:Channels], p[(y*side+x)*Channels:])
		}
	}
	return q
}

func mirror(p []byte, side int) []byte {
	q := make([]byte, len(p))
	for i := range side * side {
		copy(q[(i/side*side+side-1-i%side)*Channels:][:Channels], p[i*Channels:])
	}
	return q
}

// shown applies an orientation as viewers describe it: mirrored or not, then
// turned clockwise by quarters.
func shown(p []byte, side, orientation int) []byte {
	moves := [9]struct{ mirrored, quarters int }{
		1: {0, 0}, 2: {1, 0}, 3: {0, 2}, 4: {1, 2}, 5: {1, 3}, 6: {0, 1}, 7: {1, 1}, 8: {0, 3},
	}[orientation]
	if moves.mirrored == 1 {
		p = mirror(p, side)
	}
	for range moves.quarters {
		p = clockwise(p, side)
	}
	return p
}

// TestOrientations stores one picture with each flag in each format. Sides are
// equal to the side asked for, so nothing is scaled and the comparison is exact.
func TestOrientations(t *testing.T) {
	const side = 16
	square := quarters(side, side)
	lossy, err := os.ReadFile("testdata/webp-lossy.webp")
	if err != nil {
		t.Fatal(err)
	}
	bounds, err := webp.DecodeConfig(bytes.NewReader(lossy))
	if err != nil {
		t.Fatal(err)
	}
	for orientation := range 9 {
		block := exif(uint16(orientation))
		for format, data := range map[string][]byte{
			"JPEG": asJPEG(t, square, block),
			"PNG":  asPNG(t, square, block),
			"WebP": asWebP(lossy, bounds.Width, bounds.Height, block),
		} {
			checkOrientation(t, format, data, asStored(t, format, square, lossy), side, max(orientation, 1))
		}
	}
}

// asStored is the same picture without a flag.
func asStored(t *testing.T, format string, square image.Image, lossy []byte) []byte {
	switch format {
	case "JPEG":
		return asJPEG(t, square, nil)
	case "PNG":
		return asPNG(t, square, nil)
	}
	return lossy
}

func checkOrientation(t *testing.T, format string, data, stored []byte, side, orientation int) {
	t.Helper()
	plain, err := Decode(format, stored, side)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode(format, data, side)
	if err != nil {
		t.Fatalf("%s, orientation %d: %v", format, orientation, err)
	}
	if o := orientation; !near(got, shown(plain, side, o), 2) {
		t.Errorf("%s: orientation %d is not shown as it should be", format, o)
	}
}

// near reports whether no byte differs by more than tolerance. A crop or a block
// may begin a pixel later in a picture that is stored the other way round, which
// rounds differently.
func near(a, b []byte, tolerance int) bool {
	for i := range a {
		if d := int(a[i]) - int(b[i]); d > tolerance || d < -tolerance {
			return false
		}
	}
	return len(a) == len(b)
}

// TestCameraOrientations decodes files that other programs wrote. They are JPEGs
// compressed after turning, so the letter's edges differ: by less than 12 of 255
// in the mean, while a wrong turn makes it more than 40.
func TestCameraOrientations(t *testing.T) {
	const side, tolerance = 32, 12
	want := decodeFile(t, "exif-F-1.jpg", side)
	for _, name := range []string{
		"exif-F-2.jpg", "exif-F-3.jpg", "exif-F-4.jpg", "exif-F-5.jpg", "exif-F-6.jpg", "exif-F-7.jpg", "exif-F-8.jpg",
	} {
		got := decodeFile(t, name, side)
		if d := meanDifference(got, want); d > tolerance {
			t.Errorf("%s differs from exif-F-1.jpg by %.1f a byte, tolerance %d", name, d, tolerance)
		}
		if d := meanDifference(clockwise(got, side), want); d < 2*tolerance {
			t.Errorf("%s turned differs by only %.1f: the test could not fail", name, d)
		}
	}
}

func meanDifference(a, b []byte) float64 {
	sum := 0
	for i := range a {
		sum += max(int(a[i])-int(b[i]), int(b[i])-int(a[i]))
	}
	return float64(sum) / float64(len(a))
}

func decodeFile(t testing.TB, name string, side int) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	pixels, err := Decode(name, data, side)
	if err != nil {
		t.Fatal(err)
	}
	return pixels
}

// TestBrokenEXIF checks that what is wrong around a picture does not cost it.
func TestBrokenEXIF(t *testing.T) {
	square := quarters(16, 16)
	good := exif(6)
	loop := bytes.Clone(good)
	copy(loop[len(loop)-4:], []byte{8, 0, 0, 0}) // The next directory is this one.
	huge := bytes.Clone(good)
	binary.LittleEndian.PutUint32(huge[14:], 1<<31) // Two thousand million values.
	many := bytes.Clone(good)
	binary.LittleEndian.PutUint16(many[8:], 0xffff)
	far := bytes.Clone(good)
	binary.LittleEndian.PutUint32(far[4:], 0xfffffff0)
	for name, block := range map[string][]byte{
		"empty": {}, "header alone": good[:8], "cut short": good[:15], "loop": loop, "huge count": huge,
		"too many entries": many, "directory far away": far, "not TIFF": []byte("hello"), "orientation 9": exif(9),
	} {
		t.Run(name, func(t *testing.T) {
			for _, data := range [][]byte{asJPEG(t, square, block), asPNG(t, square, block)} {
				if _, err := Decode(name, data, 8); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for _, name := range []string{"made-exif-invalid-9.jpg", "jpeg-exif-crash.jpg"} {
		decodeFile(t, name, 32)
	}
}

func FuzzOrientation(f *testing.F) {
	f.Add(exif(6))
	f.Add(exif(9)[:20])
	f.Add([]byte("MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x08\x00\x00\x00\x00\x00\x00"))
	square := quarters(2, 2)
	f.Fuzz(func(t *testing.T, block []byte) {
		if len(block) > 60_000 {
			return // An APP1 segment has 64 kB.
		}
		for format, data := range map[string][]byte{"JPEG": asJPEG(t, square, block), "PNG": asPNG(t, square, block)} {
			if o := orientation(format, data); o < 1 || o > 8 {
				t.Errorf("%s: orientation %d", format, o)
			}
		}
	})
}
