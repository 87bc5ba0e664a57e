//go:build js && wasm

package web

import "syscall/js"

// Planes fills canvases with large pictures that change often: each says by its
// data-plane what it shows, and in which state.
type Planes struct {
	plane     func(name string) (rgba []byte, width int)
	scheduled bool
}

// NewPlanes returns Planes of pictures that plane returns: [height, width, 4] bytes, or
// nothing for an unknown one, whose canvas stays as it is.
func NewPlanes(plane func(name string) (rgba []byte, width int)) *Planes {
	return &Planes{plane: plane}
}

// Paint paints in the next frame those that do not show what they say. It does not block.
func (p *Planes) Paint() {
	if p.scheduled {
		return
	}
	p.scheduled = true
	NextFrame(p.paint)
}

func (p *Planes) paint() {
	p.scheduled = false
	canvases := js.Global().Get("document").Call("querySelectorAll", "canvas[data-plane]")
	for i := range canvases.Length() {
		canvas := canvases.Index(i)
		name := canvas.Call("getAttribute", "data-plane")
		if name.Equal(canvas.Call("getAttribute", "data-painted")) {
			continue
		}
		if rgba, width := p.plane(name.String()); width > 0 && len(rgba) > 0 && len(rgba)%(4*width) == 0 {
			drawRGBA(canvas, rgba, width)
			canvas.Call("setAttribute", "data-painted", name)
		}
	}
}
