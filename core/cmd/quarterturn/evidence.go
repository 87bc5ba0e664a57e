package main

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"quarterturn/core/experiment"
	"quarterturn/core/run"
	"quarterturn/core/rundir"
)

// Evidence is what a report is made of: runs, by themselves or in the folders of
// comparisons.
type evidence struct {
	records []*record // Of naming pictures, finished, on the same pictures.
	pretext []*record // Of guessing turns, finished or not.
	starts  []startLayout
	arms    []*arm
	notes   []string // What is left out, and why.
}

// A startLayout is how the checkpoint of an arm lays pictures out.
type startLayout struct {
	arm       string
	embedding *embedding
}

// An arm is a group of runs that differ by budget and seed alone.
type arm struct {
	name    string
	trained bool // Starts from a checkpoint.
	records []*record
}

// collect reads folders of runs and of comparisons.
func collect(disk rundir.Files, folders []string) (*evidence, error) {
	var e evidence
	for _, folder := range folders {
		switch {
		case hasFile(disk, folder, experimentFile):
			if err := e.addComparison(disk, folder); err != nil {
				return nil, err
			}
		default:
			e.addRun(disk, folder)
		}
	}
	e.keepOneData()
	e.group()
	return &e, nil
}

func hasFile(disk rundir.Files, folder, name string) bool {
	names, err := disk.List(folder)
	return err == nil && slices.Contains(names, name)
}

// addComparison adds what is in the folder of a comparison.
func (e *evidence) addComparison(disk rundir.Files, folder string) error {
	names, err := disk.List(filepath.Join(folder, "runs"))
	if err != nil && !isMissing(err) {
		return err
	}
	for _, name := range names {
		if !strings.HasPrefix(name, ".") {
			e.addRun(disk, filepath.Join(folder, "runs", name))
		}
	}
	names, err = disk.List(filepath.Join(folder, startsFolder))
	if err != nil && !isMissing(err) {
		return err
	}
	for _, name := range names {
		path := filepath.Join(folder, startsFolder, name)
		if layout, err := readEmbeddingFile(disk, path); err == nil {
			e.starts = append(e.starts, startLayout{name, layout})
		} else if !isMissing(err) {
			e.note("%s in %s is left out: %v", embeddingFile, path, err)
		}
	}
	return nil
}

func (e *evidence) note(format string, args ...any) {
	e.notes = append(e.notes, fmt.Sprintf(format, args...))
}

// addRun adds one run, or says why not.
func (e *evidence) addRun(disk rundir.Files, folder string) {
	r, err := readRecord(disk, folder)
	if err != nil {
		e.note("left out: %v", err)
		return
	}
	e.notes = append(e.notes, r.notes...)
	switch {
	case r.settings.Config.Task == run.Pretext && len(r.history) > 0:
		if !r.finished {
			e.note("%s is not finished: it is at epoch %d of %d", folder, r.last().Epoch, r.settings.Config.Epochs)
		}
		e.pretext = append(e.pretext, r)
	case !r.finished:
		e.note("left out: %s is not finished: it is at epoch %d of %d", folder, r.last().Epoch, r.settings.Config.Epochs)
	case r.last().Examples == 0:
		e.note("left out: %s had no pictures to validate with", folder)
	default:
		e.records = append(e.records, r)
	}
}

// pictures tells apart what accuracies were measured on, as far as a record tells.
// The path would not do: runs of different machines have different ones.
func (r *record) pictures() string {
	classes := ""
	if r.confusion != nil {
		classes = fmt.Sprintf(", of %d classes", len(r.confusion.Classes))
	}
	return fmt.Sprintf("%d test pictures%s", r.last().Examples, classes)
}

// keepOneData leaves out runs that cannot be compared with most of the others.
func (e *evidence) keepOneData() {
	count := map[string]int{}
	most := ""
	for _, r := range e.records {
		count[r.pictures()]++
	}
	for _, key := range slices.Sorted(maps.Keys(count)) {
		if count[key] > count[most] {
			most = key
		}
	}
	e.records = slices.DeleteFunc(e.records, func(r *record) bool {
		other := r.pictures() != most
		if other {
			e.note("left out: %s was measured on %s, the others on %s: make a report of its own", r.folder, r.pictures(), most)
		}
		return other
	})
}

// group finds the arms. Runs whose settings agree but for budget, seed and length
// are one arm; if it then has two runs of one budget and seed, length tells apart too.
func (e *evidence) group() {
	groups := e.groupBy(func(r *record) string { return r.armKey(false) })
	if slices.ContainsFunc(groups, repeats) {
		groups = e.groupBy(func(r *record) string { return r.armKey(true) })
	}
	slices.SortStableFunc(groups, func(a, b *arm) int { return a.rank() - b.rank() })
	nameApart(groups)
	for _, a := range groups {
		a.dropRepeats(e)
	}
	e.arms = groups
}

