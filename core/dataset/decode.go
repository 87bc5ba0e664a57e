package dataset

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"strings"

	"quarterturn/core/fault"

	"golang.org/x/image/webp"
)

// Decode reads a picture file and returns its centre as side×side pixels.
//
//	result  uint8 [side, side, 3]
//
// JPEG, PNG, GIF (its first frame) and WebP are told apart by their bytes; name
// is used in errors alone. An EXIF orientation is applied, what is transparent
// lies on white, and the largest centred square is scaled to side, each pixel an
// average of what it covers.
//
// Limits have their defaults; DecodeSizes takes others. Decode may be called by
// several goroutines at a time. Errors are Problems.
func Decode(name string, data []byte, side int) ([]byte, error) {
	sizes, err := DecodeSizes(name, data, Limits{}, side)
	if err != nil {
		return nil, err
	}
	return sizes[0], nil
}

// DecodeSizes is Decode for several sides, in their order, at the cost of
// decoding once: a network's input and the larger picture that people look at.
func DecodeSizes(name string, data []byte, limits Limits, sides ...int) ([][]byte, error) {
	for _, side := range sides {
		if side < 1 || side > MaxSide {
			return nil, fault.Errorf("dataset", "side is %d, want 1 to %d", side, MaxSide)
		}
	}
	squares, err := decode(data, limits.orDefault(DefaultSide), sides)
	if err != nil {
		return nil, Problem{File: name, Reason: fault.Reason(err)}
	}
	return squares, nil
}

// A format is a file format of pictures that we read.
type format struct {
	name   string
	decode func(io.Reader) (image.Image, error)
	config func(io.Reader) (image.Config, error)
}

// formatOf recognises a picture by its first bytes. Registering decoders with
// package image would do the same, but for every program that links this package.
func formatOf(data []byte) (format, error) {
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xd8")):
		return format{"JPEG", jpeg.Decode, jpeg.DecodeConfig}, nil
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		return format{"PNG", png.Decode, png.DecodeConfig}, nil
	case bytes.HasPrefix(data, []byte("GIF8")):
		return format{"GIF", gif.Decode, gif.DecodeConfig}, nil
	case isAnimatedWebP(data):
		return format{}, errors.New("animated WebP" + remedy)
	case isRIFF(data, "WEBP"):
		return format{"WebP", decodeWebP, webp.DecodeConfig}, nil
	}
	return format{}, unreadable(data)
}

// isRIFF recognises a RIFF container of a kind.
func isRIFF(data []byte, kind string) bool {
	return len(data) >= 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == kind
}

// isAnimatedWebP looks at the flags of an extended WebP.
func isAnimatedWebP(data []byte) bool {
	const flags, animation = 20, 2
	return isRIFF(data, "WEBP") && len(data) > flags && string(data[12:16]) == "VP8X" && data[flags]&animation != 0
}

// remedy completes what is said of formats that are not read.
const remedy = " pictures are not read here; save it as JPEG or PNG"

// unreadable says what a file is that we do not read, as far as we can tell.
// Phones save HEIC, so that one is met daily.
func unreadable(data []byte) error {
	known := []struct{ prefix, name string }{
		{"BM", "BMP"}, {"II*\x00", "TIFF"}, {"MM\x00*", "TIFF"}, {"<svg", "SVG"}, {"<?xml", "SVG"},
		{"8BPS", "Photoshop"}, {"%PDF", "PDF"}, {"\xff\x0a", "JPEG XL"}, {"\x00\x00\x00\x0cJXL ", "JPEG XL"},
	}
	for _, k := range known {
		if bytes.HasPrefix(data, []byte(k.prefix)) {
			return errors.New(k.name + remedy)
		}
	}
	switch {
	case len(data) == 0:
		return errors.New("the file is empty")
	case len(data) >= 12 && string(data[4:11]) == "ftypavi":
		return errors.New("AVIF" + remedy)
	case len(data) >= 12 && (string(data[4:10]) == "ftyphe" || string(data[4:10]) == "ftypmi"):
		return errors.New("HEIC" + remedy)
	}
	return errNoPicture
}

// errNoPicture says that nothing is known about a file.
var errNoPicture = errors.New("not a JPEG, PNG, GIF or WebP picture")

// decode is DecodeSizes without the name.
func decode(data []byte, limits Limits, sides []int) ([][]byte, error) {
	var squares [][]byte
	err := guard(func() error {
		picture, turn, err := open(data, limits)
		for _, side := range sides {
			if err != nil {
				break
			}
			var square []byte
			square, err = squareOf(picture, turn, side)
			squares = append(squares, square)
		}
		return err
	})
	return squares, err
}

// guard makes an error of whatever a decoder does with hostile bytes, a panic
// included.
func guard(decode func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("decoding stopped: %v", r)
		}
	}()
	return decode()
}

// open decodes a picture file within limits and finds its orientation.
func open(data []byte, limits Limits) (picture image.Image, turn int, err error) {
	if int64(len(data)) > limits.FileBytes {
		return nil, 0, fmt.Errorf("%d bytes, more than the limit of %d", len(data), limits.FileBytes)
	}
	f, err := formatOf(data)
	if err != nil {
		return nil, 0, err
	}
	if err := checkSize(f, data, limits); err != nil {
		return nil, 0, err
	}
	picture, err = f.decode(bytes.NewReader(data))
	if f.name == "PNG" && errors.Is(err, io.ErrUnexpectedEOF) {
		picture, err = f.decode(io.MultiReader(bytes.NewReader(data), strings.NewReader(pngEnd)))
	}
	if err != nil {
		return nil, 0, f.failure(err)
	}
	return picture, orientation(f.name, data), nil
}

// pngEnd is the chunk IEND. A PNG that ends before it has all its pixels, or else is broken
// with it as well.
const pngEnd = "\x00\x00\x00\x00IEND\xae\x42\x60\x82"

// failure says what a decoder could not read. Some kinds of a format are whole, but
// nobody's decoder here knows them.
func (f format) failure(err error) error {
	if errors.As(err, new(jpeg.UnsupportedError)) || errors.As(err, new(png.UnsupportedError)) {
		return fmt.Errorf("a %s of a rare kind that is not read here (%w); save it again as JPEG or PNG", f.name, err)
	}
	return fmt.Errorf("broken %s: %w", f.name, err)
}

// checkSize refuses a picture whose header declares more than the limit, before
// any decoder allocates for it.
func checkSize(f format, data []byte, limits Limits) error {
	config, err := f.config(bytes.NewReader(data))
	if err != nil {
		return f.failure(err)
	}
	if config.Width < 1 || config.Height < 1 {
		return fmt.Errorf("%s of %d×%d pixels: nothing to see", f.name, config.Width, config.Height)
	}
	if int64(config.Width)*int64(config.Height) > limits.Pixels {
		return fmt.Errorf("%d×%d pixels, more than the limit of %d million",
			config.Width, config.Height, limits.Pixels/1e6)
	}
	return checkScans(f, data)
}

// maxScans bounds the passes of a progressive JPEG. Each costs a walk over all
// blocks for a few bytes of file, so a small file could keep the decoder busy
// for hours; encoders write about ten.
const maxScans = 1000

// checkScans counts start-of-scan markers. In the coded data 0xff is always
// followed by 0, so beside scans only thumbnails and what comes after the
// picture can be counted.
func checkScans(f format, data []byte) error {
	if f.name != "JPEG" {
		return nil
	}
	if n := bytes.Count(data, []byte{0xff, 0xda}); n > maxScans {
		return fmt.Errorf("JPEG with %d scans, more than the limit of %d", n, maxScans)
	}
	return nil
}
