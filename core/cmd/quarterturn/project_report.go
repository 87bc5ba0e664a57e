package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"quarterturn/core/cmd/internal/term"
	"quarterturn/core/durable"
	"quarterturn/core/project"
)

// A mounted disk has the runs of project files as if each file were a folder.
type mounted struct {
	durable.Files
	projects map[string]*project.Project // By the paths of their files.
}

// withProjects lists the folders of runs in the place of projects, and returns the disk
// that has them.
func withProjects(t *term.Terminal, paths []string) (durable.Files, []string, error) {
	disk := mounted{t.Disk, map[string]*project.Project{}}
	var folders []string
	for _, path := range paths {
		if !isProject(t.Disk, path) {
			folders = append(folders, path)
			continue
		}
		p, err := openProject(t, path)
		if err != nil {
			return nil, nil, err
		}
		if len(p.Runs) == 0 {
			return nil, nil, fmt.Errorf("the project %s has no runs", path)
		}
		tellProblems(t, p)
		path = filepath.Clean(path)
		disk.projects[path] = p
		for i := range p.Runs {
			folders = append(folders, filepath.Join(path, p.Runs[i].Path()))
		}
	}
	return disk, folders, nil
}

// within returns the project that a path leads into, and the rest of the path.
func (m mounted) within(path string) (*project.Project, string) {
	for at, p := range m.projects {
		if rest, ok := strings.CutPrefix(path, at+string(filepath.Separator)); ok {
			return p, rest
		}
	}
	return nil, ""
}

// Read implements durable.Files.
func (m mounted) Read(path string, most int64) ([]byte, error) {
	if p, rest := m.within(path); p != nil {
		return p.Disk.Read(rest, most)
	}
	return m.Files.Read(path, most)
}

// List implements durable.Files.
func (m mounted) List(path string) ([]string, error) {
	if p, rest := m.within(path); p != nil {
		return p.Disk.List(rest)
	}
	return m.Files.List(path)
}
