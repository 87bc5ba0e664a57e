package lab

import (
	"encoding/binary"
	"math"

	"quarterturn/core/dataset"
	"quarterturn/core/fault"
	"quarterturn/core/run"
)

// A decoded is a picture on its way to a collection, perhaps another worker's.
type decoded struct {
	name    string
	class   string // Empty for none.
	use     use
	pixels  []byte // [Side, Side, 3]
	preview []byte // [P, P, 3], P up to thumbSide.
}

// A use is what the source of a picture says that it is for.
type use byte

const (
	undecided use = iota // It says nothing: the collection decides.
	toLearn
	toValidate
)

// take takes pictures in and returns what the page shows of them.
func (c *collection) take(pictures []decoded) []run.Thumb {
	thumbs := make([]run.Thumb, len(pictures))
	for i, p := range pictures {
		class := c.class(p.class)
		test := p.use == toValidate || p.use == undecided && c.isHeldOut(class)
		id := c.add(item{name: p.name, class: class, test: test, pixels: p.pixels})
		thumbs[i] = run.Thumb{ID: id, Name: p.name, Class: class, Test: test, Side: sideOf(p.preview), Pixels: p.preview}
	}
	return thumbs
}

// sideOf returns the side of a square picture.
func sideOf(pixels []byte) int {
	return int(math.Round(math.Sqrt(float64(len(pixels) / dataset.Channels))))
}

// Decoded pictures travel between two workers of one page as, little-endian: the number
// of pictures (4 bytes) and each one's name, class, use (1 byte), pixels and preview;
// the number of problems (4 bytes) and each one's file and reason. Texts and pixels
// stand behind their length (4 bytes), but for those of a picture, which has one size.

// encodeDecoded returns pictures and problems as bytes for decodeDecoded.
func encodeDecoded(pictures []decoded, problems []run.Problem) []byte {
	size := 8
	for _, p := range pictures {
		size += 3*4 + 1 + len(p.name) + len(p.class) + len(p.pixels) + len(p.preview)
	}
	for _, p := range problems {
		size += 2*4 + len(p.File) + len(p.Reason)
	}
	b := binary.LittleEndian.AppendUint32(make([]byte, 0, size), uint32(len(pictures)))
	for _, p := range pictures {
		b = appendText(appendText(b, p.name), p.class)
		b = append(append(b, byte(p.use)), p.pixels...)
		b = append(binary.LittleEndian.AppendUint32(b, uint32(len(p.preview))), p.preview...)
	}
	b = binary.LittleEndian.AppendUint32(b, uint32(len(problems)))
	for _, p := range problems {
		b = appendText(appendText(b, p.File), p.Reason)
	}
	return b
}

func appendText(b []byte, text string) []byte {
	return append(binary.LittleEndian.AppendUint32(b, uint32(len(text))), text...)
}

var errDecoded = fault.New("lab", "the decoded pictures are damaged")

// decodeDecoded reads what encodeDecoded wrote. Previews share the memory of b; pixels,
// which are kept longer, do not.
func decodeDecoded(b []byte) (pictures []decoded, problems []run.Problem, err error) {
	const least = 3*4 + 1 + pixelBytes
	n, b, ok := cutUint32(b)
	if !ok || uint64(n)*least > uint64(len(b)) {
		return nil, nil, errDecoded
	}
	kept := make([]byte, 0, int(n)*pixelBytes) // Of all at once: garbage is then collected in one piece.
	pictures = make([]decoded, n)
	for i := range pictures {
		p := &pictures[i]
		var name, class, preview []byte
		name, b, _ = cutBytes(b)
		class, b, _ = cutBytes(b)
		if len(b) < 1+pixelBytes || b[0] > byte(toValidate) {
			return nil, nil, errDecoded
		}
		p.name, p.class, p.use = string(name), string(class), use(b[0])
		kept = append(kept, b[1:1+pixelBytes]...)
		p.pixels = kept[len(kept)-pixelBytes : len(kept) : len(kept)]
		if preview, b, ok = cutBytes(b[1+pixelBytes:]); !ok || !isPreview(preview) {
			return nil, nil, errDecoded
		}
		p.preview = preview
	}
	problems, b, ok = cutProblems(b)
	if !ok || len(b) > 0 {
		return nil, nil, errDecoded
	}
	return pictures, problems, nil
}

// isPreview reports whether pixels are of a square that is no larger than a preview.
func isPreview(pixels []byte) bool {
	side := sideOf(pixels)
	return side <= thumbSide && side*side*dataset.Channels == len(pixels)
}

func cutProblems(b []byte) (problems []run.Problem, rest []byte, ok bool) {
	n, b, ok := cutUint32(b)
	if !ok || uint64(n)*8 > uint64(len(b)) {
		return nil, nil, false
	}
	for range n {
		var file, reason []byte
		file, b, _ = cutBytes(b)
		if reason, b, ok = cutBytes(b); !ok {
			return nil, nil, false
		}
		problems = append(problems, run.Problem{File: string(file), Reason: string(reason)})
	}
	return problems, b, true
}

// cutBytes takes bytes behind their length; nothing is left where they are cut short.
func cutBytes(b []byte) (content, rest []byte, ok bool) {
	n, b, ok := cutUint32(b)
	if !ok || uint64(n) > uint64(len(b)) {
		return nil, nil, false
	}
	return b[:n:n], b[n:], true
}
