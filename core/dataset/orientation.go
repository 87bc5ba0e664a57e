package dataset

import (
	"bytes"

	"github.com/bep/imagemeta"
)

// orientation returns the EXIF orientation of a picture file, 1 (as stored) to
// 8, and 1 where there is none or it makes no sense.
//
// Cameras store what the sensor saw and note how it was held. Browsers turn the
// picture accordingly and Go does not: in a trainer of rotations that would be a
// wrong label.
func orientation(formatName string, data []byte) (o int) {
	// Broken metadata around a good picture is common: it must not cost the
	// picture.
	defer func() {
		if recover() != nil {
			o = 1
		}
	}()
	format, marker := exifIn(formatName)
	// Most pictures of a data set have no EXIF. Looking for its marker first takes
	// a hundredth of the time of walking the file.
	if marker == nil || !bytes.Contains(data, marker) {
		return 1
	}
	o = 1
	_, _ = imagemeta.Decode(imagemeta.Options{ // What was read before an error stands.
		R:               bytes.NewReader(data),
		ImageFormat:     format,
		Sources:         imagemeta.EXIF,
		LimitNumTags:    200, // The tag is in the first directory, which has a few dozen at most.
		ShouldHandleTag: isOrientation,
		HandleTag: func(tag imagemeta.TagInfo) error {
			if v, ok := tag.Value.(uint16); ok && v >= 1 && v <= 8 {
				o = int(v)
			}
			return imagemeta.ErrStopWalking
		},
		Warnf: func(string, ...any) {},
	})
	return o
}

// exifIn returns where EXIF is in files of a format.
func exifIn(formatName string) (imagemeta.ImageFormat, []byte) {
	switch formatName {
	case "JPEG":
		return imagemeta.JPEG, []byte("Exif\x00\x00")
	case "PNG":
		return imagemeta.PNG, []byte("eXIf")
	case "WebP":
		return imagemeta.WebP, []byte("EXIF")
	}
	return 0, nil
}

// isOrientation selects the tag of the picture, not of its thumbnail (IFD1).
func isOrientation(tag imagemeta.TagInfo) bool {
	return tag.Tag == "Orientation" && tag.Namespace == "IFD0"
}

// swapsAxes reports whether an orientation exchanges width and height.
func swapsAxes(orientation int) bool { return orientation >= 5 }

// upright writes src as it is to be seen.
//
//	src, dst  [S, S, 3], not overlapping
//
// An orientation names the edges of the picture that the first row and the first
// column as stored belong to (EXIF 2.32, section 4.6.5): 1 top left, 2 top right,
// 3 bottom right, 4 bottom left, 5 left top, 6 right top, 7 right bottom, 8 left
// bottom.
func upright(dst, src []byte, side, orientation int) {
	for y := range side {
		for x := range side {
			sy, sx := stored(y, x, side, orientation)
			copy(dst[(y*side+x)*Channels:][:Channels], src[(sy*side+sx)*Channels:][:Channels])
		}
	}
}

// stored returns where the pixel seen at (y, x) of a square is stored.
func stored(y, x, side, orientation int) (sy, sx int) {
	if swapsAxes(orientation) {
		y, x = x, y
	}
	last := side - 1
	switch orientation {
	case 2, 8:
		return y, last - x
	case 3, 7:
		return last - y, last - x
	case 4, 6:
		return last - y, x
	}
	return y, x // 1, 5
}
