package report

import (
	"cmp"
	"fmt"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"quarterturn/core/internal/printable"
	"quarterturn/core/run"
	"quarterturn/core/runs"
	"quarterturn/core/study"
	"quarterturn/core/verdict"
)

// factsOf are how an arm was trained, and in which of the differing circumstances.
func factsOf(a *study.Group, differing []string) Facts {
	s := a.Records[0].Spec
	c := s.Config
	list := []Fact{{Name: "starts from", Value: startsOf(a)}, {Name: "network", Value: c.Network.String()}}
	if s.Reading != nil {
		list = append(list, Fact{Name: "trains", Value: "nothing of the network"}, Fact{Name: "reads", Value: s.Reading.Describe(len(c.Network.Blocks))})
	} else {
		list = append(list, trainingOf(a)...)
	}
	list = append(list, Fact{Name: "seeds", Value: seedsOf(a)})
	for _, name := range differing {
		if value := valuesOf(a.Records, name); value != "" {
			list = append(list, Fact{name, value})
		}
	}
	return Facts{Title: "Arm " + a.Name, List: list}
}

// trainingOf says what an arm trains and how.
func trainingOf(a *study.Group) []Fact {
	s := a.Records[0].Spec
	c := s.Config
	list := []Fact{{Name: "trains", Value: trainedParts(c)}}
	if s.Probe != "" {
		list = append(list, Fact{Name: "probe", Value: printable.Text(s.Probe)})
	}
	list = append(list, Fact{Name: "optimizer", Value: "SGD with Nesterov's momentum"})
	if len(s.Rates) > 0 {
		list = append(list, Fact{Name: "learning rate", Value: ratesOf(a)})
		list = append(list, settingsOf(c, "rate")...)
	} else {
		list = append(list, settingsOf(c)...)
	}
	return append(list, Fact{Name: "epochs", Value: epochsOf(a)})
}

// startsOf says what the runs of an arm begin with: one network, or several that their
// study trained.
func startsOf(a *study.Group) string {
	s := a.Records[0].Spec
	switch {
	case s.From == "":
		return "random weights"
	case s.PretextSeed != 0:
		var seeds []uint64
		for _, r := range a.Records {
			if seed := r.Spec.PretextSeed; !slices.Contains(seeds, seed) {
				seeds = append(seeds, seed)
			}
		}
		return verdict.Count(len(seeds), "pretext network") + " of its own, dealt out among the seeds"
	case s.Start == "":
		return printable.Text(s.From)
	}
	return printable.Text(s.From) + ", SHA-256 " + printable.Text(s.Start)
}

