package main

import (
	"io/fs"
	"path/filepath"
	"strings"
	"time"
)

// sources are what the site is made of.
var sources = []string{"Makefile", "go.mod", "index.html", "assets", "core", "server", "ui", "wasm"}

// newestSource returns when a source below root changed last. Folders count too,
// since removing a file changes nothing else; what is built and what only tests
// read does not count.
func newestSource(root string) time.Time {
	var newest time.Time
	for _, name := range sources {
		// A file that goes away while the walk looks at it is the next walk's change.
		_ = filepath.WalkDir(filepath.Join(root, name), func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return nil
			}
			if entry.IsDir() && (entry.Name() == "testdata" || filepath.ToSlash(path) == filepath.ToSlash(filepath.Join(root, packed))) {
				return fs.SkipDir
			}
			if strings.HasSuffix(path, "_test.go") || strings.HasPrefix(entry.Name(), ".") {
				return nil
			}
			if info, err := entry.Info(); err == nil && info.ModTime().After(newest) {
				newest = info.ModTime()
			}
			return nil
		})
	}
	return newest
}
