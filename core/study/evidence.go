package study

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"quarterturn/core/durable"
	"quarterturn/core/fault"
	"quarterturn/core/measure"
	"quarterturn/core/run"
	"quarterturn/core/runs"
	"quarterturn/core/verdict"
)

// Evidence is what a report is made of: runs, by themselves or in the folders of
// studies.
type Evidence struct {
	Records []*runs.Record // Of naming pictures, finished, on the same pictures.
	Pretext []*runs.Record // Of guessing turns, finished or not.
	Starts  []StartLayout
	Groups  []*Group // Of Records.
	Notes   []string // What is left out, and why.
}

// A StartLayout is how the checkpoint of an arm lays pictures out.
type StartLayout struct {
	Arm       string
	Embedding *measure.Embedding
}

// Collect reads folders of runs and of studies. What cannot be used is in Notes.
func Collect(disk durable.Files, folders []string) *Evidence {
	var e Evidence
	for _, folder := range folders {
		if durable.Has(disk, folder, PlanFile) {
			e.addStudy(disk, folder)
		} else {
			e.addRun(disk, folder)
		}
	}
	e.keepOneData()
	e.group()
	return &e
}

// addStudy adds what is in the folder of a study. Trials are no evidence.
func (e *Evidence) addStudy(disk durable.Files, folder string) {
	for _, part := range []Part{OfPretext, OfRuns} {
		for _, name := range e.list(disk, filepath.Join(folder, string(part))) {
			if !strings.HasPrefix(name, ".") {
				e.addRun(disk, filepath.Join(folder, string(part), name))
			}
		}
	}
	for _, name := range e.list(disk, filepath.Join(folder, startsFolder)) {
		path := filepath.Join(folder, startsFolder, name)
		if layout, err := runs.ReadEmbedding(disk, path); err == nil {
			e.Starts = append(e.Starts, StartLayout{name, layout})
		} else if !durable.IsMissing(err) {
			e.note("%s in %s is left out: %s", runs.EmbeddingFile, path, fault.Reason(err))
		}
	}
}

// list returns what is in a folder, or says why that cannot be read. One that is not
// there is empty.
func (e *Evidence) list(disk durable.Files, folder string) []string {
	names, err := disk.List(folder)
	if err != nil && !durable.IsMissing(err) {
		e.note("left out: %s", fault.Reason(err))
	}
	return names
}

func (e *Evidence) note(format string, args ...any) {
	e.Notes = append(e.Notes, fmt.Sprintf(format, args...))
}

// addRun adds one run, or says why not.
func (e *Evidence) addRun(disk durable.Files, folder string) {
	r, err := runs.Read(disk, folder)
	if err != nil {
		e.note("left out: %s", fault.Reason(err))
		return
	}
	e.Notes = append(e.Notes, r.Notes...)
	switch {
	case r.Spec.Config.Task == run.Pretext && len(r.History) > 0:
		if !r.Finished {
			e.note("%s is not finished: it is at epoch %d of %d", folder, r.Last().Epoch, r.Spec.Config.Epochs)
		}
		e.Pretext = append(e.Pretext, r)
	case !r.Finished:
		e.note("left out: %s is not finished: it is at epoch %d of %d", folder, r.Last().Epoch, r.Spec.Config.Epochs)
	case tested(r) == 0:
		e.note("left out: %s had no pictures to be tested on", folder)
	default:
		e.Records = append(e.Records, r)
	}
}

// keepOneData leaves out runs that cannot be compared with most of the others. Test
// pictures of another size are others to the sum of their bytes, but may be made of the
// same: only among runs of one size does it tell.
func (e *Evidence) keepOneData() {
	all := func(*runs.Record) int { return 0 }
	e.keepMost(all, func(r *runs.Record) string { return fmt.Sprint(tested(r)) })
	e.keepMost(all, func(r *runs.Record) string { return strings.Join(classesOf(r), "\x00") })
	e.keepMost(func(r *runs.Record) int { return r.Spec.Config.Side }, func(r *runs.Record) string { return r.Spec.TestPictures })
}

// keepMost leaves out runs of a kind whose trait is not that of the most. An empty one
// is not known, and fits all.
func (e *Evidence) keepMost(kind func(*runs.Record) int, trait func(*runs.Record) string) {
	type group struct {
		kind  int
		trait string
	}
	count := map[group]int{}
	most := map[int]*runs.Record{}
	for _, r := range e.Records {
		g := group{kind(r), trait(r)}
		if g.trait == "" {
			continue
		}
		count[g]++
		if best := most[g.kind]; best == nil || count[g] > count[group{g.kind, trait(best)}] {
			most[g.kind] = r
		}
	}
	e.Records = slices.DeleteFunc(e.Records, func(r *runs.Record) bool {
		if trait(r) == "" || trait(r) == trait(most[kind(r)]) {
			return false
		}
		e.note("left out: %s was measured on %s: make a report of its own", r.Folder, unlike(r, most[kind(r)]))
		return true
	})
}

// unlike says how the pictures that a run was measured on differ from those of others.
func unlike(r, most *runs.Record) string {
	mine, others := MeasuredOn(r), MeasuredOn(most)
	switch {
	case mine != others:
		return mine + ", the others on " + others
	case !slices.Equal(classesOf(r), classesOf(most)):
		return mine + " too, but of other classes than the others"
	}
	return mine + " too, but on other ones than the others"
}

// MeasuredOn says what a run was measured on, as far as its folder tells. The path of
// the data would not do: runs of different machines have different ones.
func MeasuredOn(r *runs.Record) string {
	text := fmt.Sprintf("%d test pictures", tested(r))
	if r.Confusion != nil {
		text += fmt.Sprintf(" of %d classes", len(r.Confusion.Classes))
	}
	return text
}

// tested counts the pictures that a run was measured on.
func tested(r *runs.Record) int {
	_, examples := r.Tested()
	return examples
}

// classesOf returns the names of the classes, or nil where they are not known.
func classesOf(r *runs.Record) []string {
	if r.Confusion == nil {
		return nil
	}
	return r.Confusion.Classes
}

// Table computes what the groups came to.
func (e *Evidence) Table() *verdict.Table {
	var names []string
	var results []verdict.Result
	for _, a := range e.Groups {
		names = append(names, a.Name)
		for _, r := range a.Records {
			right, examples := r.Tested()
			results = append(results, verdict.Result{
				Arm: a.Name, Labels: r.Spec.Config.LabelsPerClass, Seed: r.Spec.Config.Seed,
				Right: right, Examples: examples, Answers: r.Answers, Pretext: r.Spec.Begins(),
			})
		}
	}
	return verdict.Summarize(names, results)
}

// Findings are the comparisons that are worth a sentence.
func (e *Evidence) Findings(t *verdict.Table) []verdict.Comparison {
	kinds := map[string]verdict.Kind{}
	for _, a := range e.Groups {
		kinds[a.Name] = a.Kind()
	}
	return t.Findings(func(arm string) verdict.Kind { return kinds[arm] })
}
