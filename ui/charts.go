package ui

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/hexops/vecty"
	"github.com/hexops/vecty/elem"
	"github.com/hexops/vecty/event"
	"github.com/hexops/vecty/prop"

	"quarterturn/core/chart"
	"quarterturn/core/run"
	"quarterturn/ui/state"
)

// Charts are the curves of runs, accuracy and loss, over epochs.
type Charts struct {
	chartsProps
	Runs  []*state.Run
	Looks []look // Of each run.
	Do    Do
}

// chartsProps are what Charts show, as a comparable value: a run that did not change stays
// the same pointer.
type chartsProps struct {
	Name   string // Of the place, before the names of files.
	Curves *state.Curves
	count  int
	runs   [mostDrawn]*state.Run
}

// chartsOf returns charts as a part of the page.
func chartsOf(name string, curves *state.Curves, runs []*state.Run, looks []look, do Do) *Memo {
	c := &Charts{chartsProps{Name: name, Curves: curves, count: len(runs)}, runs, looks, do}
	copy(c.runs[:], runs)
	return &Memo{Key: c.chartsProps, Body: c.render}
}

// isOn reports whether a run's curves are drawn.
func (c *Charts) isOn(r *state.Run) bool { return !slices.Contains(c.Curves.Off, r.Key) }

// A look is how a run is told apart: the class that gives its colour, and its mark.
type look struct {
	class string
	mark  chart.Mark
}

// tasked is the look of a task, where there is one run of each.
func tasked(task run.Task) look { return look{"curve-" + string(task), markOf(task)} }

// numbered is the look of one of many.
func numbered(i int) look {
	return look{"hue-" + strconv.Itoa(i%chart.Colours), chart.KindOf(i).Mark}
}

// looksOnBoard are those of the runs of one start.
func looksOnBoard(runs []*state.Run) (looks []look) {
	for i, r := range runs {
		if len(runs) > 2 {
			looks = append(looks, numbered(i))
		} else {
			looks = append(looks, tasked(r.Config.Task))
		}
	}
	return looks
}

// mostDrawn is how many runs are told apart when they change.
const mostDrawn = 16

func (c *Charts) render() *vecty.HTML {
	return elem.Div(
		class("charts"),
		c.figure(accuracyIn, c.accuracy()),
		c.figure(lossIn, c.loss()),
		elem.Div(class("legend-slot"), &Memo{Key: c.names(), Body: c.legend}),
	)
}

// names tells legends apart.
func (c *Charts) names() string {
	key := ""
	for i, r := range c.Runs {
		key += r.Key + r.Title() + c.Looks[i].class + truth(c.isOn(r)) + " "
	}
	return key + truth(c.Curves.Plain) + truth(c.Curves.Log)
}

// A curve is one line of a chart.
type curve struct {
	look
	run      string // Whose it is.
	training bool   // Of pictures it learns from; otherwise of the validation set.
	points   []chart.Point
}

// A drawing is what a chart shows.
type drawing struct {
	curves []curve
	scale  chart.Scale
	chance float64 // Where guessing blindly would be; 0 for none.
	log    bool    // Values are logarithms to base 10.
}

// percent turns fractions into percentages, which exist only in what is shown.
func percent(points []chart.Point) []chart.Point {
	out := make([]chart.Point, len(points))
	for i, p := range points {
		out[i] = chart.Point{X: p.X, Y: 100 * p.Y}
	}
	return out
}

func (c *Charts) accuracy() drawing {
	d := drawing{scale: chart.Scale{Low: 0, High: 100}}
	for i, r := range c.Runs {
		d.curves = append(d.curves, c.both(i, percent(r.TrainAccuracy.Smooth()), percent(r.TestAccuracy()))...)
		if r.Config.Task == run.Pretext {
			d.chance = 25
		} else if r.Classes > 0 {
			d.chance = 100 / float64(r.Classes)
		}
	}
	return d
}

