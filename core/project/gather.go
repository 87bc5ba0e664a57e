package project

import (
	"path"
	"path/filepath"
	"slices"

	"quarterturn/core/checkpoint"
	"quarterturn/core/dataset"
	"quarterturn/core/durable"
	"quarterturn/core/fault"
	"quarterturn/core/runs"
)

// Gather makes a project of a folder: of an unpacked one, of a run, of a comparison, or of
// one whose folders are runs. Networks that runs start from are taken in where their
// files still are. The runs' own folders stay as they are.
func Gather(disk durable.Files, folder string) (*Project, error) {
	if IsFolder(disk, folder) {
		return ReadFolder(disk, folder)
	}
	p := &Project{}
	found := runsBelow(disk, folder)
	if len(found) == 0 {
		return nil, fault.Errorf("project", "%s has no run in it: name the folder of a run, of a comparison, or one with such folders", folder)
	}
	for _, at := range found {
		name := filepath.Base(at)
		if absolute, err := filepath.Abs(at); err == nil {
			name = filepath.Base(absolute) // Of the folder "." too.
		}
		if _, err := p.Disk.List(path.Join(RunsFolder, name)); err == nil {
			return nil, fault.Errorf("project", "%s has two runs called %s: rename a folder", folder, name)
		}
		if err := p.CopyRun(disk, at, name); err != nil {
			return nil, err
		}
		p.takeRun(name, nil)
		p.takeStart(disk, name)
	}
	return p, nil
}

// runsBelow lists the folders of runs: the folder itself, or those in it, in the order of
// a comparison, whose trials are none.
func runsBelow(disk durable.Files, folder string) (found []string) {
	if runs.HasRun(disk, folder) {
		return []string{folder}
	}
	for _, part := range []string{"pretext", "", RunsFolder} {
		names, _ := disk.List(filepath.Join(folder, part)) // Where there is none, nothing is in it.
		for _, name := range names {
			if at := filepath.Join(folder, part, name); runs.HasRun(disk, at) {
				found = append(found, at)
			}
		}
	}
	return found
}

// takeStart takes the network in that a run starts from.
func (p *Project) takeStart(disk durable.Files, name string) {
	p.respecify(name, func(s *runs.Spec) {
		if s.From == "" {
			return
		}
		b, err := disk.Read(s.From, checkpoint.MaxBytes)
		if err != nil || checkpoint.Sum(b) != s.Start {
			p.problem("run %s cannot go on from the project: %s, which it started from, is not there any more", name, s.From)
			return
		}
		p.AddNetwork(b)
		s.From = Network(s.Start)
	})
}

// SetPictures gives the project its pictures. The runs that had the same take them from
// there; how many is returned.
func (p *Project) SetPictures(name string, set *dataset.Set) (fitting int) {
	p.Pictures = PicturesOf(name, set)
	sum := p.Pictures.Fingerprint()
	for i := range p.Runs {
		if p.Runs[i].Pictures.SHA256 != sum {
			continue
		}
		fitting++
		p.respecify(p.Runs[i].Folder, func(s *runs.Spec) { s.Data, s.Test = OwnPictures, "" })
	}
	return fitting
}

// SpecOf returns what a run was told; false where there is no such run.
func (p *Project) SpecOf(i int) (runs.Spec, bool) {
	if i >= len(p.Runs) {
		return runs.Spec{}, false
	}
	b, err := p.Disk.Read(path.Join(p.Runs[i].Path(), runs.SpecFile), runs.MaxSpecBytes)
	if err != nil {
		return runs.Spec{}, false
	}
	spec, err := runs.DecodeSpec(b)
	return spec, err == nil
}

// respecify changes where a run finds what it needs.
func (p *Project) respecify(name string, change func(*runs.Spec)) {
	file := path.Join(RunsFolder, name, runs.SpecFile)
	i := slices.IndexFunc(p.Runs, func(r Run) bool { return r.Folder == name })
	if i < 0 {
		return // It was said why when the run was read.
	}
	spec, ok := p.SpecOf(i)
	if !ok {
		return
	}
	change(&spec)
	if b, err := spec.Encode(); err == nil {
		p.Disk.Put(file, b)
	}
}

// ReadPictures reads the pictures of an unpacked project, which must all be there.
func ReadPictures(disk durable.Files, folder string) (*Pictures, error) {
	p := &Project{}
	for _, name := range []string{DocumentFile, picturesFolder} {
		if err := p.copyAll(disk, folder, name); err != nil {
			return nil, err
		}
	}
	if err := p.decode(); err != nil {
		return nil, err
	}
	return p.AllPictures()
}

// AllPictures returns the pictures, or an error where there are none, or not all.
func (p *Project) AllPictures() (*Pictures, error) {
	if p.Pictures == nil {
		return nil, fault.New("project", "it has no pictures")
	}
	if p.lost != nil {
		return nil, p.lost
	}
	return p.Pictures, nil
}
