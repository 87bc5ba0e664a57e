package state

import "slices"

// Curves is how curves are shown, at every station that has some.
type Curves struct {
	Log   bool     // A logarithmic axis of loss.
	Plain bool     // Without those of training.
	Off   []string // Keys of runs whose curves were switched off in the legend.
}

// How the person wants curves to be shown.
type (
	SetLog      struct{ On bool } // A logarithmic axis of loss.
	SetTraining struct{ On bool } // The curves of training.
	ToggleCurve struct{ Key string }
)

func (SetLog) isMessage()      {}
func (SetTraining) isMessage() {}
func (ToggleCurve) isMessage() {}

// applyCurves applies how curves are to be shown.
func (p Page) applyCurves(message Message) (Page, []Effect) {
	c := *p.Compare
	curves := *c.Curves
	switch m := message.(type) {
	case SetLog:
		curves.Log = m.On
	case SetTraining:
		curves.Plain = !m.On
	case ToggleCurve:
		curves.Off = toggled(curves.Off, m.Key)
	}
	c.Curves = &curves
	p.Compare = &c
	return p, nil
}

// mostOverlaid are the curves that are told apart in one chart without being asked for,
// and mostPicked those that are drawn at all.
const (
	mostOverlaid = 6
	mostPicked   = 16
)

// Overlaid returns the runs whose curves the station Compare shows: those picked, or else
// those that are not hidden, the newest of them.
func (p *Page) Overlaid() (all []*Run) {
	picked := p.isPicking()
	for _, r := range p.Runs.All {
		if picked && slices.Contains(p.Compare.Picked, r.Key) || !picked && !r.Hidden && len(r.History) > 0 {
			all = append(all, r)
		}
	}
	most := mostOverlaid
	if picked {
		most = mostPicked
	}
	return all[max(0, len(all)-most):]
}
