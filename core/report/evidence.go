package report

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"quarterturn/core/exam"
	"quarterturn/core/internal/printable"
	"quarterturn/core/measure"
	"quarterturn/core/runs"
	"quarterturn/core/study"
	"quarterturn/core/verdict"
)

// Of makes the page of what was found. Names of others are made printable: HTML
// would show those that turn the direction of reading.
func Of(e *study.Evidence, table *verdict.Table) *Page {
	f := found{e}
	p := &Page{Title: "Quarterturn: report", Chance: f.chance()}
	if len(table.Cells) > 0 {
		p.Table = table
	}
	p.Summary = f.summary(table)
	p.Apart = slices.ContainsFunc(e.Records, (*runs.Record).IsApart)
	for _, v := range e.Findings(table) {
		p.Verdicts = append(p.Verdicts, Verdict{Text: printable.Text(v.Verdict()), Clear: v.IsClear()})
	}
	for _, labels := range table.Labels {
		for _, a := range e.Groups {
			f.addRuns(p, a, labels)
		}
	}
	shared, differing := f.circumstances()
	for _, a := range e.Groups {
		p.Arms = append(p.Arms, factsOf(a, differing))
	}
	f.addLayouts(p, table)
	for _, r := range e.Pretext {
		c := r.Spec.Config
		turns := Turns{Name: printable.Text(filepath.Base(r.Folder)), Detail: c.Network.String(), History: r.History, Whole: r.Finished}
		if r.Answers != nil && r.IsApart() { // Else the last evaluation is of the same pictures.
			score := measure.ScoreOf(r.Answers.Score())
			turns.Test = &score
		}
		p.Turns = append(p.Turns, turns)
	}
	p.Facts = f.facts(shared)
	p.Runs = f.runs()
	for _, note := range e.Notes {
		p.Notes = append(p.Notes, printable.Text(note))
	}
	return p
}

// found is the evidence as a page tells it.
type found struct{ *study.Evidence }

func (e found) summary(t *verdict.Table) (lines []string) {
	if len(e.Records) > 0 {
		r := e.Records[0]
		line := fmt.Sprintf("%s on %s: %s, with %s labels of each class, measured on %s.",
			verdict.Count(len(e.Records), "run"), filepath.Base(r.Spec.Data), verdict.Count(len(e.Groups), "arm"), budgetNames(t.Labels), study.MeasuredOn(r))
		lines = append(lines, printable.Text(line))
	}
	if len(e.Pretext) > 0 {
		lines = append(lines, verdict.Count(len(e.Pretext), "run")+" of the pretext task, guessing quarter turns.")
	}
	return lines
}

func budgetNames(labels []int) string {
	var names []string
	for _, n := range labels {
		names = append(names, verdict.ShortBudget(n))
	}
	if n := len(names); n > 1 {
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return strings.Join(names, "")
}

// chance is the accuracy of always naming the class of most test pictures, if a
// confusion matrix tells.
func (e found) chance() float64 {
	for _, r := range e.Records {
		if r.Confusion == nil {
			continue
		}
		_, all := r.Confusion.Right()
		most := 0
		for _, row := range r.Confusion.Counts {
			n := 0
			for _, count := range row {
				n += count
			}
			most = max(most, n)
		}
		return float64(most) / float64(max(all, 1))
	}
	return 0
}

// addRuns adds the curves and the confusion matrix of an arm with a budget.
func (e found) addRuns(p *Page, a *study.Group, labels int) {
	course := Course{Arm: a.Name, Labels: labels}
	mix := Mix{Arm: a.Name, Labels: labels}
	for _, r := range a.Records {
		if r.Spec.Config.LabelsPerClass != labels {
			continue
		}
		course.Runs = append(course.Runs, r.History)
		if r.Confusion == nil {
			continue
		}
		if mix.Counts == nil {
			mix.Counts = emptyConfusion(r.Confusion)
		}
		if err := mix.Counts.Add(r.Confusion); err != nil {
			p.Notes = append(p.Notes, printable.Text(fmt.Sprintf("the confusion matrix of %s is left out: %v", r.Folder, err)))
			continue
		}
		mix.Runs++
	}
	if len(course.Runs) > 0 {
		p.Courses = append(p.Courses, course)
	}
	if mix.Runs > 0 {
		for i, class := range mix.Counts.Classes {
			mix.Counts.Classes[i] = printable.Text(class)
		}
		p.Mixes = append(p.Mixes, mix)
	}
}

func emptyConfusion(like *exam.Confusion) *exam.Confusion {
	return exam.NewConfusion(slices.Clone(like.Classes), nil, nil)
}

// addLayouts adds the plots: those of the checkpoints first, then each budget's arms.
func (e found) addLayouts(p *Page, table *verdict.Table) {
	for _, s := range e.Starts {
		p.Layouts = append(p.Layouts, layoutsOf(s.Arm, -1, "", s.Embedding)...)
	}
	for _, labels := range table.Labels {
		for _, a := range e.Groups {
			for _, r := range a.Records {
				if r.Embedding != nil && r.Spec.Config.LabelsPerClass == labels {
					p.Layouts = append(p.Layouts, layoutsOf(a.Name, labels, fmt.Sprintf("seed %d", r.Spec.Config.Seed), r.Embedding)...)
					break
				}
			}
		}
	}
}

func layoutsOf(name string, labels int, detail string, e *measure.Embedding) (all []Layout) {
	var classes []string
	for _, class := range e.Classes {
		classes = append(classes, printable.Text(class))
	}
	method := map[measure.Method]string{measure.TSNE: "t-SNE", measure.PCA: "PCA"}[e.Method]
	for _, m := range e.Models {
		l := Layout{
			Name: printable.Text(name), Labels: labels, Detail: measure.PartName(m.Stage), Points: m.Points, Of: e.Labels, Classes: classes, Method: method,
		}
		if detail != "" {
			l.Detail += ", " + detail
		}
		if m.InFeatures != nil && m.InLayout != nil {
			l.Scores = &Scores{
				Neighbours: e.Neighbours, ChancePurity: e.ChancePurity,
				FeaturePurity: m.InFeatures.Purity, FeatureSilhouette: m.InFeatures.Silhouette,
				DrawnPurity: m.InLayout.Purity, DrawnSilhouette: m.InLayout.Silhouette,
			}
		}
		all = append(all, l)
	}
	return all
}
