package ui

import (
	"slices"
	"strconv"
	"strings"

	"github.com/hexops/vecty"
	"github.com/hexops/vecty/elem"

	"quarterturn/core/chart"
	"quarterturn/core/notebook"
	"quarterturn/core/verdict"
	"quarterturn/ui/state"
)

// Found is what an experiment came to: in words, as a chart and as a table.
type Found struct {
	do         Do
	experiment *notebook.Experiment
	table      *verdict.Table
}

func (f *Found) render() *vecty.HTML {
	if len(f.table.Cells) == 0 {
		return paragraph("soft", "The first results come when a run of each has ended.")
	}
	drawn := f.bars
	if len(f.experiment.Labels) > 1 {
		drawn = f.budgets
	}
	parts := vecty.List{elem.Div(class("verdicts"), f.verdicts()), elem.Div(class("found-chart"), drawn(), f.legend())}
	if len(f.experiment.Labels) > 1 { // One sentence for each: what they say together comes first.
		slices.Reverse(parts)
	}
	return elem.Div(
		class("findings"),
		parts,
		elem.Div(class("found-table"), f.cells()),
		elem.Details(class("numbers"), elem.Summary(vecty.Text("How the numbers are made")), f.rules()),
	)
}

// verdicts are the terminal's sentences, and what a single run would have said.
func (f *Found) verdicts() (list vecty.List) {
	for _, c := range f.experiment.Findings(f.table) {
		list = append(list, elem.Div(
			vecty.Markup(vecty.Class("finding"), vecty.MarkupIf(c.IsClear(), vecty.Class("clear"))),
			elem.Paragraph(class("finding-words"), vecty.Text(f.experiment.Verdict(c))),
			paragraph("soft", f.table.OneRun(c)),
		))
	}
	if len(list) == 0 {
		list = append(list, paragraph("soft", "A comparison needs two arms that have a seed in common."))
	}
	return list
}

// Size of the chart of budgets, in its own units.
const (
	foundWidth  = 560
	foundHeight = 300
)

// plot is where the chart draws: budgets, or arms, are places from left to right.
func (f *Found) plot(places int) chart.Plot {
	return chart.Plot{
		Left: 44, Top: 12, Right: foundWidth - 12, Bottom: foundHeight - 34,
		X: chart.Scale{Low: -0.5, High: float64(places) - 0.5}, Y: chart.Scale{Low: 0, High: 100},
	}
}

// budgets are accuracies over numbers of labels, with their intervals as bands.
func (f *Found) budgets() *vecty.HTML {
	plot := f.plot(len(f.experiment.Labels))
	parts := []ink{f.grid(plot)}
	for i, labels := range f.experiment.Labels {
		x, _ := plot.At(chart.Point{X: float64(i)})
		parts = append(parts, group("axes", label(x, plot.Bottom+18, "middle", verdict.ShortBudget(labels))))
	}
	for i, arm := range f.experiment.Arms {
		parts = append(parts, f.band(plot, numbered(i), string(arm)))
	}
	return f.figure("Accuracy over labels a class", " in %, mean and 95 % interval", parts)
}

// band is an arm's line with its intervals.
func (f *Found) band(plot chart.Plot, looks look, arm string) ink {
	var mean, low, high []chart.Point
	for i, labels := range f.experiment.Labels {
		if c := f.table.Cell(arm, labels); c != nil {
			x := float64(i)
			mean = append(mean, chart.Point{X: x, Y: 100 * c.Accuracy.Value})
			low = append(low, chart.Point{X: x, Y: 100 * c.Accuracy.Low})
			high = append(high, chart.Point{X: x, Y: 100 * c.Accuracy.High})
		}
	}
	return group("curve validation "+looks.class,
		trace("band", outline(plot, low, high)), trace("line", plot.Path(mean)), trace("marks", plot.Marks(mean, looks.mark)))
}

// outline is the path around what lies between two lines.
func outline(plot chart.Plot, low, high []chart.Point) string {
	if len(low) == 0 {
		return ""
	}
	around := append([]chart.Point(nil), high...)
	for i := len(low) - 1; i >= 0; i-- {
		around = append(around, low[i])
	}
	return plot.Path(around) + "Z"
}

// bars are the arms of one budget: the mean with its interval, and each seed as a mark.
func (f *Found) bars() *vecty.HTML {
	plot := f.plot(len(f.experiment.Arms))
	parts := []ink{f.grid(plot)}
	for i, arm := range f.experiment.Arms {
		x, _ := plot.At(chart.Point{X: float64(i)})
		parts = append(parts, group("axes", label(x, plot.Bottom+18, "middle", arm.Title())))
		if c := f.table.Cell(string(arm), f.experiment.Labels[0]); c != nil {
			parts = append(parts, f.column(plot, i, c))
		}
	}
	return f.figure("Accuracy", " in %: mean, 95 % interval, and each seed", parts)
}

