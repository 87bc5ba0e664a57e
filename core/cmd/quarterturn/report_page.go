package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"quarterturn/core/measure"
	"quarterturn/core/report"
	"quarterturn/core/run"
	"quarterturn/core/study"
)

// page makes the report's page. Names of others are made printable: HTML would
// show those that turn the direction of reading.
func (e *evidence) page(table *study.Table) *report.Page {
	p := &report.Page{Title: "Quarterturn: report", Chance: e.chance()}
	if len(table.Cells) > 0 {
		p.Table = table
	}
	p.Summary = e.summary(table)
	for _, v := range e.findings(table) {
		p.Verdicts = append(p.Verdicts, report.Verdict{Text: printable(v.Verdict()), Clear: v.IsClear()})
	}
	for _, labels := range table.Labels {
		for _, a := range e.arms {
			e.addRuns(p, a, labels)
		}
	}
	for _, a := range e.arms {
		p.Arms = append(p.Arms, a.facts())
	}
	e.addLayouts(p, table)
	for _, r := range e.pretext {
		c := r.settings.Config
		p.Turns = append(p.Turns, report.Turns{Name: printable(filepath.Base(r.folder)), Detail: c.Network.String(), History: r.history, Whole: r.finished})
	}
	p.Facts = e.facts()
	p.Runs = e.runs()
	for _, note := range e.notes {
		p.Notes = append(p.Notes, printable(note))
	}
	return p
}

func (e *evidence) summary(t *study.Table) (lines []string) {
	if len(e.records) > 0 {
		r := e.records[0]
		line := fmt.Sprintf("%s on %s: %s, with %s labels of each class, measured on %s.",
			study.Count(len(e.records), "run"), filepath.Base(r.settings.Data), study.Count(len(e.arms), "arm"), budgetNames(t.Labels), r.pictures())
		lines = append(lines, printable(line))
	}
	if len(e.pretext) > 0 {
		lines = append(lines, study.Count(len(e.pretext), "run")+" of the pretext task, guessing quarter turns.")
	}
	return lines
}

