package lab

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"quarterturn/core/checkpoint"
	"quarterturn/core/fault"
	"quarterturn/core/keep"
	"quarterturn/core/keep/files"
	"quarterturn/core/keep/record"
	"quarterturn/core/notebook"
	"quarterturn/core/project"
	"quarterturn/core/run"
	"quarterturn/core/runs"
)

// exportProject reports the notebook, the pictures and the runs as one file.
func (l *Lab) exportProject(c run.ExportProject) error {
	ex := exporting{lab: l, project: &project.Project{MadeBy: c.MadeBy}, networks: map[string][]byte{}}
	for _, b := range c.Networks {
		ex.networks[checkpoint.Sum(b)] = b
	}
	if len(l.collection.items) > 0 {
		ex.project.Pictures = l.collection.portable()
	}
	if err := ex.addNotebook(c); err != nil {
		return err
	}
	blob, err := ex.project.Encode()
	if err != nil {
		return err
	}
	l.report(run.ProjectExported{Blob: blob, Problems: ex.project.Problems})
	return nil
}

// portable returns the collection as projects have it.
func (c *collection) portable() *project.Pictures {
	p := &project.Pictures{Name: c.name, Side: Side, Classes: c.classes}
	for _, it := range c.items {
		one := project.Picture{ID: it.id, Name: it.name, Class: it.class, Part: project.OfTrain, Pixels: it.pixels}
		if it.test {
			one.Part = project.OfTest
		}
		p.Items = append(p.Items, one)
	}
	return p
}

// An exporting makes a project of what a lab keeps.
type exporting struct {
	lab      *Lab
	project  *project.Project
	networks map[string][]byte // That the page gave, by their sums.
}

// addNotebook adds the notebook that is given, or the one that is kept.
func (ex *exporting) addNotebook(c run.ExportProject) error {
	if len(c.Book) == 0 {
		c.Book = ex.read(record.Book)
	}
	if len(c.Book) == 0 {
		return nil
	}
	book, err := notebook.DecodeBook(c.Book)
	if err != nil {
		return err
	}
	ex.project.Note, ex.project.Experiments = book.Note, book.Experiments
	given := map[string]*notebook.Run{}
	for _, b := range c.Runs {
		r, err := notebook.DecodeRun(b)
		if err != nil {
			return err
		}
		given[r.Key] = r
	}
	for _, key := range book.Keys {
		r := given[key]
		if r == nil {
			if r, err = notebook.DecodeRun(ex.read(record.Run(key))); err != nil {
				ex.problem("run %s is not in it: %s", key, fault.Reason(err))
				continue
			}
		}
		ex.addRun(r)
		ex.lab.options.Yield()
	}
	return nil
}

// addRun adds a run with what is kept of it.
func (ex *exporting) addRun(r *notebook.Run) {
	kept := project.Kept{Backend: ex.lab.options.BackendKind, Last: ex.read(record.Model(r.Key))}
	if kept.Last == nil {
		kept.Last = ex.networks[r.Weights]
	}
	if b := ex.read(record.State(r.Key)); b != nil {
		if parts, err := keep.Split(b, 2); err == nil {
			kept.Model, kept.State = parts[0], parts[1]
		}
	}
	ex.project.Add(*r, kept)
	switch {
	case kept.State == nil && !r.IsOver() && r.Newest.Step > 0:
		ex.problem("%s cannot go on from the file: nothing was kept of its state", r.Title())
	case kept.Last == nil && r.Weights != "":
		ex.problem("the network of %s is not in it: it is not kept any more", r.Title())
	}
	if r.Config.Task == run.Transfer && r.From.SHA256 != "" {
		ex.addNetwork(r)
	}
}

// addNetwork adds the network that a transfer starts from.
func (ex *exporting) addNetwork(r *notebook.Run) {
	sum := r.From.SHA256
	if slices.Contains(ex.project.Disk.Paths(), project.Network(sum)) {
		return
	}
	b := ex.networks[sum]
	if b == nil {
		b = ex.read(record.Network(sum))
	}
	if b == nil || checkpoint.Sum(b) != sum {
		ex.problem("the network that %s started from, %s, is not in it: the run can be looked at there, and not go on", r.Title(), r.From.Name)
		return
	}
	ex.project.AddNetwork(b)
}

