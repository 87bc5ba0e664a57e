// Package durable keeps the folder of a run so that a run survives whatever ends
// it: a kill, a power cut, a full disk.
//
// A checkpoint is a folder of files with a manifest of their lengths and SHA-256
// sums. It appears by one rename after everything in it has reached the disk, so
// that at any moment each checkpoint is there whole or not at all, and what was
// saved before stays until the next is safe. What a checkpoint's files mean is
// the caller's business.
//
//	NAME/…                                   files, each replaced in one go
//	NAME/checkpoints/step-00001234/          a checkpoint
//	NAME/checkpoints/step-00001234/manifest.json
//
// Names that begin with a dot are the lock and work in progress, which Open clears
// away. Files are not trusted: lengths are checked before anything is allocated. A
// Dir is for one goroutine, and a folder for one process at a time.
package durable

import (
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"strings"

	"quarterturn/core/fault"
)

// Beginnings of the names of what is not finished.
const (
	writing  = ".writing-"
	removing = ".removing-"
)

const (
	checkpoints = "checkpoints"
	lockName    = ".lock"
)

// ErrInUse says that another process has the folder open.
var ErrInUse = errors.New("another process is at work in it")

// A Dir is the folder of a run.
type Dir struct {
	root  string
	files Files
	lock  io.Closer
}

// Open makes the folder where it is missing, takes it for this process until
// Close, and clears away what a process that was killed left half done.
func Open(root string, files Files) (*Dir, error) {
	d := &Dir{root: root, files: files}
	if err := files.MkdirAll(d.Path(checkpoints)); err != nil {
		return nil, fault.Errorf("durable", "%w", err)
	}
	var err error
	if d.lock, err = files.Lock(d.Path(lockName)); err != nil {
		return nil, fault.Errorf("durable", "%s: %w", root, err)
	}
	if err := d.clear(); err != nil {
		return nil, errors.Join(fault.Errorf("durable", "clearing up: %w", err), d.Close())
	}
	return d, nil
}

// Close lets other processes have the folder.
func (d *Dir) Close() error { return d.lock.Close() }

// clear removes what is half done and lets the folders themselves last.
func (d *Dir) clear() error {
	for _, folder := range []string{d.root, d.Path(checkpoints)} {
		names, err := d.files.List(folder)
		if err != nil {
			return err
		}
		for _, name := range names {
			if !strings.HasPrefix(name, writing) && !strings.HasPrefix(name, removing) {
				continue
			}
			if err := d.files.RemoveAll(filepath.Join(folder, name)); err != nil {
				return err
			}
		}
	}
	return errors.Join(d.files.SyncDir(d.root), d.files.SyncDir(filepath.Dir(d.root)))
}

// Path returns where a file of the run is, such as "config.json".
func (d *Dir) Path(name string) string { return filepath.Join(d.root, name) }

// Read returns a file of at most so many bytes.
func (d *Dir) Read(name string, most int64) ([]byte, error) {
	return d.files.Read(d.Path(name), most)
}

// Write replaces a file in one go: whatever happens, it holds either the old
// bytes or the new ones.
func (d *Dir) Write(name string, b []byte) error {
	if err := Replace(d.files, d.Path(name), b); err != nil {
		return fault.Errorf("durable", "writing %s: %w", name, err)
	}
	return nil
}

// Replace is Write for a file in any folder, for one process at a time.
func Replace(files Files, path string, b []byte) error {
	folder, name := filepath.Dir(path), filepath.Base(path)
	temporary := filepath.Join(folder, writing+name)
	err := create(files, temporary, b)
	if err == nil {
		err = files.Rename(temporary, path)
	}
	if err != nil {
		_ = files.RemoveAll(temporary) // Else, in a run's folder, the next Open does it.
		return err
	}
	return files.SyncDir(folder)
}

// Append adds a line to a file. A power cut may lose it: it is for people.
func (d *Dir) Append(name string, line []byte) error {
	f, err := d.files.Append(d.Path(name))
	if err != nil {
		return fault.Errorf("durable", "%w", err)
	}
	_, err = f.Write(append(line, '\n'))
	return errors.Join(err, f.Close())
}

// create writes a new file and waits until the disk has it.
func create(files Files, path string, b []byte) error {
	f, err := files.Create(path)
	if err != nil {
		return err
	}
	n, err := f.Write(b)
	if err == nil && n < len(b) {
		err = io.ErrShortWrite
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// Publish gives a file of a checkpoint a name in the run's folder too, replacing
// what had it: a link where the disk has them, else a copy.
func (d *Dir) Publish(c Checkpoint, file, name string) error {
	from, temporary := filepath.Join(d.folder(c), file), d.Path(writing+name)
	err := d.files.RemoveAll(temporary)
	if err == nil {
		err = d.files.Link(from, temporary)
	}
	if err != nil {
		b, err := d.files.Read(from, MaxFileBytes)
		if err != nil {
			return fault.Errorf("durable", "%s: %w", name, err)
		}
		return d.Write(name, b)
	}
	// Renaming a link onto another name of the same file does nothing, not even
	// remove the old name.
	err = errors.Join(d.files.Rename(temporary, d.Path(name)), d.files.RemoveAll(temporary))
	if err != nil {
		return fault.Errorf("durable", "%s: %w", name, err)
	}
	return d.files.SyncDir(d.root)
}

// exists reports whether a path is there.
func (d *Dir) exists(path string) bool {
	_, err := d.files.List(path)
	return !errors.Is(err, fs.ErrNotExist)
}
