package dataset

import (
	"errors"
	"image"
	"image/color"

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
	crop := centre(picture.Bounds(), orientation)
	if crop.Empty() {
		return nil, errors.New("a picture without pixels")
	}
	pixels := scale(shrink(picture, crop, side), side)
	if orientation == 1 {
		return pixels, nil
	}
	turned := make([]byte, len(pixels))
	upright(turned, pixels, side, orientation)
	return turned, nil
}

// previewOf returns the centre of a picture for people to look at, upright.
//
//	result  uint8 [P, P, 3], P the smaller of side and the picture's own
//
// Each pixel is the mean of what it covers and nothing else: for a thumbnail nobody
// sees the difference to squareOf, which takes five times as long (4 ms for 128 of 256
// pixels in Chromium, as long as it takes to decode such a JPEG).
func previewOf(picture image.Image, orientation, side int) ([]byte, error) {
	crop := centre(picture.Bounds(), orientation)
	if crop.Empty() {
		return nil, errors.New("a picture without pixels")
	}
	side = min(side, crop.Dx())
	pixels := scale(averaged(picture, crop, side), side)
	if orientation == 1 {
		return pixels, nil
	}
	turned := make([]byte, len(pixels))
	upright(turned, pixels, side, orientation)
	return turned, nil
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

// shrink averages the square crop of a picture, on white, to a square of two to
// four times side pixels, or copies it where it is smaller than that.
func shrink(picture image.Image, crop image.Rectangle, side int) *image.RGBA {
	size := crop.Dx()
	return averaged(picture, crop, size/max(1, size/(2*side)))
}

// averaged is a square crop of a picture, on white, as so many blocks in a row, of which
// some are a pixel wider where the side is no multiple.
func averaged(picture image.Image, crop image.Rectangle, blocks int) *image.RGBA {
	size := crop.Dx()
	small := image.NewRGBA(image.Rect(0, 0, blocks, blocks))
	row := make([]byte, size*Channels)
	sums := make([]uint64, blocks*Channels)
	read := rowReader(picture)
	for i := range blocks {
		top, bottom := i*size/blocks, (i+1)*size/blocks
		clear(sums)
		for y := top; y < bottom; y++ {
			read(row, crop.Min.X, crop.Min.Y+y)
			addBlocks(sums, row, size, blocks)
		}
		average(small.Pix[i*small.Stride:], sums, size, blocks, bottom-top)
	}
	return small
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

func rowYCbCr(dst []byte, p *image.YCbCr, x, y int) {
	for i := 0; i+Channels <= len(dst); i += Channels {
		luma, chroma := p.YOffset(x, y), p.COffset(x, y)
		dst[i], dst[i+1], dst[i+2] = color.YCbCrToRGB(p.Y[luma], p.Cb[chroma], p.Cr[chroma])
		x++
	}
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
	return scale(shrink(picture, picture.Bounds(), to), to)
}
