package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"quarterturn/core/cmd/internal/files"
	"quarterturn/core/cmd/internal/term"
	"quarterturn/core/dataset"
	"quarterturn/core/durable"
	"quarterturn/core/internal/printable"
	"quarterturn/core/project"
	"quarterturn/core/run"
	"quarterturn/core/runs"
	"quarterturn/core/verdict"
)

const projectHelp = `project FILE.qtproject
       quarterturn project unpack FILE.qtproject FOLDER
       quarterturn project pack FOLDER FILE.qtproject [--data PICTURES]

Looks into a project file, as the page saves it, makes a folder of one, or makes one
of a folder of runs, which the page then opens.

An unpacked project has pictures/train and pictures/test with a folder for each class,
which other tools read too, and runs, a folder for each as finetune makes them. A
project, packed or not, is also a place for pictures and runs of other commands:

  quarterturn finetune --resume FILE.qtproject --run NAME    go on with a run of it
  quarterturn compare --data FILE.qtproject --from …         use its pictures
  quarterturn report FILE.qtproject                          a report of its runs

pack takes the folder of a run, of a comparison, or one that has such folders. Name
the pictures that the runs had with --data: without pictures the page shows the runs,
and cannot go on with them.`

// projectFile is the command project.
func projectFile(_ context.Context, t *term.Terminal, args []string) error {
	flags := newFlags(t, "project", projectHelp)
	data := dataFlags{}
	flags.StringVar(&data.path, "data", "", "`pictures` that the runs had, for pack, as finetune takes them")
	flags.StringVar(&data.test, "test", "", "test `pictures`, as the runs had them")
	data.how.add(flags)
	words, err := parseMixed(flags, args)
	if err != nil {
		return err
	}
	if len(words) == 0 {
		return usageError{errors.New("project: name a project file")}
	}
	switch verb := words[0]; {
	case verb == "unpack" && len(words) == 3:
		return unpackProject(t, words[1], words[2])
	case verb == "pack" && len(words) == 3:
		return packProject(t, words[1], words[2], data)
	case verb == "pack" || verb == "unpack":
		return usageError{fmt.Errorf("project: %s takes two names: what to read, and what to write", verb)}
	case len(words) > 1:
		return usageError{fmt.Errorf("project: unexpected argument %q: is %q unpack or pack?", words[1], verb)}
	}
	return listProject(t, words[0])
}

// openProject reads a project that is a file or a folder.
func openProject(t *term.Terminal, path string) (*project.Project, error) {
	if project.IsFolder(t.Disk, path) {
		return project.ReadFolder(t.Disk, path)
	}
	p, _, err := readProject(path)
	return p, err
}

// readProject reads a project file, and returns the SHA-256 of its bytes too.
func readProject(path string) (*project.Project, string, error) {
	b, err := files.Read(path, project.MaxBytes)
	if err != nil {
		return nil, "", usageError{fmt.Errorf("the project %s cannot be read: %w", path, err)}
	}
	p, err := project.Read(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", path, err)
	}
	return p, runs.Sum(b), nil
}

// isProject reports whether a path names a project, packed or not.
func isProject(disk durable.Files, path string) bool {
	return strings.HasSuffix(path, project.Extension) || project.IsFolder(disk, path)
}

// tellProblems says what of a project cannot be used.
func tellProblems(t *term.Terminal, p *project.Project) {
	for _, text := range p.Problems {
		fmt.Fprintln(t.Err, printable.Lines(text))
	}
}

// listProject prints what is in a project.
func listProject(t *term.Terminal, path string) error {
	p, err := openProject(t, path)
	if err != nil {
		return err
	}
	tellProblems(t, p)
	fmt.Fprintf(t.Out, "made by %s\n", printable.Text(orUnknown(p.MadeBy)))
	if p.Note != "" {
		fmt.Fprintln(t.Out, printable.Lines(p.Note))
	}
	if c := p.Pictures; c == nil {
		fmt.Fprintln(t.Out, "no pictures")
	} else {
		set := c.Set()
		fmt.Fprintf(t.Out, "%s to learn from and %d for the test, of side %d; %d classes: %s\n",
			verdict.Count(set.Train.Len(), "picture"), set.Test.Len(), c.Side, len(c.Classes), inWords(c.Classes))
	}
	rows := [][]string{{"run", "name", "seed", "labels a class", "state", "accuracy"}}
	for i := range p.Runs {
		rows = append(rows, rowOf(&p.Runs[i]))
	}
	if len(p.Runs) == 0 {
		fmt.Fprintln(t.Out, "no runs")
	} else {
		term.PrintRows(t, rows)
	}
	for i := range p.Runs {
		if r := &p.Runs[i]; r.Note != "" {
			fmt.Fprintf(t.Out, "%s: %s\n", printable.Text(r.Folder), printable.Lines(r.Note))
		}
	}
	return nil
}

func orUnknown(text string) string {
	if text == "" {
		return "a program that does not say"
	}
	return text
}

