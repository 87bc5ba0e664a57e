package dataset

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestDecodeFiles decodes every file of testdata: the good ones to a picture of
// the size asked for, the others to an error that names the file and the reason.
func TestDecodeFiles(t *testing.T) {
	reasons := map[string]string{
		"LICENSES.txt":                "not a JPEG",
		"README.md":                   "not a JPEG",
		"gif-15-bytes.gif":            "broken GIF",
		"gif-frame-out-of-bounds.gif": "broken GIF",
		"jpeg-fuzz.jpg":               "broken JPEG",
		"made-drawing.svg":            "SVG pictures are not read here; save it as",
		"made-empty.jpg":              "empty",
		"made-huge-header.png":        "100000×100000 pixels, more than the limit",
		"made-photo.bmp":              "BMP pictures are not read here; save it as",
		"made-text-named.png":         "not a JPEG",
		"made-truncated-half.jpg":     "broken JPEG",
		"made-truncated-header.jpg":   "broken JPEG",
		"made-zero-width.png":         "broken PNG",
		"webp-animated.webp":          "animated WebP",
	}
	files, err := filepath.Glob("testdata/*.*")
	if err != nil || len(files) < len(reasons) {
		t.Fatal(files, err)
	}
	const side = 24
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			pixels, err := Decode(name, data, side)
			if want := reasons[name]; want != "" {
				checkProblem(t, err, name, want)
				return
			}
			if err != nil || len(pixels) != side*side*Channels {
				t.Errorf("%d bytes, %v, want %d", len(pixels), err, side*side*Channels)
			}
		})
	}
}

func checkProblem(t *testing.T, err error, file, reason string) {
	t.Helper()
	var p Problem
	if !errors.As(err, &p) || p.File != file || !strings.Contains(p.Reason, reason) {
		t.Errorf("error %v, want a Problem of %s with %q", err, file, reason)
	}
}

// TestDecodeColours decodes pictures of one colour in each layout that the
// decoders return.
func TestDecodeColours(t *testing.T) {
	rect := image.Rect(0, 0, 5, 9)
	tests := []struct {
		name    string
		picture interface {
			image.Image
			Set(x, y int, c color.Color)
		}
		colour color.Color
		want   [3]byte
	}{
		{"gray", image.NewGray(rect), color.Gray{77}, [3]byte{77, 77, 77}},
		{"gray of 16 bits", image.NewGray16(rect), color.Gray16{0x4d80}, [3]byte{77, 77, 77}},
		{"opaque", image.NewRGBA(rect), color.RGBA{10, 20, 30, 255}, [3]byte{10, 20, 30}},
		{"half transparent", image.NewNRGBA(rect), color.NRGBA{0, 100, 255, 51}, [3]byte{204, 224, 255}},
		{"transparent", image.NewNRGBA(rect), color.NRGBA{1, 2, 3, 0}, [3]byte{255, 255, 255}},
		{"16 bits, transparent", image.NewNRGBA64(rect), color.NRGBA64{0xffff, 0, 0, 0x3333}, [3]byte{255, 204, 204}},
		{"palette", image.NewPaletted(rect, color.Palette{color.White, color.RGBA{9, 8, 7, 255}}), color.RGBA{9, 8, 7, 255}, [3]byte{9, 8, 7}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for i := range 45 {
				tt.picture.Set(i%5, i/5, tt.colour)
			}
			var file bytes.Buffer
			if err := png.Encode(&file, tt.picture); err != nil {
				t.Fatal(err)
			}
			for _, side := range []int{1, 3, 5, 16} {
				pixels, err := Decode(tt.name, file.Bytes(), side)
				if err != nil {
					t.Fatal(err)
				}
				// Catmull-Rom's weights sum to 1 but for rounding: one step.
				if want := bytes.Repeat(tt.want[:], side*side); !near(pixels, want, 1) {
					t.Errorf("side %d: %v, want %v everywhere", side, pixels[:3], tt.want)
				}
			}
		})
	}
}