// read returns a record, or nil where there is none that is whole.
func (ex *exporting) read(name string) []byte {
	if ex.lab.options.Store == nil {
		return nil
	}
	found, err := ex.lab.options.Store.Read(name)
	if err != nil && !errors.Is(err, files.ErrMissing) {
		ex.problem("%s cannot be read: %s", name, fault.Reason(err))
	}
	return found.Bytes
}

func (ex *exporting) problem(format string, args ...any) {
	ex.project.Problems = append(ex.project.Problems, fmt.Sprintf(format, args...))
}

// importProject brings a project in, or plain folders of runs.
func (l *Lab) importProject(c run.ImportProject) error {
	p, err := projectOf(c.Files)
	if err != nil {
		return err
	}
	if c.Pictures && p.Pictures != nil {
		if p.Pictures.Side != Side {
			p.Problems = append(p.Problems, fmt.Sprintf("its pictures of side %d are left out: here they have side %d", p.Pictures.Side, Side))
		} else {
			l.takePortable(p.Pictures)
		}
	}
	im := &importedRuns{lab: l, project: p, first: c.First, keys: map[string]string{}}
	book := im.take()
	l.report(run.ProjectImported{MadeBy: p.MadeBy, Book: book.Encode(), Runs: im.encoded, Problems: p.Problems})
	return nil
}

// takePortable replaces the collection.
func (l *Lab) takePortable(p *project.Pictures) {
	l.collection.clear(p.Name)
	l.collection.classes = p.Classes
	for _, it := range p.Items {
		l.collection.add(item{name: it.Name, class: it.Class, test: it.Part == project.OfTest, pixels: it.Pixels})
	}
	l.showAll()
}

// projectOf reads the project that files are: one file, or the files of run folders.
func projectOf(files []run.File) (*project.Project, error) {
	if len(files) == 1 && path.Base(files[0].Path) != runs.SpecFile {
		return project.Read(bytes.NewReader(files[0].Bytes), int64(len(files[0].Bytes)))
	}
	loose := map[string][]byte{}
	for _, f := range files {
		loose[strings.TrimPrefix(path.Clean("/"+f.Path), "/")] = f.Bytes
	}
	return project.FromFiles(loose)
}

// importedRuns keeps the runs of a project under new keys.
type importedRuns struct {
	lab     *Lab
	project *project.Project
	first   int
	keys    map[string]string // New ones, by those in the project.
	encoded [][]byte
}

// take keeps all runs and returns the book of them.
func (im *importedRuns) take() *notebook.Book {
	p := im.project
	book := &notebook.Book{Note: p.Note, Experiments: p.Experiments}
	for i := range p.Runs {
		key := strconv.Itoa(im.first + i)
		if old := p.Runs[i].Key; old != "" {
			im.keys[old] = key
		}
		book.Keys = append(book.Keys, key)
	}
	for i := range p.Runs {
		r := &p.Runs[i]
		r.Key, r.Of = book.Keys[i], im.keys[r.Of]
		if err := im.keep(r); err != nil {
			p.Problems = append(p.Problems, fmt.Sprintf("%s could not be kept: %s", r.Title(), reasonOf(err)))
		}
		im.encoded = append(im.encoded, r.Encode())
		im.lab.options.Yield()
	}
	return book
}

// keep writes what the run goes on from, and its network.
func (im *importedRuns) keep(r *project.Run) error {
	store, p := im.lab.options.Store, im.project
	if store == nil {
		return nil
	}
	at, err := runs.Newest(&p.Disk, r.Path())
	if err == nil && at.State != nil {
		err = store.Write(record.State(r.Key), keep.Join(at.Model, at.State))
	}
	if last, missing := p.Disk.Read(path.Join(r.Path(), runs.LastFile), checkpoint.MaxBytes); missing == nil {
		if _, damaged := checkpoint.Decode(last); damaged != nil {
			return errors.Join(err, damaged)
		}
		err = errors.Join(err, store.Write(record.Model(r.Key), last))
	}
	if sum := r.From.SHA256; sum != "" && r.Config.Task == run.Transfer {
		b, missing := p.Disk.Read(project.Network(sum), checkpoint.MaxBytes)
		if missing == nil && checkpoint.Sum(b) == sum {
			err = errors.Join(err, store.Write(record.Network(sum), b))
		}
	}
	return err
}