// rowOf describes a run in the list.
func rowOf(r *project.Run) []string {
	labels := verdict.ShortBudget(r.Config.LabelsPerClass)
	if r.Config.Task == run.Pretext {
		labels = "–"
	}
	accuracy := "–"
	if last, ok := r.Last(); ok {
		accuracy = fmt.Sprintf("%.2f %%", 100*last.Accuracy)
	}
	return []string{r.Folder, r.Title(), fmt.Sprint(r.Config.Seed), labels, stateOf(r), accuracy}
}

// stateOf says how far a run has come.
func stateOf(r *project.Run) string {
	switch {
	case r.Problem != "":
		return "broke off"
	case r.Phase == run.Finished:
		return "finished"
	case r.Newest.Step == 0:
		return "not begun"
	case r.Started.Steps > 0:
		return fmt.Sprintf("at step %d of %d", r.Newest.Step, r.Started.Steps)
	}
	return fmt.Sprintf("at step %d", r.Newest.Step)
}

// unpackProject makes a folder of a project file.
func unpackProject(t *term.Terminal, file, folder string) error {
	p, _, err := readProject(file)
	if err != nil {
		return err
	}
	tellProblems(t, p)
	if err := p.Unpack(t.Disk, folder); err != nil {
		return err
	}
	fmt.Fprintf(t.Out, "%s and %s in %s\n", verdict.Count(len(p.Runs), "run"), countPictures(p), folder)
	return nil
}

func countPictures(p *project.Project) string {
	if p.Pictures == nil {
		return "no pictures"
	}
	return verdict.Count(len(p.Pictures.Items), "picture")
}

// packProject makes a project file of a folder.
func packProject(t *term.Terminal, folder, file string, data dataFlags) error {
	if !strings.HasSuffix(file, project.Extension) {
		return usageError{fmt.Errorf("project: %s is to be a project file: call it %s%s", file, file, project.Extension)}
	}
	p, err := project.Gather(t.Disk, folder)
	if err != nil {
		return err
	}
	if data.path != "" {
		if err := packPictures(t, p, data); err != nil {
			return err
		}
	}
	tellProblems(t, p)
	if err := writeProject(t, p, file); err != nil {
		return err
	}
	fmt.Fprintf(t.Out, "%s and %s in %s\n", verdict.Count(len(p.Runs), "run"), countPictures(p), file)
	return nil
}

// packPictures takes the pictures of --data in, divided as the first run has them.
func packPictures(t *term.Terminal, p *project.Project, data dataFlags) error {
	side, seed := run.Default(run.Scratch).Side, uint64(0)
	if spec, ok := p.SpecOf(0); ok {
		side, seed = spec.Config.Side, spec.ChoosesBy()
		data.holdOut, data.validation, data.limit = spec.HoldOut, spec.Validation, spec.Limit
		data.turns = spec.Config.Task == run.Pretext
	}
	set, err := data.open(t, side, seed)
	if err != nil {
		return err
	}
	fitting := p.SetPictures(data.path, set)
	if missing := len(p.Runs) - fitting; missing > 0 {
		fmt.Fprintf(t.Err, "%s had other pictures than --data %s has: the page shows them, and cannot go on with them\n", verdict.Count(missing, "run"), data.path)
	}
	return nil
}

// writeProject replaces a project file in one go.
func writeProject(t *term.Terminal, p *project.Project, file string) error {
	p.MadeBy = "quarterturn " + thisProgram().Version
	b, err := p.Encode()
	if err != nil {
		return err
	}
	if err := durable.Replace(t.Disk, file, b); err != nil {
		return fmt.Errorf("writing the project %s: %w", file, err)
	}
	return nil
}

// ownPictures returns the pictures of the project that the run's folder lies in, divided
// as they are there.
func (f *dataFlags) ownPictures(t *term.Terminal, side int) (*dataset.Set, error) {
	root := filepath.Dir(filepath.Dir(filepath.Clean(f.run)))
	if f.run == "" || !project.IsFolder(t.Disk, root) {
		return nil, fmt.Errorf("the pictures of %s are those of a project, and it does not lie in one: unpack the project with quarterturn project unpack, and go on with the folder that is in there", f.run)
	}
	return readPictures(t, "--resume", root, side)
}

// readPictures reads the pictures of a project.
func readPictures(t *term.Terminal, flag, path string, side int) (*dataset.Set, error) {
	var c *project.Pictures
	var err error
	if project.IsFolder(t.Disk, path) {
		c, err = project.ReadPictures(t.Disk, path)
	} else {
		var p *project.Project
		if p, _, err = readProject(path); err == nil {
			c, err = p.AllPictures()
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", flag, path, err)
	}
	if c.Side != side {
		return nil, usageError{fmt.Errorf("%s %s has pictures of side %d, and this is --side %d: take --side %d", flag, path, c.Side, side, c.Side)}
	}
	return c.Set(), nil
}

// ownNetwork returns where a run's network to start from is: in the project that its
// folder lies in, if it names it so.
func ownNetwork(disk durable.Files, folder, from string) string {
	root := filepath.Dir(filepath.Dir(filepath.Clean(folder)))
	if project.IsNetwork(from) && project.IsFolder(disk, root) {
		if inside := filepath.Join(root, from); exists(inside) {
			return inside
		}
	}
	return from
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