// ratesOf lists the rates that trials chose for the budgets of an arm.
func ratesOf(a *study.Group) string {
	chosen := byBudget(a, func(c run.Config) any { return c.LearningRate })
	tried := strings.Trim(strings.ReplaceAll(fmt.Sprint(a.Records[0].Spec.Rates), " ", ", "), "[]")
	return chosen + "; of " + tried + ", chosen by the pictures held out for validation"
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

// settingsOf lists the settings that the runs of an arm share and that no other fact
// tells, but for some.
func settingsOf(c run.Config, but ...string) (list []Fact) {
	told := []string{"task", "blocks", "width", "hidden", "first-stage", "stage-decay", "epochs", "labels-per-class", "seed", "evaluate-every"}
	for _, d := range run.Describe(c) {
		if !slices.Contains(told, d.Name) && !slices.Contains(but, d.Name) {
			list = append(list, Fact{Name: d.Label, Value: d.Words})
		}
	}
	return list
}

// epochsOf lists how long the runs of each budget are.
func epochsOf(a *study.Group) string {
	return byBudget(a, func(c run.Config) any { return c.Epochs })
}

// byBudget lists what a setting is with each budget of an arm.
func byBudget(a *study.Group, value func(run.Config) any) string {
	var parts []string
	for _, r := range a.Records {
		c := r.Spec.Config
		text := fmt.Sprintf("%v with %s", value(c), verdict.Budget(c.LabelsPerClass))
		if !slices.Contains(parts, text) {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, ", ")
}

func seedsOf(a *study.Group) string {
	var seeds []uint64
	for _, r := range a.Records {
		if seed := r.Spec.Config.Seed; !slices.Contains(seeds, seed) {
			seeds = append(seeds, seed)
		}
	}
	slices.Sort(seeds)
	return strings.Trim(fmt.Sprint(seeds), "[]")
}

// circumstancesOf are what a run was made with, besides its settings.
func circumstancesOf(s runs.Spec) []Fact {
	list := []Fact{
		{"pictures", s.Data},
		{"test pictures", s.Test},
		{"pictures used", ""},
		{"held out", fmt.Sprintf("%v, where the data has no test pictures, chosen by seed %d", s.HoldOut, s.ChoosesBy())},
		{"backend", runs.BackendKind(s.Backend)},
		{"hardware", ""},
		{"program", programOf(s.Program)},
		{"processor", processorOf(s)},
		{"validation", ""},
	}
	if s.Validation > 0 {
		list[8].Value = fmt.Sprintf("%v of each class's training pictures, chosen by seed %d", s.Validation, s.ChoosesBy())
	}
	if s.Limit > 0 {
		list[2].Value = fmt.Sprint(s.Limit)
	}
	if h := s.Hardware.Standard(); h != (runs.Hardware{}) {
		list[5].Value = fmt.Sprintf("%d devices, precision %s", max(h.Devices, 1), cmp.Or(string(h.Precision), "float32"))
	}
	return list
}

// programOf says what began a run. Runs from before that was written say nothing.
func programOf(p runs.Program) string {
	if p.Version == "" {
		return ""
	}
	text := "Quarterturn " + p.Version
	if p.GoMLX != "" {
		text += ", GoMLX " + p.GoMLX
	}
	return text + ", " + p.Go
}

// processorOf is the processor that a run began on, and how much of it was used.
func processorOf(s runs.Spec) string {
	if s.Program.CPU == "" {
		return ""
	}
	threads := s.Program.Threads
	_, options, _ := strings.Cut(s.Backend, ":")
	for option := range strings.SplitSeq(options, ",") {
		if n, ok := strings.CutPrefix(option, "threads="); ok {
			threads, _ = strconv.Atoi(n)
		}
	}
	return fmt.Sprintf("%s, %s", s.Program.CPU, verdict.Count(threads, "thread"))
}

// circumstances returns those that all runs share, and the names of the others:
// runs of one report may come from several machines.
func (e found) circumstances() (shared []Fact, differing []string) {
	records := e.Records
	if len(records) == 0 {
		records = e.Pretext
	}
	if len(records) == 0 {
		return nil, nil
	}
	for i, f := range circumstancesOf(records[0].Spec) {
		same := !slices.ContainsFunc(records, func(r *runs.Record) bool { return circumstancesOf(r.Spec)[i] != f })
		switch {
		case !same:
			differing = append(differing, f.Name)
		case f.Value != "":
			shared = append(shared, Fact{f.Name, printable.Text(f.Value)})
		}
	}
	return shared, differing
}

// unsaid is what no value stands for, where it is not the default.
var unsaid = map[string]string{"program": "not recorded", "processor": "not recorded"}

// valuesOf lists what a circumstance was in runs.
func valuesOf(records []*runs.Record, name string) string {
	var values []string
	for _, r := range records {
		for _, f := range circumstancesOf(r.Spec) {
			if value := cmp.Or(f.Value, unsaid[f.Name], "the default"); f.Name == name && !slices.Contains(values, value) {
				values = append(values, value)
			}
		}
	}
	return printable.Text(strings.Join(values, "; "))
}

// facts are what is needed to do all of it again.
func (e found) facts(shared []Fact) Facts {
	var list []Fact
	for _, r := range slices.Concat(e.Pretext, e.Records) {
		if len(list) > 40 {
			break // Runs that were started one by one: the table below has them.
		}
		if f := (Fact{"command", printable.Text("quarterturn " + runs.Quoted(r.Spec.Command))}); !slices.Contains(list, f) {
			list = append(list, f)
		}
	}
	return Facts{Title: "All", List: slices.Concat(list, shared, timesOf(slices.Concat(e.Pretext, e.Records)), writer())}
}

// timesOf says when runs were made, and how long that took them.
func timesOf(records []*runs.Record) (list []Fact) {
	var all runs.Timing
	told := 0
	for _, r := range records {
		t := r.Timing
		if t.Begun.IsZero() {
			continue
		}
		if told == 0 || t.Begun.Before(all.Begun) {
			all.Begun = t.Begun
		}
		if t.Ended.After(all.Ended) {
			all.Ended = t.Ended
		}
		all.Worked += t.Worked
		all.AtLeast = all.AtLeast || t.AtLeast
		told++
	}
	if told == 0 {
		return nil
	}
	return []Fact{
		{"begun", moment(all.Begun)}, {"ended", moment(all.Ended)},
		{"time at work", fmt.Sprintf("%s, of %s; those at work at the same time count each", lasting(all), verdict.Count(told, "run"))},
	}
}

// moment writes a time the same wherever the report is made.
func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// lasting writes how long a run was at work.
func lasting(t runs.Timing) string {
	d := t.Worked.Round(time.Second)
	text := fmt.Sprintf("%d s", int(d.Seconds()))
	switch {
	case d >= time.Hour:
		text = fmt.Sprintf("%d h %02d min", int(d.Hours()), int(d.Minutes())%60)
	case d >= time.Minute:
		text = fmt.Sprintf("%d min %02d s", int(d.Minutes()), int(d.Seconds())%60)
	}
	if t.AtLeast {
		return "at least " + text
	}
	return text
}

// writer is what made this report.
func writer() []Fact {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return nil
	}
	parts := []string{info.GoVersion}
	for _, m := range info.Deps {
		if strings.HasPrefix(m.Path, "github.com/gomlx/") {
			parts = append(parts, m.Path+" "+m.Version)
		}
	}
	return []Fact{{"report written by", strings.Join(parts, ", ")}}
}

// runs lists all runs, those of the pretext task last.
func (e found) runs() *Grid {
	g := &Grid{Head: []string{"Run", "Arm", "Labels a class", "Seed", "Epochs", "Accuracy", "Begun", "At work"}}
	for _, a := range e.Groups {
		for _, r := range a.Records {
			g.Rows = append(g.Rows, runRow(r, a.Name, verdict.ShortBudget(r.Spec.Config.LabelsPerClass)))
		}
	}
	for _, r := range e.Pretext {
		g.Rows = append(g.Rows, runRow(r, "guessing turns", "–"))
	}
	if len(g.Rows) == 0 {
		return nil
	}
	return g
}

func runRow(r *runs.Record, arm, labels string) []string {
	c := r.Spec.Config
	right, all := r.Tested() // Not of runs that go on: those are at their last evaluation.
	if all == 0 {
		right, all = runs.RightOf(r.Last()), r.Last().Examples
	}
	row := []string{
		printable.Text(r.Folder), arm, labels, fmt.Sprint(c.Seed), fmt.Sprint(c.Epochs),
		fmt.Sprintf("%.2f %% of %d", 100*float64(right)/float64(max(all, 1)), all), "–", "–",
	}
	if t := r.Timing; !t.Begun.IsZero() {
		row[6], row[7] = moment(t.Begun), lasting(t)
	}
	return row
}