func (c *Charts) loss() drawing {
	var d drawing
	var lines [][]chart.Point
	for i, r := range c.Runs {
		d.curves = append(d.curves, c.both(i, c.scaled(r.TrainLoss.Smooth()), c.scaled(r.TestLoss()))...)
	}
	for _, curve := range d.curves {
		lines = append(lines, curve.points)
	}
	d.scale, d.log = chart.Cover(0, 1, lines...), c.Curves.Log
	if d.log {
		d.scale = chart.Cover(-1, 0, lines...)
	}
	return d
}

// both are the curves of a run that are switched on.
func (c *Charts) both(i int, training, validation []chart.Point) (curves []curve) {
	r := c.Runs[i]
	if !c.isOn(r) {
		return nil
	}
	if !c.Curves.Plain {
		curves = append(curves, curve{c.Looks[i], c.called(i), true, training})
	}
	return append(curves, curve{c.Looks[i], c.called(i), false, validation})
}

// leastLoss is the bottom of a logarithmic axis, in nats: less is nothing to tell apart.
const leastLoss = 1e-4

// scaled takes losses to the axis that is shown.
func (c *Charts) scaled(points []chart.Point) []chart.Point {
	if !c.Curves.Log {
		return points
	}
	out := make([]chart.Point, len(points))
	for i, p := range points {
		out[i] = chart.Point{X: p.X, Y: math.Log10(max(p.Y, leastLoss))}
	}
	return out
}

// Size of a chart in its own units; the style sheet makes it as wide as there is
// room.
const (
	chartWidth  = 460
	chartHeight = 230
)

// A quantity is what a chart is of.
type quantity struct{ title, unit string }

var (
	accuracyIn = quantity{"Accuracy", "%"}
	lossIn     = quantity{"Loss", "nats"}
)

// figure is a chart of all runs.
func (c *Charts) figure(q quantity, d drawing) *vecty.HTML {
	epochs := c.epochs()
	plot := plotOf(epochs, d.scale)
	var lines []ink
	for _, curve := range d.curves {
		lines = append(lines, line(plot, curve))
	}
	parts := vecty.List{layer(axes(plot, d.chance, d.log)), layer(lines...)}
	more := " in " + q.unit + ", over epochs"
	if d.log {
		more = " in " + q.unit + ", logarithmic, over epochs"
	}
	return framed(caption{q.title, more, exports(c.Do, "quarterturn-"+c.Name+"-"+strings.ToLower(q.title), func() [][]string { return curveRows(q, d) })},
		q.title+" over epochs; the numbers are in the table below", chartHeight, parts, &Pointer{
			Label: q.title + " at an epoch", Epochs: epochs, Readings: func(epoch int) []reading { return readings(q, d, epoch) },
		})
}

// epochs is how far the axis goes: as far as runs will, or those that are over went.
func (c *Charts) epochs() int {
	most := 1
	for _, r := range c.Runs {
		switch last, _ := r.Last(); {
		case !c.isOn(r):
		case r.IsOver():
			most = max(most, last.Epoch)
		default:
			most = max(most, r.Config.Epochs)
		}
	}
	return most
}

// curveRows are the numbers of curves.
func curveRows(q quantity, d drawing) [][]string {
	rows := [][]string{{"Run", "Pictures", "Epoch", q.title + " (" + q.unit + ")"}}
	for _, c := range d.curves {
		for _, p := range c.points {
			rows = append(rows, []string{c.run, c.kind(), strconv.FormatFloat(p.X, 'g', 6, 64), strconv.FormatFloat(d.value(p), 'g', 6, 64)})
		}
	}
	return rows
}

// value is what a point stands for.
func (d *drawing) value(p chart.Point) float64 {
	if d.log {
		return math.Pow(10, p.Y)
	}
	return p.Y
}

// kind is of which pictures a curve is.
func (c *curve) kind() string {
	if c.training {
		return "training"
	}
	return "validation"
}

// plotOf is where a chart over epochs draws.
func plotOf(epochs int, scale chart.Scale) chart.Plot {
	return chart.Plot{
		Left: 44, Top: 12, Right: chartWidth - 12, Bottom: chartHeight - 30,
		X: chart.Scale{Low: 0, High: float64(epochs)}, Y: scale,
	}
}

// A caption is what is written above a chart.
type caption struct {
	title, more string
	saved       *vecty.HTML // The exports; nil for none.
}

