package durable

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
)

// Files are the operations on the disk that a Dir makes, so that tests can let
// each of them fail. Paths are those of package os.
type Files interface {
	MkdirAll(path string) error
	// Create makes an empty file, or empties one.
	Create(path string) (File, error)
	// Append opens a file for writing behind what it holds.
	Append(path string) (File, error)
	// Read returns a file's bytes; one of more than most is an error, found
	// before anything is allocated for it.
	Read(path string, most int64) ([]byte, error)
	// List returns the names in a folder, sorted.
	List(path string) ([]string, error)
	Rename(from, to string) error
	// Link gives a file a second name.
	Link(from, to string) error
	RemoveAll(path string) error
	// Lock takes a file for this process alone; ErrInUse says that another has it.
	Lock(path string) (io.Closer, error)
	// SyncDir makes the renames within a folder last through a power cut.
	SyncDir(path string) error
}

// A File is open for writing.
type File interface {
	io.WriteCloser
	Sync() error
}

// Disk is the machine's own.
type Disk struct{}

func (Disk) MkdirAll(path string) error       { return os.MkdirAll(path, 0o755) }
func (Disk) Create(path string) (File, error) { return os.Create(path) }
func (Disk) Rename(from, to string) error     { return os.Rename(from, to) }
func (Disk) Link(from, to string) error       { return os.Link(from, to) }
func (Disk) RemoveAll(path string) error      { return os.RemoveAll(path) }

func (Disk) Append(path string) (File, error) {
	return os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
}

func (Disk) Read(path string, most int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() { // Opening a pipe would wait for somebody to write to it.
		return nil, damaged("%s is no plain file", filepath.Base(path))
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info.Size() > most {
		return nil, damaged("%s has %d bytes, want at most %d", filepath.Base(path), info.Size(), most)
	}
	b := make([]byte, info.Size())
	_, err = io.ReadFull(f, b)
	return b, err
}

func (Disk) List(path string) (names []string, err error) {
	entries, err := os.ReadDir(path)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, err
}

func (Disk) SyncDir(path string) error {
	if runtime.GOOS == "windows" {
		return nil // It refuses to, and keeps a journal of renames.
	}
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// IsMissing reports whether an error says that a file is not there, which is no
// damage.
func IsMissing(err error) bool { return errors.Is(err, fs.ErrNotExist) }

// Has reports whether a folder has a file of that name.
func Has(files Files, folder, name string) bool {
	names, err := files.List(folder)
	return err == nil && slices.Contains(names, name)
}
