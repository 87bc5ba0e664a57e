package ui

import (
	"strconv"
	"strings"

	"github.com/hexops/vecty"
	"github.com/hexops/vecty/elem"
	"github.com/hexops/vecty/event"

	"quarterturn/core/chart"
	"quarterturn/core/recording"
	"quarterturn/core/run"
	"quarterturn/ui/state"
)

// curves are those of the whole run, with a mark at the epoch, and between them
// what the stages knew.
func (s *WatchStation) curves() vecty.List {
	accuracy, loss := s.recordedCurves()
	return vecty.List{
		s.curve(accuracyIn, accuracy),
		elem.Div(class("legend-slot"), &Memo{Key: "recorded", Body: recordedLegend}),
		s.stages(),
		s.curve(lossIn, loss),
	}
}

// recordedCurves are the curves of training and validation. Before the first step
// nothing was trained on.
func (s *WatchStation) recordedCurves() (accuracy, loss drawing) {
	var lines [4][]chart.Point
	for _, e := range s.Watch.Recording.Epochs {
		x := float64(e.Number)
		if e.Step > 0 {
			lines[0] = append(lines[0], chart.Point{X: x, Y: 100 * e.TrainAccuracy})
			lines[1] = append(lines[1], chart.Point{X: x, Y: e.TrainLoss})
		}
		lines[2] = append(lines[2], chart.Point{X: x, Y: 100 * e.Accuracy})
		lines[3] = append(lines[3], chart.Point{X: x, Y: e.Loss})
	}
	accuracy = drawing{scale: chart.Scale{Low: 0, High: 100}, chance: 25, curves: []curve{recorded(true, lines[0]), recorded(false, lines[2])}}
	loss = drawing{scale: chart.Cover(0, 1, lines[1], lines[3]), curves: []curve{recorded(true, lines[1]), recorded(false, lines[3])}}
	return accuracy, loss
}

func recorded(training bool, points []chart.Point) curve {
	return curve{tasked(run.Pretext), "Pretext, recorded", training, points}
}

// watchHeight leaves room for a chart and the bars below each other.
const watchHeight = 160

func (s *WatchStation) curve(q quantity, d drawing) *vecty.HTML {
	epochs := s.Watch.Recording.Epochs
	plot := plotOf(epochs[len(epochs)-1].Number, d.scale)
	plot.Bottom = watchHeight - 24
	still := []ink{axes(plot, d.chance, false)}
	for _, curve := range d.curves {
		still = append(still, line(plot, curve))
	}
	at := d.curves[1].points[s.Watch.At]
	x, y := plot.At(at)
	links := exports(s.Do, "quarterturn-recorded-"+strings.ToLower(q.title), func() [][]string { return curveRows(q, d) })
	return framed(caption{q.title, " in " + q.unit + ", over epochs", links}, q.title+" over epochs; the numbers are in the table below", watchHeight, vecty.List{
		layer(still...),
		inked("g", vecty.Markup(vecty.Data("screen", "yes")), rule(x, plot.Top, x, plot.Bottom, "marker"), dot("marker-dot", x, y, 5.5)),
	}, &Pointer{
		Label: q.title + " at an epoch", Epochs: epochs[len(epochs)-1].Number, Readings: func(epoch int) []reading { return readings(q, d, epoch) },
	})
}

func recordedLegend() *vecty.HTML {
	return elem.UnorderedList(class("legend"),
		elem.ListItem(sample(tasked(run.Pretext), false), vecty.Text("pictures it never saw (validation)")),
		elem.ListItem(sample(tasked(run.Pretext), true), vecty.Text("pictures it learns from (training)")))
}

// stages are what each stage's features knew of the classes, as bars.
func (s *WatchStation) stages() *vecty.HTML {
	w := s.Watch
	p := w.Recording.Probe
	var rows vecty.List
	for i, name := range p.Stages {
		now, before := w.Epoch().Stages[i], w.First().Stages[i]
		rows = append(rows, elem.ListItem(
			class("stage"),
			span("stage-name", name),
			stageBar("linear", now.Linear, before.Linear),
			span("stage-value", state.Percent(now.Linear, 0)),
			stageBar("near", now.Neighbours, before.Neighbours),
			span("stage-value", state.Percent(now.Neighbours, 0)),
		))
	}
	return elem.Figure(
		class("chart", "stages"),
		elem.FigureCaption(
			elem.Strong(vecty.Text("What the stages know")),
			span("soft", " of "+state.Grouped(len(w.Recording.Map.Classes))+" classes that it was never told, measured on "+p.Data),
		),
		elem.OrderedList(rows),
		paragraph("legend-line", "Upper bars: a linear probe on the stage’s features. Lower: a vote of "+state.Count(p.Neighbours, "nearest neighbour")+
			". The line in a bar is where it was at first; chance is "+state.Percent(p.Chance, 0)+"."),
	)
}

func stageBar(name string, value, before float64) *vecty.HTML {
	return elem.Span(
		vecty.Markup(vecty.Class("track", name), hidden()),
		elem.Span(vecty.Markup(vecty.Class("fill"), vecty.Style("width", state.Decimal(100*value, 1)+"%"))),
		elem.Span(vecty.Markup(vecty.Class("before"), vecty.Style("left", state.Decimal(100*before, 1)+"%"))),
	)
}

