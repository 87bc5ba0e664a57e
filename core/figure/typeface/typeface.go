// Package typeface has the fonts of figures where no reader brings its own: the Go
// fonts, which know Latin, Greek and Cyrillic.
package typeface

import (
	"sync"

	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
)

var (
	regular = sync.OnceValue(func() *sfnt.Font { return parse(goregular.TTF) })
	bold    = sync.OnceValue(func() *sfnt.Font { return parse(gobold.TTF) })
)

// Of returns the font for text that is bold or not.
func Of(isBold bool) *sfnt.Font {
	if isBold {
		return bold()
	}
	return regular()
}

// parse reads a font that is in the program.
func parse(ttf []byte) *sfnt.Font {
	f, err := sfnt.Parse(ttf)
	if err != nil {
		panic("typeface: a font is damaged")
	}
	return f
}
