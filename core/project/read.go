package project

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"quarterturn/core/checkpoint"
	"quarterturn/core/durable"
	"quarterturn/core/fault"
	"quarterturn/core/notebook"
	"quarterturn/core/run"
	"quarterturn/core/runs"
)

// Read reads a project file.
func Read(r io.ReaderAt, size int64) (*Project, error) {
	disk, problems, err := unzip(r, size)
	if err != nil {
		return nil, err
	}
	p := &Project{Problems: problems, Disk: *disk}
	return p, p.decode()
}

// IsFolder reports whether a folder is an unpacked project. Other programs have files of
// that name too.
func IsFolder(disk durable.Files, folder string) bool {
	b, err := disk.Read(filepath.Join(folder, DocumentFile), maxDocumentBytes)
	if err != nil {
		return false
	}
	var d struct {
		Format int               `json:"format"`
		Runs   []json.RawMessage `json:"runs"`
	}
	return json.Unmarshal(b, &d) == nil && d.Format > 0 && d.Runs != nil
}

// ReadFolder reads an unpacked project.
func ReadFolder(disk durable.Files, folder string) (*Project, error) {
	p := &Project{}
	for _, name := range []string{DocumentFile, picturesFolder, modelsFolder} {
		if err := p.copyAll(disk, folder, name); err != nil {
			return nil, err
		}
	}
	names, err := disk.List(filepath.Join(folder, RunsFolder))
	if err != nil && !durable.IsMissing(err) {
		return nil, fault.Errorf("project", "%w", err)
	}
	for _, name := range names {
		if runs.HasRun(disk, filepath.Join(folder, RunsFolder, name)) {
			if err := p.CopyRun(disk, filepath.Join(folder, RunsFolder, name), name); err != nil {
				return nil, err
			}
		}
	}
	return p, p.decode()
}

// copyAll copies the files below a path that a project knows.
func (p *Project) copyAll(disk durable.Files, root, name string) error {
	if isKnown(name) {
		b, err := disk.Read(filepath.Join(root, name), MaxBytes)
		if durable.IsMissing(err) {
			return nil
		}
		if err != nil {
			return fault.Errorf("project", "%w", err)
		}
		p.Disk.Put(name, b)
		return nil
	}
	if strings.Count(name, "/") > 3 {
		return nil
	}
	names, err := disk.List(filepath.Join(root, name))
	if err != nil {
		return nil // Not there, or no folder.
	}
	for _, inner := range names {
		if err := p.copyAll(disk, root, path.Join(name, inner)); err != nil {
			return err
		}
	}
	return nil
}

// CopyRun takes the files of a run's folder in. Nobody else may be at work in it.
func (p *Project) CopyRun(disk durable.Files, folder, name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	dir, err := durable.Open(folder, disk)
	if err != nil {
		return err
	}
	defer dir.Close()
	for _, f := range runs.FilesIn(disk, folder) {
		b, err := disk.Read(filepath.Join(folder, f), durable.MaxFileBytes)
		if err != nil {
			p.problem("%s: %s is left out: %s", folder, f, fault.Reason(err))
			continue
		}
		p.Disk.Put(path.Join(RunsFolder, name, f), b)
	}
	return nil
}

// decode makes a project of the files on its disk.
func (p *Project) decode() error {
	b, err := p.Disk.Read(DocumentFile, maxDocumentBytes)
	if durable.IsMissing(err) {
		return fault.Errorf("project", "it is no project: there is no %s in it", DocumentFile)
	}
	if err != nil {
		return fault.Errorf("project", "%w", err)
	}
	d, err := decodeDocument(b)
	if err != nil {
		return err
	}
	p.MadeBy, p.Note, p.Experiments = d.MadeBy, d.Note, d.Experiments
	p.copy(d.Copies)
	if d.Pictures != nil {
		p.takePictures(d.Pictures)
	}
	for i := range d.Runs {
		p.takeRun(d.Runs[i].Folder, &d.Runs[i])
	}
	names, _ := p.Disk.List(RunsFolder)
	for _, name := range names {
		if !slices.ContainsFunc(d.Runs, func(r documentRun) bool { return r.Folder == name }) {
			p.takeRun(name, nil)
		}
	}
	p.clear()
	return nil
}

// copy puts networks where they are equal to others.
func (p *Project) copy(copies map[string]string) {
	for _, to := range slices.Sorted(maps.Keys(copies)) {
		from := copies[to]
		if !mayBeCopy(to) || !isKnown(to) || mayBeCopy(from) {
			p.problem("%.100q is left out: it cannot be equal to %.100q", to, from)
			continue
		}
		if _, err := p.Disk.Read(to, MaxBytes); err == nil {
			continue // Somebody unpacked the zip and went on.
		}
		if err := p.Disk.Link(from, to); err != nil {
			p.problem("%s is left out: %s is not there", to, from)
		}
	}
}

// takePictures reads the collection. Without one of its pictures it would be another one.
func (p *Project) takePictures(d *documentPictures) {
	c := &Pictures{Name: d.Name, Side: d.Side, Classes: d.Classes}
	for _, it := range d.Items {
		one := Picture{ID: it.ID, Name: it.Name, Class: -1, Part: it.Part}
		if it.Class != nil {
			one.Class = *it.Class
		}
		b, err := p.Disk.Read(it.File, MaxBytes)
		if err == nil {
			one.Pixels, err = c.decode(it.File, b)
		}
		if err != nil {
			err = fault.Errorf("project", "picture %s is left out: %w. Runs cannot go on without it", it.File, err)
			p.lost = cmp.Or(p.lost, err)
			p.problem("%s", fault.Reason(err))
			continue
		}
		c.Items = append(c.Items, one)
	}
	p.Pictures = c
}

