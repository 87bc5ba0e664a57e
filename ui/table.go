package ui

import (
	"strconv"

	"github.com/hexops/vecty"
	"github.com/hexops/vecty/elem"

	"quarterturn/core/run"
	"quarterturn/ui/state"
)

// mostRows bounds the table; of longer runs the last epochs are listed.
const mostRows = 100

// Numbers is the data behind the charts. Its rows are there while it is open: a
// closed table of a hundred epochs would cost a frame at each of them.
type Numbers struct {
	vecty.Core

	Lanes []*state.Lane `vecty:"prop"`
	open  bool
}

// SkipRender implements vecty.RenderSkipper.
func (n *Numbers) SkipRender(previous vecty.Component) bool {
	p, ok := previous.(*Numbers)
	return ok && p.open == n.open && (!n.open || evaluated(p.Lanes) == evaluated(n.Lanes))
}

// evaluated tells tables apart: they grow by whole evaluations.
func evaluated(lanes []*state.Lane) string {
	key := ""
	for _, l := range lanes {
		key += strconv.Itoa(int(l.ID)) + ":" + strconv.Itoa(len(l.Evaluations)) + " "
	}
	return key
}

// Render implements vecty.Component.
func (n *Numbers) Render() vecty.ComponentOrHTML {
	return unfolding(n, &n.open, "The numbers behind the curves", func() *vecty.HTML { return table(n.Lanes) })
}

// unfolding is a part of the page whose content is made while it is open.
func unfolding(component vecty.Component, open *bool, title string, content func() *vecty.HTML) *vecty.HTML {
	var body vecty.ComponentOrHTML
	if *open {
		body = content()
	}
	return elem.Details(
		vecty.Markup(
			vecty.Class("numbers"),
			&vecty.EventListener{Name: "toggle", Listener: func(e *vecty.Event) {
				*open = e.Target.Get("open").Bool()
				vecty.Rerender(component)
			}},
		),
		elem.Summary(vecty.Text(title)),
		elem.Div(class("table-slot"), body),
	)
}

func table(lanes []*state.Lane) *vecty.HTML {
	var bodies vecty.List
	for _, l := range lanes {
		bodies = append(bodies, rows(l))
	}
	var head vecty.List
	for _, text := range []string{
		"Run", "Epoch", "Training loss (nats)", "Training accuracy", "Validation loss (nats)", "Validation accuracy",
	} {
		head = append(head, elem.TableHeader(vecty.Markup(attribute("scope", "col")), vecty.Text(text)))
	}
	return elem.Table(elem.TableHead(elem.TableRow(head)), bodies)
}

func rows(l *state.Lane) *vecty.HTML {
	var list vecty.List
	first := max(0, len(l.Evaluations)-mostRows)
	for _, e := range l.Evaluations[first:] {
		list = append(list, row(state.Title(l.Config.Task), e))
	}
	return elem.TableBody(list)
}

// row writes an evaluation. Epoch 0 is before the first step: nothing was trained
// that could have a loss.
func row(title string, e run.Evaluated) *vecty.HTML {
	trainLoss, trainAccuracy := "–", "–"
	if e.Epoch > 0 {
		trainLoss, trainAccuracy = state.Decimal(e.TrainLoss, 3), state.Percent(e.TrainAccuracy, 1)
	}
	cells := vecty.List{elem.TableHeader(vecty.Markup(attribute("scope", "row")), vecty.Text(title))}
	for _, text := range []string{
		strconv.Itoa(e.Epoch), trainLoss, trainAccuracy, state.Decimal(e.Loss, 3), state.Percent(e.Accuracy, 1),
	} {
		cells = append(cells, elem.TableData(vecty.Text(text)))
	}
	return elem.TableRow(cells)
}