// column is the bar of an arm.
func (f *Found) column(plot chart.Plot, i int, c *verdict.Cell) ink {
	looks, at := numbered(i), func(x, y float64) (float64, float64) { return plot.At(chart.Point{X: float64(i) + x, Y: 100 * y}) }
	left, top := at(-0.3, c.Accuracy.Value)
	right, bottom := at(0.3, 0)
	var seeds []chart.Point
	for n, accuracy := range c.Each {
		seeds = append(seeds, chart.Point{X: float64(i) + 0.4*(float64(n+1)/float64(len(c.Each)+1)-0.5), Y: 100 * accuracy})
	}
	middle, low := at(0, c.Accuracy.Low)
	_, high := at(0, c.Accuracy.High)
	return group("curve validation "+looks.class,
		box("band", left, top, right-left, max(bottom-top, 0)),
		rule(left, top, right, top, "line"),
		rule(middle, low, middle, high, "line"),
		rule(middle-8, low, middle+8, low, "line"), rule(middle-8, high, middle+8, high, "line"),
		trace("marks", plot.Marks(seeds, looks.mark)))
}

// grid is the axis of accuracy, and where guessing blindly would be.
func (f *Found) grid(plot chart.Plot) ink {
	var parts []ink
	if blind := f.blind(); blind > 0 {
		parts = append(parts, chance(plot, 100*blind))
	}
	for _, tick := range plot.Y.Ticks(5) {
		_, y := plot.At(chart.Point{Y: tick.Value})
		parts = append(parts, rule(plot.Left, y, plot.Right, y, "grid"), label(plot.Left-6, y+4, "end", tick.Label))
	}
	return group("axes", parts...)
}

// blind is the accuracy of guessing among the classes.
func (f *Found) blind() float64 {
	if len(f.table.Cells) == 0 {
		return 0
	}
	if n := f.table.Classes(); n > 0 {
		return 1 / float64(n)
	}
	return 0
}

func (f *Found) figure(title, more string, parts []ink) *vecty.HTML {
	return elem.Figure(
		class("chart"),
		elem.FigureCaption(elem.Strong(vecty.Text(title)), span("soft", more),
			exports(f.do, "quarterturn-experiment-"+strconv.Itoa(f.experiment.ID), f.numbers)),
		inked("svg", pictured(title+"; the numbers are in the table", foundWidth, foundHeight), parts...),
	)
}

func (f *Found) legend() *vecty.HTML {
	var items vecty.List
	for i, arm := range f.experiment.Arms {
		items = append(items, elem.ListItem(sample(numbered(i), false), vecty.Text(arm.Title()+": "+arm.InWords())))
	}
	return elem.UnorderedList(class("legend"), items)
}

// cells are the accuracies, arms by budgets.
func (f *Found) cells() *vecty.HTML {
	head := vecty.List{elem.TableHeader(vecty.Markup(attribute("scope", "col")), vecty.Text("Labels a class"))}
	for _, arm := range f.experiment.Arms {
		head = append(head, elem.TableHeader(vecty.Markup(attribute("scope", "col")), vecty.Text(arm.Title())))
	}
	var rows vecty.List
	for _, labels := range f.experiment.Labels {
		cells := vecty.List{elem.TableHeader(vecty.Markup(attribute("scope", "row")), vecty.Text(verdict.ShortBudget(labels)))}
		for _, arm := range f.experiment.Arms {
			cells = append(cells, elem.TableData(vecty.Text(f.table.Cell(string(arm), labels).String())))
		}
		rows = append(rows, elem.TableRow(cells))
	}
	return elem.Table(elem.TableHead(elem.TableRow(head)), elem.TableBody(rows))
}

// numbers are what is behind the chart, each arm and budget a row.
func (f *Found) numbers() [][]string {
	rows := [][]string{{"arm", "labels a class", "seeds", "accuracy (%)", "95 % low (%)", "95 % high (%)", "over", "each seed (%)"}}
	for _, c := range f.table.Cells {
		each := ""
		for _, accuracy := range c.Each {
			each += state.Decimal(100*accuracy, 2) + " "
		}
		rows = append(rows, []string{
			c.Arm, verdict.ShortBudget(c.Labels), strconv.Itoa(len(c.Seeds)), state.Decimal(100*c.Accuracy.Value, 2),
			state.Decimal(100*c.Accuracy.Low, 2), state.Decimal(100*c.Accuracy.High, 2), c.Over, strings.TrimSpace(each),
		})
	}
	return rows
}

// rules say how the numbers were made.
func (f *Found) rules() vecty.List {
	var list vecty.List
	for _, text := range f.table.Rules() {
		list = append(list, paragraph("soft", text))
	}
	if f.experiment.Early {
		list = append(list, paragraph("soft", "It ends early where each difference stays below "+state.Decimal(verdict.Chance, 2)+
			" when its p is taken as many times as one may have looked (Bonferroni): who looks after each seed has several chances to be misled."))
	}
	return list
}