// TestStretch checks the ends and the middle of the ranges of RFC 6386.
func TestStretch(t *testing.T) {
	luma, chroma := stretch(16, 0, 219), stretch(128, 128, 224)
	for _, tt := range []struct{ got, want byte }{
		{luma[0], 0}, {luma[16], 0}, {luma[126], 128}, {luma[235], 255}, {luma[255], 255},
		{chroma[16], 0}, {chroma[128], 128}, {chroma[240], 255},
	} {
		if tt.got != tt.want {
			t.Errorf("got %d, want %d", tt.got, tt.want)
		}
	}
}

// TestLossyWebPColours compares the mean of a picture with what libwebp 1.2.4
// makes of it. The tolerance covers libwebp's smoother chroma; without the
// stretching green comes out 12 higher.
func TestLossyWebPColours(t *testing.T) {
	const side, tolerance = 100, 2
	libwebp := [Channels]float64{119.8, 20.1, 122.5}
	pixels := decodeFile(t, "webp-lossy.webp", side)
	for c, want := range libwebp {
		sum := 0
		for i := c; i < len(pixels); i += Channels {
			sum += int(pixels[i])
		}
		if got := float64(sum) / (side * side); math.Abs(got-want) > tolerance {
			t.Errorf("the mean of channel %d is %.1f, libwebp has %.1f", c, got, want)
		}
	}
}

// TestSquareKeepsPixelsOfTheRightSize is what makes JPEGs of 32×32 pixels come
// out as their decoder returns them.
func TestSquareKeepsPixelsOfTheRightSize(t *testing.T) {
	picture := quarters(9, 9)
	got, err := squareOf(picture, 1, 9)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 81 {
		if !bytes.Equal(got[i*Channels:][:Channels], picture.Pix[4*i:][:Channels]) {
			t.Fatalf("pixel %d changed", i)
		}
	}
}

// TestShrinkMatchesReference compares with a mean taken pixel by pixel.
func TestShrinkMatchesReference(t *testing.T) {
	for _, tt := range []struct{ size, side int }{{1, 4}, {7, 7}, {16, 4}, {17, 4}, {61, 5}, {100, 1}} {
		t.Run(fmt.Sprintf("size=%d/side=%d", tt.size, tt.side), func(t *testing.T) {
			picture := image.NewRGBA(image.Rect(0, 0, tt.size+6, tt.size))
			pixels := noise(tt.size + 6)
			for i := range picture.Bounds().Dx() * tt.size {
				copy(picture.Pix[4*i:], []byte{pixels[3*i], pixels[3*i+1], pixels[3*i+2], 255})
			}
			crop := centre(picture.Bounds(), 1)
			for _, small := range averaged(picture, crop, shrunk(tt.size, tt.side), (tt.size+2)/3) { // Both in one pass.
				blocks := small.Bounds().Dx()
				for i := range blocks * blocks {
					y, x := i/blocks, i%blocks
					block := image.Rect(x*tt.size/blocks, y*tt.size/blocks, (x+1)*tt.size/blocks, (y+1)*tt.size/blocks)
					want := meanOf(picture, block.Add(crop.Min))
					if got := small.RGBAAt(x, y); got != want {
						t.Fatalf("block (%d, %d) of %d is %v, want %v", x, y, blocks, got, want)
					}
				}
			}
		})
	}
}

// TestRowsOfYCbCr compares with the standard library's conversion, pixel by pixel, for each
// way to have fewer samples of chroma, from even and odd columns on.
func TestRowsOfYCbCr(t *testing.T) {
	ratios := []image.YCbCrSubsampleRatio{
		image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420,
		image.YCbCrSubsampleRatio440, image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410,
	}
	for _, ratio := range ratios {
		p := image.NewYCbCr(image.Rect(0, 0, 67, 33), ratio)
		for i, plane := range [][]byte{p.Y, p.Cb, p.Cr} {
			copy(plane, noise(70+i))
		}
		for y := range 33 {
			for x := range 5 {
				row := make([]byte, (67-x)*Channels)
				rowYCbCr(row, p, x, y)
				for i := range 67 - x {
					c := p.YCbCrAt(x+i, y)
					r, g, b := color.YCbCrToRGB(c.Y, c.Cb, c.Cr)
					if got := row[i*Channels:][:Channels]; got[0] != r || got[1] != g || got[2] != b {
						t.Fatalf("%v: pixel (%d, %d) is %v, want %v", ratio, x+i, y, got, []byte{r, g, b})
					}
				}
			}
		}
	}
}

