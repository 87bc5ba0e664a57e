package dataset

import (
	"errors"
	"image"

	"golang.org/x/image/draw"
)

// squareOf returns the centre of a picture as side×side pixels, upright.
//
//	result  uint8 [side, side, 3]
//
// A square of that side is taken as it is, byte for byte. Others are scaled in
// two steps: whole blocks are averaged down to two to four times the side, which
// touches each pixel once, and Catmull-Rom does the rest. Catmull-Rom alone would
// touch each pixel four times.
func squareOf(picture image.Image, orientation, side int) ([]byte, error) {
	square, _, err := squaresOf(picture, orientation, side, 0)
	return square, err
}

// squaresOf is squareOf, and beside it the same centre for people to look at, unless
// previewSide is 0.
//
//	preview  uint8 [P, P, 3], P the smaller of previewSide and the picture's own
//
// Each pixel of the preview is the mean of what it covers and nothing else: for a
// thumbnail nobody sees the difference to squareOf. The picture is read once for both.
func squaresOf(picture image.Image, orientation, side, previewSide int) (square, preview []byte, err error) {
	crop := centre(picture.Bounds(), orientation)
	if crop.Empty() {
		return nil, nil, errors.New("a picture without pixels")
	}
	size := crop.Dx()
	blocks := []int{shrunk(size, side)}
	if previewSide = min(previewSide, size); previewSide > 0 {
		blocks = append(blocks, previewSide)
	}
	means := averaged(picture, crop, blocks...)
	square = turnedUp(scale(means[0], side), side, orientation)
	if previewSide > 0 {
		preview = turnedUp(scale(means[1], previewSide), previewSide, orientation)
	}
	return square, preview, nil
}

// turnedUp returns a square upright.
func turnedUp(pixels []byte, side, orientation int) []byte {
	if orientation == 1 {
		return pixels
	}
	turned := make([]byte, len(pixels))
	upright(turned, pixels, side, orientation)
	return turned
}

// centre returns the largest centred square of bounds. Where the middle falls
// between two pixels it is the upper or left of two squares as seen, so that all
// eight orientations of a picture show the same pixels.
func centre(bounds image.Rectangle, orientation int) image.Rectangle {
	width, height := bounds.Dx(), bounds.Dy()
	side := min(width, height)
	x, y := (width-side)/2, (height-side)/2
	bottom, right := stored(0, 0, 2, orientation) // Where the top left as seen is stored.
	if right == 1 {
		x = width - side - x
	}
	if bottom == 1 {
		y = height - side - y
	}
	return image.Rect(x, y, x+side, y+side).Add(bounds.Min)
}

// shrunk is as how many blocks in a row a square of a size is averaged before it is
// scaled to side pixels: two to four times as many, or all where it is smaller than that.
func shrunk(size, side int) int { return size / max(1, size/(2*side)) }

// An averaging makes a square of the means of blocks, of which some are a pixel wider
// where the side is no multiple.
type averaging struct {
	small       *image.RGBA
	sums        []uint64 // [blocks, 3], of the row of blocks that is being read.
	size        int      // Pixels in a row.
	blocks, row int      // In a row, and which row of them it is.
	top         int      // Where that begins.
}

// averaged is a square crop of a picture, on white, as so many blocks in a row, for each
// number of them. The picture is read once.
func averaged(picture image.Image, crop image.Rectangle, blocks ...int) []*image.RGBA {
	size := crop.Dx()
	var means []*image.RGBA
	var averagings []*averaging
	for _, n := range blocks {
		a := &averaging{small: image.NewRGBA(image.Rect(0, 0, n, n)), sums: make([]uint64, n*Channels), size: size, blocks: n}
		means, averagings = append(means, a.small), append(averagings, a)
	}
	row, read := make([]byte, size*Channels), rowReader(picture)
	for y := range size {
		read(row, crop.Min.X, crop.Min.Y+y)
		for _, a := range averagings {
			a.add(row, y)
		}
	}
	return means
}

// add takes the row y of the picture, [size, 3].
func (a *averaging) add(row []byte, y int) {
	addBlocks(a.sums, row, a.size, a.blocks)
	if bottom := (a.row + 1) * a.size / a.blocks; y+1 == bottom {
		average(a.small.Pix[a.row*a.small.Stride:], a.sums, a.size, a.blocks, bottom-a.top)
		clear(a.sums)
		a.row, a.top = a.row+1, bottom
	}
}

// addBlocks adds a row of pixels to the sums of the blocks they lie in.
//
//	row   [size, 3]
//	sums  [blocks, 3]
func addBlocks(sums []uint64, row []byte, size, blocks int) {
	for i := range blocks {
		var r, g, b uint64
		pixels := row[i*size/blocks*Channels : (i+1)*size/blocks*Channels]
		for ; len(pixels) >= Channels; pixels = pixels[Channels:] {
			r += uint64(pixels[0])
			g += uint64(pixels[1])
			b += uint64(pixels[2])
		}
		sums[i*Channels] += r
		sums[i*Channels+1] += g
		sums[i*Channels+2] += b
	}
}

// average writes the means of blocks that are height pixels tall.
//
//	sums  [blocks, 3]
//	dst   [blocks, 4], opaque
func average(dst []byte, sums []uint64, size, blocks, height int) {
	for i := range blocks {
		n := uint64(((i+1)*size/blocks - i*size/blocks) * height)
		for c := range Channels {
			dst[4*i+c] = byte((sums[Channels*i+c] + n/2) / n)
		}
		dst[4*i+3] = 0xff
	}
}

