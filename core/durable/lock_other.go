//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package durable

import (
	"io"
	"os"
)

// Lock opens the file: this system has no locks that end with their process, so
// a person has to take care.
func (Disk) Lock(path string) (io.Closer, error) {
	return os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
}
