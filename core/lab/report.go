package lab

import (
	"bytes"

	"quarterturn/core/fault"
	"quarterturn/core/internal/printable"
	"quarterturn/core/measure"
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
	for _, m := range c.Maps {
		drawn, err := l.drawn(m)
		if err != nil {
			return err
		}
		page.Layouts = append(page.Layouts, drawn)
	}
	var html bytes.Buffer
	if err := page.Write(&html); err != nil {
		return err
	}
	l.report(run.ReportMade{HTML: html.Bytes(), Problems: p.Problems})
	return nil
}

// drawn is a map as reports have it, of those of its pictures that are still there.
func (l *Lab) drawn(m run.Drawn) (report.Layout, error) {
	if len(m.IDs) > MaxMapped || len(m.Points) != 2*len(m.IDs) {
		return report.Layout{}, fault.Errorf("lab", "the map of %s has %d coordinates of %d pictures", m.Title, len(m.Points), len(m.IDs))
	}
	drawn := report.Layout{Name: printable.Text(m.Title), Labels: m.Labels, Detail: measure.PartName(m.Stage), Method: "PCA"}
	if m.TSNE {
		drawn.Method = "t-SNE"
	}
	for _, class := range l.collection.classes {
		drawn.Classes = append(drawn.Classes, printable.Text(class))
	}
	for i, id := range m.IDs {
		if it := l.collection.find(id); it != nil {
			drawn.Points = append(drawn.Points, [2]float32{m.Points[2*i], m.Points[2*i+1]})
			drawn.Of = append(drawn.Of, int32(it.class))
		}
	}
	if m.ChancePurity > 0 {
		drawn.Scores = &report.Scores{
			Neighbours: min(measure.DefaultNeighbours, len(m.IDs)-1), ChancePurity: m.ChancePurity,
			FeaturePurity: m.FeaturePurity, FeatureSilhouette: m.FeatureSilhouette, DrawnPurity: m.Purity, DrawnSilhouette: m.Silhouette,
		}
	}
	return drawn, nil
}
