package main

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"

	"golang.org/x/image/webp"

	"quarterturn/core/dataset"
)

// previewQuality is libwebp's, 0 to 100. From 90 on the difference to the
// lossless tile is not seen at twice the size.
const previewQuality = "90"

// writeIndex writes a dataset.SheetIndex.
func writeIndex(file string, train, test *dataset.Pictures, tile []int) error {
	var b bytes.Buffer
	fmt.Fprintln(&b, "split\tclass\tsource\tpreview")
	for i := range train.Len() {
		preview := "-"
		if tile[i] >= 0 {
			preview = fmt.Sprint(tile[i])
		}
		fmt.Fprintf(&b, "train\t%s\t%s\t%s\n", train.Class(i), train.Name(i), preview)
	}
	for i := range test.Len() {
		fmt.Fprintf(&b, "test\t%s\t%s\t-\n", test.Class(i), test.Name(i))
	}
	return os.WriteFile(file, b.Bytes(), 0o644)
}

// writeLossless writes pictures as a sheet and checks that it reads back as
// they are.
func writeLossless(file string, p *dataset.Pictures) error {
	sheet, err := dataset.Tiles(p)
	if err != nil {
		return err
	}
	if err := convert(file, sheet, "-define", "webp:lossless=true", "-define", "webp:method=6", "-quality", "100"); err != nil {
		return err
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	back, err := webp.Decode(bytes.NewReader(data))
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	for y := range sheet.Bounds().Dy() {
		for x := range sheet.Bounds().Dx() {
			r, g, b, _ := back.At(x, y).RGBA()
			if want := sheet.RGBAAt(x, y); byte(r>>8) != want.R || byte(g>>8) != want.G || byte(b>>8) != want.B {
				return fmt.Errorf("%s: pixel (%d, %d) is not what was written", file, x, y)
			}
		}
	}
	return nil
}

// writeLossy writes the preview sheet.
func writeLossy(file string, p *dataset.Pictures) error {
	sheet, err := dataset.Tiles(p)
	if err != nil {
		return err
	}
	return convert(file, sheet, "-define", "webp:method=6", "-quality", previewQuality)
}

// convert has ImageMagick encode a sheet.
func convert(file string, sheet image.Image, options ...string) error {
	var encoded bytes.Buffer
	if err := png.Encode(&encoded, sheet); err != nil {
		return err
	}
	args := append([]string{"png:-", "-strip"}, options...)
	cmd := exec.Command("convert", append(args, "webp:"+file)...)
	cmd.Stdin = &encoded
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("convert: %w: %s", err, out)
	}
	return nil
}
