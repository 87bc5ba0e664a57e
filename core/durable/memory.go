package durable

import (
	"bytes"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
)

// Memory is a disk in memory, for runs that come from elsewhere or go there. The zero
// Memory is empty. It is for one goroutine at a time.
type Memory struct {
	files   map[string][]byte
	folders map[string]bool // That were made; others are there whose files are.
}

// Put makes or replaces a file, of which it takes the bytes over.
func (m *Memory) Put(path string, b []byte) {
	if m.files == nil {
		m.files, m.folders = map[string][]byte{}, map[string]bool{}
	}
	m.files[clean(path)] = b
}

// Paths returns the paths of all files, sorted, with slashes.
func (m *Memory) Paths() []string {
	paths := make([]string, 0, len(m.files))
	for path := range m.files {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	return paths
}

func clean(path string) string { return filepath.ToSlash(filepath.Clean(path)) }

// below returns what the paths in a folder begin with.
func below(folder string) string { return clean(folder) + "/" }

// MkdirAll implements Files.
func (m *Memory) MkdirAll(path string) error {
	if m.folders == nil {
		m.files, m.folders = map[string][]byte{}, map[string]bool{}
	}
	for path = clean(path); path != "."; path = clean(filepath.Dir(path)) {
		if m.folders[path] {
			return nil
		}
		m.folders[path] = true
	}
	return nil
}

// Create implements Files.
func (m *Memory) Create(path string) (File, error) {
	m.Put(path, nil)
	return &memoryFile{memory: m, path: path}, nil
}

// Append implements Files.
func (m *Memory) Append(path string) (File, error) {
	f := &memoryFile{memory: m, path: path}
	_, err := f.Write(m.files[clean(path)])
	return f, err
}

// Read implements Files. The bytes are the disk's.
func (m *Memory) Read(path string, most int64) ([]byte, error) {
	b, ok := m.files[clean(path)]
	if !ok {
		return nil, missing(path)
	}
	if int64(len(b)) > most {
		return nil, damaged("%s has %d bytes, want at most %d", filepath.Base(path), len(b), most)
	}
	return b, nil
}

func missing(path string) error {
	return &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
}

// List implements Files.
func (m *Memory) List(path string) ([]string, error) {
	var names []string
	add := func(inner string) {
		if rest, ok := strings.CutPrefix(inner, below(path)); ok {
			name, _, _ := strings.Cut(rest, "/")
			names = append(names, name)
		}
	}
	for file := range m.files {
		add(file)
	}
	for folder := range m.folders {
		add(folder)
	}
	if names == nil && !m.folders[clean(path)] {
		return nil, missing(path)
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// Rename implements Files, for files and folders.
func (m *Memory) Rename(from, to string) error {
	from, to = clean(from), clean(to)
	found := false
	moved := func(path string) (string, bool) {
		rest, ok := strings.CutPrefix(path, from)
		ok = ok && (rest == "" || rest[0] == '/')
		found = found || ok
		return to + rest, ok
	}
	for _, file := range m.Paths() {
		if path, ok := moved(file); ok {
			b := m.files[file]
			delete(m.files, file)
			m.files[path] = b
		}
	}
	for folder := range m.folders {
		if path, ok := moved(folder); ok {
			delete(m.folders, folder)
			m.folders[path] = true
		}
	}
	if !found {
		return missing(from)
	}
	return nil
}

// Link implements Files.
func (m *Memory) Link(from, to string) error {
	b, err := m.Read(from, MaxFileBytes)
	if err == nil {
		m.Put(to, b)
	}
	return err
}

// RemoveAll implements Files.
func (m *Memory) RemoveAll(path string) error {
	gone := func(inner string) bool { return inner == clean(path) || strings.HasPrefix(inner, below(path)) }
	for file := range m.files {
		if gone(file) {
			delete(m.files, file)
		}
	}
	for folder := range m.folders {
		if gone(folder) {
			delete(m.folders, folder)
		}
	}
	return nil
}

// Lock implements Files. Nobody else has the memory.
func (m *Memory) Lock(string) (io.Closer, error) { return io.NopCloser(nil), nil }

// SyncDir implements Files.
func (m *Memory) SyncDir(string) error { return nil }

// A memoryFile is open for writing.
type memoryFile struct {
	bytes.Buffer
	memory *Memory
	path   string
}

// Write implements File.
func (f *memoryFile) Write(b []byte) (int, error) {
	n, err := f.Buffer.Write(b)
	f.memory.Put(f.path, f.Bytes())
	return n, err
}

// Sync implements File.
func (f *memoryFile) Sync() error { return nil }

// Close implements File.
func (f *memoryFile) Close() error { return nil }
