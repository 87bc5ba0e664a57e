package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"quarterturn/core/durable"
	"quarterturn/core/measure"
	"quarterturn/core/run"
	"quarterturn/core/study"
)

// Evidence is what a report is made of: runs, by themselves or in the folders of
// comparisons.
type evidence struct {
	records []*runRecord // Of naming pictures, finished, on the same pictures.
	pretext []*runRecord // Of guessing turns, finished or not.
	starts  []startLayout
	arms    []*arm
	notes   []string // What is left out, and why.
}

// A startLayout is how the checkpoint of an arm lays pictures out.
type startLayout struct {
	arm       string
	embedding *measure.Embedding
}

// collect reads folders of runs and of comparisons.
func collect(disk durable.Files, folders []string) *evidence {
	var e evidence
	for _, folder := range folders {
		if hasFile(disk, folder, experimentFile) {
			e.addComparison(disk, folder)
		} else {
			e.addRun(disk, folder)
		}
	}
	e.keepOneData()
	e.group()
	return &e
}

func hasFile(disk durable.Files, folder, name string) bool {
	names, err := disk.List(folder)
	return err == nil && slices.Contains(names, name)
}

// addComparison adds what is in the folder of a comparison.
func (e *evidence) addComparison(disk durable.Files, folder string) {
	for _, name := range e.list(disk, filepath.Join(folder, "runs")) {
		if !strings.HasPrefix(name, ".") {
			e.addRun(disk, filepath.Join(folder, "runs", name))
		}
	}
	for _, name := range e.list(disk, filepath.Join(folder, startsFolder)) {
		path := filepath.Join(folder, startsFolder, name)
		if layout, err := readEmbeddingFile(disk, path); err == nil {
			e.starts = append(e.starts, startLayout{name, layout})
		} else if !isMissing(err) {
			e.note("%s in %s is left out: %v", embeddingFile, path, err)
		}
	}
}

// list returns what is in a folder, or says why that cannot be read. One that is not
// there is empty.
func (e *evidence) list(disk durable.Files, folder string) []string {
	names, err := disk.List(folder)
	if err != nil && !isMissing(err) {
		e.note("left out: %v", err)
	}
	return names
}

func (e *evidence) note(format string, args ...any) {
	e.notes = append(e.notes, fmt.Sprintf(format, args...))
}

// addRun adds one run, or says why not.
func (e *evidence) addRun(disk durable.Files, folder string) {
	r, err := readRunRecord(disk, folder)
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

// keepOneData leaves out runs that cannot be compared with most of the others. Test
// pictures of another size are others to the sum of their bytes, but may be made of the
// same: only among runs of one size does it tell.
func (e *evidence) keepOneData() {
	all := func(*runRecord) int { return 0 }
	e.keepMost(all, func(r *runRecord) string { return fmt.Sprint(r.last().Examples) })
	e.keepMost(all, func(r *runRecord) string { return strings.Join(r.classes(), "\x00") })
	e.keepMost(func(r *runRecord) int { return r.settings.Config.Side }, func(r *runRecord) string { return r.settings.TestPictures })
}

// keepMost leaves out runs of a kind whose trait is not that of the most. An empty one
// is not known, and fits all.
func (e *evidence) keepMost(kind func(*runRecord) int, trait func(*runRecord) string) {
	type group struct {
		kind  int
		trait string
	}
	count := map[group]int{}
	most := map[int]*runRecord{}
	for _, r := range e.records {
		g := group{kind(r), trait(r)}
		if g.trait == "" {
			continue
		}
		count[g]++
		if best := most[g.kind]; best == nil || count[g] > count[group{g.kind, trait(best)}] {
			most[g.kind] = r
		}
	}
	e.records = slices.DeleteFunc(e.records, func(r *runRecord) bool {
		if trait(r) == "" || trait(r) == trait(most[kind(r)]) {
			return false
		}
		e.note("left out: %s was measured on %s: make a report of its own", r.folder, r.unlike(most[kind(r)]))
		return true
	})
}

// unlike says how the pictures that a run was measured on differ from those of others.
func (r *runRecord) unlike(most *runRecord) string {
	mine, others := r.pictures(), most.pictures()
	switch {
	case mine != others:
		return mine + ", the others on " + others
	case !slices.Equal(r.classes(), most.classes()):
		return mine + " too, but of other classes than the others"
	}
	return mine + " too, but on other ones than the others"
}

// pictures says what a run was measured on, as far as its folder tells. The path of
// the data would not do: runs of different machines have different ones.
func (r *runRecord) pictures() string {
	text := fmt.Sprintf("%d test pictures", r.last().Examples)
	if r.confusion != nil {
		text += fmt.Sprintf(" of %d classes", len(r.confusion.Classes))
	}
	return text
}

// classes returns the names of the classes, or nil where they are not known.
func (r *runRecord) classes() []string {
	if r.confusion == nil {
		return nil
	}
	return r.confusion.Classes
}

// table computes what the arms came to.
func (e *evidence) table() *study.Table {
	var names []string
	var results []study.Result
	for _, a := range e.arms {
		names = append(names, a.name)
		for _, r := range a.records {
			results = append(results, study.Result{
				Arm: a.name, Labels: r.settings.Config.LabelsPerClass, Seed: r.settings.Config.Seed,
				Right: rightOf(r.last()), Examples: r.last().Examples,
			})
		}
	}
	return study.Summarize(names, results)
}

// findings are the comparisons that are worth a sentence.
func (e *evidence) findings(t *study.Table) []study.Comparison {
	kinds := map[string]study.Kind{}
	for _, a := range e.arms {
		kinds[a.name] = a.kind()
	}
	return t.Findings(func(arm string) study.Kind { return kinds[arm] })
}
