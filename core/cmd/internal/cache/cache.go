// Package cache keeps decoded pictures, so that a source of 60,000 JPEGs is decoded once
// and not at each start.
//
// What is kept is found by the SHA-256 of the source's bytes and of what the import was
// told: a source that changed is another one. Nothing depends on the cache. What cannot
// be read of it, or is damaged, is as if it were not there, and what cannot be written
// is not kept.
package cache

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"quarterturn/core/dataset"
)

// A Cache is a folder of decoded sets.
type Cache struct {
	Dir  string
	Most int64                                               // Bytes of all that is kept; the oldest go first.
	Slow time.Duration                                       // What takes less to decode is not kept.
	Say  func(line string)                                   // For people.
	Now  func() time.Time                                    // Nil is time.Now.
	open func(string, dataset.Options) (*dataset.Set, error) // Nil is dataset.Open.
}

// The usual limits: two sets of CIFAR-10's size are 370 MB.
const (
	UsualMost = 1 << 30
	UsualSlow = time.Second
)

// suffix is that of a kept set's name.
const suffix = ".pictures"

// Open is dataset.Open, or what it returned of the same bytes before.
func (c *Cache) Open(path string, options dataset.Options) (*dataset.Set, error) {
	key, err := keyOf(path, options)
	if err != nil {
		return c.decode(path, options) // Which says what is wrong.
	}
	kept := filepath.Join(c.Dir, key+suffix)
	if set, err := read(kept); err == nil {
		_ = os.Chtimes(kept, time.Time{}, c.now()) // It was of use: others go first.
		return set, nil
	}
	began := c.now()
	set, err := c.decode(path, options)
	if err == nil && c.now().Sub(began) >= c.Slow {
		c.keep(kept, set)
	}
	return set, err
}

func (c *Cache) decode(path string, options dataset.Options) (*dataset.Set, error) {
	if c.open != nil {
		return c.open(path, options)
	}
	return dataset.Open(path, options)
}

func (c *Cache) now() time.Time {
	if c.Now != nil {
		return c.Now()
	}
	return time.Now()
}

// keep writes a set, and makes room for it.
func (c *Cache) keep(path string, set *dataset.Set) {
	size, err := write(path, set)
	if err != nil {
		c.Say(fmt.Sprintf("the decoded pictures could not be kept for the next time: %v", err))
		return
	}
	c.Say(fmt.Sprintf("the decoded pictures, %d MB, are kept for the next time in %s; --cache none keeps nothing", size>>20, c.Dir))
	c.prune()
}

// prune removes the sets that were of no use for longest, until the rest is within the
// limit.
func (c *Cache) prune() {
	found, err := filepath.Glob(filepath.Join(c.Dir, "*"+suffix))
	if err != nil {
		return
	}
	type file struct {
		path string
		info fs.FileInfo
	}
	var files []file
	for _, path := range found {
		if info, err := os.Stat(path); err == nil {
			files = append(files, file{path, info})
		}
	}
	slices.SortFunc(files, func(a, b file) int { return b.info.ModTime().Compare(a.info.ModTime()) })
	var total int64
	for _, f := range files {
		if total += f.info.Size(); total > c.Most {
			_ = os.Remove(f.path) // Another time, if not now.
		}
	}
}

// keyOf is the sum of a file, or of all files below a folder with their names, and of
// what an import makes of them: with another Go perhaps other pixels.
func keyOf(path string, o dataset.Options) (string, error) {
	sum := sha256.New()
	fmt.Fprintf(sum, "%s %s %d %v %d %v %v %d %+v\n", version, runtime.Version(), o.Side, o.HoldOut, o.Seed, o.TestAlone, o.FolderIsClass, o.PreviewSide, o.Limits)
	err := filepath.WalkDir(path, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(filepath.Dir(path), file) // A file's own name says of what its records are.
		if err != nil {
			return err
		}
		fmt.Fprintf(sum, "%q %v\n", name, entry.Type())
		if !entry.Type().IsRegular() && file != path {
			return nil
		}
		return add(sum, file)
	})
	return hex.EncodeToString(sum.Sum(nil)), err
}

// add adds a file's length and bytes to a sum.
func add(sum io.Writer, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() { // A device may have no end.
		return fmt.Errorf("%s is no plain file", path)
	}
	fmt.Fprintf(sum, "%d\n", info.Size())
	_, err = io.Copy(sum, f)
	return err
}