func budgetNames(labels []int) string {
	var names []string
	for _, n := range labels {
		names = append(names, study.ShortBudget(n))
	}
	if n := len(names); n > 1 {
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return strings.Join(names, "")
}

// chance is the accuracy of always naming the class of most test pictures, if a
// confusion matrix tells.
func (e *evidence) chance() float64 {
	for _, r := range e.records {
		if r.confusion == nil {
			continue
		}
		_, all := r.confusion.Right()
		most := 0
		for _, row := range r.confusion.Counts {
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
func (e *evidence) addRuns(p *report.Page, a *arm, labels int) {
	course := report.Course{Arm: a.name, Labels: labels}
	mix := report.Mix{Arm: a.name, Labels: labels}
	for _, r := range a.records {
		if r.settings.Config.LabelsPerClass != labels {
			continue
		}
		course.Runs = append(course.Runs, r.history)
		if r.confusion == nil {
			continue
		}
		if mix.Counts == nil {
			mix.Counts = emptyConfusion(r.confusion)
		}
		if err := mix.Counts.Add(r.confusion); err != nil {
			p.Notes = append(p.Notes, printable(fmt.Sprintf("the confusion matrix of %s is left out: %v", r.folder, err)))
			continue
		}
		mix.Runs++
	}
	if len(course.Runs) > 0 {
		p.Courses = append(p.Courses, course)
	}
	if mix.Runs > 0 {
		for i, class := range mix.Counts.Classes {
			mix.Counts.Classes[i] = printable(class)
		}
		p.Mixes = append(p.Mixes, mix)
	}
}

func emptyConfusion(like *measure.Confusion) *measure.Confusion {
	return measure.NewConfusion(slices.Clone(like.Classes), nil, nil)
}

// addLayouts adds the plots: those of the checkpoints first, then each budget's arms.
func (e *evidence) addLayouts(p *report.Page, table *study.Table) {
	for _, s := range e.starts {
		p.Layouts = append(p.Layouts, layoutsOf(s.arm, -1, "", s.embedding)...)
	}
	for _, labels := range table.Labels {
		for _, a := range e.arms {
			for _, r := range a.records {
				if r.embedding != nil && r.settings.Config.LabelsPerClass == labels {
					p.Layouts = append(p.Layouts, layoutsOf(a.name, labels, fmt.Sprintf("seed %d", r.settings.Config.Seed), r.embedding)...)
					break
				}
			}
		}
	}
}

func layoutsOf(name string, labels int, detail string, e *measure.Embedding) (all []report.Layout) {
	var classes []string
	for _, class := range e.Classes {
		classes = append(classes, printable(class))
	}
	method := map[measure.Method]string{measure.TSNE: "t-SNE", measure.PCA: "PCA"}[e.Method]
	for _, m := range e.Models {
		l := report.Layout{
			Name: printable(name), Labels: labels, Detail: measure.PartName(m.Stage), Points: m.Points, Of: e.Labels, Classes: classes, Method: method,
		}
		if detail != "" {
			l.Detail += ", " + detail
		}
		if m.InFeatures != nil && m.InLayout != nil {
			l.Scores = &report.Scores{
				Neighbours: e.Neighbours, ChancePurity: e.ChancePurity,
				FeaturePurity: m.InFeatures.Purity, FeatureSilhouette: m.InFeatures.Silhouette,
				DrawnPurity: m.InLayout.Purity, DrawnSilhouette: m.InLayout.Silhouette,
			}
		}
		all = append(all, l)
	}
	return all
}

// facts are how an arm was trained.
func (a *arm) facts() report.Facts {
	s := a.records[0].settings
	c := s.Config
	from := "random weights"
	if s.From != "" {
		from = printable(s.From)
		if s.Start != "" {
			from += ", SHA-256 " + printable(s.Start)
		}
	}
	list := []report.Fact{{Name: "starts from", Value: from}, {Name: "network", Value: c.Network.String()}, {Name: "trains", Value: trainedParts(c)}}
	if s.Probe != "" {
		list = append(list, report.Fact{Name: "probe", Value: printable(s.Probe)})
	}
	list = append(list,
		report.Fact{Name: "optimizer", Value: fmt.Sprintf("SGD, Nesterov momentum %v, rate %v, %s after %v epochs of warm-up, weight decay %v, batch %d",
			c.Momentum, c.LearningRate, c.Schedule, c.WarmupEpochs, c.WeightDecay, c.BatchSize)},
		report.Fact{Name: "variation", Value: variation(c)},
		report.Fact{Name: "epochs", Value: a.epochs()},
		report.Fact{Name: "seeds", Value: a.seeds()},
	)
	if b, err := json.Marshal(a.key); err == nil {
		list = append(list, report.Fact{Name: "settings", Value: printable(string(b))})
	}
	return report.Facts{Title: "Arm " + a.name, List: list}
}

func trainedParts(c run.Config) string {
	switch {
	case c.FirstStage > len(c.Network.Blocks):
		return "the head alone"
	case c.FirstStage > 0:
		return fmt.Sprintf("stage %d and what is above", c.FirstStage) + decayed(c)
	}
	return "all layers" + decayed(c)
}

func decayed(c run.Config) string {
	if c.StageDecay == 0 || c.StageDecay == 1 {
		return ""
	}
	return fmt.Sprintf(", each part at %v times the rate of the one above", c.StageDecay)
}

// variation says how the pictures are varied, and what is done to results.
func variation(c run.Config) string {
	text := fmt.Sprintf("padded crop %d, scaled crop %d, central crop %d, mirrored: %v", c.PadCrop, c.ScaledCrop, c.CentralCrop, c.Flip)
	if c.OneTurn {
		text += ", in one turn an epoch"
	}
	return text + fmt.Sprintf(", label smoothing %v, average %v", c.LabelSmoothing, c.AverageDecay)
}

// epochs lists how long the runs of each budget are.
func (a *arm) epochs() string {
	var parts []string
	for _, r := range a.records {
		c := r.settings.Config
		text := fmt.Sprintf("%d with %s", c.Epochs, study.Budget(c.LabelsPerClass))
		if !slices.Contains(parts, text) {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, ", ")
}

func (a *arm) seeds() string {
	var seeds []uint64
	for _, r := range a.records {
		if seed := r.settings.Config.Seed; !slices.Contains(seeds, seed) {
			seeds = append(seeds, seed)
		}
	}
	slices.Sort(seeds)
	return strings.Trim(fmt.Sprint(seeds), "[]")
}

// facts are what is needed to do all of it again.
func (e *evidence) facts() report.Facts {
	var list []report.Fact
	add := func(name, value string) {
		f := report.Fact{Name: name, Value: printable(value)}
		if value != "" && !slices.Contains(list, f) {
			list = append(list, f)
		}
	}
	for _, r := range slices.Concat(e.pretext, e.records) {
		if len(list) > 40 {
			break // Runs that were started one by one: the table below has them.
		}
		add("command", "quarterturn "+quoted(r.settings.Command))
	}
	for _, r := range e.records {
		s := r.settings
		add("pictures", s.Data)
		add("test pictures", s.Test)
		if s.Limit > 0 {
			add("pictures used", fmt.Sprint(s.Limit))
		}
		add("held out", fmt.Sprintf("%v, where the data has no test pictures, chosen by seed %d", s.HoldOut, s.dataSeed()))
		add("backend", kindOf(s.Backend))
		if h := s.Hardware.standard(); h != (hardware{}) {
			add("hardware", fmt.Sprintf("%d devices, precision %s", max(h.Devices, 1), cmp.Or(string(h.Precision), "float32")))
		}
		break
	}
	return report.Facts{Title: "All", List: append(list, versions()...)}
}

// quoted writes arguments so that a shell takes them for what they are.
func quoted(args []string) string {
	var words []string
	for _, arg := range args {
		if arg == "" || strings.ContainsAny(arg, " \t\n'\"\\$`*?[](){}<>|&;#~!") {
			arg = "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
		}
		words = append(words, arg)
	}
	return strings.Join(words, " ")
}

// versions are those of what made this report.
func versions() (list []report.Fact) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return nil
	}
	list = append(list, report.Fact{Name: "Go", Value: info.GoVersion})
	for _, m := range info.Deps {
		if strings.HasPrefix(m.Path, "github.com/gomlx/") {
			list = append(list, report.Fact{Name: m.Path, Value: m.Version})
		}
	}
	return list
}

// runs lists all runs.
func (e *evidence) runs() *report.Grid {
	g := &report.Grid{Head: []string{"Run", "Arm", "Labels a class", "Seed", "Epochs", "Accuracy", "Loss (nats)"}}
	for _, a := range e.arms {
		for _, r := range a.records {
			c, last := r.settings.Config, r.last()
			g.Rows = append(g.Rows, []string{
				printable(r.folder), a.name, study.ShortBudget(c.LabelsPerClass), fmt.Sprint(c.Seed), fmt.Sprint(c.Epochs),
				fmt.Sprintf("%.2f %% of %d", 100*last.Accuracy, last.Examples), fmt.Sprintf("%.4f", last.Loss),
			})
		}
	}
	if len(g.Rows) == 0 {
		return nil
	}
	return g
}
