package main

import (
	"fmt"
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
	records []*runRecord // Of naming pictures, finished, on the same pictures.
	pretext []*runRecord // Of guessing turns, finished or not.
	starts  []startLayout
	arms    []*arm
	notes   []string // What is left out, and why.
}

// A startLayout is how the checkpoint of an arm lays pictures out.
type startLayout struct {
	arm       string
	embedding *embedding
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

// keepOneData leaves out runs that cannot be compared with most of the others.
func (e *evidence) keepOneData() {
	count := map[string]int{}
	var most *runRecord
	for _, r := range e.records {
		key := r.pictures() + fmt.Sprint(r.classes())
		count[key]++
		if most == nil || count[key] > count[most.pictures()+fmt.Sprint(most.classes())] {
			most = r
		}
	}
	e.records = slices.DeleteFunc(e.records, func(r *runRecord) bool {
		same := r.last().Examples == most.last().Examples &&
			(r.classes() == nil || most.classes() == nil || slices.Equal(r.classes(), most.classes()))
		if !same {
			e.note("left out: %s was measured on %s, the others on %s: make a report of its own", r.folder, r.pictures(), most.pictures())
		}
		return !same
	})
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

// findings are the comparisons that are worth a sentence.
func (e *evidence) findings(t *experiment.Table) []experiment.Comparison {
	kinds := map[string]experiment.Kind{}
	for _, a := range e.arms {
		kinds[a.name] = a.kind()
	}
	return t.Findings(func(arm string) experiment.Kind { return kinds[arm] })
}