func (c caption) render() *vecty.HTML {
	parts := vecty.List{elem.Strong(vecty.Text(c.title)), span("soft", c.more)}
	if c.saved != nil {
		parts = append(parts, c.saved)
	}
	return elem.FigureCaption(parts)
}

// framed is a chart on which one can point at an epoch. To those who do not see it, it is
// one picture with a name; the numbers are in a table.
func framed(above caption, name string, height int, parts vecty.List, pointer *Pointer) *vecty.HTML {
	return elem.Figure(
		class("chart"),
		above.render(),
		elem.Div(class("chart-plane"),
			svg("svg", pictured(name, chartWidth, float64(height)), parts),
			elem.Div(class("pointer-slot"), pointer),
		),
	)
}

// saved is a chart whose caption may have exports. To those who do not see it, it is one
// picture with a name; the numbers are in a table.
func saved(above caption, drawn *vecty.HTML) *vecty.HTML {
	return elem.Figure(class("chart"), above.render(), drawn)
}

// pictured are the attributes of a drawing of a size in its own units and a name.
func pictured(name string, width, height float64) vecty.MarkupList {
	return vecty.Markup(attribute("viewBox", "0 0 "+coordinate(width)+" "+coordinate(height)), attribute("role", "img"), attribute("aria-label", name))
}

// svg is an element of an SVG.
func svg(tag string, markup vecty.MarkupList, children ...vecty.MarkupOrChild) *vecty.HTML {
	all := append([]vecty.MarkupOrChild{vecty.Markup(vecty.Namespace("http://www.w3.org/2000/svg")), markup}, children...)
	return vecty.Tag(tag, all...)
}

func coordinate(v float64) string { return state.Decimal(v, 1) }

// axes are grid lines with their labels, and the line of guessing blindly.
func axes(plot chart.Plot, blind float64, log bool) ink {
	var parts []ink
	if blind > 0 {
		parts = append(parts, chance(plot, blind))
	}
	for _, tick := range plot.Y.Ticks(5) {
		_, y := plot.At(chart.Point{Y: tick.Value})
		parts = append(parts,
			rule(plot.Left, y, plot.Right, y, "grid"),
			label(plot.Left-6, y+4, "end", labelled(tick, log)))
	}
	for _, tick := range plot.X.Ticks(8) {
		if tick.Value != float64(int(tick.Value)) {
			continue // There are no halves of an epoch worth a label.
		}
		x, _ := plot.At(chart.Point{X: tick.Value})
		parts = append(parts,
			rule(x, plot.Bottom, x, plot.Bottom+4, "grid"),
			label(x, plot.Bottom+18, "middle", strconv.Itoa(int(tick.Value))))
	}
	return group("axes", parts...)
}

// labelled writes a tick's value, of a logarithmic axis that of which it is the
// logarithm.
func labelled(tick chart.Tick, log bool) string {
	if !log {
		return tick.Label
	}
	return strconv.FormatFloat(math.Pow(10, tick.Value), 'g', 2, 64)
}

func rule(x1, y1, x2, y2 float64, name string) ink {
	return stroke("line", with{"class", name, "x1", coordinate(x1), "y1", coordinate(y1), "x2", coordinate(x2), "y2", coordinate(y2)})
}

func label(x, y float64, anchor, text string) ink {
	return stroke("text", with{"x", coordinate(x), "y", coordinate(y), "text-anchor", anchor}, lettered(text))
}

func dot(class string, x, y, radius float64) ink {
	return stroke("circle", with{"class", class, "cx", coordinate(x), "cy", coordinate(y), "r", coordinate(radius)})
}

// box is a rectangle.
func box(class string, x, y, width, height float64) ink {
	return stroke("rect", with{"class", class, "x", coordinate(x), "y", coordinate(y), "width", coordinate(width), "height", coordinate(height)})
}

// trace is an outline of a class.
func trace(class, outline string) ink { return stroke("path", with{"class", class, "d", outline}) }

// chance is the line of guessing blindly.
func chance(plot chart.Plot, value float64) ink {
	_, y := plot.At(chart.Point{Y: value})
	return group("chance",
		rule(plot.Left, y, plot.Right, y, "chance-line"),
		label(plot.Right-2, y-5, "end", "chance "+state.Decimal(value, 0)+" %"))
}