// layout is the pictures in the plane.
func (s *WatchStation) layout() vecty.List {
	w := s.Watch
	m, e := w.Recording.Map, w.Epoch()
	return vecty.List{
		s.mapFigure(),
		elem.Div(class("legend-slot"), &Memo{Key: "recorded", Body: s.classes}),
		elem.Paragraph(
			class("purity"),
			elem.Strong(vecty.Text("Purity "+state.Percent(e.Purity, 1))),
			vecty.Text(": so many of a picture’s "+state.Count(m.Neighbours, "nearest neighbour")+" are of its class. At first it was "+
				state.Percent(w.First().Purity, 1)+", by chance "+state.Percent(m.Chance, 1)+". Silhouette "+signed(e.Silhouette)+"."),
		),
		paragraph("legend-line", "t-SNE of "+state.Grouped(len(m.Points))+" pictures, "+m.Data+", each epoch beginning where the last one ended. "+
			"Near means alike to the network; how far apart groups are means nothing. The numbers are of the features, not of the drawing."),
	}
}

// mapFigure is the map, as high as what the points need over all epochs.
func (s *WatchStation) mapFigure() *vecty.HTML {
	area := areaOf(s.Watch.Recording)
	links := exports(s.Do, "quarterturn-recorded-map", func() [][]string { return placeRows(s.Watch) })
	name := "The pictures laid out by what the network makes of them; the places are in a table below"
	return saved(caption{"Who is near whom", ", by the features of " + s.Watch.Recording.Map.Stage, links},
		svg("svg", vecty.Markup(vecty.Class("map"), pictured(name, chartWidth, area.height), event.Click(s.clicked)), s.points(area)))
}

// mapMargin keeps marks at the edge whole.
const mapMargin = 12

// An area is the part of the recording's square that points come to.
type area struct{ top, height float64 }

const mapScale = (chartWidth - 2*mapMargin) / 65535.

func areaOf(r *recording.Recording) area {
	top, bottom := uint16(65535), uint16(0)
	for _, e := range r.Epochs {
		for _, p := range e.Places {
			top, bottom = min(top, p.Y), max(bottom, p.Y)
		}
	}
	return area{top: mapScale * float64(top), height: 2*mapMargin + mapScale*(float64(bottom)-float64(top))}
}

// at returns where a place is drawn.
func (a area) at(p recording.Place) (x, y float64) {
	return mapMargin + mapScale*float64(p.X), mapMargin + mapScale*float64(p.Y) - a.top
}

// points are marks that move from epoch to epoch; that of the chosen picture has a
// ring around it. A recording has one map, so that the epoch says where they are.
func (s *WatchStation) points(a area) vecty.List {
	w := s.Watch
	var parts vecty.List
	ring := svg("circle", vecty.Markup(vecty.Class("ring", "gone"), attribute("r", "9")))
	places := w.Epoch().Places
	for i, place := range places {
		if point := w.Recording.Map.Points[i]; point.Picture != recording.NoPicture && point.Picture == w.Item {
			ring = svg("circle", vecty.Markup(vecty.Class("ring"), attribute("r", "9"), a.moved(place)))
		}
		if i%pointsAtOnce == 0 {
			some := &Later{Key: [2]int{w.At, i}, Wait: func() *vecty.HTML { return layer() }, Body: func() *vecty.HTML { return s.some(a, i, min(i+pointsAtOnce, len(places))) }}
			parts = append(parts, svg("g", vecty.Markup(), some))
		}
	}
	return append(parts, ring)
}

// pointsAtOnce is how many points are made in one go.
const pointsAtOnce = 50

// some are the points from one to before another.
func (s *WatchStation) some(a area, from, to int) *vecty.HTML {
	var parts vecty.List
	for i, place := range s.Watch.Epoch().Places[from:to] {
		parts = append(parts, mark(s.Watch.Recording.Map.Points[from+i].Class, attribute("id", pointID(from+i)), a.moved(place)))
	}
	return svg("g", vecty.Markup(), parts)
}

// moved puts an element of the map at a place. The style sheet lets it glide there.
func (a area) moved(p recording.Place) vecty.Applyer {
	x, y := a.at(p)
	return vecty.Style("transform", "translate("+coordinate(x)+"px,"+coordinate(y)+"px)")
}

const pointPrefix = "point-"

func pointID(i int) string { return pointPrefix + strconv.Itoa(i) }

// clicked chooses the picture of the point that was hit. One listener serves all
// points: vecty makes them anew at each render.
func (s *WatchStation) clicked(e *vecty.Event) {
	number, ok := strings.CutPrefix(e.Target.Get("id").String(), pointPrefix)
	if index, err := strconv.Atoi(number); ok && err == nil {
		s.Do(state.ChoosePoint{Index: index})
	}
}

// mark is the mark of a picture's class, in its colour, where it may glide.
func mark(class int, more ...vecty.Applyer) *vecty.HTML {
	return svg("path", vecty.Markup(append(more, vecty.Class("point", chart.ColourClass(class)), attribute("d", outlineOf(class)))...))
}

func outlineOf(class int) string { return "M0 0" + chart.KindOf(class).Mark.Outline() }

// classSwatch is a class's mark beside its name.
func classSwatch(class int) *vecty.HTML {
	return inked("svg", vecty.Markup(vecty.Class("swatch"), attribute("viewBox", "-6 -6 12 12"), hidden()),
		trace("point "+chart.ColourClass(class), outlineOf(class)))
}

// classes name the marks.
func (s *WatchStation) classes() *vecty.HTML {
	var items vecty.List
	for i, name := range s.Watch.Recording.Map.Classes {
		items = append(items, elem.ListItem(classSwatch(i), vecty.Text(state.Readable(name))))
	}
	return elem.UnorderedList(class("legend", "classes"), items)
}

func signed(v float64) string {
	if v < 0 {
		return "−" + state.Decimal(-v, 2)
	}
	return "+" + state.Decimal(v, 2)
}
