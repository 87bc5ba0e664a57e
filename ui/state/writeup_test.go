package state

import (
	"testing"

	"quarterturn/core/notebook"
	"quarterturn/core/run"
)

// TestReportIsOfFinishedRuns asks for a report of those that may be seen, with the notes.
func TestReportIsOfFinishedRuns(t *testing.T) {
	page, _ := race(t)
	if _, effects := page.Apply(SaveReport{}); len(effects) > 0 {
		t.Errorf("without a finished run it does %v", effects)
	}
	runs := *page.Runs
	for _, r := range runs.All {
		runs = runs.with(r.Key, func(r *Run) { r.Phase, r.Saving = run.Finished, false })
	}
	page.Runs = &runs
	page, effects := playOn(page, nil, Hide{"1"}, Annotate{"2", "mine"}, AnnotateAll{"all"}, SaveReport{})
	sent, ok := find[Send](effects)
	c, isReport := sent.Command.(run.MakeReport)
	if !ok || !isReport || c.Note != "all" || len(c.Runs) != 1 {
		t.Fatalf("it sends %+v", sent)
	}
	if r, err := notebook.DecodeRun(c.Runs[0]); err != nil || r.Key != "2" || r.Note != "mine" {
		t.Errorf("the run is %+v, %v", r, err)
	}
	page, effects = playOn(page, nil, says{Lab, run.ReportMade{HTML: []byte("<p>"), Problems: []string{"one"}}})
	if d, ok := find[Download](effects); !ok || d.Name != ReportFile || string(d.Bytes) != "<p>" || page.Writeup.Making || len(page.Writeup.Missing) != 1 {
		t.Errorf("it gives %+v, and is %+v", d, page.Writeup)
	}
}

// TestReportFails says why, and may be asked for again.
func TestReportFails(t *testing.T) {
	page, _ := race(t)
	page.Writeup = &Writeup{Making: true}
	page, _ = playOn(page, nil, Died{Worker: Lab, Reason: "it is gone"})
	if page.Writeup.Making || page.Writeup.Problem == "" {
		t.Errorf("it is %+v", page.Writeup)
	}
}
