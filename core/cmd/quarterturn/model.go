package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"quarterturn/core/checkpoint"
)

// readModel reads the checkpoint file that a flag names.
func readModel(flag, path string) (*checkpoint.Model, error) {
	b, err := readCheckpoint(flag, path)
	if err != nil {
		return nil, err
	}
	m, err := checkpoint.Decode(b)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", flag, path, err)
	}
	return m, nil
}

// readCheckpoint reads the bytes of the checkpoint file that a flag names.
func readCheckpoint(flag, path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, inFlag(flag, path, err)
	case info.IsDir():
		return nil, inFlag(flag, path, isFolder(path))
	case info.Size() > checkpoint.MaxBytes:
		return nil, fmt.Errorf("%s %s: %d MiB are more than any checkpoint has", flag, path, info.Size()>>20)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, inFlag(flag, path, err)
	}
	return b, nil
}

// inFlag says which flag an error is about, without the system call, which says
// nothing, and with the path once.
func inFlag(flag, path string, err error) error {
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