// TestSquaresOfAreTheSame as those that are made one by one, for each orientation.
func TestSquaresOfAreTheSame(t *testing.T) {
	for orientation := 1; orientation <= 8; orientation++ {
		picture := quarters(50, 41)
		want, err := squareOf(picture, orientation, 8)
		if err != nil {
			t.Fatal(err)
		}
		square, preview, err := squaresOf(picture, orientation, 8, 20)
		if err != nil || !bytes.Equal(square, want) || len(preview) != 20*20*Channels {
			t.Fatalf("orientation %d: %v, %d bytes of preview", orientation, err, len(preview))
		}
	}
}

func meanOf(p *image.RGBA, r image.Rectangle) color.RGBA {
	var sum [3]int
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			c := p.RGBAAt(x, y)
			sum[0], sum[1], sum[2] = sum[0]+int(c.R), sum[1]+int(c.G), sum[2]+int(c.B)
		}
	}
	n := r.Dx() * r.Dy()
	return color.RGBA{byte((sum[0] + n/2) / n), byte((sum[1] + n/2) / n), byte((sum[2] + n/2) / n), 255}
}

func TestDecodeSizes(t *testing.T) {
	data := asPNG(t, quarters(50, 40), exif(6))
	sizes, err := DecodeSizes("x", data, Limits{}, 8, 20)
	if err != nil {
		t.Fatal(err)
	}
	for i, side := range []int{8, 20} {
		alone, err := Decode("x", data, side)
		if err != nil || !bytes.Equal(sizes[i], alone) {
			t.Errorf("side %d differs from Decode (%v)", side, err)
		}
	}
	for _, side := range []int{0, -1, MaxSide + 1} {
		if _, err := Decode("x", data, side); err == nil {
			t.Errorf("side %d was accepted", side)
		}
	}
}

// TestResizeIsCentred checks that scaling moves nothing: the centre of gravity
// of a symmetric picture stays in the middle. A shift by half a pixel would be a
// cue for the pretext task.
func TestResizeIsCentred(t *testing.T) {
	for _, to := range []int{8, 16, 31, 32, 64} {
		p := quarters(32, 32)
		var pixels []byte
		for i := range 32 * 32 {
			pixels = append(pixels, p.Pix[4*i:][:3]...)
		}
		a := clockwise(Resize(pixels, 32, to), to)
		b := Resize(clockwise(pixels, 32), 32, to)
		if !near(a, b, 1) {
			t.Errorf("to %d: turning and resizing do not commute", to)
		}
	}
}

// TestDecodeRefusesBombs gives each format a header of 65,535×65,535 pixels in a
// few bytes; of WebP's 40,000×40,000, as its decoder refuses more by itself.
func TestDecodeRefusesBombs(t *testing.T) {
	const most = 65_535
	gif := append([]byte("GIF89a"), 0xff, 0xff, 0xff, 0xff, 0, 0, 0)
	gif = append(gif, 0x2c, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 2, 1, 0, 0x3b)
	jpeg := []byte{0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 0xff, 0xff, 0xff, 0xff, 1, 1, 0x11, 0,
		0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0} // Go reads on to the scan: an Adobe marker might change the colours.
	webp := append([]byte("RIFF\x16\x00\x00\x00WEBP"), riffChunk("VP8X", []byte{0, 0, 0, 0, 0x3f, 0x9c, 0, 0x3f, 0x9c, 0})...)
	tests := map[string][]byte{"PNG": pngHeader(most, most), "GIF": gif, "JPEG": jpeg, "WebP": webp}
	for name, data := range tests {
		t.Run(name, func(t *testing.T) {
			if len(data) > 60 {
				t.Fatalf("%d bytes", len(data))
			}
			size := "65535×65535"
			if name == "WebP" {
				size = "40000×40000"
			}
			_, err := Decode("bomb", data, 32)
			checkProblem(t, err, "bomb", size+" pixels, more than the limit of 67 million")
		})
	}
}