// clear takes away what has been read.
func (p *Project) clear() {
	_ = p.Disk.RemoveAll(DocumentFile)
	_ = p.Disk.RemoveAll(picturesFolder)
}

// takeRun adds the run in a folder, of which a document may say more.
func (p *Project) takeRun(folder string, d *documentRun) {
	if slices.ContainsFunc(p.Runs, func(r Run) bool { return r.Folder == folder }) {
		p.problem("run %s is listed twice", folder)
		return
	}
	found, err := runs.Read(&p.Disk, path.Join(RunsFolder, folder))
	if err != nil {
		p.problem("run %s is left out: %s", folder, fault.Reason(err))
		return
	}
	p.Problems = append(p.Problems, found.Notes...)
	r := Run{Folder: folder}
	if d != nil {
		r.Run = d.notebook(found.Spec.Config)
	} else {
		r.Run = newcomer(folder, found)
	}
	r.update(found)
	p.updateNetwork(&r)
	p.Runs = append(p.Runs, r)
}

// newcomer is what the folder of a run tells that no notebook knows.
func newcomer(folder string, found *runs.Record) notebook.Run {
	s := &found.Spec
	r := notebook.Run{
		Name: folder, Config: s.Config, Workers: 1, // More would round sums otherwise.
		Arm: notebook.ArmOf(s.Config), Backend: s.Backend, Began: found.Timing.Begun,
		Pictures: notebook.Source{Name: path.Base(filepath.ToSlash(s.Data)), SHA256: s.Pictures},
	}
	if s.From != "" {
		r.From = notebook.Source{Name: path.Base(filepath.ToSlash(s.From)), SHA256: s.Start}
	}
	if found.Answers != nil && s.Config.Task != run.Pretext {
		r.Classes = len(found.Answers.Classes)
	}
	if last := found.Last(); last.Epoch > 0 {
		each := last.Step / last.Epoch
		r.Started = run.Started{Config: s.Config, StepsPerEpoch: each, Steps: each * s.Config.Epochs, TestExamples: last.Examples}
	}
	return r
}

// update takes over what a run has come to since the notebook was written.
func (r *Run) update(found *runs.Record) {
	r.History, r.Answers = found.History, cmp.Or(found.Answers, r.Answers)
	for _, e := range found.History {
		if e.Step > r.Newest.Step {
			x := float64(e.Epoch)
			r.TrainLoss, r.TrainAccuracy = r.TrainLoss.With(x, e.TrainLoss), r.TrainAccuracy.With(x, e.TrainAccuracy)
		}
	}
	if last := found.Last(); last.Step > r.Newest.Step {
		r.Phase = run.Paused
		r.Newest = run.Progress{
			Step: last.Step, Epoch: float64(last.Epoch), Loss: last.TrainLoss, Accuracy: last.TrainAccuracy,
			LearningRate: last.LearningRate, ImagesPerSecond: last.ImagesPerSecond,
		}
	}
	if found.Finished {
		r.Phase, r.Problem = run.Finished, ""
	} else if !r.IsOver() {
		r.Phase = run.Paused // Until somebody has it go on.
	}
}

// updateNetwork looks at what a run has come to besides its evaluations.
func (p *Project) updateNetwork(r *Run) {
	at, err := runs.Newest(&p.Disk, r.Path())
	if err != nil {
		p.problem("run %s: %s", r.Folder, fault.Reason(err))
	}
	p.Problems = append(p.Problems, at.Notes...)
	if at.Step > r.Newest.Step {
		r.Newest.Step = at.Step
		if each := r.Started.StepsPerEpoch; each > 0 {
			r.Newest.Epoch = float64(at.Step) / float64(each)
		}
		if r.Phase == run.Stopped {
			r.Phase = run.Paused // It went on elsewhere.
		}
	}
	last, err := p.Disk.Read(path.Join(r.Path(), runs.LastFile), durable.MaxFileBytes)
	if err != nil && at.Model != nil { // An unpacked one has it after its next checkpoint.
		last = at.Model
		p.Disk.Put(path.Join(r.Path(), runs.LastFile), last)
	}
	if last != nil && r.IsOver() {
		r.Weights, r.Bytes = checkpoint.Sum(last), len(last)
	}
}

// FromFiles makes a project of the files of run folders, by their paths with slashes:
// wherever there is the configuration of a run, it is one, called as its folder is.
func FromFiles(files map[string][]byte) (*Project, error) {
	p := &Project{}
	taken := map[string]bool{}
	for _, at := range slices.Sorted(maps.Keys(files)) {
		if path.Base(at) != runs.SpecFile {
			continue
		}
		name := path.Base(path.Dir(at))
		if checkName(name) != nil {
			name = "run"
		}
		for n, base := 2, name; taken[strings.ToLower(name)]; n++ {
			name = fmt.Sprintf("%s-%d", base, n)
		}
		taken[strings.ToLower(name)] = true
		for file, b := range files {
			if rest, ok := strings.CutPrefix(file, strings.TrimSuffix(at, runs.SpecFile)); ok && runs.IsFile(rest) {
				p.Disk.Put(path.Join(RunsFolder, name, rest), b)
			}
		}
		p.takeRun(name, nil)
	}
	if len(p.Runs) == 0 {
		if len(p.Problems) > 0 {
			return nil, fault.Errorf("project", "%s", p.Problems[0])
		}
		return nil, fault.Errorf("project", "there is no run among the files: none of them is a %s", runs.SpecFile)
	}
	return p, nil
}
