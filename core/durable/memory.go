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
// Memory is empty. It is for one goroutine at a time, and has no folders of its own:
// those are there whose files are.
type Memory struct{ files map[string][]byte }

// Put makes or replaces a file, of which it takes the bytes over.
func (m *Memory) Put(path string, b []byte) {
	if m.files == nil {
		m.files = map[string][]byte{}
	}
	m.files[filepath.ToSlash(filepath.Clean(path))] = b
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

// MkdirAll implements Files.
func (m *Memory) MkdirAll(string) error { return nil }

// Create implements Files.
func (m *Memory) Create(path string) (File, error) {
	m.Put(path, nil)
	return &memoryFile{memory: m, path: path}, nil
}

// Append implements Files.
func (m *Memory) Append(path string) (File, error) {
	f := &memoryFile{memory: m, path: path}
	f.Write(m.files[filepath.ToSlash(filepath.Clean(path))])
	return f, nil
}

// Read implements Files. The bytes are those of the disk.
func (m *Memory) Read(path string, most int64) ([]byte, error) {
	b, ok := m.files[filepath.ToSlash(filepath.Clean(path))]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
	}
	if int64(len(b)) > most {
		return nil, damaged("%s has %d bytes, want at most %d", filepath.Base(path), len(b), most)
	}
	return b, nil
}

// List implements Files.
func (m *Memory) List(path string) ([]string, error) {
	var names []string
	for file := range m.files {
		if rest, ok := strings.CutPrefix(file, below(path)); ok {
			name, _, _ := strings.Cut(rest, "/")
			names = append(names, name)
		}
	}
	if names == nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// below returns what the paths in a folder begin with.
func below(folder string) string { return filepath.ToSlash(filepath.Clean(folder)) + "/" }

// Rename implements Files, for files and folders.
func (m *Memory) Rename(from, to string) error {
	if b, err := m.Read(from, MaxFileBytes); err == nil {
		m.Put(to, b)
		delete(m.files, filepath.ToSlash(filepath.Clean(from)))
		return nil
	}
	for _, file := range m.Paths() {
		if rest, ok := strings.CutPrefix(file, below(from)); ok {
			m.Put(filepath.Join(to, rest), m.files[file])
			delete(m.files, file)
		}
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
	for _, file := range m.Paths() {
		if file == filepath.ToSlash(filepath.Clean(path)) || strings.HasPrefix(file, below(path)) {
			delete(m.files, file)
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
