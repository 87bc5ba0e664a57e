package ui

import (
	"strconv"

	"github.com/hexops/vecty"

	"quarterturn/core/recording"
	"quarterturn/ui/state"
)

// recordedTable is the data behind the curves and the bars of a recording.
func recordedTable(r *recording.Recording) *vecty.HTML {
	head := []string{"Epoch", "Learning rate", "Training loss (nats)", "Training accuracy", "Validation loss (nats)", "Validation accuracy", "Purity", "Silhouette"}
	for _, stage := range r.Probe.Stages {
		head = append(head, stage+", linear probe", stage+", neighbours")
	}
	var rows [][]string
	for _, e := range r.Epochs[max(0, len(r.Epochs)-mostRows):] {
		row := []string{strconv.Itoa(e.Number), "–", "–", "–"}
		if e.Step > 0 {
			row = []string{strconv.Itoa(e.Number), strconv.FormatFloat(e.LearningRate, 'g', 3, 64), state.Decimal(e.TrainLoss, 3), state.Percent(e.TrainAccuracy, 1)}
		}
		row = append(row, state.Decimal(e.Loss, 3), state.Percent(e.Accuracy, 1), state.Percent(e.Purity, 1), signed(e.Silhouette))
		for _, s := range e.Stages {
			row = append(row, state.Percent(s.Linear, 1), state.Percent(s.Neighbours, 1))
		}
		rows = append(rows, row)
	}
	return plainTable("Over epochs", head, rows)
}

// placesProps tell tables of places apart.
type placesProps struct {
	recording *recording.Recording
	at        int // Index of the epoch.
}

// mostPlaces bounds the table.
const mostPlaces = 400

// placesTable is the data behind the map at the epoch that is shown.
func placesTable(w *state.Watch) *vecty.HTML {
	rows := placeRows(w)
	return plainTable(w.Place()+", from the left and the top", rows[0], rows[1:min(len(rows), mostPlaces+1)])
}

// placeRows are the places of the map at the epoch that is shown.
func placeRows(w *state.Watch) [][]string {
	m := w.Recording.Map
	rows := [][]string{{"Class", "From the left", "From the top", "Picture"}}
	for i, place := range w.Epoch().Places[:min(len(m.Points), len(w.Epoch().Places))] {
		name := ""
		if at := m.Points[i].Picture; at != recording.NoPicture {
			name = w.Recording.Pictures.Items[at].Name
		}
		rows = append(rows, []string{
			state.Readable(m.Classes[m.Points[i].Class]), state.Percent(float64(place.X)/65535, 1), state.Percent(float64(place.Y)/65535, 1), name,
		})
	}
	return rows
}
