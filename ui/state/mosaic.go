package state

import (
	"math"
	"slices"
	"strings"

	"quarterturn/core/chart"
	"quarterturn/core/run"
)

// A Mosaic is how many equal tiles lie beside each other in rows, with a pixel between
// them.
type Mosaic struct {
	Tiles, Columns int
	Side           int // Of a tile, in pixels.
}

// MosaicOf lays tiles of a side out about as wide as high.
func MosaicOf(tiles, side int) Mosaic {
	columns := int(math.Ceil(math.Sqrt(float64(max(tiles, 1)))))
	for wider := columns; wider*wider <= 2*tiles; wider++ {
		if tiles%wider == 0 { // Whole rows, at the cost of a few more columns.
			columns = wider
			break
		}
	}
	return Mosaic{Tiles: tiles, Columns: columns, Side: side}
}

// Rows returns how many rows there are.
func (m Mosaic) Rows() int { return (m.Tiles + m.Columns - 1) / m.Columns }

// Width and Height are in pixels.
func (m Mosaic) Width() int  { return m.Columns*(m.Side+1) - 1 }
func (m Mosaic) Height() int { return m.Rows()*(m.Side+1) - 1 }

// At returns the tile at a place, in shares of width and height; -1 for none.
func (m Mosaic) At(x, y float64) int {
	column, row := int(x*float64(m.Columns)), int(y*float64(m.Rows()))
	tile := row*m.Columns + column
	if x < 0 || y < 0 || column >= m.Columns || tile >= m.Tiles {
		return -1
	}
	return tile
}

// painted paints each pixel of each tile: [Height, Width, 4].
func (m Mosaic) painted(colour func(tile, x, y int) chart.RGBA) []byte {
	rgba := make([]byte, 4*m.Width()*m.Height())
	for tile := range m.Tiles {
		left, top := tile%m.Columns*(m.Side+1), tile/m.Columns*(m.Side+1)
		for y := range m.Side {
			row := rgba[4*((top+y)*m.Width()+left):]
			for x := range m.Side {
				row[4*x], row[4*x+1], row[4*x+2], row[4*x+3] = colour(tile, x, y).Channels()
			}
		}
	}
	return rgba
}

// kernelZoom is how many pixels a weight of a kernel is wide.
const kernelZoom = 4

// KernelMosaic is that of the stem's kernels.
func KernelMosaic(l *run.Looked) Mosaic {
	channels := 0
	if l.KernelSide > 0 {
		channels = len(l.Kernels) / (3 * l.KernelSide * l.KernelSide)
	}
	return MosaicOf(channels, kernelZoom*l.KernelSide)
}

// PartMosaic is that of the channels of a part.
func PartMosaic(p run.PartMaps) Mosaic { return MosaicOf(p.Channels, p.Side) }

// paintedKernels shows kernels as colours: grey is 0, and what is brightest or darkest the
// largest weight of the kernel.
func paintedKernels(l *run.Looked) ([]byte, int) {
	m, k := KernelMosaic(l), l.KernelSide
	weight := func(tile, x, y, c int) float64 {
		return float64(l.Kernels[((y*k+x)*3+c)*m.Tiles+tile])
	}
	largest := make([]float64, m.Tiles)
	for i, w := range l.Kernels {
		largest[i%m.Tiles] = max(largest[i%m.Tiles], math.Abs(float64(w)))
	}
	return m.painted(func(tile, x, y int) chart.RGBA {
		var c [3]uint32
		for i := range c {
			c[i] = uint32(128 + 127*weight(tile, x/kernelZoom, y/kernelZoom, i)/max(largest[tile], 1e-9))
		}
		return chart.RGBA(c[0]<<24 | c[1]<<16 | c[2]<<8 | 0xff)
	}), m.Width()
}

// paintedPart shows what each channel of a part leaves: the brighter the more. Roots of
// shares of the most are shown, since most of what is there is far below that.
func paintedPart(p run.PartMaps) ([]byte, int) {
	m, size := PartMosaic(p), p.Side*p.Side
	if len(p.Values) != p.Channels*size {
		return nil, 0
	}
	return m.painted(func(tile, x, y int) chart.RGBA { return glow(math.Sqrt(float64(p.Values[tile*size+y*p.Side+x]) / 255)) }), m.Width()
}

