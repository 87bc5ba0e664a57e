package dataset

import (
	"image"
	"io"
	"math"

	"golang.org/x/image/webp"
)

// decodeWebP is webp.Decode with the colours right.
//
// Lossy WebP stores luma in 16 to 235 and chroma in 16 to 240 (RFC 6386, section
// 9.2: ITU-R BT.601). Package webp hands the planes out as they are, and
// image.YCbCr takes them for JPEG's 0 to 255, so white would come out as a light
// grey. Stretching the planes is what libwebp's conversion amounts to.
func decodeWebP(r io.Reader) (image.Image, error) {
	picture, err := webp.Decode(r)
	if err != nil {
		return nil, err
	}
	switch p := picture.(type) {
	case *image.YCbCr:
		stretchPlanes(p)
	case *image.NYCbCrA:
		stretchPlanes(&p.YCbCr)
	}
	return picture, nil
}

// stretchPlanes maps BT.601's ranges to JPEG's, in place.
func stretchPlanes(p *image.YCbCr) {
	luma, chroma := stretch(16, 0, 219), stretch(128, 128, 224)
	lookUp(p.Y, &luma)
	lookUp(p.Cb, &chroma)
	lookUp(p.Cr, &chroma)
}

// stretch returns the table that widens a span of values to 255, so that from
// becomes to.
func stretch(from, to int, span float64) (table [256]byte) {
	for v := range table {
		wide := math.Round(float64(v-from) * 255 / span)
		table[v] = byte(min(max(int(wide)+to, 0), 255))
	}
	return table
}

func lookUp(values []byte, table *[256]byte) {
	for i, v := range values {
		values[i] = table[v]
	}
}