// line is a curve. Which run it is shows in colour and mark, whether it is of
// training or validation in dash and thickness.
func line(plot chart.Plot, c curve) ink {
	parts := []ink{trace("line", plot.Path(c.points))}
	if !c.training {
		parts = append(parts, trace("marks", plot.Marks(c.points, c.mark)))
	}
	return group("curve "+c.class+" "+c.kind(), parts...)
}

func markOf(task run.Task) chart.Mark {
	switch task {
	case run.Transfer:
		return chart.Circle
	case run.Scratch:
		return chart.Square
	}
	return chart.Triangle
}

// legend names the lines, and switches them on and off.
func (c *Charts) legend() *vecty.HTML {
	var items vecty.List
	for i, r := range c.Runs {
		items = append(items, elem.ListItem(
			vecty.Markup(vecty.Class("legend-run"), vecty.MarkupIf(!c.isOn(r), vecty.Class("off"))),
			elem.Button(
				vecty.Markup(
					vecty.Class("legend-toggle"), attribute("type", "button"), attribute("aria-pressed", truth(c.isOn(r))),
					attribute("title", "Show or hide these curves"),
					event.Click(func(*vecty.Event) { c.Do(state.ToggleCurve{Key: r.Key}) }),
				),
				sample(c.Looks[i], false), vecty.Text(c.called(i)),
			)))
	}
	every := look{"curve-any", chart.Circle}
	items = append(items, elem.ListItem(sample(every, false), vecty.Text("on pictures it never saw (validation)")))
	if !c.Curves.Plain {
		items = append(items, elem.ListItem(sample(every, true), vecty.Text("on pictures it learns from (training)")))
	}
	return elem.Div(
		class("legend-bar"),
		elem.UnorderedList(class("legend"), items),
		elem.Div(class("curve-settings"),
			c.check("log", c.Curves.Log, "logarithmic loss", func(on bool) state.Message { return state.SetLog{On: on} }),
			c.check("training", !c.Curves.Plain, "training curves", func(on bool) state.Message { return state.SetTraining{On: on} })),
	)
}

// called is what a run is called beside others of the same title.
func (c *Charts) called(i int) string {
	title := c.Runs[i].Title()
	for j, other := range c.Runs {
		if j != i && other.Title() == title {
			return title + " (run " + c.Runs[i].Key + ")"
		}
	}
	return title
}

func (c *Charts) check(name string, on bool, words string, message func(bool) state.Message) *vecty.HTML {
	return elem.Label(
		class("check"),
		elem.Input(vecty.Markup(
			prop.Type(prop.TypeCheckbox), prop.ID(c.Name+"-"+name), prop.Checked(on),
			event.Change(func(e *vecty.Event) { c.Do(message(e.Target.Get("checked").Bool())) }),
		)),
		vecty.Text(words),
	)
}

// sample is a piece of a line with its mark.
func sample(l look, training bool) *vecty.HTML {
	plot := chart.Plot{Right: 34, Bottom: 12, X: chart.Scale{High: 2}, Y: chart.Scale{Low: -1, High: 1}}
	ends := []chart.Point{{X: 0}, {X: 2}}
	kind := "validation"
	marks := plot.Marks([]chart.Point{{X: 1}}, l.mark)
	if training {
		kind, marks = "training", ""
	}
	return inked("svg", vecty.Markup(vecty.Class("sample"), attribute("viewBox", "0 0 34 12"), hidden()),
		group("curve "+l.class+" "+kind, trace("line", plot.Path(ends)), trace("marks", marks)))
}

// swatch is a mark in its colour, beside a name.
func swatch(l look) *vecty.HTML {
	plot := chart.Plot{Right: 12, Bottom: 12, X: chart.Scale{High: 2}, Y: chart.Scale{High: 2}}
	return inked("svg", vecty.Markup(vecty.Class("swatch"), attribute("viewBox", "0 0 12 12"), hidden()),
		group("curve "+l.class+" validation", trace("marks", plot.Marks([]chart.Point{{X: 1, Y: 1}}, l.mark))))
}
