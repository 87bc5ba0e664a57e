// Package files reads and writes the files that flags name, with errors that say
// which flag, which file and what to do.
package files

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"quarterturn/core/checkpoint"
	"quarterturn/core/durable"
)

// Model reads the checkpoint file that a flag names.
func Model(flag, path string) (*checkpoint.Model, error) {
	b, err := Checkpoint(flag, path)
	if err != nil {
		return nil, err
	}
	m, err := checkpoint.Decode(b)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", flag, path, err)
	}
	return m, nil
}

// Checkpoint reads the bytes of the checkpoint file that a flag names.
func Checkpoint(flag, path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, InFlag(flag, path, err)
	case info.IsDir():
		return nil, InFlag(flag, path, isFolder(path))
	}
	b, err := Read(path, checkpoint.MaxBytes)
	if err != nil {
		return nil, InFlag(flag, path, err)
	}
	return b, nil
}

// Read reads a file of at most so many bytes. What its size is said to be is not asked:
// a device says 0 and never ends.
func Read(path string, most int64) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && info.Mode().IsRegular() && info.Size() > most {
		return nil, tooLarge(most)
	}
	b, err := io.ReadAll(io.LimitReader(file, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(b)) > most {
		return nil, tooLarge(most)
	}
	return b, nil
}

func tooLarge(most int64) error { return fmt.Errorf("it has more than the limit of %d MiB", most>>20) }

// InFlag says which flag an error is about, without the system call, which says
// nothing, and with the path once.
func InFlag(flag, path string, err error) error {
	var inPath *fs.PathError
	if errors.As(err, &inPath) {
		err = inPath.Err
	}
	return fmt.Errorf("%s %s: %w", flag, path, err)
}

// isFolder says what to name instead of a folder, which is often a run's.
func isFolder(path string) error {
	best := filepath.Join(path, "best.safetensors")
	if _, err := os.Stat(best); err != nil {
		return errors.New("this is a folder: name a .safetensors file")
	}
	return fmt.Errorf("this is a folder: did you mean %s?", best)
}

// MayReplace refuses to write over what is no file, such as a folder or a device,
// and over the model itself.
func MayReplace(out, model string) error {
	info, err := os.Lstat(out)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		folder := filepath.Dir(out)
		if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("there is no folder %s: make it first", folder)
		}
		return nil
	case err != nil:
		return err
	case info.IsDir():
		return errors.New("this is a folder: name a file in it")
	case !info.Mode().IsRegular():
		return errors.New("this is there and is no plain file: name another")
	}
	if source, err := os.Stat(model); err == nil && os.SameFile(info, source) {
		return errors.New("this is the --model itself: name another")
	}
	return nil
}

// Write writes a file in a folder that need not be there yet, in one go.
func Write(disk durable.Files, path string, b []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return durable.Replace(disk, path, b)
}
