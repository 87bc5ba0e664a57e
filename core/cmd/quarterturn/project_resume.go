package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"quarterturn/core/cmd/internal/term"
	"quarterturn/core/durable"
	"quarterturn/core/internal/printable"
	"quarterturn/core/project"
	"quarterturn/core/runs"
)

// A workshop is the folder beside a project file in which one of its runs goes on. When
// the run ends or is stopped the file is written anew from it, in one go, and the folder
// is removed. What a kill leaves is gone on with the next time.
type workshop struct {
	disk   durable.Files
	file   string // The project.
	folder string
	lock   io.Closer
	whole  bool // All parts of the file could be read, so that nothing is lost by writing it anew.
}

// sourceFile says in the folder of which project it was made, by its SHA-256.
const sourceFile = ".made-of"

// openWorkshop unpacks a project file beside it.
func openWorkshop(t *term.Terminal, file string) (*workshop, error) {
	p, sum, err := readProject(file)
	if err != nil {
		return nil, err
	}
	tellProblems(t, p)
	w := &workshop{disk: t.Disk, file: file, folder: strings.TrimSuffix(file, project.Extension) + "-unpacked", whole: len(p.Problems) == 0}
	if err := w.disk.MkdirAll(w.folder); err != nil {
		return nil, err
	}
	if w.lock, err = w.disk.Lock(filepath.Join(w.folder, ".lock")); err != nil {
		return nil, fmt.Errorf("%s: %w", w.folder, err)
	}
	if err := w.fill(t, p, sum); err != nil {
		return nil, errors.Join(err, w.lock.Close())
	}
	return w, nil
}

// fill unpacks the project, unless that was done before.
func (w *workshop) fill(t *term.Terminal, p *project.Project, sum string) error {
	source := filepath.Join(w.folder, sourceFile)
	if project.IsFolder(w.disk, w.folder) {
		b, err := w.disk.Read(source, 1<<10)
		if err == nil && string(b) == sum {
			fmt.Fprintf(t.Err, "going on in %s, which an earlier call left\n", w.folder)
			return nil
		}
		return usageError{fmt.Errorf("%s is there, and not of %s as it is now: keep what is in it with quarterturn project pack %s NEW%s, or remove it", w.folder, w.file, w.folder, project.Extension)}
	}
	if err := p.Unpack(w.disk, w.folder); err != nil {
		return err
	}
	return durable.Replace(w.disk, source, []byte(sum))
}

// close writes the project anew, unless the run failed, and says where everything is.
func (w *workshop) close(t *term.Terminal, failure error) error {
	defer w.lock.Close()
	switch {
	case failure != nil && !errors.Is(failure, context.Canceled):
		fmt.Fprintf(t.Err, "%s is as it was; the run's files are in %s\n", w.file, w.folder)
		return failure
	case !w.whole:
		fmt.Fprintf(t.Err, "%s has damaged parts and is left as it was: quarterturn project pack %s NEW%s makes one of what there is\n", w.file, w.folder, project.Extension)
		return failure
	}
	p, err := project.ReadFolder(w.disk, w.folder)
	if err == nil {
		err = writeProject(t, p, w.file)
	}
	if err == nil { // Some systems remove no file that is open.
		err = errors.Join(w.lock.Close(), w.disk.RemoveAll(w.folder))
	}
	if err != nil {
		return errors.Join(failure, fmt.Errorf("%w; everything is in %s", err, w.folder))
	}
	fmt.Fprintf(t.Err, "%s has it now\n", w.file)
	return failure
}

// resumeProject returns the folder of the run of a project that --resume and --run name.
func (l *learning) resumeProject(t *term.Terminal, path, name string) (string, error) {
	p, err := openProject(t, path)
	if err != nil {
		return "", err
	}
	r, err := l.chosen(p, path, name)
	if err != nil {
		return "", usageError{err}
	}
	if r.Workers > 1 {
		fmt.Fprintf(t.Err, "the page computed it with %d workers, which add in another order: it goes on as well, and not to the same last digits\n", r.Workers)
	}
	l.shown = path + " --run " + runs.Quoted([]string{r.Folder})
	if project.IsFolder(t.Disk, path) {
		return filepath.Join(path, r.Path()), nil
	}
	if l.workshop, err = openWorkshop(t, path); err != nil {
		return "", err
	}
	return filepath.Join(l.workshop.folder, r.Path()), nil
}

// chosen finds the run of a name, which is its folder or its title. Without one it is the
// only one that the command can go on with.
func (l *learning) chosen(p *project.Project, path, name string) (*project.Run, error) {
	var fitting []*project.Run
	var names []string
	for i := range p.Runs {
		r := &p.Runs[i]
		if name == r.Folder {
			return r, nil
		}
		if name == "" && (stateOf(r) == "finished" || commandOf(r.Config.Task) != l.name) || name != "" && name != r.Title() {
			continue
		}
		fitting = append(fitting, r)
		names = append(names, printable.Text(r.Folder))
	}
	switch {
	case len(fitting) == 1:
		return fitting[0], nil
	case len(fitting) > 1:
		return nil, fmt.Errorf("%s has %d runs that --run %q can mean: %s; name one", path, len(fitting), name, strings.Join(names, ", "))
	case name == "":
		return nil, fmt.Errorf("%s has no run that %s could go on with: quarterturn project %s lists what it has", path, l.name, path)
	}
	return nil, fmt.Errorf("%s has no run %q: quarterturn project %s lists them", path, name, path)
}