// pngHeader is a PNG that ends behind its header.
func pngHeader(width, height uint32) []byte {
	chunk := []byte("IHDR")
	chunk = binary.BigEndian.AppendUint32(chunk, width)
	chunk = binary.BigEndian.AppendUint32(chunk, height)
	chunk = append(chunk, 8, 2, 0, 0, 0)
	data := append([]byte("\x89PNG\r\n\x1a\n"), 0, 0, 0, 13)
	data = append(data, chunk...)
	return binary.BigEndian.AppendUint32(data, crc32.ChecksumIEEE(chunk))
}

func TestDecodeLimits(t *testing.T) {
	data := asPNG(t, quarters(30, 20), nil)
	_, err := DecodeSizes("x", data, Limits{Pixels: 599}, 8)
	checkProblem(t, err, "x", "30×20 pixels")
	_, err = DecodeSizes("x", data, Limits{FileBytes: 10}, 8)
	checkProblem(t, err, "x", "more than the limit of 10")
	if _, err := DecodeSizes("x", data, Limits{Pixels: 600}, 8); err != nil {
		t.Error(err)
	}
	scans := slices.Concat(asJPEG(t, quarters(8, 8), nil), bytes.Repeat([]byte{0xff, 0xda}, maxScans))
	_, err = Decode("x", scans, 8)
	checkProblem(t, err, "x", "scans")
}

// TestDecoderPanicIsAnError stands in for a decoder with a fault.
func TestDecoderPanicIsAnError(t *testing.T) {
	err := guard(func() error { panic("index out of range") })
	if err == nil || !strings.Contains(err.Error(), "index out of range") {
		t.Errorf("error %v, want the panic", err)
	}
}

func TestUnreadableFormats(t *testing.T) {
	for data, want := range map[string]string{
		"\x00\x00\x00\x18ftypheic": "HEIC",
		"\x00\x00\x00\x18ftypmif1": "HEIC",
		"\x00\x00\x00\x1cftypavif": "AVIF",
		"II*\x00":                  "TIFF",
		"8BPS":                     "Photoshop",
		"%PDF-1.7":                 "PDF",
	} {
		_, err := Decode("x", []byte(data), 8)
		checkProblem(t, err, "x", want+" pictures are not read here")
	}
}

func FuzzDecode(f *testing.F) {
	files, err := filepath.Glob("testdata/*.*")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		if len(data) < 8<<10 {
			f.Add(data)
		}
	}
	limits := Limits{Pixels: 1 << 16} // Small, so that the fuzzer is fast and any excess shows.
	f.Fuzz(func(t *testing.T, data []byte) {
		sizes, err := DecodeSizes("x", data, limits, 4, 9)
		if err != nil {
			return
		}
		if len(sizes) != 2 || len(sizes[0]) != 4*4*Channels || len(sizes[1]) != 9*9*Channels {
			t.Error("sizes differ from those asked for")
		}
	})
}

// TestRareKinds: a JPEG whose header samples colours in another way than the decoder
// knows is not called broken.
func TestRareKinds(t *testing.T) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewRGBA(image.Rect(0, 0, 16, 16)), nil); err != nil {
		t.Fatal(err)
	}
	data := b.Bytes()
	frame := bytes.Index(data, []byte{0xff, 0xc0})
	const sampling = 11 // Of the first component, behind marker, length, precision, size and number.
	data[frame+sampling] = 0x31
	if _, err := Decode("a.jpg", data, 8); err == nil || !strings.Contains(err.Error(), "a JPEG of a rare kind") {
		t.Errorf("3×1 sampling: %v", err)
	}
	whole := asPNG(t, quarters(6, 5), exif(1))
	want, err := Decode("a.png", whole, 5)
	if err != nil {
		t.Fatal(err)
	}
	const end = 12 // Bytes of the chunk IEND.
	if got, err := Decode("a.png", whole[:len(whole)-end], 5); err != nil || !bytes.Equal(got, want) {
		t.Errorf("a PNG without its end: %v, want the same pixels", err)
	}
	cut := whole
	if _, err := Decode("a.png", cut[:len(cut)-40], 8); err == nil || !strings.Contains(err.Error(), "broken PNG") {
		t.Errorf("a PNG that is cut short: %v", err)
	}
}
