//go:build js && wasm

package web

import (
	"errors"
	"strconv"
	"strings"
	"syscall/js"

	"quarterturn/core/chart"
)

// A property is a style that an SVG can have as an attribute.
type property struct {
	name      string
	usual     string // Where nothing sets it.
	inherited bool
}

// properties are those that charts are drawn with.
var properties = []property{
	{"fill", "rgb(0, 0, 0)", true}, {"fill-opacity", "1", true}, {"stroke", "none", true}, {"stroke-opacity", "1", true},
	{"stroke-width", "1px", true}, {"stroke-dasharray", "none", true}, {"stroke-linecap", "butt", true}, {"stroke-linejoin", "miter", true},
	{"paint-order", "normal", true}, {"font-size", "", true}, {"font-weight", "400", true}, {"opacity", "1", false}, {"transform", "none", false},
}

// Chart returns the chart of the page whose exports have a mark, in light colours, with
// its caption and its legend; see ui.exports for what belongs to it.
func Chart(mark string) (chart.Document, error) {
	document := js.Global().Get("document")
	figure := document.Call("querySelector", "[data-export="+strconv.Quote(mark)+"]")
	if figure.Truthy() {
		figure = figure.Call("closest", "figure")
	}
	if !figure.Truthy() {
		return chart.Document{}, errors.New("it is not on the page any more")
	}
	drawn := figure.Call("querySelector", ":scope > svg, :scope > div > svg")
	if !drawn.Truthy() {
		return chart.Document{}, errors.New("there is nothing drawn")
	}
	defer inLight(document.Get("documentElement"))()
	d := chart.Document{
		Title: textOf(figure, "figcaption strong"), More: textOf(figure, "figcaption .soft"), Body: extract(drawn),
	}
	if legend := legendOf(figure); legend.Truthy() {
		items := legend.Get("children")
		for i := range items.Length() {
			item := items.Index(i)
			if item.Get("classList").Call("contains", "off").Bool() {
				continue // Switched off in the chart.
			}
			e := chart.Entry{Text: strings.TrimSpace(item.Get("textContent").String())}
			if sample := item.Call("querySelector", "svg"); sample.Truthy() {
				e.Sample = extract(sample)
			}
			d.Legend = append(d.Legend, e)
		}
	}
	return d, nil
}

// inLight puts the page in light colours until the returned function is called. As
// nothing is painted between, nobody sees it.
func inLight(root js.Value) (back func()) {
	data := root.Get("dataset")
	before := data.Get("theme")
	data.Set("theme", "light")
	return func() {
		if before.Type() != js.TypeString {
			data.Delete("theme")
			return
		}
		data.Set("theme", before)
	}
}

func textOf(element js.Value, selector string) string {
	found := element.Call("querySelector", selector)
	if !found.Truthy() {
		return ""
	}
	return found.Get("textContent").String()
}

// legendLevels is how far above a chart a legend may belong to it.
const legendLevels = 3

func legendOf(figure js.Value) js.Value {
	around := figure
	for range legendLevels + 1 {
		if !around.Truthy() {
			break
		}
		if legend := around.Call("querySelector", "ul.legend"); legend.Truthy() {
			return legend
		}
		if around.Get("localName").String() == "section" {
			break
		}
		around = around.Get("parentElement")
	}
	return js.Null()
}

// extract returns what is in an svg, with the styles that it is shown with.
func extract(svg js.Value) chart.Extract {
	clone := svg.Call("cloneNode", true)
	usual := make([]string, len(properties))
	for i, p := range properties {
		usual[i] = p.usual
	}
	styled(svg, clone, usual)
	box := svg.Get("viewBox").Get("baseVal")
	inner := js.Global().Get("document").Call("createElementNS", "http://www.w3.org/2000/svg", "g")
	for _, name := range []string{"fill", "stroke", "stroke-width", "font-size", "font-weight"} {
		if value := clone.Call("getAttribute", name); value.Type() == js.TypeString {
			inner.Call("setAttribute", name, value)
		}
	}
	for child := clone.Get("firstChild"); child.Truthy(); child = clone.Get("firstChild") {
		inner.Call("appendChild", child)
	}
	return chart.Extract{
		Markup: js.Global().Get("XMLSerializer").New().Call("serializeToString", inner).String(),
		Left:   box.Get("x").Float(), Top: box.Get("y").Float(), Width: box.Get("width").Float(), Height: box.Get("height").Float(),
	}
}

// styled gives a copy of an element the styles that the element is shown with and that
// differ from those above it. What is not shown, or on the screen alone, is taken out.
func styled(element, clone js.Value, above []string) {
	style := js.Global().Call("getComputedStyle", element)
	values := make([]string, len(properties))
	for i, p := range properties {
		values[i] = style.Call("getPropertyValue", p.name).String()
		if p.inherited && values[i] != above[i] || !p.inherited && values[i] != p.usual {
			clone.Call("setAttribute", p.name, values[i])
		}
	}
	for _, name := range []string{"class", "style", "id"} {
		clone.Call("removeAttribute", name)
	}
	var gone []js.Value
	children, copies := element.Get("children"), clone.Get("children")
	for i := range children.Length() {
		child, twin := children.Index(i), copies.Index(i)
		if child.Call("hasAttribute", "data-screen").Bool() || js.Global().Call("getComputedStyle", child).Get("display").String() == "none" {
			gone = append(gone, twin)
			continue
		}
		styled(child, twin, values)
	}
	for _, twin := range gone {
		twin.Call("remove")
	}
}

// pngScale is how many pixels a PNG has for one of its chart.
const pngScale = 2

// PNG paints an SVG of that size. It blocks until the browser has read it, and must not be
// called from a callback.
func PNG(svg string, width, height float64) ([]byte, error) {
	blob := js.Global().Get("Blob").New(array.New(svg), map[string]any{"type": "image/svg+xml"})
	url := js.Global().Get("URL").Call("createObjectURL", blob)
	defer js.Global().Get("URL").Call("revokeObjectURL", url)
	image := js.Global().Get("Image").New(width*pngScale, height*pngScale)
	image.Set("src", url)
	if _, err := await(image.Call("decode")); err != nil {
		return nil, err
	}
	canvas := js.Global().Get("OffscreenCanvas").New(width*pngScale, height*pngScale)
	canvas.Call("getContext", "2d").Call("drawImage", image, 0, 0, width*pngScale, height*pngScale)
	painted, err := await(canvas.Call("convertToBlob", map[string]any{"type": "image/png"}))
	if err != nil {
		return nil, err
	}
	buffer, err := await(painted.Call("arrayBuffer"))
	if err != nil {
		return nil, err
	}
	return fromBuffer(buffer), nil
}
