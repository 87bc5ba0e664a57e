//go:build js && wasm

package main

import (
	"quarterturn/core/fault"
	"quarterturn/ui/state"
	"quarterturn/wasm/web"
)

// draw gives the person a chart of the page as a file. It blocks.
func (p *page) draw(e state.Draw) {
	document, err := web.Chart(e.Mark)
	if err != nil {
		p.tell(state.Undrawn{Reason: fault.Reason(err)})
		return
	}
	svg := document.SVG()
	if !e.PNG {
		web.Download(e.Name, []byte(svg))
		return
	}
	width, height := document.Size()
	png, err := web.PNG(svg, width, height)
	if err != nil {
		p.tell(state.Undrawn{Reason: fault.Reason(err)})
		return
	}
	web.Download(e.Name, png)
}
