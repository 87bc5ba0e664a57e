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

// evaluated is the key of the table of runs: tables grow by whole evaluations.
func evaluated(runs []*state.Run) string {
	key := ""
	for _, r := range runs {
		key += r.Key + ":" + r.Title() + ":" + strconv.Itoa(len(r.History)) + " "
	}
	return key
}

// table is the data behind the charts.
func table(runs []*state.Run) *vecty.HTML {
	var bodies vecty.List
	for _, r := range runs {
		bodies = append(bodies, rows(r))
	}
	var head vecty.List
	for _, text := range []string{
		"Run", "Epoch", "Training loss (nats)", "Training accuracy", "Validation loss (nats)", "Validation accuracy",
	} {
		head = append(head, elem.TableHeader(vecty.Markup(attribute("scope", "col")), vecty.Text(text)))
	}
	return elem.Table(elem.TableHead(elem.TableRow(head)), bodies)
}

func rows(r *state.Run) *vecty.HTML {
	var list vecty.List
	first := max(0, len(r.History)-mostRows)
	for _, e := range r.History[first:] {
		list = append(list, row(r.Title(), e))
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
