package state

import (
	"slices"

	"quarterturn/core/notebook"
	"quarterturn/core/run"
)

// Writeup is the part "Report" of the station Compare.
type Writeup struct {
	Making  bool
	Saved   bool     // The person was given one.
	Missing []string // What is not in that one, and why. Sentences.
	Problem string   // Why there is none; otherwise empty.
}

// SaveReport gives the person what runs came to as one HTML page.
type SaveReport struct{}

func (SaveReport) isMessage() {}

// ReportFile is the name of a report.
const ReportFile = "quarterturn-report.html"

// Reported returns the runs that a report is about: of those that are picked, or else not
// hidden, the finished ones, and those that guess turns once they were evaluated.
func (p *Page) Reported() (all []*Run) {
	picked := p.isPicking()
	for _, r := range p.Runs.All {
		chosen := picked && slices.Contains(p.Compare.Picked, r.Key) || !picked && !r.Hidden
		ended := r.Phase == run.Finished && !r.Saving || r.Arm == notebook.Pretext && len(r.History) > 0
		if chosen && ended {
			all = append(all, r)
		}
	}
	return all
}

// isPicking reports whether runs are picked that are still there.
func (p *Page) isPicking() bool {
	return slices.ContainsFunc(p.Compare.Picked, func(key string) bool { return p.Runs.Find(key) != nil })
}

// saveReport asks the lab for a report.
func (p Page) saveReport() (Page, []Effect) {
	reported := p.Reported()
	if p.Writeup.Making || p.Lab.Problem != "" || len(reported) == 0 {
		return p, nil
	}
	c := run.MakeReport{Note: p.Runs.Note}
	for _, r := range reported {
		c.Runs = append(c.Runs, r.Run.Encode())
	}
	c.Maps = p.Drawn(reported)
	p.Writeup, p.Said = &Writeup{Making: true}, "The report is being written."
	return p, []Effect{Send{To: Lab, Command: c}}
}

// Drawn returns the maps of the pictures as they are that were drawn in the part "What does
// it know?": those of some runs, and of the networks that are no runs.
func (p *Page) Drawn(reported []*Run) (all []run.Drawn) {
	for _, f := range p.Findings.all {
		if f.Kind != Maps || !f.Complete || f.Layout == nil || !f.Layout.TSNE || f.IsStale(p.Pictures) {
			continue
		}
		s, ok := p.Subject(f.Subject)
		r := p.Runs.Find(f.Subject)
		if !ok || r != nil && !slices.Contains(reported, r) {
			continue
		}
		labels := run.NoLabels
		if r != nil && r.Arm != notebook.Pretext {
			labels = r.Config.LabelsPerClass
		}
		all = append(all, run.Drawn{Title: s.Title, Labels: labels, Mapped: f.Layout.Mapped})
	}
	return all
}

// reportMade gives the person the report.
func (p Page) reportMade(e run.ReportMade) (Page, []Effect) {
	w := Writeup{Saved: true}
	for _, problem := range e.Problems {
		w.Missing = append(w.Missing, Sentence(problem))
	}
	p.Writeup, p.Said = &w, "Saved as "+ReportFile+"."
	return p, []Effect{Download{ReportFile, e.HTML}}
}

// unwritten notes that no report will come, if one was awaited.
func (w *Writeup) unwritten(reason string) *Writeup {
	if !w.Making {
		return w
	}
	return &Writeup{Problem: reason}
}