// glow goes from the dark ground through the accent to white, by 0 to 1.
func glow(v float64) chart.RGBA {
	if v < 0.5 {
		return mixed(chart.Ground.Dark(), chart.Accent.Light(), 2*v)
	}
	return mixed(chart.Accent.Light(), chart.Sheet.Light(), 2*v-1)
}

func mixed(a, b chart.RGBA, share float64) chart.RGBA {
	ar, ag, ab, _ := a.Channels()
	br, bg, bb, _ := b.Channels()
	part := func(x, y uint8) uint32 { return uint32(float64(x) + share*(float64(y)-float64(x)) + 0.5) }
	return chart.RGBA(part(ar, br)<<24 | part(ag, bg)<<16 | part(ab, bb)<<8 | 0xff)
}

// overSide is that of what lies over the picture, in pixels.
const overSide = 128

// paintedOver shows values [side, side], smoothly: what is most for the answer, or above
// 0, is fully in one colour, and what is against it in another.
func paintedOver(values []float32, side int) ([]byte, int) {
	if side < 1 || len(values) != side*side {
		return nil, 0
	}
	largest := float64(max(slices.Max(values), -slices.Min(values), 1e-9))
	m := Mosaic{Tiles: 1, Columns: 1, Side: overSide}
	return m.painted(func(_, x, y int) chart.RGBA {
		v := smooth(values, side, x, y) / largest
		colour := chart.Wrong.Light() // The most visible on photographs, and no judgement here.
		if v < 0 {
			colour = chart.Accent.Light()
		}
		return colour&^0xff | chart.RGBA(255*math.Abs(v)+0.5)
	}), overSide
}

// smooth is the value at a pixel of what lies over the picture, between the four places
// around it.
func smooth(values []float32, side, x, y int) float64 {
	at := func(pixel int) (low, high int, share float64) {
		v := min(max((float64(pixel)+0.5)*float64(side)/overSide-0.5, 0), float64(side-1))
		low = int(v)
		return low, min(low+1, side-1), v - float64(low)
	}
	x0, x1, u := at(x)
	y0, y1, w := at(y)
	top := float64(values[y0*side+x0])*(1-u) + float64(values[y0*side+x1])*u
	bottom := float64(values[y1*side+x0])*(1-u) + float64(values[y1*side+x1])*u
	return top*(1-w) + bottom*w
}

// paintedPicture is the picture as the network is shown it.
func paintedPicture(l *run.Looked) ([]byte, int) {
	if len(l.Pixels) != 3*l.Side*l.Side {
		return nil, 0
	}
	m := Mosaic{Tiles: 1, Columns: 1, Side: l.Side}
	return m.painted(func(_, x, y int) chart.RGBA {
		p := l.Pixels[3*(y*l.Side+x):]
		return chart.RGBA(uint32(p[0])<<24 | uint32(p[1])<<16 | uint32(p[2])<<8 | 0xff)
	}), l.Side
}

// over paints what lies over the picture.
func (k *Inside) over(f *Finding) ([]byte, int) {
	switch {
	case k.Over == ByChannel:
		if k.Part >= len(f.Looked.Parts) || k.Channel >= f.Looked.Parts[k.Part].Channels {
			return nil, 0
		}
		p := f.Looked.Parts[k.Part]
		values := make([]float32, p.Side*p.Side)
		for i := range values {
			values[i] = float32(p.Values[k.Channel*len(values)+i])
		}
		return paintedOver(values, p.Side)
	case f.Explained == nil:
		return nil, 0
	case k.Over == ByGradCAM:
		return paintedOver(f.Explained.CAM, f.Explained.CAMSide)
	}
	return paintedOver(f.Explained.Occlusion, f.Looked.Side)
}

// planeOfInside paints what a name of the part "Look inside" stands for.
func (p *Page) planeOfInside(name string) ([]byte, int) {
	f := p.Seen()
	if f == nil || f.Looked == nil {
		return nil, 0
	}
	what, _, _ := strings.Cut(name, "/")
	switch what {
	case "picture":
		return paintedPicture(f.Looked)
	case "over":
		return p.Inside.over(f)
	case "kernels":
		return paintedKernels(f.Looked)
	}
	for _, part := range f.Looked.Parts {
		if part.Name == what {
			return paintedPart(part)
		}
	}
	return nil, 0
}
