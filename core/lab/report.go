package lab

import (
	"bytes"

	"quarterturn/core/fault"
	"quarterturn/core/internal/printable"
	"quarterturn/core/notebook"
	"quarterturn/core/project"
	"quarterturn/core/report"
	"quarterturn/core/run"
	"quarterturn/core/study"
)

// makeReport reports what runs came to as the command's report would of their folders: it
// is made from such folders, in memory.
func (l *Lab) makeReport(c run.MakeReport) error {
	p := &project.Project{}
	words := []report.Words{}
	if c.Note != "" {
		words = append(words, report.Words{Text: c.Note})
	}
	var folders []string
	for _, b := range c.Runs {
		r, err := notebook.DecodeRun(b)
		if err != nil {
			return err
		}
		p.Add(*r, project.Kept{Backend: l.options.BackendKind})
		folders = append(folders, p.Runs[len(p.Runs)-1].Path())
		if r.Note != "" {
			words = append(words, report.Words{Title: "Run " + r.Key + ": " + printable.Text(r.Title()), Text: r.Note})
		}
		l.options.Yield()
	}
	e := study.Collect(&p.Disk, folders)
	if len(e.Records)+len(e.Pretext) == 0 {
		return fault.New("lab", "there is no finished run to report on")
	}
	page := report.Of(e, e.Table())
	page.Words = words
	var html bytes.Buffer
	if err := page.Write(&html); err != nil {
		return err
	}
	l.report(run.ReportMade{HTML: html.Bytes(), Problems: p.Problems})
	return nil
}
