// Package files is what package keep keeps records in: files by their names, wherever a
// browser has room for them.
package files

import "errors"

// Errors that callers tell apart.
var (
	ErrMissing = errors.New("there is no such record")
	ErrFull    = errors.New("there is no room left")
)

// MaxBytes bounds a file.
const MaxBytes = 1 << 30

// A Disk holds files. A Write that fails, or is cut off, may leave anything in the file
// that it was writing, and leaves all others as they were. Its methods may be called by
// several goroutines and may block.
type Disk interface {
	// Read returns a file's bytes, which become the caller's. It is ErrMissing
	// where there is none, and another error for one larger than MaxBytes, before
	// anything is allocated for it.
	Read(name string) ([]byte, error)
	// Write makes or replaces a file. It is ErrFull where there is no room. It keeps no
	// reference to b.
	Write(name string, b []byte) error
	// Remove removes a file, if it is there.
	Remove(name string) error
	// List returns all files, in any order.
	List() ([]Entry, error)
}

// An Entry is a file or a record and its size, a record's with both of its copies.
type Entry struct {
	Name  string
	Bytes int
}
