//go:build js && wasm

package web

import (
	"strconv"
	"syscall/js"
	"time"
)

// A Painter fills canvases with pictures. A canvas says by its data-picture which
// picture it shows; Paint finds those that do not show it yet. Those with a
// data-first come before the others.
type Painter struct {
	picture   func(id int) (pixels []byte, side int)
	scheduled bool
}

// NewPainter returns a Painter of pictures that picture returns: [side, side, 3]
// bytes, or nothing for an unknown one, whose canvas stays as it is.
func NewPainter(picture func(id int) (pixels []byte, side int)) *Painter {
	return &Painter{picture: picture}
}

// paintBudget is the time a Painter takes of a frame: half of one at 60 a second,
// so that hundreds of thumbnails appear without holding up a click.
const paintBudget = 8 * time.Millisecond

// Paint paints in the next frames what the page shows by then. It does not block.
func (p *Painter) Paint() {
	if p.scheduled {
		return
	}
	p.scheduled = true
	NextFrame(p.paint)
}

func (p *Painter) paint() {
	p.scheduled = false
	start := time.Now()
	for _, selector := range []string{"canvas[data-first]", "canvas[data-picture]:not([data-first])"} {
		canvases := js.Global().Get("document").Call("querySelectorAll", selector)
		for i := range canvases.Length() {
			if p.update(canvases.Index(i)) && time.Since(start) > paintBudget {
				p.Paint()
				return
			}
		}
	}
}

// update paints a canvas and reports whether it had to.
func (p *Painter) update(canvas js.Value) bool {
	name := canvas.Call("getAttribute", "data-picture")
	if name.Type() != js.TypeString || name.Equal(canvas.Call("getAttribute", "data-painted")) {
		return false
	}
	id, err := strconv.Atoi(name.String())
	if err != nil {
		return false
	}
	pixels, side := p.picture(id)
	if side < 1 || len(pixels) != 3*side*side {
		return false
	}
	drawRGB(canvas, pixels, side)
	canvas.Call("setAttribute", "data-painted", name)
	return true
}

// Forget has every canvas painted anew: pictures of other content may have taken
// over the IDs.
func (p *Painter) Forget() {
	canvases := js.Global().Get("document").Call("querySelectorAll", "canvas[data-painted]")
	for i := range canvases.Length() {
		canvases.Index(i).Call("removeAttribute", "data-painted")
	}
	p.Paint()
}

// drawRGB sets a canvas to a square picture, pixel for pixel.
func drawRGB(canvas js.Value, rgb []byte, side int) {
	rgba := make([]byte, 4*side*side)
	for i := range side * side {
		copy(rgba[4*i:], rgb[3*i:3*i+3])
		rgba[4*i+3] = 255
	}
	drawRGBA(canvas, rgba, side)
}

// drawRGBA sets a canvas to a picture of pixels with an opacity, [height, width, 4].
func drawRGBA(canvas js.Value, rgba []byte, width int) {
	height := len(rgba) / (4 * width)
	buffer := toBuffer(rgba)
	defer useUp(buffer)
	view := uint8Clamped.New(buffer)
	canvas.Set("width", width)
	canvas.Set("height", height)
	canvas.Call("getContext", "2d").Call("putImageData", imageData.New(view, width, height), 0, 0)
}

var (
	uint8Clamped = js.Global().Get("Uint8ClampedArray")
	imageData    = js.Global().Get("ImageData")
)