func (e *evidence) groupBy(key func(*record) string) (arms []*arm) {
	byKey := map[string]*arm{}
	for _, r := range e.records {
		k := key(r)
		if byKey[k] == nil {
			byKey[k] = &arm{name: printable(r.armName()), trained: r.settings.From != ""}
			arms = append(arms, byKey[k])
		}
		byKey[k].records = append(byKey[k].records, r)
	}
	return arms
}

// armKey is equal for runs of one arm.
func (r *record) armKey(withLength bool) string {
	c := r.settings.Config
	c.Seed, c.LabelsPerClass = 0, 0
	if !withLength {
		c.Epochs, c.WarmupEpochs = 0, 0
	}
	return fmt.Sprintf("%q %q %+v %d", r.settings.Arm, r.settings.From, c, r.settings.Limit)
}

// armName is what a run's arm is called, if that is enough to tell it apart.
func (r *record) armName() string {
	s := r.settings
	switch {
	case s.Arm != "":
		return s.Arm
	case s.From != "":
		return "transfer"
	case s.Config.FirstStage > len(s.Config.Network.Blocks):
		return experiment.RandomFrozen
	}
	return experiment.Scratch
}

// rank puts what was trained before first, and what learns nothing last.
func (a *arm) rank() int {
	switch {
	case a.trained:
		return 0
	case a.records[0].settings.Config.FirstStage == 0:
		return 1
	}
	return 2
}

func repeats(a *arm) bool {
	seen := map[[2]uint64]bool{}
	for _, r := range a.records {
		key := [2]uint64{uint64(r.settings.Config.LabelsPerClass), r.settings.Config.Seed}
		if seen[key] {
			return true
		}
		seen[key] = true
	}
	return false
}

// dropRepeats leaves out runs that an earlier one is the same as.
func (a *arm) dropRepeats(e *evidence) {
	seen := map[[2]uint64]string{}
	a.records = slices.DeleteFunc(a.records, func(r *record) bool {
		key := [2]uint64{uint64(r.settings.Config.LabelsPerClass), r.settings.Config.Seed}
		if first, there := seen[key]; there {
			e.note("left out: %s has the settings of %s", r.folder, first)
			return true
		}
		seen[key] = r.folder
		return false
	})
}

// nameApart gives arms of the same name what they differ by, or else a number.
func nameApart(arms []*arm) {
	count := map[string]int{}
	for _, a := range arms {
		count[a.name]++
	}
	used := map[string]bool{}
	for _, a := range arms {
		if count[a.name] > 1 {
			a.name = a.name + " (" + a.details(arms) + ")"
		}
		for base, n := a.name, 2; used[a.name]; n++ {
			a.name = fmt.Sprintf("%s #%d", base, n)
		}
		used[a.name] = true
	}
}

// details lists settings of an arm that its namesakes do not all share.
func (a *arm) details(arms []*arm) string {
	mine := a.described()
	var differ []string
	for i, text := range mine {
		for _, b := range arms {
			if b.records[0].armName() == a.records[0].armName() && b.described()[i] != text {
				differ = append(differ, text)
				break
			}
		}
	}
	if len(differ) == 0 {
		return filepath.Base(filepath.Dir(a.records[0].folder))
	}
	return strings.Join(differ, ", ")
}

// described are the settings by which people tell arms apart.
func (a *arm) described() []string {
	s := a.records[0].settings
	c := s.Config
	from := "random weights"
	if s.From != "" {
		from = "from " + filepath.Base(filepath.Dir(s.From)) + "/" + filepath.Base(s.From)
	}
	return []string{
		from, c.Network.String(), fmt.Sprintf("first stage %d", c.FirstStage), fmt.Sprintf("%d epochs", c.Epochs),
		fmt.Sprintf("rate %v", c.LearningRate), fmt.Sprintf("batch %d", c.BatchSize), fmt.Sprintf("side %d", c.Side), fmt.Sprintf("limit %d", s.Limit),
	}
}

// table computes what the arms came to.
func (e *evidence) table() *experiment.Table {
	var names []string
	var results []experiment.Result
	for _, a := range e.arms {
		names = append(names, a.name)
		for _, r := range a.records {
			results = append(results, experiment.Result{
				Arm: a.name, Labels: r.settings.Config.LabelsPerClass, Seed: r.settings.Config.Seed,
				Right: rightOf(r.last()), Examples: r.last().Examples,
			})
		}
	}
	return experiment.Summarize(names, results)
}

// isTrained reports whether an arm starts from a checkpoint.
func (e *evidence) isTrained(name string) bool {
	return slices.ContainsFunc(e.arms, func(a *arm) bool { return a.name == name && a.trained })
}

// findings are the comparisons that are worth a sentence.
func (e *evidence) findings(t *experiment.Table) []experiment.Comparison {
	return t.Findings(e.isTrained)
}