// scale resamples a square to side×side pixels and drops the fourth channel.
func scale(square *image.RGBA, side int) []byte {
	if square.Bounds().Dx() != side {
		scaled := image.NewRGBA(image.Rect(0, 0, side, side))
		draw.CatmullRom.Scale(scaled, scaled.Bounds(), square, square.Bounds(), draw.Src, nil)
		square = scaled
	}
	pixels := make([]byte, 0, side*side*Channels)
	for i := 0; i < len(square.Pix); i += 4 {
		pixels = append(pixels, square.Pix[i:i+Channels]...)
	}
	return pixels
}

// rowReader returns a function that writes the pixels of a picture from (x, y)
// to the right, as seen on white, to dst [n, 3].
//
// The types have a case of their own that the decoders return for ordinary
// pictures; the rest (palettes, CMYK, 16 bit) takes about four times as long.
func rowReader(picture image.Image) func(dst []byte, x, y int) {
	switch p := picture.(type) {
	case *image.YCbCr:
		return func(dst []byte, x, y int) { rowYCbCr(dst, p, x, y) }
	case *image.Gray:
		return func(dst []byte, x, y int) { rowGray(dst, p, x, y) }
	case *image.RGBA:
		return func(dst []byte, x, y int) { rowRGBA(dst, p, x, y) }
	case *image.NRGBA:
		return func(dst []byte, x, y int) { rowNRGBA(dst, p, x, y) }
	case image.RGBA64Image: // All others of package image.
		return func(dst []byte, x, y int) { rowAny(dst, p, x, y) }
	}
	return func(dst []byte, x, y int) {
		for i := 0; i < len(dst); i += Channels {
			r, g, b, a := picture.At(x, y).RGBA()
			onWhite(dst[i:], r, g, b, a)
			x++
		}
	}
}

// rowYCbCr converts as color.YCbCrToRGB does, by JFIF's factors in 16 bits behind the
// point (JFIF 1.02, page 3), whose chroma terms neighbours share. Decoders return no pixels
// left of 0.
func rowYCbCr(dst []byte, p *image.YCbCr, x, y int) {
	shift := chromaShift(p.SubsampleRatio)
	luma, chroma := p.Y[p.YOffset(x, y):], p.COffset(x, y)-x>>shift
	red, green, blue, last := int32(0), int32(0), int32(0), -1
	for i := range len(dst) / Channels {
		if at := chroma + (x+i)>>shift; at != last {
			cb, cr := int32(p.Cb[at])-128, int32(p.Cr[at])-128
			red, green, blue, last = 91881*cr, 22554*cb+46802*cr, 116130*cb, at
		}
		v, pixel := int32(luma[i])*0x10101, dst[i*Channels:][:Channels]
		pixel[0], pixel[1], pixel[2] = clamped(v+red), clamped(v-green), clamped(v+blue)
	}
}

// clamped is the whole part of a number with 16 bits behind the point, 0 to 255.
func clamped(v int32) byte { return byte(min(max(v>>16, 0), 0xff)) }

// chromaShift is the binary logarithm of how many pixels in a row have a chroma sample.
func chromaShift(r image.YCbCrSubsampleRatio) int {
	switch r {
	case image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420:
		return 1
	case image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410:
		return 2
	}
	return 0
}

func rowGray(dst []byte, p *image.Gray, x, y int) {
	row := p.Pix[p.PixOffset(x, y):]
	for i := 0; i+Channels <= len(dst); i += Channels {
		v := row[i/Channels]
		dst[i], dst[i+1], dst[i+2] = v, v, v
	}
}

// rowRGBA reads colours that are already multiplied by alpha: white fills up
// what is missing to 255.
func rowRGBA(dst []byte, p *image.RGBA, x, y int) {
	row := p.Pix[p.PixOffset(x, y):]
	for i := 0; i+Channels <= len(dst); i += Channels {
		pixel := row[:4:4]
		white := 0xff - pixel[3]
		dst[i], dst[i+1], dst[i+2] = pixel[0]+white, pixel[1]+white, pixel[2]+white
		row = row[4:]
	}
}

func rowNRGBA(dst []byte, p *image.NRGBA, x, y int) {
	row := p.Pix[p.PixOffset(x, y):]
	for i := 0; i+Channels <= len(dst); i += Channels {
		alpha := uint32(row[3])
		for c := range Channels {
			dst[i+c] = byte((uint32(row[c])*alpha + 0xff*(0xff-alpha) + 0x7f) / 0xff)
		}
		row = row[4:]
	}
}

func rowAny(dst []byte, p image.RGBA64Image, x, y int) {
	for i := 0; i+Channels <= len(dst); i += Channels {
		r, g, b, a := p.RGBA64At(x, y).RGBA()
		onWhite(dst[i:], r, g, b, a)
		x++
	}
}

// onWhite writes a 16-bit colour that lies on white. A sum stays within 16 bits
// because colours are multiplied by their alpha.
func onWhite(dst []byte, r, g, b, a uint32) {
	white := 0xffff - a
	dst[0], dst[1], dst[2] = byte((r+white)>>8), byte((g+white)>>8), byte((b+white)>>8)
}

// Resize returns pixels of one side scaled to another, as Decode does it.
//
//	pixels  uint8 [from, from, 3]
//	result  uint8 [to, to, 3]
//
// It panics where pixels does not have that length or a side is not 1 to MaxSide.
func Resize(pixels []byte, from, to int) []byte {
	if len(pixels) != from*from*Channels || min(from, to) < 1 || max(from, to) > MaxSide {
		panic("dataset: resize: slice and side differ")
	}
	picture := image.NewRGBA(image.Rect(0, 0, from, from))
	for i := range from * from {
		copy(picture.Pix[4*i:], pixels[Channels*i:][:Channels])
		picture.Pix[4*i+3] = 0xff
	}
	return scale(averaged(picture, picture.Bounds(), shrunk(from, to))[0], to)
}
