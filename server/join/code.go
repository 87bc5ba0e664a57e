// Package join tells those in the room how to come to the page: addresses and QR codes of
// them, in the terminal and on a page for the projector.
package join

import (
	"fmt"
	"strings"

	"rsc.io/qr"
)

// quiet is how many white modules a reader wants around a code (ISO/IEC 18004, section
// 6.3.8).
const quiet = 4

// A Code is a QR code.
type Code struct{ *qr.Code }

// NewCode returns the code of a URL, of which a seventh may be unreadable.
func NewCode(url string) (Code, error) {
	code, err := qr.Encode(url, qr.M)
	if err != nil {
		return Code{}, fmt.Errorf("server: a QR code of %s: %w", url, err)
	}
	return Code{code}, nil
}

// Terminal returns the code for a terminal, two modules to a letter: in black on white by
// its own colours, since readers want dark on light whatever the terminal's are.
func (c Code) Terminal() string {
	var b strings.Builder
	for y := -quiet; y < c.Size+quiet; y += 2 {
		b.WriteString("\x1b[38;5;16m\x1b[48;5;231m")
		for x := -quiet; x < c.Size+quiet; x++ {
			switch top, bottom := c.Black(x, y), c.Black(x, y+1); {
			case top && bottom:
				b.WriteString("█")
			case top:
				b.WriteString("▀")
			case bottom:
				b.WriteString("▄")
			default:
				b.WriteString(" ")
			}
		}
		b.WriteString("\x1b[0m\n")
	}
	return b.String()
}

// Path returns the black modules as the outline of an SVG path, and the side of its viewBox
// with the quiet zone.
func (c Code) Path() (outline string, side int) {
	var b strings.Builder
	for y := range c.Size {
		for x := 0; x < c.Size; x++ {
			from := x
			for x < c.Size && c.Black(x, y) {
				x++
			}
			if x > from {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", from+quiet, y+quiet, x-from, x-from)
			}
		}
	}
	return b.String(), c.Size + 2*quiet
}
