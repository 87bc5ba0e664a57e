package chart

import (
	"fmt"
	"strings"
)

// A Tone is a colour of the palette by what it is for. It differs in light and dark
// surroundings.
type Tone int

// The tones: the surroundings, what is pressed or marked, and the colours of Kinds.
const (
	NoTone   Tone = iota // Nothing is drawn.
	Ground               // Behind everything.
	Sheet                // What charts are on.
	Well                 // A part of the sheet that is apart.
	Ink                  // Text.
	Soft                 // Text that is less important, axes.
	Hairline             // Grids and separators.
	Edge                 // Borders of what can be pressed.
	Shade                // A near shadow,
	FarShade             // and a wide one.
	Accent
	OnAccent
	Tint
	Right
	RightInk
	Wrong
	WrongInk
	Warning
	Colour0 // The first of Colours.
	_
	_
	_
	_
	_
	_
	_
	_
	_
	tones // How many there are.
)

// Colours is how many colours tell kinds apart.
const Colours = int(tones - Colour0)

// palette has each tone's name in style sheets, and its colours.
//
// The colours of kinds begin with Okabe and Ito's (Color Universal Design, 2008), in
// an order in which neighbours differ most; their black follows the ink, and their
// yellow, which cannot be seen on white, is an olive there. A violet and a brown make
// ten of them. What people with any colour vision see of them is tested.
var palette = [tones]struct {
	name        string
	light, dark RGBA
}{
	NoTone:      {"none", 0x00000000, 0x00000000},
	Ground:      {"ground", 0xe8edf1ff, 0x0c1319ff},
	Sheet:       {"sheet", 0xffffffff, 0x16212aff},
	Well:        {"well", 0xf2f6f8ff, 0x1d2b36ff},
	Ink:         {"ink", 0x14212bff, 0xe9f0f5ff},
	Soft:        {"soft", 0x50626fff, 0xa3b6c3ff},
	Hairline:    {"line", 0xd2dce3ff, 0x2d3e4bff},
	Edge:        {"edge", 0x8296a3ff, 0x6b8090ff},
	Shade:       {"shade", 0x14212b14, 0x00000066},
	FarShade:    {"far-shade", 0x14212b0f, 0x00000000},
	Accent:      {"accent", 0x0072b2ff, 0x56b4e9ff},
	OnAccent:    {"on-accent", 0xffffffff, 0x04202fff},
	Tint:        {"tint", 0xe4f1f9ff, 0x17384dff},
	Right:       {"right", 0x009e73ff, 0x009e73ff},
	RightInk:    {"right-ink", 0x00674bff, 0x5fd3aeff},
	Wrong:       {"wrong", 0xd55e00ff, 0xd55e00ff},
	WrongInk:    {"wrong-ink", 0x9c4400ff, 0xffa361ff},
	Warning:     {"warning", 0xfdf1d8ff, 0x3d3113ff},
	Colour0:     {"colour-0", 0x0072b2ff, 0x4a9fe0ff},
	Colour0 + 1: {"colour-1", 0xd55e00ff, 0xe8702aff},
	Colour0 + 2: {"colour-2", 0x009e73ff, 0x18a078ff},
	Colour0 + 3: {"colour-3", 0xcc79a7ff, 0xe39cc4ff},
	Colour0 + 4: {"colour-4", 0xdc9a00ff, 0xf0b000ff},
	Colour0 + 5: {"colour-5", 0x4aa9ddff, 0x9cd8f5ff},
	Colour0 + 6: {"colour-6", 0x14212bff, 0xe9f0f5ff},
	Colour0 + 7: {"colour-7", 0x5f5a10ff, 0xf0e442ff},
	Colour0 + 8: {"colour-8", 0x7733ddff, 0x8f6bffff},
	Colour0 + 9: {"colour-9", 0x7a1f1fff, 0xa86a4aff},
}

// Name returns the name of the custom property that style sheets have the tone in.
func (t Tone) Name() string { return palette[t].name }

// An RGBA is red, green, blue and opacity of 8 bits each, 0xRRGGBBAA. It is no color of
// package image, which the page would have to load.
type RGBA uint32

// Light returns the colour in light surroundings, such as on paper.
func (t Tone) Light() RGBA { return palette[t].light }

// Dark returns the colour in dark surroundings.
func (t Tone) Dark() RGBA { return palette[t].dark }

// Channels returns red, green, blue and opacity.
func (c RGBA) Channels() (r, g, b, a uint8) {
	return uint8(c >> 24), uint8(c >> 16), uint8(c >> 8), uint8(c)
}

// Hex returns the colour as style sheets write it.
func (c RGBA) Hex() string {
	if c&0xff == 0xff {
		return fmt.Sprintf("#%06x", uint32(c>>8))
	}
	return fmt.Sprintf("#%08x", uint32(c))
}

//go:generate go test -run TestStyleSheet -update .

// StyleSheet returns the palette as a style sheet: a custom property for each tone,
// and for each colour a rule that fills with it. Dark is for those whose system is
// dark and did not choose otherwise by data-theme on the root, and for those who
// chose it; never on paper.
func StyleSheet() string {
	var b strings.Builder
	fmt.Fprintf(&b, ":root {\n\tcolor-scheme: light;\n%s}\n\n", properties(Tone.Light, "\t"))
	fmt.Fprintf(&b, "@media screen and (prefers-color-scheme: dark) {\n\t:root:not([data-theme=\"light\"]) {\n\t\tcolor-scheme: dark;\n%s\t}\n}\n\n", properties(Tone.Dark, "\t\t"))
	fmt.Fprintf(&b, "@media screen {\n\t:root[data-theme=\"dark\"] {\n\t\tcolor-scheme: dark;\n%s\t}\n}\n\n", properties(Tone.Dark, "\t\t"))
	for i := range Colours {
		fmt.Fprintf(&b, ".%s { fill: var(--%s); }\n", ColourClass(i), KindOf(i).Colour.Name())
	}
	return b.String()
}

func properties(colour func(Tone) RGBA, indent string) string {
	var b strings.Builder
	for t := Ground; t < tones; t++ {
		fmt.Fprintf(&b, "%s--%s: %s;\n", indent, t.Name(), colour(t).Hex())
	}
	return b.String()
}
